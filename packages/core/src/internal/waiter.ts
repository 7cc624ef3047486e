import { runtime } from './runtime.ts'

/** What an operation resolves to: a `Received`, an iterator's result, a select's result, or nothing. */
export const Shape = { Nothing: 0, Received: 1, Iterated: 2, Selected: 3 } as const
export type Shape = (typeof Shape)[keyof typeof Shape]

/** The outcome of every receive from a channel that is closed and drained. */
export const CLOSED_RESULT: { readonly value: undefined; readonly ok: false } = Object.freeze({
  value: undefined,
  ok: false,
})

/**
 * Someone who waits: a plain operation, or one case of a select.
 *
 * All waiters are of this one class, for the engine keeps the queues fast only while they hold one shape of
 * object. A plain operation is its own `operation`. A select has one waiter that is the operation and is in
 * no queue, and one for each case.
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
  readonly shape: Shape
  /** The label of the select's case. */
  label: string | number | undefined
  /** What a sender offers. */
  value: unknown
  /** The cases of a select. */
  cases: Waiter[] | null = null
  /** Those of them that wait in one queue, where several do. */
  rivals: Map<WaitQueue, Waiter[]> | null = null

  promise: Promise<any> | null
  #resolve: ((result: any) => void) | null
  #reject: ((error: unknown) => void) | null
  #outcome: unknown = undefined
  #state: State = WAITING

  private constructor(
    operation: Waiter | null,
    shape: Shape,
    label: string | number | undefined,
    value: unknown,
  ) {
    this.shape = shape
    this.label = label
    this.value = value
    if (operation === null) {
      this.operation = this
      this.promise = new Promise(capture)
      this.#resolve = capturedResolve
      this.#reject = capturedReject
      capturedResolve = capturedReject = null
    } else {
      this.operation = operation
      this.promise = null
      this.#resolve = null
      this.#reject = null
    }
  }

  /** An operation: a plain one, or a select of which the cases follow. */
  static ofOperation(shape: Shape, value?: unknown): Waiter {
    return new Waiter(null, shape, undefined, value)
  }

  /** One case of the select that is `operation`. */
  static ofCase(operation: Waiter, label: string | number, value?: unknown): Waiter {
    const waiter = new Waiter(operation, Shape.Selected, label, value)
    operation.cases!.push(waiter)
    return waiter
  }

  /** A value arrived for this waiting receive. */
  deliver(value: unknown): void {
    this.operation.#commit(SUCCEEDED, receivedAs(this.shape, this.label, value))
  }

  /** The channel of this waiting receive is closed and drained. */
  end(): void {
    this.operation.#commit(SUCCEEDED, closedAs(this.shape, this.label))
  }

  /** The value of this waiting send was taken. */
  accept(): void {
    this.operation.#commit(SUCCEEDED, sentAs(this.shape, this.label))
  }

  /** This wait, and with it its operation, failed. */
  fail(error: unknown): void {
    this.operation.#commit(FAILED, error)
  }

  /** Whether the outcome of this operation is still open. */
  get isWaiting(): boolean {
    return this.#state === WAITING
  }

  /** Takes this operation out of everything it waits in, so that nobody there will settle it. */
  withdraw(): void {
    this.queue?.remove(this)
    this.cancellation?.unpark(this)
    if (this.cases === null) return
    for (const waiter of this.cases) waiter.queue?.remove(waiter)
    this.cases = this.rivals = null
  }

  #commit(state: State, outcome: unknown): void {
    this.#state = state
    this.#outcome = outcome
    this.withdraw()
    runtime.wake(this)
  }

  /** Only for the runtime: tells the caller, and lets go of all that was told. */
  settle(): void {
    const outcome = this.#outcome
    const tell = this.#state === FAILED ? this.#reject! : this.#resolve!
    this.#outcome = this.promise = this.#resolve = this.#reject = null
    tell(outcome)
  }
}

/** Something that ends waits, as a waiter sees it. */
export interface CanceledBy {
  unpark(operation: Waiter): void
}

type State = typeof WAITING | typeof SUCCEEDED | typeof FAILED
const WAITING = 0
const SUCCEEDED = 1
const FAILED = 2

let capturedResolve: ((result: any) => void) | null = null
let capturedReject: ((error: unknown) => void) | null = null
/** One function for all promises: a closure for each wait costs a fifth of the wait. */
function capture(resolve: (result: any) => void, reject: (error: unknown) => void): void {
  capturedResolve = resolve
  capturedReject = reject
}

/**
 * A received value as its operation tells it: boxed, always. `resolve` would look into a bare value for a
 * `then` method, which runs the user's code inside the operation and unwraps promises that are values.
 */
export function receivedAs(shape: Shape, label: string | number | undefined, value: unknown): unknown {
  switch (shape) {
    case Shape.Received:
      return { value, ok: true }
    case Shape.Iterated:
      return { value, done: false }
    case Shape.Selected:
      return { case: label, value, ok: true }
    default:
      return undefined
  }
}

export function closedAs(shape: Shape, label: string | number | undefined): unknown {
  switch (shape) {
    case Shape.Received:
      return CLOSED_RESULT
    case Shape.Iterated:
      return { value: undefined, done: true }
    case Shape.Selected:
      return { case: label, value: undefined, ok: false }
    default:
      return undefined
  }
}

export function sentAs(shape: Shape, label: string | number | undefined): unknown {
  return shape === Shape.Selected ? { case: label } : undefined
}

/**
 * Who waits on one side of something, longest first. Doubly linked through the waiters: taking out any of
 * them costs the same.
 */
export class WaitQueue {
  first: Waiter | null = null
  last: Waiter | null = null
  readonly #owner: WaitQueueOwner | null

  constructor(owner: WaitQueueOwner | null = null) {
    this.#owner = owner
  }

  push(waiter: Waiter): void {
    const before = this.last
    if (before !== null && before.operation === waiter.operation) this.#mix(before, waiter)
    waiter.queue = this
    waiter.previous = before
    if (before === null) this.first = waiter
    else before.next = waiter
    this.last = waiter
  }

  /**
   * Cases of one select on one channel stand side by side in its queue, for a select parks in one step. Each
   * must be as likely to be found first: so the newcomer changes places with a random one of them, or with none.
   */
  #mix(before: Waiter, newcomer: Waiter): void {
    const rivalsByQueue = (newcomer.operation.rivals ??= new Map<WaitQueue, Waiter[]>())
    let rivals = rivalsByQueue.get(this)
    if (rivals === undefined) rivalsByQueue.set(this, (rivals = [before]))
    rivals.push(newcomer)
    const other = rivals[runtime.pick(rivals.length)]!
    const { label, value } = other
    other.label = newcomer.label
    other.value = newcomer.value
    newcomer.label = label
    newcomer.value = value
  }

  /** Takes out whoever waits longest. The owner is not told: it is the one who asks. */
  shift(): Waiter | null {
    const waiter = this.first
    if (waiter !== null) this.#unlink(waiter)
    return waiter
  }

  /** Takes out one who no longer waits, and tells the owner when that was the last. */
  remove(waiter: Waiter): void {
    this.#unlink(waiter)
    if (this.first === null) this.#owner?.abandoned()
  }

  #unlink(waiter: Waiter): void {
    const { previous, next } = waiter
    if (previous === null) this.first = next
    else previous.next = next
    if (next === null) this.last = previous
    else next.previous = previous
    waiter.queue = null
    waiter.next = null
    waiter.previous = null
  }
}

/** Something that holds resources, such as an armed alarm, only while somebody waits. */
export interface WaitQueueOwner {
  /** The last waiter left without being served. */
  abandoned(): void
}
