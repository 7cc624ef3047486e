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
  readonly payload: Uint8Array
}

/** Reads the whole frames at the beginning of `bytes`. */
export function readFrames(bytes: Buffer): ReadFrame[] {
  const frames: ReadFrame[] = []
  for (let at = 0; at + 2 <= bytes.length;) {
    const isMasked = (bytes[at + 1]! & 0x80) !== 0
    let length = bytes[at + 1]! & 0x7f
    let start = at + 2
    if (length === 126) {
      length = bytes.readUInt16BE(start)
      start += 2
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(start))
      start += 8
    }
    const mask = isMasked ? bytes.subarray(start, (start += 4)) : undefined
    if (start + length > bytes.length) break
    const payload = bytes.subarray(start, start + length)
    frames.push({
      opcode: bytes[at]! & 0x0f,
      fin: (bytes[at]! & 0x80) !== 0,
      payload: mask === undefined ? payload : payload.map((byte, i) => byte ^ mask[i % 4]!),
    })
    at = start + length
  }
  return frames
}
