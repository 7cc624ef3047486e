import { runtime } from './runtime.ts'

/**
 * How an operation tells its outcome: a plain one in one of these forms, a select as the case with a label.
 * A label is never a symbol.
 */
export const NOTHING: unique symbol = Symbol('nothing')
export const RECEIVED: unique symbol = Symbol('received')
export const ITERATED: unique symbol = Symbol('iterated')
export type Form = typeof NOTHING | typeof RECEIVED | typeof ITERATED | string | number

/** The outcome of every receive from a channel that is closed and drained. */
export const CLOSED_RESULT: { readonly value: undefined; readonly ok: false } = Object.freeze({
  value: undefined,
  ok: false,
})

/**
 * Someone who waits: a plain operation, or one case of a select.
 *
 * All that stand in queues are of this one class, because the queues are fast only while they hold one shape of
 * object. A plain operation is its own `operation`. The `operation` of a select is its `Choice`, which is in no queue
 * and has one waiter for each case.
 *
 * Invariants:
 * 1. A waiter is in at most one queue (`queue`, `next`, `previous`), an operation among the waits of at most
 *    one cancellation (`cancellation`, `nextWait`, `previousWait`).
 * 2. The first of partner, close and cancel that reaches a waiter fixes the outcome of its operation, once,
 *    and in the same step takes the operation out of every queue and cancellation. So whoever is found in a
 *    queue still waits, and a loser is never found.
 */
export class Waiter {
  queue: WaitQueue | null = null
  next: Waiter | null = null
  previous: Waiter | null = null

  cancellation: CanceledBy | null = null
  nextWait: Waiter | null = null
  previousWait: Waiter | null = null

  readonly operation: Waiter
  form: Form
  /** What a sender offers. */
  value: unknown

  #resolve: ((result: any) => void) | null = null
  /** `null` once the outcome is fixed: `#resolve` is then what tells it. */
  #reject: ((error: unknown) => void) | null = null

  /** @param operation the select of which this is a case; `null`: this is an operation itself */
  constructor(operation: Waiter | null, form: Form, value?: unknown) {
    this.operation = operation ?? this
    this.form = form
    this.value = value
  }

  /** The promise that this operation settles. To be asked for once for each wait, before the wait begins. */
  promise<T>(): Promise<T> {
    // Written in place, V8 makes no closure of it. A shared function, storing in variables, costs a tenth of the wait.
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** A value arrived for this waiting receive. */
  deliver(value: unknown): void {
    this.operation.commit(receivedAs(this.form, value))
  }

  /** The channel of this waiting receive is closed and drained. */
  end(): void {
    this.operation.commit(closedAs(this.form))
  }

  /** The value of this waiting send was taken. */
  accept(): void {
    this.operation.commit(sentAs(this.form))
  }

  /** This wait, and with it its operation, failed. */
  fail(error: unknown): void {
    const { operation, queue } = this
    operation.#resolve = operation.#reject
    operation.commit(error)
    // Only after the failure was told: it comes before what it makes possible.
    if (queue !== null) queue.left()
  }

  /** Whether the outcome of this operation is still open. */
  get isWaiting(): boolean {
    return this.#reject !== null
  }

  /** Takes this operation out of everything it waits in, so that nobody there will settle it. */
  withdraw(): void {
    if (this.queue !== null) this.queue.remove(this)
    if (this.cancellation !== null) this.cancellation.unpark(this)
  }

  /** Fixes the outcome of this operation, and ends its waiting. */
  commit(outcome: unknown): void {
    this.#reject = null
    this.withdraw()
    runtime.wake(this, outcome)
  }

  /** Only for the runtime: tells the caller, and lets go of all that was told. */
  settle(outcome: unknown): void {
    const tell = this.#resolve!
    this.#resolve = null
    tell(outcome)
  }
}

/** Whether the cancel of an operation has happened and is about to tell it: it may not be granted anything any more. */
export function isBeingCanceled({ cancellation }: Waiter): boolean {
  return cancellation !== null && cancellation.ended !== null
}

/** Something that ends waits, as a waiter sees it. */
export interface CanceledBy {
  /** How it ended, `null` while it has not. */
  readonly ended: object | null
  unpark(operation: Waiter): void
}

/**
 * A received value as its operation tells it: boxed, always. `resolve` would look into a bare value for a
 * `then` method, which runs the user's code inside the operation and unwraps promises that are values.
 */
export function receivedAs(form: Form, value: unknown): unknown {
  switch (form) {
    case RECEIVED:
      return { value, ok: true }
    case ITERATED:
      return { value, done: false }
    case NOTHING:
      return undefined
    default:
      return { case: form, value, ok: true }
  }
}

export function closedAs(form: Form): unknown {
  switch (form) {
    case RECEIVED:
      return CLOSED_RESULT
    case ITERATED:
      return { value: undefined, done: true }
    case NOTHING:
      return undefined
    default:
      return { case: form, value: undefined, ok: false }
  }
}

export function sentAs(form: Form): unknown {
  return form === NOTHING ? undefined : { case: form }
}

/** Those who wait on one side of a channel, longest first, as the channel sees them. */
export interface Line {
  readonly first: Waiter | null
  push(waiter: Waiter): void
  /** Takes out whoever waits longest. */
  shift(): Waiter | null
}

/**
 * Those who wait on one side of something, longest first. Doubly linked through the waiters: taking out any of
 * them costs the same.
 */
export class WaitQueue implements Line {
  first: Waiter | null = null

  push(waiter: Waiter): void {
    const first = this.first
    waiter.queue = this
    if (first === null) {
      this.first = waiter
      return
    }
    const last = first.previous ?? first
    waiter.next = first
    waiter.previous = last
    last.next = first.previous = waiter
  }

  shift(): Waiter | null {
    const waiter = this.first
    if (waiter !== null) this.unlink(waiter)
    return waiter
  }

  /** Takes out one who no longer waits. */
  remove(waiter: Waiter): void {
    this.unlink(waiter)
  }

  /** Called when one who waited here has failed and been told. */
  left(): void {}

  protected unlink(waiter: Waiter): void {
    const { next, previous } = waiter
    if (next === null) {
      this.first = null
    } else {
      if (next === previous) {
        next.next = next.previous = null
      } else {
        previous!.next = next
        next.previous = previous
      }
      if (this.first === waiter) this.first = next
      waiter.next = waiter.previous = null
    }
    waiter.queue = null
  }
}

/** A queue of an owner that holds resources, such as an armed alarm, only while somebody waits. */
export class OwnedWaitQueue extends WaitQueue {
  readonly #owner: WaitQueueOwner

  constructor(owner: WaitQueueOwner) {
    super()
    this.#owner = owner
  }

  override remove(waiter: Waiter): void {
    this.unlink(waiter)
    if (this.first === null) this.#owner.abandoned()
  }
}

/** A queue of an owner that may serve others once somebody gave up: those behind a large claim, for example. */
export class SharedWaitQueue extends WaitQueue {
  readonly #serve: () => void

  constructor(serve: () => void) {
    super()
    this.#serve = serve
  }

  override left(): void {
    this.#serve()
  }
}

export interface WaitQueueOwner {
  /** The last waiter left without being served. */
  abandoned(): void
}
