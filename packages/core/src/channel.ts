import { countOf, inspectable } from '#inspect'
import { ClosedChannelError, describe } from './errors.ts'
import { checkType, checkWhole } from './internal/check.ts'
import { CLOSED, RECEIVE_END, type ReceiveEnd, SEND_END, type SendEnd, WOULD_WAIT } from './internal/end.ts'
import type { Cancel } from './internal/foreign.ts'
import { asJson } from './internal/json.ts'
import { type Received, ReceiveIterator, receiveFrom, sendTo, tryReceiveFrom } from './internal/operation.ts'
import { Ring } from './internal/ring.ts'
import { runtime } from './internal/runtime.ts'
import { type Line, WaitQueue, type Waiter } from './internal/waiter.ts'

/**
 * The half of a channel that values are received from.
 *
 * Channels are made by this library alone: an object of your own with these methods is no case of a `select`. See
 * `chansel/device` for channels to and from something of your own.
 */
export interface ReceiveChannel<out T> extends AsyncIterable<T> {
  /**
   * Takes the next value, waiting for one if need be: `{ value, ok: true }`, or `{ value: undefined, ok: false }`
   * once the channel is closed and drained. Rejects with the error of `close(error)`, once drained.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal and takes nothing. A cancel that has already fired
   * wins over a value that is there; one that fires after a value was taken changes nothing.
   * Fairness: whoever waits longest is served first; selects wait in the same line.
   * Source: Go spec, "Receive operator".
   */
  receive(cancel?: Cancel): Promise<Received<T>>
  /**
   * Takes the next value without waiting: `undefined` where `receive` would wait.
   *
   * @throws the error of `close(error)`, once drained
   */
  tryReceive(): Received<T> | undefined
  /** How many values the buffer holds. Values of senders that wait do not count. */
  readonly length: number
  /** How many values the buffer can hold: 0 for an unbuffered channel, `Infinity` for an unbounded one. */
  readonly capacity: number
  /** The name given at creation, for error texts and inspection. */
  readonly name: string | undefined
}

/**
 * The half of a channel that values are sent to. Made by this library alone, as the other half is.
 *
 * What takes a value is declared as a property, not as a method: only of properties does TypeScript check the
 * direction. A channel of dogs must not pass for one that any animal can be sent to.
 */
export interface SendChannel<in T> {
  /**
   * Sends `value`; resolves when a receiver took it or the buffer holds it. Rejects with a `ClosedChannelError`
   * that carries the value if the channel is closed, or becomes closed while the send waits.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal, and the value was not sent. A cancel that has
   * already fired wins over room that is there; one that fires after the value was taken changes nothing.
   * Fairness: whoever waits longest is served first; selects wait in the same line.
   * Source: Go spec, "Send statements".
   */
  readonly send: (value: T, cancel?: Cancel) => Promise<void>
  /**
   * Sends `value` without waiting: false, and nothing was sent, where `send` would wait.
   *
   * @throws ClosedChannelError if the channel is closed
   */
  readonly trySend: (value: T) => boolean
  /**
   * Says that nothing more will be sent. Values in the buffer can still be received; senders that wait fail.
   *
   * Without an error (`undefined`) the channel has ended: receivers get `ok: false`. With any other value, `null`
   * included, it has failed: receivers reject with that same value.
   *
   * Closing: a second close throws, as in Go.
   * @throws ClosedChannelError if the channel is closed already
   */
  close(error?: unknown): void
  /** Whether `close` was called. Values may still be in the buffer. */
  readonly closed: boolean
  /** How many values the buffer holds. */
  readonly length: number
  /** How many values the buffer can hold. */
  readonly capacity: number
  /** The name given at creation. */
  readonly name: string | undefined
}

/** Both halves of a channel. `using` closes it, if it is not closed yet. */
export interface Channel<in out T> extends ReceiveChannel<T>, SendChannel<T>, Disposable {
  /** How many values the overflow policy dropped; 0 under `'wait'`. */
  readonly dropped: number
}

/** Options of `channel`. */
export interface ChannelOptions {
  /** Shown in error texts and inspection. */
  name?: string | undefined
  /**
   * What a send to a full buffer does: `'wait'` for room (the default), or make room by dropping the oldest
   * value in the buffer or the newest, which is the one being sent. The dropping ones never make a sender
   * wait, and count in `dropped`.
   */
  overflow?: Overflow | undefined
}

/** What a send to a full buffer does: see `ChannelOptions`. */
export type Overflow = 'wait' | 'drop-oldest' | 'drop-newest'

/**
 * A new channel.
 *
 * Source: Go spec, "Channel types", "Making slices, maps and channels".
 *
 * @param capacity how many values the buffer holds: 0 (the default) hands each value from sender to receiver,
 *   `Infinity` never makes a sender wait. Storage is taken as values arrive.
 * @throws RangeError for a capacity that is not a whole number from 0 on, or is 0 for a channel that drops
 * @throws TypeError for a capacity that is not a number, or an option that is not valid
 * @example
 * const numbers = channel<number>(2)
 * await numbers.send(1)
 * numbers.close()
 * await numbers.receive() // => { value: 1, ok: true }
 * await numbers.receive() // => { value: undefined, ok: false }
 */
export function channel<T>(capacity = 0, options: ChannelOptions = {}): Channel<T> {
  checkType('make a channel: options', options, 'object')
  const { name, overflow = 'wait' } = options
  checkCapacity(capacity)
  checkName(name)
  if (!OVERFLOWS.includes(overflow)) {
    throw new TypeError(
      `Cannot make a channel: overflow must be ${OVERFLOWS.join(', ')}, got ${describe(overflow)}`,
    )
  }
  if (overflow !== 'wait' && capacity < 1) {
    throw new RangeError(
      `Cannot make a channel: '${overflow}' needs a capacity of at least 1, got ${capacity}`,
    )
  }
  return new BufferedChannel<T>(capacity, name, overflow)
}

const OVERFLOWS: readonly Overflow[] = ['wait', 'drop-oldest', 'drop-newest']

export function checkCapacity(capacity: number): void {
  checkWhole('make a channel: capacity', capacity, 0, true)
}

export function checkName(name: string | undefined): void {
  if (name !== undefined) checkType('make a channel: name', name, 'string')
}

/**
 * A queue of values between two queues of waiters.
 *
 * Invariants, after each call:
 * 1. Senders and receivers never wait at the same time, except for a select that waits on both sides of this channel.
 * 2. While values are in the buffer, no receiver waits. While the buffer has room, no sender waits.
 * 3. Values leave in the order in which their sends were called. A value is in the buffer or with a sender that
 *    waits, never in both; once it has left, no reference to it is kept.
 * 4. Closed: nobody waits, and nothing enters.
 *
 * (The order of the checks below relies on 2: a receiver that waits means an empty buffer.)
 */
export class BufferedChannel<T> implements Channel<T>, ReceiveEnd<T>, SendEnd<T> {
  readonly name: string | undefined
  readonly toJSON: () => object = asJson
  readonly #capacity: number
  readonly #overflow: Overflow
  #values: Ring<T> | null = null
  #senders: Line = new WaitQueue()
  #receivers: Line = new WaitQueue()
  /** What `close(error)` was told: `undefined` if the channel ended, an error if it failed. `OPEN` before that. */
  #error: unknown = OPEN
  #dropped = 0

  constructor(capacity: number, name: string | undefined, overflow: Overflow) {
    this.#capacity = capacity === 0 ? 0 : capacity // -0 is 0
    this.name = name
    this.#overflow = overflow
    runtime.observer?.made(this)
  }

  get length(): number {
    return this.#values === null ? 0 : this.#values.length
  }

  get capacity(): number {
    return this.#capacity
  }

  get closed(): boolean {
    return this.#error !== OPEN
  }

  get dropped(): number {
    return this.#dropped
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

  close(error?: unknown): void {
    if (this.closed) throw new ClosedChannelError('close', this.name, undefined, this.#error)
    this.#error = error
    // Receivers first: a select that waits on both sides ends its receive. Source: Go, closechan.
    for (let receiver = this.#receivers.shift(); receiver; receiver = this.#receivers.shift()) {
      if (error === undefined) receiver.end()
      else receiver.fail(error)
    }
    for (let sender = this.#senders.shift(); sender; sender = this.#senders.shift()) {
      sender.fail(new ClosedChannelError('send', this.name, sender.value, error))
    }
  }

  [Symbol.dispose](): void {
    if (!this.closed) this.close()
  }

  canReceive(): boolean {
    return this.length > 0 || this.closed || this.#senders.first !== null
  }

  take(): T | typeof WOULD_WAIT | typeof CLOSED {
    if (this.length > 0) {
      const value = this.#values!.shift()
      // The place that came free goes to the sender that waits longest, in the same step.
      const offered = this.#takeFromSender()
      if (offered !== WOULD_WAIT) this.#values!.push(offered)
      return value
    }
    const offered = this.#takeFromSender()
    if (offered !== WOULD_WAIT) return offered
    if (!this.closed) return WOULD_WAIT
    if (this.#error !== undefined) throw this.#error
    return CLOSED
  }

  /** Takes the value of the sender that waits longest, and tells it so; `WOULD_WAIT` if none waits. */
  #takeFromSender(): T | typeof WOULD_WAIT {
    for (let sender = this.#senders.shift(); sender !== null; sender = this.#senders.shift()) {
      let value: T
      try {
        value = sender.value as T
      } catch {
        // A sender of an adapter that failed to make its value has told its own side so: on to the next.
        continue
      }
      sender.accept()
      return value
    }
    return WOULD_WAIT
  }

  parkReceiver(waiter: Waiter): void {
    this.#receivers.push(waiter)
  }

  canSend(): boolean {
    return (
      this.closed ||
      this.length < this.#capacity ||
      this.#receivers.first !== null ||
      this.#overflow !== 'wait'
    )
  }

  put(value: T): boolean {
    if (this.closed) throw new ClosedChannelError('send', this.name, value, this.#error)
    if (this.length >= this.#capacity && this.#receivers.first === null) {
      if (this.#overflow === 'wait') return false
      this.#dropped++
      if (this.#overflow === 'drop-newest') return true
      this.#values!.shift()
    }
    this.accept(value)
    return true
  }

  /**
   * Hands a value to whoever waits longest, or to the buffer, whatever its capacity.
   *
   * @returns whether somebody waited
   */
  protected accept(value: T): boolean {
    const receiver = this.#receivers.shift()
    if (receiver) receiver.deliver(value)
    else (this.#values ??= new Ring()).push(value)
    return receiver !== null
  }

  parkSender(waiter: Waiter): void {
    this.#senders.push(waiter)
  }

  /** Lets prepared selects watch the channel: puts other lines in place of its own, with all that wait in them. */
  exchangeLines(exchange: (senders: Line, receivers: Line) => readonly [Line, Line]): void {
    ;[this.#senders, this.#receivers] = exchange(this.#senders, this.#receivers)
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

  static {
    inspectable(this, 'Channel', (ch) => ({
      ...ch.toJSON(),
      waitingSenders: countOf(ch.#senders),
      waitingReceivers: countOf(ch.#receivers),
    }))
  }
}

/** A value that nobody can close a channel with. */
const OPEN: unique symbol = Symbol('open')
