import type { MessageFragment } from '../port.ts'
import { bytesOf } from './bytes-of.ts'

/**
 * Makes each fragment of a message a message for `ws`, which hands on whole ones only.
 *
 * It stands before `ws` at the stream, reads the heads of frames, and changes, in place, the first byte of those that
 * are fragments: a binary message that is whole. All else is for `ws` to read, unmask, limit and refuse: the bytes of a
 * frame stay where they are, and a frame out of turn becomes a continuation of nothing. Messages that are
 * compressed stay whole, for only their ends together can be inflated.
 *
 * Invariant: of the messages that `ws` has yet to report, `#marks` has what each is, in order.
 *
 * Source: RFC 6455, sections 5.2 and 5.4.
 */
export class FragmentSplitter {
  readonly #arrived: (fragment: MessageFragment) => void
  readonly #marks: Mark[] = []
  /** What the next continuation continues; `undefined`: nothing. */
  #open: Kind | typeof WHOLE | undefined
  /** Where the next byte is in the head of its frame; -1: behind it. */
  #at = 0
  /** Where in the head the length ends, and where the head. */
  #sizeEnd = 2
  #headEnd = 2
  /** What of the frame's data is still to come. */
  #bodyBytes = 0

  constructor(arrived: (fragment: MessageFragment) => void) {
    this.#arrived = arrived
  }

  /** To be called with each chunk of the stream before `ws` has it. */
  pass(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#at === -1) at = this.#passBody(chunk, at)
      else this.#passHead(chunk, at++)
    }
  }

  /** To be called with each message of `ws`: whether it is a part of one, which was told. */
  takes(data: Buffer): boolean {
    const mark = this.#marks.shift()!
    if (mark === WHOLE) return false
    this.#arrived({ ...mark, data: bytesOf(data) })
    return true
  }

  #passBody(chunk: Uint8Array, at: number): number {
    const passed = Math.min(this.#bodyBytes, chunk.length - at)
    this.#bodyBytes -= passed
    if (this.#bodyBytes === 0) this.#at = 0
    return at + passed
  }

  #passHead(chunk: Uint8Array, index: number): void {
    const byte = chunk[index]!
    const at = this.#at++
    if (at === 0) {
      chunk[index] = this.#begin(byte)
    } else if (at === 1) {
      const size = byte & SIZE
      const sizeBytes = size < 126 ? 0 : size === 126 ? 2 : 8
      this.#sizeEnd = 2 + sizeBytes
      this.#headEnd = this.#sizeEnd + (byte & IS_MASKED ? MASK_BYTES : 0)
      this.#bodyBytes = sizeBytes === 0 ? size : 0
    } else if (at < this.#sizeEnd) {
      // Inexact where it is more than `ws` takes.
      this.#bodyBytes = this.#bodyBytes * 256 + byte
    }
    if (at > 0 && this.#at === this.#headEnd) this.#at = -1
  }

  /** @returns what the first byte of a frame is to be */
  #begin(first: number): number {
    const opcode = first & OPCODE
    if (opcode > BINARY) return first
    return opcode === CONTINUATION
      ? this.#goOn(first)
      : this.#start(first, opcode === TEXT ? 'text' : 'binary')
  }

  #start(first: number, kind: Kind): number {
    const isLast = (first & FIN) !== 0
    if (this.#open === WHOLE) return first // `ws` finds it out of turn
    if (this.#open !== undefined) return first & ~OPCODE
    if (isLast) {
      this.#marks.push(WHOLE)
      return first
    }
    this.#open = first & RESERVED ? WHOLE : kind
    if (this.#open === WHOLE) return first
    this.#marks.push({ kind, isLast })
    return FIN | BINARY
  }

  #goOn(first: number): number {
    const isLast = (first & FIN) !== 0
    const open = this.#open
    if (isLast) this.#open = undefined
    if (open === WHOLE && isLast) this.#marks.push(WHOLE)
    // A bit that is reserved would say that it is compressed.
    if (open === undefined || open === WHOLE || first & RESERVED) return first
    this.#marks.push({ kind: open, isLast })
    return FIN | BINARY
  }
}

type Kind = MessageFragment['kind']
const WHOLE = 'whole'
type Mark = typeof WHOLE | Omit<MessageFragment, 'data'>

const FIN = 0x80
const RESERVED = 0x70
const OPCODE = 0x0f
const CONTINUATION = 0
const TEXT = 1
const BINARY = 2
const IS_MASKED = 0x80
const SIZE = 0x7f
const MASK_BYTES = 4
