import { BUDGET, nextTurn } from '#turns'
import type { Alarms } from './alarms.ts'
import type { Observer } from './observer.ts'

/** An operation whose outcome is fixed and whose caller has not been told yet. */
export interface Settleable {
  settle(outcome: unknown): void
}

/**
 * The one choke point: every wake-up, every random choice, every clock reading, every timer and every new
 * task of the library goes through this object, so that a test can put its own order, dice and clock behind
 * all of them.
 *
 * Invariants:
 * 1. Callers are told in the order in which their operations committed, across channels and kinds of
 *    operation. Every outcome reaches its caller in the same number of microtask hops: one.
 * 2. Between two turns of timers and I/O, operations commit and tell, and tasks start, for at most about `SLICE_MS`
 *    plus the time of `BUDGET` of them. What comes after that is told, or starts, in the next turn of the event
 *    loop, in order (1 still holds). Not in Cloudflare Workers: see `workerd-turns.ts`.
 *
 * The second is needed because microtasks starve the event loop: two tasks that hand a value back and
 * forth would never let a timer fire. A macrotask for each operation would do, at ten times the cost.
 */
export class Runtime {
  /** `alarms()` is the way to them: it makes them on first use. */
  alarms: Alarms | null = null
  observer: Observer | null = null
  #budget = BUDGET
  #turnIsMarked = false
  #turnMarkedAt = 0
  #isYielding = false
  #untold: (() => void)[] = []

  /** Tells the caller of a waiting operation, in a microtask. Its outcome is fixed already. */
  wake(operation: Settleable, outcome: unknown): void {
    if (this.#mayTell()) operation.settle(outcome)
    else this.#settleLater(operation, outcome)
  }

  /** The promise of an operation that succeeded at once. */
  succeeded<T>(result: T): Promise<T> {
    return this.#mayTell() ? Promise.resolve(result) : this.#succeedLater(result)
  }

  /** The same for an operation without a result, which needs no promise of its own. */
  done(): Promise<void> {
    return this.#mayTell() ? DONE : this.#succeedLater(undefined)
  }

  /** The promise of an operation that failed at once. */
  failed(error: unknown): Promise<never> {
    if (this.#mayTell()) return Promise.reject(error)
    return new Promise((_, reject) => this.#untold.push(() => reject(error)))
  }

  /** A whole number below `count`, all equally likely. */
  pick(count: number): number {
    return Math.floor(Math.random() * count)
  }

  /** Milliseconds of the monotonic clock. */
  now(): number {
    return performance.now()
  }

  /** The wall clock, in epoch ms: for display, never for waiting. */
  epochNow(): number {
    return Date.now()
  }

  /**
   * Runs `task` in a task of its own, in the async context of now. Its failure is nobody's to handle: it is an
   * unhandled rejection.
   *
   * @param _kind what to call the task in a report
   * @param _f the user's function that it runs: if that has a name, it says more
   * @param start when it starts, if not at once
   */
  spawn(task: () => unknown, _kind?: string, _f?: Function, start?: Promise<void>): void {
    // `then` is called now, whenever the task starts: that is what captures the async context.
    void (start ?? this.done()).then(task)
  }

  /**
   * Resolves in the next turn of the event loop: timers and I/O come first.
   *
   * @param _isLast whether a search has to let all others go on first, as the host does
   */
  turn(_isLast?: boolean): Promise<void> {
    return new Promise((resolve) => nextTurn(resolve))
  }

  #mayTell(): boolean {
    return --this.#budget >= 0 || this.#renewBudget()
  }

  /**
   * A budget alone says nothing about time, and a clock reading for each operation costs more than the
   * operation. So after each `BUDGET` operations: mark the turn by asking for the next one, and if the next
   * one has not come `SLICE_MS` later, yield to it.
   */
  #renewBudget(): boolean {
    if (this.#isYielding) return false
    this.#budget = BUDGET
    const now = this.now()
    if (!this.#turnIsMarked) {
      this.#turnIsMarked = true
      this.#turnMarkedAt = now
      nextTurn(this.#takeTurn)
      return true
    }
    if (now - this.#turnMarkedAt < SLICE_MS) return true
    this.#isYielding = true
    this.#budget = 0
    return false
  }

  // Kept apart from their callers: a function whose arguments a closure captures allocates room for them at each call,
  // even if it makes no closure then. In `wake` that was 48 bytes of the 830 that a hand-over allocates.

  #settleLater(operation: Settleable, outcome: unknown): void {
    this.#untold.push(() => operation.settle(outcome))
  }

  #succeedLater<T>(result: T): Promise<T> {
    return new Promise((resolve) => this.#untold.push(() => resolve(result)))
  }

  readonly #takeTurn = (): void => {
    this.#turnIsMarked = false
    this.#isYielding = false
    this.#budget = BUDGET
    const untold = this.#untold
    if (untold.length === 0) return
    this.#untold = []
    // No user code runs in this loop, so nothing commits in it: the order stays that of the commits.
    for (const tell of untold) tell()
  }
}

/** Long enough to be free beside the cost of a turn (2 µs), short enough for timers and sockets to feel nothing. */
const SLICE_MS = 1

const DONE: Promise<void> = Promise.resolve()

// One runtime for all copies of the package that a program loads: order and budget are the program's.
const KEY = Symbol.for('chansel.runtime@1')
const shared = globalThis as { [KEY]?: Runtime }
export const runtime: Runtime = (shared[KEY] ??= new Runtime())
