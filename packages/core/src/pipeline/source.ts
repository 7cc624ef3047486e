import { describe } from '../errors.ts'
import { CLOSED, WOULD_WAIT, receiveEndOf } from '../internal/end.ts'
import type { Received } from '../internal/operation.ts'
import { runtime } from '../internal/runtime.ts'
import { CLOSED_RESULT } from '../internal/waiter.ts'
import { type Input, Intake, PATIENCE, neverSettling } from './intake.ts'

/** What a pipeline reads from: a channel, an async generator, a stream, an array, a set. */
export type Source<T> = AsyncIterable<T> | Iterable<T>

/** @throws TypeError for what is not a source */
export function checkSource(verb: string, source: unknown): void {
  if (isSource(source)) return
  throw new TypeError(
    `Cannot ${verb} a source: expected a channel, an async iterable or an iterable, got ${describe(source)}`,
  )
}

/** @throws TypeError for what is not an iterable of sources */
export function checkedSources<T>(verb: string, sources: Iterable<Source<T>>): Source<T>[] {
  if (typeof (sources as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`Cannot ${verb} sources: expected an iterable of them, got ${describe(sources)}`)
  }
  const list = [...sources]
  for (const source of list) checkSource(verb, source)
  return list
}

function isSource(source: unknown): boolean {
  if (source === null || source === undefined) return false
  return isAsyncIterable(source) || typeof (source as Iterable<unknown>)[Symbol.iterator] === 'function'
}

function isAsyncIterable<T>(source: unknown): source is AsyncIterable<T> {
  return typeof (source as Partial<AsyncIterable<T>>)[Symbol.asyncIterator] === 'function'
}

export function inputOf<T>(source: Source<T>): Input<T> {
  const end = receiveEndOf(source)
  if (end !== undefined) return new Intake<T>([end])
  return isAsyncIterable<T>(source) ? new AsyncInput(source) : new SyncInput(source)
}

/**
 * An iterator of somebody else's.
 *
 * Invariants:
 * 1. `return` is called once at most, and never for an iterator that ended or failed by itself, or was not begun.
 * 2. Once it is over, nothing of the source is kept alive.
 */
abstract class IteratorInput<T, S, I extends Iterator<T> | AsyncIterator<T>> implements Input<T> {
  /** `null` once it is over. */
  protected source: S | null
  protected iterator: I | null = null
  protected isPending = false
  taken = 0
  readonly depth = 0

  constructor(source: S) {
    this.source = source
  }

  abstract pull(): T | typeof WOULD_WAIT | typeof CLOSED

  abstract receive(): Promise<Received<T>>

  suspend(): void {}

  resume(): void {}

  protected close(): void {
    this.source = this.iterator = null
  }

  release(): Promise<void> | undefined {
    const iterator = this.iterator
    this.close()
    if (iterator === null) return undefined
    // While a `next` is under way, a generator answers only after that: perhaps never.
    if (this.isPending) {
      runtime.spawn(() => iterator.return?.())
      return undefined
    }
    return new Promise((resolve, reject) => {
      runtime.spawn(async () => {
        try {
          await iterator.return?.()
          resolve()
        } catch (error) {
          reject(error)
        }
      })
    })
  }
}

/** @throws TypeError for what is not an iterator */
function checkedIterator<I extends { next: unknown }>(iterator: I): I {
  if (typeof (iterator as I | null | undefined)?.next === 'function') return iterator
  throw new TypeError(`Cannot read a source: expected an iterator with a next, got ${describe(iterator)}`)
}

/** @throws TypeError for a result that an iterator must not give: it would be read as `undefined`, for ever */
function checkedResult<R>(result: R): R {
  if ((typeof result === 'object' && result !== null) || typeof result === 'function') return result
  throw new TypeError(`Cannot read a source: expected the result of an iterator, got ${describe(result)}`)
}

/** For a stream one of ours: the `return` of the stream's own waits for a read that is under way, perhaps for ever. */
function asyncIteratorOf<T>(source: AsyncIterable<T>): AsyncIterator<T> {
  return isStream<T>(source) ? streamIterator(source) : source[Symbol.asyncIterator]()
}

function isStream<T>(source: object): source is ReadableStream<T> {
  return typeof (source as Partial<ReadableStream<T>>).getReader === 'function'
}

function streamIterator<T>(stream: ReadableStream<T>): AsyncIterator<T> {
  const reader = stream.getReader()
  return {
    async next() {
      let isOver = true
      try {
        const result = await reader.read()
        isOver = result.done
        return result as IteratorResult<T>
      } finally {
        if (isOver) reader.releaseLock()
      }
    },
    async return() {
      const cancelled = reader.cancel()
      reader.releaseLock()
      await cancelled
      return { value: undefined, done: true }
    },
  }
}

class SyncInput<T> extends IteratorInput<T, Iterable<T>, Iterator<T>> {
  pull(): T | typeof WOULD_WAIT | typeof CLOSED {
    if (this.source === null) return WOULD_WAIT
    let result
    try {
      this.iterator ??= checkedIterator(this.source[Symbol.iterator]())
      result = checkedResult(this.iterator.next())
    } catch (error) {
      this.close()
      throw error
    }
    this.taken++
    if (result.done !== true) return result.value
    this.close()
    return CLOSED
  }

  receive(): Promise<Received<T>> {
    let item
    try {
      item = this.pull()
    } catch (error) {
      return runtime.failed(error)
    }
    if (item === WOULD_WAIT) return neverSettling()
    return runtime.succeeded(item === CLOSED ? CLOSED_RESULT : { value: item, ok: true })
  }
}

class AsyncInput<T> extends IteratorInput<T, AsyncIterable<T>, AsyncIterator<T>> {
  #row = 0

  pull(): typeof WOULD_WAIT {
    return WOULD_WAIT
  }

  async receive(): Promise<Received<T>> {
    // A source that has its items at hand must not starve the event loop, whatever the stage does with them.
    if (++this.#row % PATIENCE === 0) await runtime.done()
    if (this.source === null) return neverSettling()
    let result
    this.isPending = true
    try {
      this.iterator ??= checkedIterator(asyncIteratorOf(this.source))
      result = checkedResult(await this.iterator.next())
    } catch (error) {
      this.close()
      throw error
    } finally {
      this.isPending = false
    }
    this.taken++
    if (result.done !== true) return { value: result.value, ok: true }
    this.close()
    return CLOSED_RESULT
  }
}
