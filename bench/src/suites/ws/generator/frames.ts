import { randomBytes } from 'node:crypto'

/** The bytes of a frame as a client sends it: masked. By default, of a whole message. Source: RFC 6455, section 5.2. */
export function clientFrame(opcode: number, payload: Buffer, fin = true): Buffer {
  const mask = randomBytes(4)
  return Buffer.concat([
    head(opcode, payload.length, 0x80, fin),
    mask,
    payload.map((byte, i) => byte ^ mask[i % 4]!),
  ])
}

/** The bytes of the same message as a server sends it. */
export function serverFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([head(opcode, payload.length, 0), payload])
}

function head(opcode: number, length: number, maskBit: number, fin = true): Buffer {
  const first = (fin ? 0x80 : 0) | opcode
  if (length < 126) return Buffer.from([first, maskBit | length])
  if (length < 65_536) return Buffer.from([first, maskBit | 126, length >> 8, length & 0xff])
  const bytes = Buffer.alloc(10)
  bytes[0] = first
  bytes[1] = maskBit | 127
  bytes.writeBigUInt64BE(BigInt(length), 2)
  return bytes
}
