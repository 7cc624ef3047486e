import { countOf, inspectable } from '#inspect'
import type { Channel } from '../channel.ts'
import { ClosedChannelError, describe } from '../errors.ts'
import { CLOSED, RECEIVE_END, type ReceiveEnd, SEND_END, type SendEnd, WOULD_WAIT } from '../internal/end.ts'
import type { Cancel } from '../internal/foreign.ts'
import { asJson } from '../internal/json.ts'
import { type Received, ReceiveIterator, receiveFrom, sendTo, tryReceiveFrom } from '../internal/operation.ts'
import { WaitQueue, type Waiter } from '../internal/waiter.ts'
import { oursOf, theirsOf } from './pairs.ts'
import type { Chan, MadeOf, ReceiverCallback, SenderCallback } from './protocol.ts'

/**
 * A channel of ts-chan as one of ours: for receive and send, `for await` and select. Both libraries wait in one line,
 * and a case that loses has taken nothing: the value stays in `chan`. Given what `toTsChan` made, it returns the channel
 * that that was made of.
 *
 * Fairness: whoever waits longest is served first, of either library. A select of ours that both receives from and
 *   sends to the same `chan` sends only if it can at once: else it waits with its receive alone, because ts-chan would
 *   let it hand a value to itself.
 * Closing: `close()` closes `chan`, and the other way round. ts-chan has no errors to close with: after
 *   `close(error)` receivers on our side reject with the error, those of ts-chan see the end.
 * Source: ts-chan 0.6, "Chan".
 *
 * @throws TypeError for what is not a `Chan`
 * @example
 * import { Chan } from 'ts-chan'
 * import { select } from 'chansel'
 * import { fromTsChan } from 'chansel/ts-chan'
 *
 * const theirs = new Chan<number>(1)
 * const ours = fromTsChan(theirs)
 * theirs.trySend(1)
 * await select({ number: ours }) // => { case: 'number', value: 1, ok: true }
 * ours.trySend(2) // => true
 * (await theirs.recv()).value // => 2
 */
export function fromTsChan<T>(chan: Chan<T>): Channel<T>
export function fromTsChan<Ch>(made: MadeOf<Ch>): Ch
export function fromTsChan<T>(chan: object): unknown {
  const known = typeof chan === 'object' && chan !== null ? oursOf.get(chan) : undefined
  if (known !== undefined) return known
  if (!isChan<T>(chan)) {
    throw new TypeError(
      `Cannot adapt a ts-chan channel: expected a Chan or what toTsChan made, got ${describe(chan)}`,
    )
  }
  const ours = new ForeignChannel<T>(chan)
  oursOf.set(chan, ours)
  theirsOf.set(ours, chan)
  return ours
}

// By its parts: each copy and each format of ts-chan has a class of its own. The bare protocol of receivers and senders
// is not enough, because a select has to know what is ready before it takes anything.
function isChan<T>(value: object): value is Chan<T> {
  const given = value as Partial<Chan<T>> | null | undefined
  return (
    typeof given?.addReceiver === 'function' &&
    typeof given.addSender === 'function' &&
    typeof given.tryRecv === 'function' &&
    typeof given.concurrency === 'number' &&
    typeof given.length === 'number'
  )
}

/**
 * The adapter of one `Chan`. It has no buffer of its own, and takes nothing before somebody receives it.
 *
 * Invariants:
 * 1. Each waiter in `#receivers` and `#senders` has a callback of its own in the line of `#chan`, in the same order.
 *    But if a select waits on both sides, its senders have none: ts-chan would let it hand a value to itself.
 * 2. In the step in which ts-chan calls a callback, its waiter is served and out of its queue, and with it all other
 *    waiters of its select: ts-chan never calls one that lost.
 */
class ForeignChannel<T> implements Channel<T>, ReceiveEnd<T>, SendEnd<T> {
  readonly name: string | undefined = undefined
  readonly dropped = 0
  readonly toJSON: () => object = asJson
  readonly #chan: Chan<T>
  readonly #receivers: CallbackQueue<ReceiverCallback<T>>
  readonly #senders: CallbackQueue<SenderCallback<T>>
  /** What our `close(error)` said. */
  #error: unknown = undefined

  constructor(chan: Chan<T>) {
    this.#chan = chan
    this.#receivers = new CallbackQueue((callback) => chan.removeReceiver(callback))
    this.#senders = new CallbackQueue((callback) => chan.removeSender(callback))
  }

  get length(): number {
    return this.#chan.length
  }

  get capacity(): number {
    return this.#chan.capacity
  }

  receive(cancel?: Cancel): Promise<Received<T>> {
    return receiveFrom(this, cancel)
  }

  tryReceive(): Received<T> | undefined {
    return tryReceiveFrom(this)
  }

  send(value: T, cancel?: Cancel): Promise<void> {
    return sendTo(this, value, cancel)
  }

  trySend(value: T): boolean {
    return this.put(value)
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new ReceiveIterator(this)
  }

  /**
   * Whether the `Chan` is closed, which it has no way to say. If it is, it refuses any sender; else it asks the sender
   * for its value, or lets it wait. So we offer a sender that has no value, and does not wait.
   */
  get closed(): boolean {
    const chan = this.#chan
    if (chan.concurrency < 0) return false
    try {
      if (chan.addSender(withoutValue)) chan.removeSender(withoutValue)
      return false
    } catch (error) {
      return error !== NO_VALUE
    }
  }

  close(error?: unknown): void {
    if (this.closed) throw new ClosedChannelError('close', undefined, undefined, this.#error)
    this.#error = error
    this.#chan.close()
  }

  [Symbol.dispose](): void {
    if (!this.closed) this.close()
  }

  static {
    inspectable(this, 'Channel', (ch) => ({
      ...ch.toJSON(),
      waitingSenders: countOf(ch.#senders),
      waitingReceivers: countOf(ch.#receivers),
    }))
  }

  canReceive(): boolean {
    return this.#chan.length > 0 || this.#chan.concurrency > 0 || this.closed
  }

  take(): T | typeof WOULD_WAIT | typeof CLOSED {
    const received = this.#chan.tryRecv()
    if (received === undefined) return WOULD_WAIT
    if (received.done !== true) return received.value as T
    if (this.#error !== undefined) throw this.#error
    return CLOSED
  }

  parkReceiver(waiter: Waiter): void {
    this.#receivers.push(waiter)
    // Senders that wait are cases of the same select, or there would be something to take: see invariant 1.
    if (this.#chan.concurrency > 0) this.#senders.withdrawAll()
    const callback: ReceiverCallback<T> = (value, ok) => {
      this.#receivers.served(waiter)
      if (ok) waiter.deliver(value)
      else if (this.#error === undefined) waiter.end()
      else waiter.fail(this.#error)
    }
    this.#receivers.called(waiter, callback)
    this.#chan.addReceiver(callback)
  }

  canSend(): boolean {
    return this.#chan.concurrency < 0 || this.#chan.length < this.#chan.capacity || this.closed
  }

  put(value: T): boolean {
    if (this.closed) throw new ClosedChannelError('send', undefined, value, this.#error)
    return this.#chan.trySend(value)
  }

  parkSender(waiter: Waiter): void {
    this.#senders.push(waiter)
    // Receivers that wait are cases of the same select.
    if (this.#chan.concurrency < 0) return
    const callback = (error: unknown, ok: boolean): T => {
      // Read before it is told: then a select lets go of its values.
      const value = waiter.value as T
      this.#senders.served(waiter)
      if (!ok) {
        waiter.fail(new ClosedChannelError('send', undefined, value, this.#error))
        throw error // By the protocol this says that the refusal was understood.
      }
      waiter.accept()
      return value
    }
    this.#senders.called(waiter, callback as SenderCallback<T>)
    this.#chan.addSender(callback as SenderCallback<T>)
  }

  get [RECEIVE_END](): ReceiveEnd<T> {
    return this
  }

  get [SEND_END](): SendEnd<T> {
    return this
  }

  get [Symbol.toStringTag](): string {
    return 'Channel'
  }
}

/** Our waiters in a line of ts-chan, each with its callback there. */
class CallbackQueue<Callback> extends WaitQueue {
  readonly #withdraw: (callback: Callback) => void
  readonly #callbacks = new Map<Waiter, Callback>()

  constructor(withdraw: (callback: Callback) => void) {
    super()
    this.#withdraw = withdraw
  }

  /** What ts-chan will call to serve `waiter`. */
  called(waiter: Waiter, callback: Callback): void {
    this.#callbacks.set(waiter, callback)
  }

  /** ts-chan has called it, and taken the callback out of its own line. */
  served(waiter: Waiter): void {
    this.#callbacks.delete(waiter)
    this.unlink(waiter)
  }

  /** They go on waiting, but ts-chan will call none of them. */
  withdrawAll(): void {
    for (const callback of this.#callbacks.values()) this.#withdraw(callback)
    this.#callbacks.clear()
  }

  override remove(waiter: Waiter): void {
    this.unlink(waiter)
    const callback = this.#callbacks.get(waiter)
    if (callback === undefined) return
    this.#callbacks.delete(waiter)
    this.#withdraw(callback)
  }
}

const NO_VALUE: unique symbol = Symbol('no value')
const withoutValue = (): never => {
  throw NO_VALUE
}
