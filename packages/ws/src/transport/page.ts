import { MessageTooBigError } from '../errors.ts'
import { isBytes, sizeOf } from './bytes.ts'
import { type Closing, endOf } from './closing.ts'
import type { TransportEvents } from './port.ts'

/**
 * What both kinds of WebSocket of a page have in common: neither has a limit for messages, and neither can be cut
 * off, so both may go on after they are over for us.
 *
 * Invariant: nothing is reported after the end, which is reported once.
 */
export abstract class PageTransport {
  activity = 0
  events: TransportEvents | undefined
  /** The close that this side began, if it did. */
  protected closing: Closing | undefined
  protected hasEnded = false
  readonly #maxMessageBytes: number

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes
  }

  abstract close(code: number, reason: string): void

  refuse(code: number, cause: unknown): void {
    if (this.closing !== undefined) return
    this.close(code, '')
    this.closing = { code, reason: '', cause }
    this.events!.refused(code, cause)
  }

  protected arrived(data: string | Uint8Array | ArrayBuffer): void {
    // What comes after something that was refused is not looked at.
    if (this.closing?.cause || this.hasEnded) return
    this.activity++
    const message = typeof data === 'string' || isBytes(data) ? data : new Uint8Array(data)
    const size = sizeOf(message)
    // What is too big is in memory already, but goes no further.
    if (size <= this.#maxMessageBytes) this.events!.message(message, size)
    else this.refuse(1009, new MessageTooBigError(this.#maxMessageBytes))
  }

  /** @param mayHaveLost messages that had arrived may be missing, if it was the peer who closed */
  protected end(code: number, reason: string, mayHaveLost = false): void {
    if (this.hasEnded) return
    this.hasEnded = true
    const end = endOf(this.closing, code, reason)
    this.events!.ended({ ...end, isIncomplete: mayHaveLost && end.by === 'remote' })
  }
}
