import { countOf, inspectable } from '#inspect'
import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { waitIn } from '../internal/operation.ts'
import { runtime } from '../internal/runtime.ts'
import { WaitQueue, type Waiter } from '../internal/waiter.ts'
import { type Guard, HeldGuard, type Holdable, RELEASE } from './guard.ts'

/** How a `Cond` gives the mutex away and gets it back under the same guard. */
export const LEND: unique symbol = Symbol('lend')
export const TAKE_BACK: unique symbol = Symbol('take back')

/**
 * A lock that one task holds at a time. JavaScript needs one only around an `await`: code between two of them cannot be
 * interrupted.
 *
 * There is no `unlock`: whoever has the guard releases it, once, whichever task that is.
 *
 * Source: Go, `sync.Mutex`.
 *
 * @example
 * import { Mutex } from 'chansel/sync'
 *
 * const mu = new Mutex()
 * let sum = 0
 * async function add(read: () => Promise<number>): Promise<void> {
 *   using _ = await mu.lock()
 *   sum += await read() // without the lock: an update may be lost
 * }
 * await Promise.all([add(async () => 1), add(async () => 2)])
 * sum // => 3
 */
export class Mutex implements Holdable {
  /*
   * Invariants, after each call:
   * 1. Nobody waits while nobody holds it: a release makes whoever waits longest the holder, in the same step.
   * 2. `#holder` is the number of the guard that holds it. A guard that lent it has no say until it has it back.
   *
   * (A number, because storing a new guard in an old mutex costs a quarter of the hand-over.)
   */
  #holder = NOBODY
  #guards = NOBODY
  /** The guards that were released while they were lent. */
  #forgone: Set<number> | null = null
  readonly #waiters: WaitQueue = new WaitQueue()

  constructor() {
    runtime.observer?.made(this)
  }

  /**
   * Waits until nobody else holds the lock, and holds it until the guard is released.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal, and does not hold the lock. A cancel that has
   *   already fired wins over a free lock; one that fires after the lock was handed over changes nothing.
   * Fairness: first in, first out. A release hands the lock over at once: nobody gets in between.
   */
  lock(cancel?: Cancel): Promise<Guard> {
    const cancellation = optionalCancellationOf(cancel)
    const ended = cancellation === null ? null : cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
    if (this.#holder !== NOBODY) return waitIn(this.#waiters, 'lock', this, cancellation)
    return runtime.succeeded(this.#hold(null))
  }

  /** Takes the lock without waiting: `undefined` where `lock` would wait. */
  tryLock(): Guard | undefined {
    return this.#holder === NOBODY ? this.#hold(null) : undefined
  }

  /** @param operation the one that waited for it, if it had to be waited for */
  #hold(operation: Waiter | null): HeldGuard {
    this.#isHeldBy(++this.#guards, operation)
    return new HeldGuard(this, this.#holder)
  }

  #isHeldBy(guard: number, operation: Waiter | null): void {
    this.#holder = guard
    runtime.observer?.acquired(this, guard, operation)
  }

  [RELEASE](guard: HeldGuard): void {
    if (guard.amount === this.#holder) this.#handOver()
    else (this.#forgone ??= new Set()).add(guard.amount)
  }

  #handOver(): void {
    runtime.observer?.released(this, this.#holder)
    this.#holder = NOBODY
    while (this.#holder === NOBODY) {
      const next = this.#waiters.shift()
      if (next === null) return
      const lent = next.value as number | undefined
      if (lent === undefined) {
        next.commit(this.#hold(next))
      } else {
        // A guard that was released while it was lent has nothing to come back for.
        if (this.#forgone === null || !this.#forgone.delete(lent)) this.#isHeldBy(lent, next.operation)
        next.operation.commit(undefined)
      }
    }
  }

  /** Hands the mutex to the next in line, and returns the guard that held it; `null` if none did. */
  [LEND](): number | null {
    const holder = this.#holder
    if (holder === NOBODY) return null
    this.#handOver()
    return holder
  }

  /** The waiter's operation commits once the guard that was lent, `waiter.value`, holds the mutex again. */
  [TAKE_BACK](waiter: Waiter): void {
    runtime.observer?.movedOn(waiter.operation, { verb: 'lock', on: this })
    this.#waiters.push(waiter)
    if (this.#holder === NOBODY) this.#handOver()
  }

  static {
    inspectable(this, 'Mutex', (mu) => ({
      locked: mu.#holder !== NOBODY,
      waiting: countOf(mu.#waiters),
    }))
  }
}

/** The number of no guard. */
const NOBODY = 0
