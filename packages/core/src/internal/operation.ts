import type { Cancellation } from './cancellation.ts'
import { CLOSED, type ReceiveEnd, type SendEnd, WOULD_WAIT } from './end.ts'
import { type Cancel, cancellationOf } from './foreign.ts'
import type { Observer } from './observer.ts'
import { runtime } from './runtime.ts'
import {
  CLOSED_RESULT,
  type Form,
  ITERATED,
  NOTHING,
  RECEIVED,
  type WaitQueue,
  Waiter,
  closedAs,
  receivedAs,
} from './waiter.ts'

/**
 * The outcome of a receive: a value, or the news that the channel is closed and drained. The second is one
 * shared frozen object.
 */
export type Received<T> =
  | { readonly value: T; readonly ok: true }
  | { readonly value: undefined; readonly ok: false }

/*
 * The plain operations, over any end. They are not async functions, and hand out the waiter's own promise:
 * a wrapper costs as much as the operation, and its extra microtask would let a later commit be told first.
 */

export function receiveFrom<T>(end: ReceiveEnd<T>, cancel: Cancel | undefined): Promise<Received<T>> {
  return beginReceive(end, cancel, RECEIVED) as Promise<Received<T>>
}

/** Receives and forgets the value. */
export function awaitFrom(end: ReceiveEnd<unknown>, cancel: Cancel | undefined): Promise<void> {
  return beginReceive(end, cancel, NOTHING) as Promise<void>
}

/** A receive that resolves to `form`. `asker`, if given, is told of the waiter if the receive has to wait. */
function beginReceive<T>(
  end: ReceiveEnd<T>,
  cancel: Cancel | undefined,
  form: Form,
  asker?: { waits(waiter: Waiter): void },
): Promise<unknown> {
  const cancellation = cancel === undefined ? null : cancellationOf(cancel)
  if (cancellation !== null) {
    const ended = cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
  }
  let taken
  try {
    taken = end.take()
  } catch (error) {
    return runtime.failed(error)
  }
  if (taken === CLOSED) return runtime.succeeded(closedAs(form))
  if (taken !== WOULD_WAIT) return runtime.succeeded(receivedAs(form, taken))
  const waiter = new Waiter(null, form)
  const told = waiter.promise()
  if (runtime.observer !== null)
    observeWait(runtime.observer, waiter, form === NOTHING ? 'sleep' : 'receive', end)
  end.parkReceiver(waiter)
  if (cancellation !== null) cancellation.park(waiter)
  if (asker !== undefined) asker.waits(waiter)
  return told
}

/** What an end gave, in the form in which a select tells it; `WOULD_WAIT` stays what it is. */
export function takenAs(form: Form, taken: unknown): unknown {
  if (taken === WOULD_WAIT) return WOULD_WAIT
  return taken === CLOSED ? closedAs(form) : receivedAs(form, taken)
}

function observeWait(observer: Observer, waiter: Waiter, verb: string, on: object): void {
  observer.waits(waiter, verb, [{ verb, on }])
}

export function tryReceiveFrom<T>(end: ReceiveEnd<T>): Received<T> | undefined {
  const taken = end.take()
  if (taken === WOULD_WAIT) return undefined
  return taken === CLOSED ? CLOSED_RESULT : { value: taken, ok: true }
}

export function sendTo<T>(end: SendEnd<T>, value: T, cancel: Cancel | undefined): Promise<void> {
  end.check?.(value)
  const cancellation = cancel === undefined ? null : cancellationOf(cancel)
  if (cancellation !== null) {
    const ended = cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
  }
  try {
    if (end.put(value)) return runtime.done()
  } catch (error) {
    return runtime.failed(error)
  }
  const waiter = new Waiter(null, NOTHING, value)
  const told = waiter.promise<void>()
  if (runtime.observer !== null) observeWait(runtime.observer, waiter, 'send', end)
  end.parkSender(waiter)
  if (cancellation !== null) cancellation.park(waiter)
  return told
}

/**
 * Waits in `queue` until its owner commits the wait. Only right after it was found that the operation has to wait, and
 * that `cancellation` has not ended.
 *
 * @param verb what the operation is called
 * @param on what it waits for
 */
export function waitIn<T>(
  queue: WaitQueue,
  verb: string,
  on: object,
  cancellation: Cancellation | null,
  value?: unknown,
): Promise<T> {
  const waiter = new Waiter(null, NOTHING, value)
  const told = waiter.promise<T>()
  if (runtime.observer !== null) observeWait(runtime.observer, waiter, verb, on)
  queue.push(waiter)
  if (cancellation !== null) cancellation.park(waiter)
  return told
}

/**
 * The iterator behind `for await`. Written by hand: an async generator costs twice as much, unwraps promises
 * that are values, and cannot withdraw a receive that waits.
 *
 * Invariants:
 * 1. A value is taken only for a `next` that was called.
 * 2. `#newest` is the last `next` that had to wait. `#earlier` has all others that still wait, and perhaps some that
 *    have settled since: none in a loop, which asks for one value at a time.
 */
export class ReceiveIterator<T> implements AsyncIterableIterator<T> {
  readonly #end: ReceiveEnd<T>
  #newest: Waiter | null = null
  #earlier: Waiter[] | null = null
  /** The length at which `#earlier` is rid of what has settled. */
  #mostEarlier = 2
  #isOver = false

  constructor(end: ReceiveEnd<T>) {
    this.#end = end
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#isOver) return runtime.succeeded(OVER)
    return beginReceive(this.#end, undefined, ITERATED, this) as Promise<IteratorResult<T, undefined>>
  }

  waits(waiter: Waiter): void {
    const before = this.#newest
    this.#newest = waiter
    if (before === null || !before.isWaiting) return
    this.#earlier ??= []
    if (this.#earlier.length === this.#mostEarlier) {
      this.#earlier = this.#earlier.filter((earlier) => earlier.isWaiting)
      // Where many wait at once, twice as many may come before the next look.
      this.#mostEarlier = 2 * this.#earlier.length + 2
    }
    this.#earlier.push(before)
  }

  /** Ends the iteration, not the channel. A `next` that waits is withdrawn and says "done". */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#isOver = true
    for (const waiter of this.#earlier ?? []) if (waiter.isWaiting) waiter.end()
    if (this.#newest !== null && this.#newest.isWaiting) this.#newest.end()
    this.#earlier = this.#newest = null
    return runtime.succeeded(OVER)
  }

  throw(error: unknown): Promise<never> {
    void this.return()
    return runtime.failed(error)
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

const OVER: IteratorReturnResult<undefined> = Object.freeze({ value: undefined, done: true })
