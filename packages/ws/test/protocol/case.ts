import type { Message } from '@chansel/ws'
import { closeHex, hexOf } from '../support/hex.ts'
import type { FrameSpec } from '../support/peer.ts'

/** What a peer sends, and what an echo of ours has to make of it. */
export interface ProtocolCase {
  /** The number of the case in the Autobahn testsuite that it is about. */
  readonly number: string
  readonly title: string
  /** A number instead of a frame: the peer waits until so many messages came back. */
  readonly send: readonly (FrameSpec | number)[]
  /** What our side receives. All of it comes back, unless a close is in the way. */
  readonly messages?: readonly Message[]
  /** What the pongs say, in hex. */
  readonly pongs?: readonly string[]
  /** The code of our close frame, 1005 for one without; left out: we stay, and the peer closes with 1000. */
  readonly close?: number
  /** Where `closed` says something else than that: a right close of the peer. */
  readonly by?: 'remote'
}

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export function text(message: string, more: Partial<FrameSpec> = {}): FrameSpec {
  return { opcode: OPCODES.text, hex: hexOf(message), ...more }
}

/** Bytes as they come from hex. */
export function textOfHex(hex: string, more: Partial<FrameSpec> = {}): FrameSpec {
  return { opcode: OPCODES.text, hex, ...more }
}

export function binary(bytes: Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec {
  return { opcode: OPCODES.binary, hex: Buffer.from(bytes).toString('hex'), ...more }
}

export function continuation(message: string, more: Partial<FrameSpec> = {}): FrameSpec {
  return { opcode: OPCODES.continuation, hex: hexOf(message), ...more }
}

export function ping(payload = '', more: Partial<FrameSpec> = {}): FrameSpec {
  return { opcode: OPCODES.ping, hex: hexOf(payload), ...more }
}

export function pong(payload = '', more: Partial<FrameSpec> = {}): FrameSpec {
  return { opcode: OPCODES.pong, hex: hexOf(payload), ...more }
}

export function close(code?: number, reason = '', more: Partial<FrameSpec> = {}): FrameSpec {
  return { opcode: OPCODES.close, hex: code === undefined ? '' : closeHex(code, reason), ...more }
}

/** The hex of a message in fragments of `size` bytes. */
export function fragments(opcode: number, hex: string, size: number): FrameSpec[] {
  const parts = hex.match(new RegExp(`.{1,${size * 2}}`, 'g')) ?? ['']
  return parts.map((part, i) => ({
    opcode: i === 0 ? opcode : OPCODES.continuation,
    hex: part,
    fin: i === parts.length - 1,
  }))
}

export const MORE = { fin: false }
