import { randomFillSync } from 'node:crypto'
import type { Message } from '../port.ts'
import { KEY_BYTES, applyMask } from './mask.ts'

/**
 * The frame of a whole message, as far as this library writes it: short ones, and those that are prepared once
 * for many connections.
 *
 * Source: RFC 6455, section 5.2.
 */

const TEXT = 0x81
const BINARY = 0x82
const MASK_BIT = 0x80

/** How many bytes the frame of a message with `size` bytes has. */
export function frameSize(size: number, isMasked: boolean): number {
  return headSize(size) + (isMasked ? KEY_BYTES : 0) + size
}

function headSize(size: number): number {
  return size < 126 ? 2 : size < 65_536 ? 4 : 10
}

/**
 * Writes the frame of `message`, of `size` bytes, into `target` from `at` on.
 *
 * @returns where it ends
 */
export function writeFrame(
  target: Buffer,
  at: number,
  message: Message,
  size: number,
  isMasked: boolean,
): number {
  const start = writeHead(
    target,
    at,
    typeof message === 'string' ? TEXT : BINARY,
    size,
    isMasked ? MASK_BIT : 0,
  )
  const body = isMasked ? start + KEY_BYTES : start
  if (typeof message === 'string') writeText(target, body, message, size)
  else target.set(message, body)
  if (isMasked) maskBody(target, start, size)
  return body + size
}

/** The frame of `message`, in bytes of its own. */
export function frameOf(message: Message, isMasked: boolean): Buffer {
  const size = typeof message === 'string' ? Buffer.byteLength(message) : message.length
  const frame = Buffer.allocUnsafeSlow(frameSize(size, isMasked))
  writeFrame(frame, 0, message, size, isMasked)
  return frame
}

/** A character of ASCII is one byte in either encoding, and four times quicker to write in this one. */
function writeText(target: Buffer, at: number, text: string, size: number): void {
  if (size === text.length) target.write(text, at, 'latin1')
  else target.write(text, at)
}

/**
 * What comes before a text of `size` ASCII characters in a frame without a mask; as characters, each one byte. The
 * stream then needs no buffer for the frame.
 */
export function asciiHead(size: number): string {
  if (size < 126) return (shortHeads[size] ??= headAsText(size))
  return size < 65_536 ? String.fromCharCode(TEXT, 126, size >> 8, size & 0xff) : headAsText(size)
}

const shortHeads: string[] = []

function headAsText(size: number): string {
  const head = Buffer.alloc(headSize(size))
  writeHead(head, 0, TEXT, size, 0)
  return head.toString('latin1')
}

function writeHead(target: Buffer, at: number, first: number, size: number, maskBit: number): number {
  target[at] = first
  if (size < 126) {
    target[at + 1] = maskBit | size
  } else if (size < 65_536) {
    target[at + 1] = maskBit | 126
    target[at + 2] = size >> 8
    target[at + 3] = size & 0xff
  } else {
    target[at + 1] = maskBit | 127
    target.writeBigUInt64BE(BigInt(size), at + 2)
  }
  return at + headSize(size)
}

/** Masks the `size` bytes behind a new key at `at`. Source: RFC 6455, section 5.3. */
function maskBody(target: Buffer, at: number, size: number): void {
  if (keysUsed === keys.length) {
    randomFillSync(keys)
    keysUsed = 0
  }
  for (let i = 0; i < KEY_BYTES; i++) key[i] = target[at + i] = keys[keysUsed++]!
  const body = at + KEY_BYTES
  applyMask(target, body, body + size, key, 0)
}

const key = new Uint8Array(KEY_BYTES)

/** Keys of peers that could be guessed would let a page put bytes of its choice on the wire: they are random. */
const keys = Buffer.alloc(8 * 1024)
let keysUsed = keys.length
