// Classes 9 and 10: large messages, many messages, fragments of all sizes.

import { hexOf } from '../support/hex.ts'
import { OPCODES, type ProtocolCase, binary, fragments, text } from './case.ts'

const KIB = 1024

/** The cases for messages of up to `mostBytes`, `count` of them where many are sent. */
export function large(mostBytes: number, count: number): ProtocolCase[] {
  const sizes = [64, 256, KIB, 4 * KIB, 8 * KIB, 16 * KIB].map((kib) => Math.min(kib * KIB, mostBytes))
  const noText = (size: number): string => '*'.repeat(size)
  const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(0xfe)
  const whole = [...new Set(sizes)].flatMap((size, i): ProtocolCase[] => [
    {
      number: `9.1.${i + 1}`,
      title: `a text of ${size} bytes`,
      send: [text(noText(size))],
      messages: [noText(size)],
    },
    { number: `9.2.${i + 1}`, title: `${size} bytes`, send: [binary(bytes(size))], messages: [bytes(size)] },
  ])
  // No smaller fragment than lets the message have 16 Ki of them.
  const total = Math.min(4 * KIB * KIB, mostBytes)
  const parts = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB].filter(
    (size) => size < total && total / size < 16 * KIB,
  )
  const fragmented = parts.flatMap((size, i): ProtocolCase[] => [
    {
      number: `9.3.${i + 1}`,
      title: `a text of ${total} bytes in fragments of ${size}`,
      send: fragments(OPCODES.text, hexOf(noText(total)), size),
      messages: [noText(total)],
    },
    {
      number: `9.4.${i + 1}`,
      title: `${total} bytes in fragments of ${size}`,
      send: fragments(OPCODES.binary, 'fe'.repeat(total), size),
      messages: [bytes(total)],
    },
  ])
  const many = [0, 16, 64, 256, KIB, 4 * KIB].flatMap((size, i): ProtocolCase[] => [
    {
      number: `9.7.${i + 1}`,
      title: `${count} texts of ${size} bytes`,
      send: [...Array.from({ length: count }, () => text(noText(size))), count],
      messages: Array.from({ length: count }, () => noText(size)),
    },
    {
      number: `9.8.${i + 1}`,
      title: `${count} times ${size} bytes`,
      send: [...Array.from({ length: count }, () => binary(bytes(size))), count],
      messages: Array.from({ length: count }, () => bytes(size)),
    },
  ])
  const uneven: ProtocolCase = {
    number: '10.1.1',
    title: 'a text of 65,536 bytes in fragments of 1,300',
    send: fragments(OPCODES.text, hexOf(noText(65_536)), 1_300),
    messages: [noText(65_536)],
  }
  return [...whole, ...fragmented, ...many, uneven]
}
