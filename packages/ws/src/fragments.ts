import { type Cancel, type Context, channel, select } from 'chansel'
import { describe } from './errors.ts'
import type { MessageFragment } from './transport/port.ts'

/** What a message can be streamed from: pieces of text, or of bytes. */
export type MessageSource =
  | AsyncIterable<string | Uint8Array>
  | ReadableStream<string>
  | ReadableStream<Uint8Array>

/**
 * Takes the pieces of a message from where they come from, one when asked for one, as fragments for the wire.
 *
 * Invariants:
 * 1. All pieces are of the kind of the first.
 * 2. `#held` is half of a character: the other half begins the next piece.
 */
export class Fragments {
  readonly #pieces: AsyncIterator<unknown>
  #kind: 'text' | 'binary' | undefined
  #held = ''

  /** @throws TypeError for what has no pieces */
  constructor(source: MessageSource) {
    const pieces = (source as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator]
    if (typeof pieces === 'function') this.#pieces = pieces.call(source) as AsyncIterator<unknown>
    else if (source instanceof ReadableStream) this.#pieces = readerOf(source)
    else {
      throw new TypeError(
        `Cannot stream a message: expected an AsyncIterable or a ReadableStream, got ${describe(source)}`,
      )
    }
  }

  /**
   * @param over waiting ends with it: `undefined`
   * @throws what the source threw, or the reason of `cancel`
   */
  async next(over: Context, cancel: Cancel | undefined): Promise<MessageFragment | undefined> {
    const step = channel<{ result: IteratorResult<unknown> } | { error: unknown }>(1)
    this.#pieces.next().then(
      (result) => step.trySend({ result }),
      (error: unknown) => step.trySend({ error }),
    )
    const event = await select({ step, over: over.done }, cancel)
    if (event.case === 'over') return undefined
    const outcome = event.value!
    if ('error' in outcome) throw outcome.error
    const { done, value } = outcome.result
    return done ? this.#last() : this.#fragment(value)
  }

  /** Nothing more is asked for. */
  abandon(): void {
    this.#pieces.return?.().catch(() => {}) // why it ended is told already
  }

  #fragment(piece: unknown): MessageFragment {
    const kind = typeof piece === 'string' ? 'text' : piece instanceof Uint8Array ? 'binary' : undefined
    this.#kind ??= kind
    if (kind === undefined || kind !== this.#kind) {
      throw new TypeError(
        `Cannot stream a message: its pieces are all strings or all Uint8Arrays, got ${describe(piece)}`,
      )
    }
    const data = typeof piece === 'string' ? this.#encode(piece) : (piece as Uint8Array)
    return { data, kind, isLast: false }
  }

  #encode(piece: string): Uint8Array {
    const text = this.#held + piece
    this.#held = HALF_CHARACTER.exec(text)?.[0] ?? ''
    return encoder.encode(text.slice(0, text.length - this.#held.length))
  }

  #last(): MessageFragment {
    return { data: encoder.encode(this.#held), kind: this.#kind ?? 'binary', isLast: true }
  }
}

const encoder = new TextEncoder()
/** A pair of UTF-16's that lacks its second part. */
const HALF_CHARACTER = /[\uD800-\uDBFF]$/

/** Not every browser's ReadableStream is iterable. */
function readerOf(stream: ReadableStream<unknown>): AsyncIterator<unknown> {
  const reader = stream.getReader()
  return {
    next: async () => (await reader.read()) as IteratorResult<unknown>,
    return: async () => {
      await reader.cancel()
      return { value: undefined, done: true }
    },
  }
}
