import { once } from 'node:events'
import { type InflateRaw, constants, createInflateRaw, deflateRawSync } from 'node:zlib'

/** What ends each flush of DEFLATE and is left out on the wire. Source: RFC 7692, section 7.2.1. */
const TAIL = Buffer.from('0000ffff', 'hex')

/** `data` as the payload of a compressed message, which needs nothing of those before. */
export function deflated(data: Uint8Array | string, windowBits = 15): Buffer {
  const bytes = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, windowBits })
  return bytes.subarray(0, bytes.length - TAIL.length)
}

/** Inflates the messages of one direction of a connection, with what is left of those before. */
export class Inflater {
  readonly #stream: InflateRaw

  constructor(windowBits = 15) {
    this.#stream = createInflateRaw({ windowBits })
  }

  async inflate(payload: Uint8Array): Promise<Buffer> {
    const chunks: Buffer[] = []
    const keep = (chunk: Buffer): void => void chunks.push(chunk)
    this.#stream.on('data', keep)
    this.#stream.write(Buffer.concat([payload, TAIL]))
    const flushed = new Promise<void>((resolve) => this.#stream.flush(constants.Z_SYNC_FLUSH, resolve))
    await Promise.race([flushed, once(this.#stream, 'error').then(([error]) => Promise.reject(error))])
    this.#stream.off('data', keep)
    return Buffer.concat(chunks)
  }
}
