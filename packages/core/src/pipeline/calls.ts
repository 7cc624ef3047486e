import { Ring } from '../internal/ring.ts'
import { NOTHING, Waiter } from '../internal/waiter.ts'
import type { Stage } from './stage.ts'
import { isThenable } from './thenable.ts'

/** A call, and what came of it. */
interface Call {
  state: 'under way' | 'done' | 'failed'
  /** Its result or its error. */
  outcome: unknown
}

/**
 * The calls of a parallel `map`.
 *
 * Invariants:
 * 1. Calls under way, results that wait for their turn and values that the stage holds are `limit` at most.
 * 2. If they are ordered, the first of `#queue` is under way: whatever came before it has been emitted.
 */
export class Calls<T, R> {
  readonly #stage: Stage<Awaited<R>>
  readonly #f: (item: T) => R
  readonly #limit: number
  /** In the order of the items; `null` if that does not matter. */
  readonly #queue: Ring<Call> | null
  /** How many calls have begun whose result was not emitted. */
  #open = 0
  #room: Waiter | null = null
  #end: Waiter | null = null

  constructor(stage: Stage<Awaited<R>>, f: (item: T) => R, limit: number, isOrdered: boolean) {
    this.#stage = stage
    this.#f = f
    this.#limit = limit
    this.#queue = isOrdered ? new Ring() : null
    stage.onTaken = () => this.#tellRoom()
  }

  get areFull(): boolean {
    return this.#open + this.#stage.held >= this.#limit
  }

  /** Resolves when one more call may begin. */
  room(): Promise<void> {
    this.#room = new Waiter(null, NOTHING)
    return this.#room.promise()
  }

  /** Resolves when all results were emitted. After a failure it never does. */
  async finished(): Promise<void> {
    if (this.#open === 0) return
    this.#end = new Waiter(null, NOTHING)
    await this.#end.promise()
  }

  begin(item: T): void {
    const call: Call = { state: 'under way', outcome: undefined }
    this.#open++
    this.#queue?.push(call)
    let result: R
    try {
      result = this.#f(item)
      if (!isThenable(result)) {
        this.#settled(call, 'done', result)
        return
      }
    } catch (error) {
      this.#settled(call, 'failed', error)
      return
    }
    const promise: PromiseLike<unknown> = result instanceof Promise ? result : Promise.resolve(result)
    void promise.then(
      (value) => this.#settled(call, 'done', value),
      (error: unknown) => this.#settled(call, 'failed', error),
    )
  }

  #settled(call: Call, state: 'done' | 'failed', outcome: unknown): void {
    call.state = state
    call.outcome = outcome
    if (this.#queue === null) this.#emit(call)
    else
      while (this.#queue.length > 0 && this.#queue.first.state !== 'under way')
        this.#emit(this.#queue.shift())
    this.#tellRoom()
    if (this.#open > 0 || this.#end === null) return
    this.#end.accept()
    this.#end = null
  }

  #emit({ state, outcome }: Call): void {
    // A result that comes after a failure finds the stage over, which drops it.
    if (state === 'failed') {
      this.#stage.fail(outcome)
      return
    }
    this.#open--
    this.#stage.emit(outcome as Awaited<R>)
  }

  #tellRoom(): void {
    if (this.#room === null || this.areFull) return
    this.#room.accept()
    this.#room = null
  }
}
