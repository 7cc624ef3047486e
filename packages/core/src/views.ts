import { inspectableAs } from '#inspect'
import type { ReceiveChannel, SendChannel } from './channel.ts'
import { describe } from './errors.ts'
import {
  RECEIVE_END,
  type ReceiveEnd,
  SEND_END,
  type SendEnd,
  WOULD_WAIT,
  receiveEndOf,
  sendEndOf,
} from './internal/end.ts'
import { type Cancel, optionalCancellationOf } from './internal/foreign.ts'
import { asJson } from './internal/json.ts'
import type { Received } from './internal/operation.ts'
import { ReadChannel } from './internal/read-channel.ts'
import { runtime } from './internal/runtime.ts'
import type { Waiter } from './internal/waiter.ts'
import type { Watchable } from './internal/watched-queue.ts'

class NeverChannel extends ReadChannel<never> implements ReceiveChannel<never>, ReceiveEnd<never> {
  readonly name = 'never'

  constructor() {
    super()
    Object.freeze(this)
  }

  get [RECEIVE_END](): ReceiveEnd<never> {
    return this
  }

  canReceive(): boolean {
    return false
  }

  take(): typeof WOULD_WAIT {
    return WOULD_WAIT
  }

  // Nobody is put into a queue: it would keep alive what waits here for ever.
  parkReceiver(): void {}

  static {
    inspectableAs(this, ({ name }) => name)
  }
}

/**
 * A channel that is never ready and never closes: Go's nil channel as a value. A receive from it waits until
 * cancelled.
 *
 * Source: Go spec, "Receive operator".
 *
 * @example
 * never.tryReceive() // => undefined
 */
export const never: ReceiveChannel<never> = /* @__PURE__ */ new NeverChannel()

/**
 * A view of a channel that can only be received from, at run time as well: it has no `send` and no `close`.
 *
 * Source: Go spec, "Channel types" (channel direction).
 *
 * @throws TypeError for what cannot be received from
 * @example
 * const numbers = channel<number>(1)
 * numbers.trySend(1)
 * const view = receiveOnly(numbers)
 * 'send' in view // => false
 * view.tryReceive() // => { value: 1, ok: true }
 */
export function receiveOnly<T>(ch: ReceiveChannel<T>): ReceiveChannel<T> {
  if (typeof (ch as Partial<ReceiveChannel<T>> | null | undefined)?.receive !== 'function') {
    throw new TypeError(
      `Cannot make a receive-only view: expected a channel to receive from, got ${describe(ch)}`,
    )
  }
  return new ReceiveView(ch)
}

/**
 * A view of a channel that can only be sent to and closed, at run time as well.
 *
 * Source: Go spec, "Channel types" (channel direction).
 *
 * @throws TypeError for what cannot be sent to
 * @example
 * const numbers = channel<number>(1)
 * const view = sendOnly(numbers)
 * 'receive' in view // => false
 * view.trySend(1) // => true
 */
export function sendOnly<T>(ch: SendChannel<T>): SendChannel<T> {
  if (typeof (ch as Partial<SendChannel<T>> | null | undefined)?.send !== 'function') {
    throw new TypeError(`Cannot make a send-only view: expected a channel to send to, got ${describe(ch)}`)
  }
  return new SendView(ch)
}

/** What `receiveOnly` makes. */
export class ReceiveView<T> implements ReceiveChannel<T> {
  readonly toJSON: () => object = asJson
  readonly #channel: ReceiveChannel<T>

  constructor(ch: ReceiveChannel<T>) {
    this.#channel = ch
  }

  receive(cancel?: Cancel): Promise<Received<T>> {
    return this.#channel.receive(cancel)
  }

  tryReceive(): Received<T> | undefined {
    return this.#channel.tryReceive()
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.#channel[Symbol.asyncIterator]()
  }

  get length(): number {
    return this.#channel.length
  }

  get capacity(): number {
    return this.#channel.capacity
  }

  get name(): string | undefined {
    return this.#channel.name
  }

  get [RECEIVE_END](): ReceiveEnd<unknown> | undefined {
    return receiveEndOf(this.#channel)
  }

  static {
    inspectableAs(this, (view) => view.#channel)
  }
}

/** What `sendOnly` makes. */
class SendView<T> implements SendChannel<T> {
  readonly toJSON: () => object = asJson
  readonly #channel: SendChannel<T>

  constructor(ch: SendChannel<T>) {
    this.#channel = ch
  }

  send(value: T, cancel?: Cancel): Promise<void> {
    return this.#channel.send(value, cancel)
  }

  trySend(value: T): boolean {
    return this.#channel.trySend(value)
  }

  close(error?: unknown): void {
    this.#channel.close(error)
  }

  get closed(): boolean {
    return this.#channel.closed
  }

  get length(): number {
    return this.#channel.length
  }

  get capacity(): number {
    return this.#channel.capacity
  }

  get name(): string | undefined {
    return this.#channel.name
  }

  get [SEND_END](): SendEnd<any> | undefined {
    return sendEndOf(this.#channel)
  }

  static {
    inspectableAs(this, (view) => view.#channel)
  }
}

/** A view of a channel that takes other values, and converts them in the call that sends them. */
export class ConvertingView<T, U> extends SendView<any> implements SendChannel<T> {
  readonly #convert: (value: T) => U

  constructor(ch: SendChannel<U>, convert: (value: T) => U) {
    super(ch)
    this.#convert = convert
  }

  override send(value: T, cancel?: Cancel): Promise<void> {
    // A cancel that has fired wins over what the conversion throws.
    const ended = optionalCancellationOf(cancel)?.poll()
    if (ended) return runtime.failed(ended.reason)
    let converted: U
    try {
      converted = this.#convert(value)
    } catch (error) {
      return runtime.failed(error)
    }
    return super.send(converted, cancel)
  }

  override trySend(value: T): boolean {
    return super.trySend(this.#convert(value))
  }

  override get [SEND_END](): SendEnd<U> | undefined {
    const end: SendEnd<U> | undefined = super[SEND_END]
    return end && new ConvertingEnd(end, this.#convert as (value: unknown) => U)
  }
}

class ConvertingEnd<U> implements SendEnd<U> {
  readonly #end: SendEnd<U>
  readonly #convert: (value: unknown) => U

  constructor(end: SendEnd<U>, convert: (value: unknown) => U) {
    this.#end = end
    this.#convert = convert
  }

  convert(value: unknown): unknown {
    const converted = this.#convert(value)
    return this.#end.convert === undefined ? converted : this.#end.convert(converted)
  }

  check(converted: U): void {
    this.#end.check?.(converted)
  }

  /** That of the channel itself: a prepared select has to see that cases on both are on one channel. */
  get exchangeLines(): Watchable['exchangeLines'] | undefined {
    const end: SendEnd<U> & Partial<Watchable> = this.#end
    return end.exchangeLines?.bind(end)
  }

  canSend(): boolean {
    return this.#end.canSend()
  }

  put(converted: U): boolean {
    return this.#end.put(converted)
  }

  parkSender(waiter: Waiter): void {
    this.#end.parkSender(waiter)
  }
}
