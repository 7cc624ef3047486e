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
import type { Cancel } from './internal/foreign.ts'
import { asJson } from './internal/json.ts'
import { type Received, ReceiveIterator, receiveFrom } from './internal/operation.ts'

/**
 * A channel that is never ready and never closes: Go's nil channel as a value. A receive from it waits until
 * cancelled.
 *
 * Source: Go spec, "Receive operator".
 *
 * @example
 * never.tryReceive() // => undefined
 */
export const never: ReceiveChannel<never> = /* @__PURE__ */ Object.freeze({
  name: 'never',
  length: 0,
  capacity: 0,
  receive: (cancel?: Cancel) => receiveFrom(NEVER_END, cancel),
  tryReceive: () => undefined,
  [Symbol.asyncIterator]: () => new ReceiveIterator(NEVER_END),
  get [RECEIVE_END]() {
    return NEVER_END
  },
})

const NEVER_END: ReceiveEnd<never> = {
  canReceive: () => false,
  take: () => WOULD_WAIT,
  // In no queue: what waits here for ever must not be kept alive by it.
  parkReceiver: () => {},
}

/**
 * A view of a channel that can only be received from, at run time, too: it has no `send` and no `close`.
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
 * A view of a channel that can only be sent to and closed, at run time, too.
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
  readonly toJSON: () => unknown = asJson
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
}

class SendView<T> implements SendChannel<T> {
  readonly toJSON: () => unknown = asJson
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

  get [SEND_END](): SendEnd<never> | undefined {
    return sendEndOf(this.#channel)
  }
}
