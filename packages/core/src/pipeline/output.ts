import { countOf, inspectable } from '#inspect'
import type { ReceiveChannel } from '../channel.ts'
import type { Cancellation } from '../internal/cancellation.ts'
import { CLOSED, RECEIVE_END, type ReceiveEnd, WOULD_WAIT } from '../internal/end.ts'
import type { Cancel } from '../internal/foreign.ts'
import { asJson } from '../internal/json.ts'
import { type Received, ReceiveIterator, receiveFrom, tryReceiveFrom } from '../internal/operation.ts'
import { Ring } from '../internal/ring.ts'
import { OwnedWaitQueue, type WaitQueueOwner, type Waiter } from '../internal/waiter.ts'

/**
 * A read channel whose values are made when somebody asks for them: what the operators of this folder return.
 *
 * It counts the loops over it: when the last of them is left, and no other receiver waits, nobody wants the rest. In
 * `over` the output then lets go of what it makes its values from.
 *
 * Its state is `private`, not `#private`: there are five classes of outputs, and over so many V8 looks up a private name
 * anew at each use, which takes longer than all the rest of an item.
 *
 * Invariants, after each call:
 * 1. While a value is held, no receiver waits. Values are held in the order in which they were emitted.
 * 2. It is open, then over for good: ended or failed. Once it is over, nobody waits, and nothing is emitted.
 * 3. After a cancel, or when it was left, nothing is held. After the end or failure of its source, what is held can
 *    still be received, until a cancel.
 */
export abstract class Output<T> implements ReceiveChannel<T>, ReceiveEnd<T>, WaitQueueOwner {
  readonly name: string | undefined = undefined
  readonly capacity: number = 0
  readonly toJSON: () => object = asJson
  /** How many stages up from here a call runs through before it lands: a pipeline may be longer than the stack. */
  readonly depth: number
  protected readonly cancellation: Cancellation | null
  private readonly receivers: OwnedWaitQueue = new OwnedWaitQueue(this)
  private values: Ring<T> | null = null
  private state: 'open' | 'ended' | 'failed' = 'open'
  private error: unknown
  /** Whether somebody looked and found nothing: the next value is then made all the same, and held. */
  private isAsked = false
  private loops = 0

  /** @param above the deepest of what it is made from */
  constructor(cancellation: Cancellation | null, above: { readonly depth: number }) {
    this.cancellation = cancellation
    this.depth = (above.depth + 1) % LANDING
  }

  /** Whether a call that goes up the pipeline, from stage to stage, lands here: it goes on in a microtask. */
  protected get isLanding(): boolean {
    return this.depth === 0
  }

  /** Somebody began to wait. Part of the receive: runs none of the user's code. */
  protected abstract wanted(): void
  /** Nobody waits any more. */
  protected abstract unwanted(): void
  /** A value that was held was received. */
  protected abstract taken(): void
  /** It is over: lets go of everything. A promise tells when the sources have ended, or how they failed to. */
  protected abstract over(): Promise<void> | undefined

  get isOpen(): boolean {
    return this.state === 'open'
  }

  get hasReceiver(): boolean {
    return this.receivers.first !== null
  }

  /** Whether a value that is emitted now goes to somebody. */
  get isWanted(): boolean {
    return this.receivers.first !== null || this.isAsked
  }

  /** How many values were emitted and not received. */
  get held(): number {
    return this.values === null ? 0 : this.values.length
  }

  /** Hands a value to whoever waits longest, or holds it. A value that comes after the end is dropped. */
  emit(value: T): void {
    if (!this.observe()) return
    this.isAsked = false
    const receiver = this.receivers.shift()
    if (receiver === null) (this.values ??= new Ring()).push(value)
    else receiver.deliver(value)
    if (!this.isWanted) this.unwanted()
  }

  /** Emits a value in place of one that is held. */
  replace(value: T): void {
    if (this.held > 0) this.dropOldest()
    this.emit(value)
  }

  /** Drops all values that are held. */
  protected clear(): void {
    this.values = null
  }

  /** Drops the value that is held longest. */
  protected dropOldest(): void {
    this.values!.shift()
  }

  /** No more values: receivers get what is held, then the end. */
  end(): void {
    if (this.state === 'open') void this.#finish('ended', undefined)
  }

  /** The same with an error, any value, at the end. */
  fail(error: unknown): void {
    // How the release fails is not told: the first error is the result.
    if (this.state === 'open') this.#finish('failed', error)?.catch(() => {})
  }

  /** Nothing more is received, not even what is held. */
  protected abandon(): Promise<void> | undefined {
    if (this.state !== 'open') return undefined
    this.values = null
    return this.#finish('ended', undefined)
  }

  #finish(state: 'ended' | 'failed', error: unknown): Promise<void> | undefined {
    this.state = state
    this.error = error
    this.isAsked = false
    for (let receiver = this.receivers.shift(); receiver; receiver = this.receivers.shift()) {
      if (state === 'ended') receiver.end()
      else receiver.fail(error)
    }
    return this.over()
  }

  /** Notices a cancel, as long as there is anything to receive. Returns whether this is still open. */
  observe(): boolean {
    if (this.cancellation !== null && (this.state === 'open' || this.held > 0)) {
      const ended = this.cancellation.poll()
      if (ended !== null) this.#canceled(ended.reason)
    }
    return this.state === 'open'
  }

  #canceled(reason: unknown): void {
    this.values = null
    this.fail(reason)
    this.state = 'failed'
    this.error = reason
  }

  /** One more loop, or stage, begins to receive. */
  enter(): void {
    this.loops++
  }

  /** A loop, or stage, stops. A promise tells when what that ends has ended. */
  leave(): Promise<void> | undefined {
    if (--this.loops > 0 || this.hasReceiver) return undefined
    return this.isLanding ? Promise.resolve().then(() => this.abandon()) : this.abandon()
  }

  receive(cancel?: Cancel): Promise<Received<T>> {
    return receiveFrom(this, cancel)
  }

  tryReceive(): Received<T> | undefined {
    const received = tryReceiveFrom(this)
    if (received === undefined) this.ask()
    return received
  }

  /** Lets the next value be made though nobody waits for it. */
  ask(): void {
    if (!this.isOpen || this.isWanted || this.held > 0) return
    this.isAsked = true
    this.wanted()
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new OutputIterator(this)
  }

  get length(): number {
    return Math.min(this.held, this.capacity)
  }

  // A cancel that fired is an outcome; it is noticed by the `take` that follows.
  canReceive(): boolean {
    return this.held > 0 || this.state !== 'open' || this.cancellation?.poll() != null
  }

  take(): T | typeof WOULD_WAIT | typeof CLOSED {
    this.observe()
    if (this.held > 0) {
      const value = this.values!.shift()
      this.taken()
      return value
    }
    if (this.state === 'failed') throw this.error
    return this.state === 'ended' ? CLOSED : WOULD_WAIT
  }

  /** What `take` says; a value that is not there may be made here and now. Runs the user's code: for a stage's task. */
  pull(): T | typeof WOULD_WAIT | typeof CLOSED {
    return this.take()
  }

  parkReceiver(waiter: Waiter): void {
    this.receivers.push(waiter)
    this.wanted()
  }

  /** The last receiver stopped waiting, and was not served. */
  abandoned(): void {
    if (!this.isWanted) this.unwanted()
  }

  get [RECEIVE_END](): ReceiveEnd<T> {
    return this
  }

  static {
    inspectable(this, 'Output', (output) => ({
      length: output.length,
      capacity: output.capacity,
      state: output.state,
      waitingReceivers: countOf(output.receivers),
    }))
  }
}

/** After so many stages a call lands: few enough for any stack, many enough for the landing to cost nothing. */
const LANDING = 64

/** The iterator behind `for await`: a loop that the output counts. */
class OutputIterator<T> extends ReceiveIterator<T> {
  readonly #output: Output<T>
  #hasLeft = false

  constructor(output: Output<T>) {
    super(output)
    this.#output = output
    output.enter()
  }

  override return(): Promise<IteratorResult<T, undefined>> {
    const over = super.return()
    if (this.#hasLeft) return over
    this.#hasLeft = true
    const released = this.#output.leave()
    return released === undefined ? over : released.then(() => over)
  }

  /** The first error counts: what fails at the release has nobody to tell. */
  override throw(error: unknown): Promise<never> {
    this.return().catch(() => {})
    return super.throw(error)
  }
}
