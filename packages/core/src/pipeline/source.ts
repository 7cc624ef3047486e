import { describe } from '../errors.ts'
import { receiveEndOf } from '../internal/end.ts'
import type { Received } from '../internal/operation.ts'
import { runtime } from '../internal/runtime.ts'
import { CLOSED_RESULT } from '../internal/waiter.ts'
import { type Input, Intake, never } from './intake.ts'

/** What a pipeline reads from: a channel, an async generator, a stream, an array, a set. */
export type Source<T> = AsyncIterable<T> | Iterable<T>

/** @throws TypeError for what is no source */
export function checkSource(verb: string, source: unknown): void {
  if (isSource(source)) return
  throw new TypeError(
    `Cannot ${verb} a source: expected a channel, an async iterable or an iterable, got ${describe(source)}`,
  )
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
 * Invariant: `return` is called once at most, and not for an iterator that ended or failed by itself, or was
 * never asked for.
 */
abstract class IteratorInput<T, I extends Iterator<T> | AsyncIterator<T>> implements Input<T> {
  protected iterator: I | null = null
  protected isOver = false
  protected isPending = false

  abstract receive(): Promise<Received<T>>

  suspend(): void {}

  resume(): void {}

  release(): Promise<void> | undefined {
    if (this.isOver) return undefined
    this.isOver = true
    const iterator = this.iterator
    if (iterator === null) return undefined
    // Where a `next` is under way, a generator answers only after it: that may be never.
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

class SyncInput<T> extends IteratorInput<T, Iterator<T>> {
  readonly #source: Iterable<T>

  constructor(source: Iterable<T>) {
    super()
    this.#source = source
  }

  receive(): Promise<Received<T>> {
    if (this.isOver) return never()
    let result
    try {
      this.iterator ??= this.#source[Symbol.iterator]()
      result = this.iterator.next()
    } catch (error) {
      this.isOver = true
      return runtime.failed(error)
    }
    if (result.done !== true) return runtime.succeeded({ value: result.value, ok: true })
    this.isOver = true
    return runtime.succeeded(CLOSED_RESULT)
  }
}

class AsyncInput<T> extends IteratorInput<T, AsyncIterator<T>> {
  readonly #source: AsyncIterable<T>

  constructor(source: AsyncIterable<T>) {
    super()
    this.#source = source
  }

  async receive(): Promise<Received<T>> {
    if (this.isOver) return never()
    let result
    this.isPending = true
    try {
      this.iterator ??= this.#source[Symbol.asyncIterator]()
      result = await this.iterator.next()
    } catch (error) {
      this.isOver = true
      throw error
    } finally {
      this.isPending = false
    }
    if (result.done !== true) return { value: result.value, ok: true }
    this.isOver = true
    return CLOSED_RESULT
  }
}
