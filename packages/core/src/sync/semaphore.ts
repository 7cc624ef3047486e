import { countOf, inspectable } from '#inspect'
import { checkWhole } from '../internal/check.ts'
import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { waitIn } from '../internal/operation.ts'
import { runtime } from '../internal/runtime.ts'
import { SharedWaitQueue, type Waiter, isBeingCanceled } from '../internal/waiter.ts'
import { type Guard, HeldGuard, type Holdable, RELEASE } from './guard.ts'

/**
 * A number of permits, of which each task takes as many as it needs.
 *
 * There is no `release` of permits that nobody has: they come back with their guard, once.
 *
 * Source: Go, `golang.org/x/sync/semaphore`.
 *
 * @example
 * import { Semaphore } from 'chansel/sync'
 *
 * const memory = new Semaphore(100)
 * {
 *   using _ = await memory.acquire(60)
 *   memory.available // => 40
 *   memory.tryAcquire(50) // => undefined
 * }
 * memory.available // => 100
 */
export class Semaphore implements Holdable {
  /*
   * Invariants, after each call:
   * 1. `available` and what the guards hold add up to `size`.
   * 2. Whoever waits first asks for more than is available. Those behind wait, however little they ask for.
   */
  /** How many permits there are. */
  readonly size: number
  #available: number
  readonly #waiters: SharedWaitQueue = new SharedWaitQueue(() => this.#grant())

  /**
   * @param size how many permits there are
   * @throws RangeError unless it is a whole number from 1 on, TypeError for what is not a number
   */
  constructor(size: number) {
    checkWhole('make a semaphore: size', size, 1)
    this.size = size
    this.#available = size
    runtime.observer?.made(this)
  }

  /** How many permits are free. They may be reserved for somebody who waits for more. */
  get available(): number {
    return this.#available
  }

  /**
   * Waits for `weight` permits, and holds them until the guard is released.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal, and takes no permit. A cancel that has already fired
   *   wins over permits that are there; one that fires after they were granted changes nothing. If the one who gives up
   *   was the first in line, those behind are served with what is there.
   * Fairness: first in, first out: a large claim is not overtaken by small ones.
   *
   * @param weight how many permits; 0 waits its turn and takes none
   * @throws RangeError for more than `size` permits, or if `weight` is not a whole number from 0 on; TypeError if it is
   *   not a number
   */
  acquire(weight = 1, cancel?: Cancel): Promise<Guard> {
    this.#check(weight)
    const cancellation = optionalCancellationOf(cancel)
    const ended = cancellation === null ? null : cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
    const guard = this.#take(weight)
    if (guard === undefined) return waitIn(this.#waiters, 'acquire', this, cancellation, weight)
    return runtime.succeeded(guard)
  }

  /**
   * Takes `weight` permits, without waiting: `undefined` where `acquire` would wait, also behind others that wait.
   *
   * @throws RangeError, TypeError as `acquire` does
   */
  tryAcquire(weight = 1): Guard | undefined {
    this.#check(weight)
    return this.#take(weight)
  }

  #check(weight: number): void {
    checkWhole('acquire from a semaphore: weight', weight, 0)
    if (weight > this.size) {
      throw new RangeError(`Cannot acquire ${weight} permits: the semaphore has ${this.size}`)
    }
  }

  #take(weight: number): HeldGuard | undefined {
    if (weight > this.#available || this.#waiters.first !== null) return undefined
    return this.#give(weight, null)
  }

  /** @param operation the one that waited for them, if they had to be waited for */
  #give(weight: number, operation: Waiter | null): HeldGuard {
    this.#available -= weight
    const guard = new HeldGuard(this, weight)
    runtime.observer?.acquired(this, guard, operation)
    return guard
  }

  [RELEASE](guard: HeldGuard): void {
    runtime.observer?.released(this, guard)
    this.#available += guard.amount
    this.#grant()
  }

  #grant(): void {
    for (let next = this.#waiters.first; next !== null; next = this.#waiters.first) {
      const weight = next.value as number
      // One whose cancel is under way is about to leave, which leads here again.
      if (weight > this.#available || isBeingCanceled(next)) return
      next.commit(this.#give(weight, next))
    }
  }

  static {
    inspectable(this, 'Semaphore', (sem) => ({
      size: sem.size,
      available: sem.#available,
      waiting: countOf(sem.#waiters),
    }))
  }
}
