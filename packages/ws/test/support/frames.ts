import { randomBytes } from 'node:crypto'
import type { FrameSpec } from './peer.ts'

/** The bytes of a frame. Source: RFC 6455, section 5.2. */
export function encodeFrame(spec: FrameSpec, isMasked: boolean): Buffer {
  const payload = Buffer.from(spec.hex ?? '', 'hex')
  const first = (spec.fin === false ? 0 : 0x80) | ((spec.rsv ?? 0) << 4) | spec.opcode
  const mask = isMasked ? randomBytes(4) : undefined
  return Buffer.concat([
    Buffer.from([first]),
    encodeLength(payload.length, isMasked),
    mask ?? Buffer.alloc(0),
    mask === undefined ? payload : payload.map((byte, i) => byte ^ mask[i % 4]!),
  ])
}

export function encodeLength(length: number, isMasked: boolean): Buffer {
  const bit = isMasked ? 0x80 : 0
  if (length < 126) return Buffer.from([bit | length])
  if (length < 65_536) return Buffer.from([bit | 126, length >> 8, length & 0xff])
  const bytes = Buffer.alloc(9)
  bytes[0] = bit | 127
  bytes.writeBigUInt64BE(BigInt(length), 1)
  return bytes
}

/** A frame that came in. */
export interface ReadFrame {
  readonly opcode: number
  readonly fin: boolean
  readonly rsv: number
  readonly payload: Uint8Array
  /** On the wire. */
  readonly size: number
}

/** Reads the frame at the beginning of `bytes`, if it is whole. */
export function readFrame(bytes: Buffer): ReadFrame | undefined {
  if (bytes.length < 2) return undefined
  const isMasked = (bytes[1]! & 0x80) !== 0
  const short = bytes[1]! & 0x7f
  const start = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (isMasked ? 4 : 0)
  if (bytes.length < start) return undefined
  const length =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < start + length) return undefined
  const payload = bytes.subarray(start, start + length)
  const mask = isMasked ? bytes.subarray(start - 4, start) : undefined
  return {
    opcode: bytes[0]! & 0x0f,
    fin: (bytes[0]! & 0x80) !== 0,
    rsv: (bytes[0]! >> 4) & 7,
    payload: mask === undefined ? payload : payload.map((byte, i) => byte ^ mask[i % 4]!),
    size: start + length,
  }
}

/** Reads the whole frames at the beginning of `bytes`. */
export function readFrames(bytes: Buffer): ReadFrame[] {
  const frames: ReadFrame[] = []
  for (let rest = bytes, frame = readFrame(rest); frame !== undefined; frame = readFrame(rest)) {
    frames.push(frame)
    rest = rest.subarray(frame.size)
  }
  return frames
}
