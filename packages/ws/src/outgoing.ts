import { type Cancel, type Channel, type SendChannel, channel } from 'chansel'
import { type Outlet, outlet } from 'chansel/device'
import { describe } from './errors.ts'
import type { ConnectionSettings } from './options.ts'
import type { Message, Transport } from './transport/port.ts'

/**
 * What is sent, on its way to the transport.
 *
 * Invariant: of `#accepted` messages the kernel has all but the last `transport.bufferedMessages`.
 */
export class Outgoing {
  readonly #transport: Transport
  readonly #outlet: Outlet<Message>
  #accepted = 0
  /** Each waits until the kernel has the first `count` messages; oldest first. */
  #flushes: { readonly count: number; readonly done: Channel<never> }[] = []

  /** @param closed the program closed the channel, with what it said */
  constructor(
    transport: Transport,
    { highWaterMarkBytes }: ConnectionSettings,
    closed: (error: unknown) => void,
  ) {
    this.#transport = transport
    this.#outlet = outlet<Message>({
      name: 'outgoing',
      length: () => transport.bufferedMessages,
      isFull: () => transport.bufferedBytes >= highWaterMarkBytes,
      check: checkMessage,
      write: (message) => {
        this.#accepted++
        transport.send(message)
      },
      closed,
    })
  }

  get channel(): SendChannel<Message> {
    return this.#outlet.channel
  }

  /** The kernel took something. */
  drained(): void {
    this.#outlet.ready()
    const sent = this.#accepted - this.#transport.bufferedMessages
    const waiting = this.#flushes.findIndex(({ count }) => count > sent)
    for (const { done } of this.#flushes.splice(0, waiting < 0 ? Infinity : waiting)) done.close()
  }

  async flush(cancel: Cancel | undefined): Promise<void> {
    if (this.#transport.bufferedMessages === 0) return
    const done = channel<never>()
    this.#flushes.push({ count: this.#accepted, done })
    await done.receive(cancel)
  }

  /** Nothing more is accepted. */
  fail(errorFor: (message: Message) => unknown): void {
    this.#outlet.fail(errorFor)
  }

  /** Nothing more will reach the kernel. */
  end(error: unknown): void {
    for (const { done } of this.#flushes.splice(0)) done.close(error)
  }
}

/** @throws TypeError for what is no message */
export function checkMessage(message: unknown): void {
  if (typeof message === 'string' || message instanceof Uint8Array) return
  throw new TypeError(`Cannot send: a message is a string or a Uint8Array, got ${describe(message)}`)
}
