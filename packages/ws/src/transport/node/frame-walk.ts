import type { Duplex } from 'node:stream'
import { KEY_BYTES } from './mask.ts'

/**
 * Finds the frames in the chunks of a stream before `ws` has them, for subclasses that change some of their bytes
 * in place. The bytes of a frame stay where they are: it is for `ws` to read, limit and refuse.
 *
 * Source: RFC 6455, section 5.2.
 */
export abstract class FrameWalk {
  /** Where the next byte is in the head of its frame; -1 behind the head. */
  #at = 0
  /** Where in the head the length ends, and where the head. */
  #sizeEnd = 2
  #headEnd = 2
  /** How many bytes of the frame's data are still to come. */
  #bodyBytes = 0

  /** To be called with each chunk of the stream before `ws` has it. */
  pass(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#at !== -1) {
        this.#passHead(chunk, at++)
      } else {
        const end = Math.min(at + this.#bodyBytes, chunk.length)
        this.body(chunk, at, end)
        this.#bodyBytes -= end - at
        if (this.#bodyBytes === 0) this.#at = 0
        at = end
      }
    }
  }

  /** A frame begins. @returns what its first byte is to be */
  protected first(byte: number): number {
    return byte
  }

  /** The head of a frame ends before `end`; `size` bytes of data follow. */
  protected head(_chunk: Uint8Array, _end: number, _isMasked: boolean, _size: number): void {}

  /** Some of a frame's data, or all. */
  protected body(_chunk: Uint8Array, _from: number, _to: number): void {}

  #passHead(chunk: Uint8Array, index: number): void {
    const byte = chunk[index]!
    const at = this.#at++
    if (at === 0) {
      chunk[index] = this.first(byte)
      return
    }
    if (at === 1) {
      const size = byte & SIZE
      const sizeBytes = size < 126 ? 0 : size === 126 ? 2 : 8
      this.#sizeEnd = 2 + sizeBytes
      this.#headEnd = this.#sizeEnd + (byte & IS_MASKED ? KEY_BYTES : 0)
      this.#bodyBytes = sizeBytes === 0 ? size : 0
    } else if (at < this.#sizeEnd) {
      // Inexact where it is more than `ws` takes.
      this.#bodyBytes = this.#bodyBytes * 256 + byte
    }
    if (this.#at < this.#headEnd) return
    this.#at = -1
    this.head(chunk, index + 1, this.#headEnd > this.#sizeEnd, this.#bodyBytes)
  }
}

/** Has `walk` pass what is read of `stream` from now on, before `ws` has it. To be called where a frame begins. */
export function passAhead(stream: Duplex, walk: FrameWalk): void {
  stream.prependListener('data', (chunk: Buffer) => walk.pass(chunk))
  // `ws` reads by a listener; but when a stream was cut, it reads what that still holds by itself.
  stream.prependListener('close', () => {
    const rest: Buffer | null = stream.read()
    if (rest !== null) stream.emit('data', rest)
  })
}

const IS_MASKED = 0x80
const SIZE = 0x7f
