import type { CanceledBy, Waiter } from './waiter.ts'

/** How a cancellation ended. */
export interface Ended {
  /** What waits reject with. */
  readonly reason: unknown
}

/**
 * What stops waits, with those that it will stop: a foreign signal, or a node in the tree of contexts.
 *
 * Invariants:
 * 1. `ended` is set once and stays.
 * 2. One that ended has no wait.
 * 3. `#holds` counts what has to be told of the end in time, all waits as one. While it is above 0 the cancellation is
 *    busy. (Waits are not counted where nothing would be held for them: most contexts are ended by a call, and counting
 *    would double what a wait costs here.)
 */
export abstract class Cancellation<End extends Ended = Ended> implements CanceledBy {
  ended: End | null = null
  /** Whether the clock or a foreign signal can end it, and not only a call. */
  readonly #followsHost: boolean
  /** Its `previousWait` is the last wait; both links of the only one are null. */
  #firstWait: Waiter | null = null
  #holds = 0

  constructor(followsHost: boolean) {
    this.#followsHost = followsHost
  }

  /**
   * How it ended, `null` while it has not. The clock and the foreign signal count here, not the delivery of
   * their events: a program that was busy past its deadline is late, and is told so. Operations ask in the
   * middle of their step, so no listener of a signal runs in here, unless `signals` says so.
   */
  poll(signals: 'now' | 'later' = 'later'): End | null {
    if (this.ended === null && this.#followsHost) this.observe(signals)
    return this.ended
  }

  /** Ends it if the host's clock or signal says so. */
  protected abstract observe(signals: 'now' | 'later'): void
  /** Something has to be told in time. */
  protected abstract becameBusy(): void
  protected abstract becameIdle(): void

  hold(): void {
    if (this.#holds++ === 0) this.becameBusy()
  }

  release(): void {
    if (--this.#holds === 0) this.becameIdle()
  }

  /** Lets an operation end with this. Only after `poll` said that it has not ended. */
  park(operation: Waiter): void {
    operation.cancellation = this
    const first = this.#firstWait
    if (first === null) {
      this.#firstWait = operation
      if (this.#followsHost) this.hold()
      return
    }
    const last = first.previousWait ?? first
    operation.nextWait = first
    operation.previousWait = last
    last.nextWait = first.previousWait = operation
  }

  unpark(operation: Waiter): void {
    const { nextWait: next, previousWait: previous } = operation
    operation.cancellation = null
    if (next === null) {
      this.#firstWait = null
      if (this.#followsHost) this.release()
      return
    }
    if (next === previous) {
      next.nextWait = next.previousWait = null
    } else {
      previous!.nextWait = next
      next.previousWait = previous
    }
    if (this.#firstWait === operation) this.#firstWait = next
    operation.nextWait = operation.previousWait = null
  }

  /** Once `ended` is set: whoever waits fails, the longest first. */
  protected failWaits(): void {
    for (let wait = this.#firstWait; wait !== null; wait = this.#firstWait) wait.fail(this.ended!.reason)
  }
}
