import type { MessageFragment } from '../port.ts'
import { bytesOf } from './bytes-of.ts'
import { FrameWalk } from './frame-walk.ts'

/**
 * Makes each fragment of a message a message for `ws`, which hands on whole ones only.
 *
 * It stands before `ws` at the stream, reads the heads of frames, and changes, in place, the first byte of those
 * that are fragments: to that of a binary message that is whole. All else is for `ws` to read, unmask, limit and
 * refuse: the bytes of a frame stay where they are, and a frame out of turn becomes a continuation of nothing.
 * Messages that are compressed stay whole, because their fragments can only be inflated together.
 *
 * Invariant: of the messages that `ws` has yet to report, `#marks` has what each is, in order.
 *
 * Source: RFC 6455, sections 5.2 and 5.4.
 */
export class FragmentSplitter extends FrameWalk {
  readonly #arrived: (fragment: MessageFragment) => void
  readonly #marks: Mark[] = []
  /** What the next continuation continues; `undefined`: nothing. */
  #open: Kind | typeof WHOLE | undefined

  constructor(arrived: (fragment: MessageFragment) => void) {
    super()
    this.#arrived = arrived
  }

  /**
   * To be called with each message of `ws`.
   *
   * @returns whether it was a fragment, and was reported as one
   */
  takes(data: Buffer): boolean {
    const mark = this.#marks.shift()!
    if (mark === WHOLE) return false
    this.#arrived({ ...mark, data: bytesOf(data) })
    return true
  }

  protected override first(first: number): number {
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
