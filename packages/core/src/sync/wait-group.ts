import { countOf, inspectable } from '#inspect'
import { checkType } from '../internal/check.ts'
import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { waitIn } from '../internal/operation.ts'
import { runtime } from '../internal/runtime.ts'
import { WaitQueue } from '../internal/waiter.ts'

/**
 * Waits for a number of tasks to be done. `group` does more: it has their results and errors, and cancels.
 *
 * Source: Go, `sync.WaitGroup`.
 *
 * @example
 * import { WaitGroup } from 'chansel/sync'
 *
 * const wg = new WaitGroup()
 * let sum = 0
 * for (const n of [1, 2, 3]) wg.go(async () => void (sum += n))
 * await wg.wait()
 * sum // => 6
 */
export class WaitGroup {
  /*
   * Invariant, after each call: nobody waits while the counter is 0. Whoever was released stays so: a later `add`
   * does not hold them back.
   */
  #counter = 0
  readonly #waiters: WaitQueue = new WaitQueue()

  constructor() {
    runtime.observer?.made(this)
  }

  /**
   * Adds `delta` to the counter. When it comes to 0, all who wait are released.
   *
   * @param delta a whole number, may be negative
   * @throws RangeError if the counter would fall below 0 or exceed `Number.MAX_SAFE_INTEGER`, or if `delta`
   *   is not a whole number; TypeError if it is not a number
   */
  add(delta = 1): void {
    checkType('add to a wait group: delta', delta, 'number')
    if (!Number.isSafeInteger(delta)) {
      throw new RangeError(`Cannot add to a wait group: delta must be a whole number, got ${delta}`)
    }
    const counter = this.#counter + delta
    if (counter < 0 || !Number.isSafeInteger(counter)) {
      throw new RangeError(`Cannot add ${delta} to a wait group: its counter is ${this.#counter}`)
    }
    this.#counter = counter
    if (counter > 0) return
    for (let waiter = this.#waiters.shift(); waiter; waiter = this.#waiters.shift()) waiter.accept()
  }

  /**
   * Says that one task is done: takes 1 from the counter.
   *
   * @throws RangeError if the counter is 0
   */
  done(): void {
    this.add(-1)
  }

  /**
   * Runs `f` in a task of its own, which counts until it ends, however it ends. A failure is nobody's to handle: it is
   * an unhandled rejection, as a panic ends a Go program.
   *
   * Source: Go, `sync.WaitGroup.Go` as of Go 1.25.
   *
   * @throws TypeError if `f` is not a function
   */
  go(f: () => unknown): void {
    checkType('start a task: f', f, 'function')
    this.add(1)
    const run = async (): Promise<void> => {
      runtime.observer?.acquired(this, run, null)
      let failure: { readonly error: unknown } | undefined
      try {
        await f()
      } catch (error) {
        failure = { error }
      }
      runtime.observer?.released(this, run)
      try {
        this.done()
      } catch (error) {
        // Done once too often: of two failures the first counts.
        failure ??= { error }
      }
      if (failure !== undefined) throw failure.error
    }
    runtime.spawn(run, 'wait group task', f)
  }

  /**
   * Waits until the counter is 0.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal, also if it fired before and the counter is 0.
   * Fairness: all who wait are released together.
   */
  wait(cancel?: Cancel): Promise<void> {
    const cancellation = optionalCancellationOf(cancel)
    const ended = cancellation === null ? null : cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
    return this.#counter === 0 ? runtime.done() : waitIn(this.#waiters, 'wait', this, cancellation)
  }

  static {
    inspectable(this, 'WaitGroup', (wg) => ({ counter: wg.#counter, waiting: countOf(wg.#waiters) }))
  }
}
