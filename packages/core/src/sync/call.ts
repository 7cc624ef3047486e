import type { Cancellation } from '../internal/cancellation.ts'
import { waitIn } from '../internal/operation.ts'
import { runtime } from '../internal/runtime.ts'
import { WaitQueue, type Waiter } from '../internal/waiter.ts'

export type Outcome<T> =
  | { readonly value: T; readonly hasFailed: false }
  | { readonly error: unknown; readonly hasFailed: true }

/**
 * One run of a function that several wait for. The function runs in a task of its own, in the async context of whoever
 * made the call. Those who wait may stop waiting; the run goes on, and its outcome is for those who are left, if any.
 *
 * Invariant: nobody waits once there is an outcome.
 */
export abstract class Call<T> {
  /** What reports call it. */
  abstract readonly name: string
  outcome: Outcome<T> | null = null
  readonly #waiters: WaitQueue = new WaitQueue()
  /** Whether the function is on the stack: whoever asks for its outcome now is that function. */
  #isInside = false
  readonly #ended: () => void

  /** @param ended called when there is an outcome and nobody has been told */
  constructor(f: () => T | Promise<T>, ended: () => void = () => {}) {
    this.#ended = ended
    runtime.spawn(() => this.#run(f), 'call', f)
  }

  /** Waits for the outcome, as `tell` tells it. Only while there is none. */
  wait<R>(cancellation: Cancellation | null, value?: unknown): Promise<R> {
    if (!this.#isInside) return waitIn(this.#waiters, 'wait', this, cancellation, value)
    return runtime.failed(new Error('Cannot wait for a call: this is the function that is called'))
  }

  async #run(f: () => T | Promise<T>): Promise<void> {
    runtime.observer?.acquired(this, null, null)
    let outcome: Outcome<T>
    try {
      outcome = { value: await this.#enter(f), hasFailed: false }
    } catch (error) {
      outcome = { error, hasFailed: true }
    }
    runtime.observer?.released(this, null)
    this.outcome = outcome
    this.#ended()
    for (let waiter = this.#waiters.shift(); waiter; waiter = this.#waiters.shift())
      this.tell(waiter, outcome)
  }

  #enter(f: () => T | Promise<T>): T | Promise<T> {
    this.#isInside = true
    try {
      return f()
    } finally {
      this.#isInside = false
    }
  }

  /** Commits the operation of one who waited. */
  protected abstract tell(waiter: Waiter, outcome: Outcome<T>): void
}
