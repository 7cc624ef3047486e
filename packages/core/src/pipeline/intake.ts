import { CLOSED, type ReceiveEnd, WOULD_WAIT } from '../internal/end.ts'
import type { Received } from '../internal/operation.ts'
import { runtime } from '../internal/runtime.ts'
import { NOTHING, Waiter, closedAs, receivedAs } from '../internal/waiter.ts'
import type { Output } from './output.ts'

/** A source as a stage reads it. Only a stage's task calls `pull` and `receive`: they may run the user's code. */
export interface Input<T> {
  /** How many items were taken from the source, whether or not the stage was told of them yet. */
  readonly taken: number
  /** The `depth` of the deepest output that it reads, or 0. */
  readonly depth: number
  /** The next item if it can be had without waiting. Throws what the source failed with. */
  pull(): T | typeof WOULD_WAIT | typeof CLOSED
  /** The next item. Not called again before it has settled; never settles once the input was released. */
  receive(): Promise<Received<T>>
  /** Takes back a receive that waits: nobody wants its value for now. */
  suspend(): void
  /** Lets a receive that was taken back wait again. */
  resume(): void
  /** Nothing more is read. A promise tells when the source has ended, or how it failed to. */
  release(): Promise<void> | undefined
}

/** What came, and from which of the ends. */
export type Taken<T> = Received<T> & { readonly case: number }

/**
 * The one receive of a stage, over one or more ends, as a select has it: of what is ready it takes one, and
 * the others stay untouched. Unlike a select it can be taken back and go on later, it looks at its ends in
 * their order, and it serves for one receive after the other.
 *
 * Invariants:
 * 1. Waiter i stands in the queue of end i while the receive waits and is not suspended, and in none otherwise.
 * 2. Outputs among the ends know of it (`enter`) from the first receive until it is released.
 */
export class Intake<T> extends Waiter implements Input<T> {
  readonly #ends: (ReceiveEnd<unknown> | null)[]
  readonly #outputs: readonly Output<unknown>[]
  readonly #waiters: Waiter[]
  readonly #isFair: boolean
  /** The one end there is, if its next value can be made by a call. */
  readonly #output: Output<unknown> | null
  #state: 'new' | 'entered' | 'released' = 'new'
  #isSuspended = false
  #first = 0
  taken = 0
  readonly depth: number

  /** @param isFair whether outputs that had nothing, when another end is served, are asked for their next */
  constructor(ends: readonly ReceiveEnd<unknown>[], isFair = false) {
    super(null, NOTHING)
    this.#isFair = isFair
    this.#ends = [...ends]
    this.#outputs = ends.filter(isOutput)
    this.#output = ends.length === 1 && this.#outputs.length === 1 ? this.#outputs[0]! : null
    this.#waiters = ends.map((_, i) => new Waiter(this, i))
    this.depth = this.#outputs.reduce((deepest, { depth }) => Math.max(deepest, depth), 0)
  }

  get size(): number {
    return this.#ends.length
  }

  /** Of the one end there is. */
  pull(): T | typeof WOULD_WAIT | typeof CLOSED {
    if (this.#state !== 'entered' && !this.#mayRead()) return WOULD_WAIT
    const taken = this.#output === null ? this.#ends[0]!.take() : this.#output.pull()
    if (taken !== WOULD_WAIT) this.taken++
    return taken as T | typeof WOULD_WAIT | typeof CLOSED
  }

  /**
   * What `receive` would resolve to, if it would not wait: for a stage that must not be told later than the sender whose
   * value it takes. Throws what the source failed with.
   */
  take(first = 0): Taken<T> | undefined {
    if (!this.#mayRead()) return undefined
    this.#first = first
    const outcome = this.#take()
    if (outcome !== undefined) this.taken++
    return outcome as Taken<T> | undefined
  }

  /** @param first the end that is looked at first */
  receive(first = 0): Promise<Taken<T>> {
    if (this.#state === 'released') return neverSettling()
    let outcome
    try {
      outcome = this.take(first)
    } catch (error) {
      return runtime.failed(error)
    }
    if (outcome !== undefined) return runtime.succeeded(outcome)
    const told = this.promise<Taken<T>>()
    this.#park()
    return told
  }

  /** That end is done with. */
  drop(i: number): void {
    this.#ends[i] = null
  }

  /** Counts among the loops of its outputs from now on, and not only from its first receive. */
  enter(): void {
    if (this.#state !== 'new') return
    this.#state = 'entered'
    for (const output of this.#outputs) output.enter()
  }

  #mayRead(): boolean {
    this.enter()
    return this.#state === 'entered'
  }

  #take(): unknown {
    const count = this.#ends.length
    for (let step = 0; step < count; step++) {
      const i = (this.#first + step) % count
      const end = this.#ends[i]!
      if (end === null) continue
      const taken = end.take()
      if (taken === WOULD_WAIT) continue
      if (this.#isFair) this.#askBefore(step)
      return taken === CLOSED ? closedAs(i) : receivedAs(i, taken)
    }
    return undefined
  }

  /** Asks the outputs that were looked at before: else they would have no turn beside an end that is always ready. */
  #askBefore(steps: number): void {
    for (let step = 0; step < steps; step++) {
      const end = this.#ends[(this.#first + step) % this.#ends.length]
      if (end && isOutput(end)) end.ask()
    }
  }

  #park(): void {
    for (let i = 0; i < this.#ends.length; i++) {
      const end = this.#ends[i]!
      if (end !== null) end.parkReceiver(this.#waiters[i]!)
    }
  }

  override commit(outcome: unknown): void {
    this.taken++
    super.commit(outcome)
  }

  override withdraw(): void {
    super.withdraw()
    for (const waiter of this.#waiters) if (waiter.queue !== null) waiter.queue.remove(waiter)
  }

  suspend(): void {
    if (!this.isWaiting || this.#isSuspended) return
    this.#isSuspended = true
    this.withdraw()
  }

  resume(): void {
    if (!this.#isSuspended) return
    this.#isSuspended = false
    let outcome
    try {
      outcome = this.#take()
    } catch (error) {
      this.fail(error)
      return
    }
    if (outcome === undefined) this.#park()
    else this.commit(outcome)
  }

  release(): Promise<void> | undefined {
    // Even if it never read it enters first: what is above was made for it, and ends with the last that leaves.
    if (!this.#mayRead()) return undefined
    this.#state = 'released'
    this.suspend()
    const leaving = this.#outputs.flatMap((output) => output.leave() ?? [])
    return leaving.length === 0 ? undefined : Promise.all(leaving).then(() => undefined)
  }
}

/** Also for an output of another copy of the package. */
function isOutput(end: ReceiveEnd<unknown>): end is Output<unknown> {
  return 'leave' in end
}

/** Items that may pass in a row, with nothing to wait for, before others have their turn. */
export const PATIENCE = 16

/** What a released input gives. A new promise each time: a shared one would keep alive all who await it. */
export function neverSettling(): Promise<never> {
  return new Promise(() => {})
}
