import type { Say } from '../protocol.ts'

/**
 * How many lines may be on their way. People never reach this. A burst does, but should not before the channels and
 * sockets between here and the room are full: about 10 MiB, at 16 KiB a line.
 */
export const OUTBOX_LINES = 1_024

export const BURST_CHARACTERS = 16 * 1024
const filler = 'x'.repeat(BURST_CHARACTERS)

/** A line that the room has not confirmed. A burst line is only a number: its text is made when it is sent. */
type Content = { readonly text: string } | { readonly burst: number }

/**
 * The lines of this page in one room, from Enter until the room has said them.
 *
 * Invariants:
 * 1. Lines are numbered 1, 2, 3 …, and `confirmed <= sent <= counter`. The unconfirmed ones are kept, in order.
 * 2. Every connection starts with the first unconfirmed line and goes on in order. So it can end at any moment,
 *    and nothing is lost; a line that arrives twice because of that keeps its number, and the room says it once.
 * 3. There are at most `OUTBOX_LINES` of them; one more is refused.
 */
export class Outbox {
  readonly #lines: Content[] = []
  #counter = 0
  #sent = 0
  #confirmed = 0
  #bursts = 0

  /** Lines without a confirmation. */
  get length(): number {
    return this.#lines.length
  }

  /** Those of them that this connection has not taken yet. */
  get unsent(): number {
    return this.#counter - this.#sent
  }

  get isFull(): boolean {
    return this.length >= OUTBOX_LINES
  }

  /** The number of the line; `undefined` if there is no room for it. */
  add(text: string): number | undefined {
    return this.#add({ text })
  }

  addBurst(): void {
    if (this.#add({ burst: this.#bursts + 1 })) this.#bursts++
  }

  #add(content: Content): number | undefined {
    if (this.isFull) return undefined
    this.#lines.push(content)
    return ++this.#counter
  }

  /** What this connection has to send next. */
  next(): Say | undefined {
    const content = this.#lines[this.#sent - this.#confirmed]
    return content && { type: 'say', counter: this.#sent + 1, text: filler, ...content }
  }

  /** The connection took this line. */
  sent(counter: number): void {
    this.#sent = Math.max(this.#sent, counter)
  }

  /** The room has said everything up to this line, whichever connection carried it. */
  confirm(counter: number): void {
    const confirmed = Math.min(counter, this.#counter)
    if (confirmed <= this.#confirmed) return
    this.#lines.splice(0, confirmed - this.#confirmed)
    this.#confirmed = confirmed
    this.#sent = Math.max(this.#sent, confirmed)
  }

  /** There is a new connection. */
  rewind(): void {
    this.#sent = this.#confirmed
  }

  /** The unconfirmed lines that a person wrote. */
  *typed(): Iterable<{ counter: number; text: string }> {
    let counter = this.#confirmed
    for (const content of this.#lines) {
      counter++
      if ('text' in content) yield { counter, text: content.text }
    }
  }
}
