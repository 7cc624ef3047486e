import { CLOSED, WOULD_WAIT } from '../internal/end.ts'
import type { Cancel } from '../internal/foreign.ts'
import { runtime } from '../internal/runtime.ts'
import { type Input, PATIENCE } from './intake.ts'
import { Stage } from './stage.ts'
import { isThenable } from './thenable.ts'

/** What a transform does with each item. */
export interface Work<T, R> {
  /** A function of the user's; a promise that it returns is awaited. */
  readonly call: ((item: T) => unknown) | null
  /** Makes what is emitted for an item of what its call came to; `null`: that is emitted itself. */
  readonly result: ((outcome: unknown, item: T) => R | typeof SKIP) | null
  /** After how many items it ends. */
  readonly limit?: number
}

/** Nothing is emitted for this item. */
export const SKIP: unique symbol = Symbol('skip')

/** The work of a stage that hands on its items as they are. */
export const PASS: Work<any, any> = { call: null, result: (_, item) => item }

/**
 * A stage that makes at most one value of each item, on demand.
 *
 * If the demand comes from another stage, whose task runs already, the value is made in that task, by a call. So a row
 * of stages costs one task for each value, and a promise only where something has to wait. What has to wait goes on in
 * the stage's own task.
 *
 * Invariant: of its own task and those that pull, one is at work at a time. Whoever pulls finds the task at rest, and
 * wakes it to go on with what has to wait.
 */
export class Transform<T, R> extends Stage<R> {
  readonly #input: Input<T>
  readonly #work: Work<T, R>
  /** How many items until it ends; below 0, it does not. (Not `Infinity`: counting down from that is slow.) */
  #left: number
  /** A call that `pull` began and the task waits for. */
  #call: { readonly outcome: unknown; readonly item: T } | null = null

  constructor(input: Input<T>, cancel: Cancel | undefined, work: Work<T, R>) {
    super([input], cancel, () => this.#transform())
    this.#input = input
    this.#work = work
    this.#left = work.limit === undefined || work.limit === Infinity ? -1 : work.limit
  }

  override pull(): R | typeof WOULD_WAIT | typeof CLOSED {
    const ready = this.take()
    if (ready !== WOULD_WAIT || this.hasReceiver || !this.isResting || this.isLanding) return ready
    this.start()
    try {
      return this.#make()
    } catch (error) {
      this.fail(error)
      return this.take()
    }
  }

  #make(): R | typeof WOULD_WAIT {
    const { call, result } = this.#work
    for (let skipped = 0; skipped < PATIENCE && this.#left !== 0; skipped++) {
      const item = this.#input.pull()
      if (item === WOULD_WAIT) return WOULD_WAIT
      if (item === CLOSED) {
        this.#left = 0
        break
      }
      const outcome = call === null ? undefined : call(item)
      if (isThenable(outcome)) {
        const settled = Promise.resolve(outcome)
        this.#call = { outcome: settled, item }
        // The call may have ended this very stage, whose task then never comes to await it.
        if (!this.isOpen) settled.catch(() => {})
        break
      }
      if (--this.#left === 0) this.wake()
      const value = result === null ? (outcome as R) : result(outcome, item)
      if (value !== SKIP) return value
    }
    this.wake()
    return WOULD_WAIT
  }

  async #transform(): Promise<void> {
    const { call, result } = this.#work
    for (let skipped = 0; this.#left !== 0;) {
      let began = this.#call
      this.#call = null
      if (began === null) {
        if (!this.isWanted) {
          await this.demand()
          if (this.#call !== null || this.#left === 0) continue
        }
        // Even if the demand was taken back meanwhile, by a select for example: the next one has to find the value, or
        // of two outputs in a select one could lose for ever. But then no receive is left waiting at a channel.
        let item = this.#input.pull()
        if (item === WOULD_WAIT) {
          const told = this.#input.receive()
          if (!this.isWanted) this.suspend()
          const got = await told
          item = got.ok ? got.value : CLOSED
        }
        if (item === CLOSED) return
        began = { outcome: call === null ? undefined : call(item), item }
      }
      const { outcome, item } = began
      const settled = isThenable(outcome) ? await outcome : outcome
      const value = result === null ? (settled as R) : result(settled, item)
      this.#left--
      if (value !== SKIP) this.emit(value)
      else if (++skipped % PATIENCE === 0) await runtime.done()
    }
  }
}
