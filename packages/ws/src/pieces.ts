import { describe } from './errors.ts'

/** What a message can be streamed from: pieces of text, or of bytes. */
export type MessageSource =
  | AsyncIterable<string | Uint8Array>
  | ReadableStream<string>
  | ReadableStream<Uint8Array>

/** A source from which pieces are taken: one at a time, and nothing after `release`, which is called in any case. */
export interface Pieces {
  next(): Promise<IteratorResult<unknown>>
  /** @param reason why no more is wanted; `undefined` at its end */
  release(reason: unknown): Promise<void>
}

/** @throws TypeError for what has no pieces */
export function checkSource(source: MessageSource): void {
  const given = source as Partial<AsyncIterable<unknown>> | null | undefined
  if (isReadableStream(given) || typeof given?.[Symbol.asyncIterator] === 'function') return
  throw new TypeError(
    `Cannot stream a message: expected an AsyncIterable or a ReadableStream, got ${describe(source)}`,
  )
}

/** @throws TypeError for a stream that is locked */
export function piecesOf(source: MessageSource): Pieces {
  return isReadableStream(source)
    ? new StreamPieces(source.getReader())
    : new IteratorPieces((source as AsyncIterable<unknown>)[Symbol.asyncIterator]())
}

function isReadableStream(source: unknown): source is ReadableStream {
  return typeof (source as Partial<ReadableStream> | null | undefined)?.getReader === 'function'
}

/** By a reader and not by the stream's iterator, whose `return` waits for a read that is under way. */
class StreamPieces implements Pieces {
  readonly #reader: ReadableStreamDefaultReader<unknown>

  constructor(reader: ReadableStreamDefaultReader<unknown>) {
    this.#reader = reader
  }

  next(): Promise<IteratorResult<unknown>> {
    return this.#reader.read() as Promise<IteratorResult<unknown>>
  }

  async release(reason: unknown): Promise<void> {
    const cancelled = this.#reader.cancel(reason) // does nothing at its end
    this.#reader.releaseLock()
    await cancelled
  }
}

/**
 * As `for await` takes them: the iterator may give promises or not, and is not told to return if it ended by
 * itself.
 */
class IteratorPieces implements Pieces {
  readonly #iterator: AsyncIterator<unknown>
  #isOver = false

  constructor(iterator: AsyncIterator<unknown>) {
    this.#iterator = iterator
  }

  async next(): Promise<IteratorResult<unknown>> {
    try {
      const result = await this.#iterator.next()
      this.#isOver = result.done === true
      return result
    } catch (error) {
      this.#isOver = true
      throw error
    }
  }

  async release(): Promise<void> {
    if (!this.#isOver) await this.#iterator.return?.()
  }
}
