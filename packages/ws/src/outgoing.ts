import { type Cancel, type Channel, type SendChannel, channel } from 'chansel'
import { type Outlet, type OutletOptions, outlet } from 'chansel/device'
import { messageSent, sendWaits } from '#diagnostics'
import type { ConnectionSettings } from './connection-options.ts'
import { type CloseError, describe } from './errors.ts'
import { isBytes } from './transport/bytes.ts'
import { type Message, Parcel, type Passage, type Transport } from './transport/port.ts'

/**
 * What is sent, on its way to the transport.
 *
 * Invariants:
 * 1. Of `accepted` messages the kernel has all but the last `transport.bufferedMessages`.
 * 2. While there is a `stream`, a message is half sent, and no other leaves.
 *
 * An idle connection costs little, because there may be very many: what only some need is made when it is needed.
 */
export class Outgoing implements OutletOptions<Sent>, Passage {
  readonly transport: Transport
  readonly #owner: OutgoingOwner
  /** Made when the program asks for the channel. */
  #madeOutlet: Outlet<Sent> | undefined
  readonly #highWaterMarkBytes: number
  /** Messages that were given to the transport. */
  accepted = 0
  stream: Passage['stream']
  /** Each waits until the kernel has the first `count` messages; oldest first. */
  #flushes: { readonly count: number; readonly done: Channel<never> }[] | undefined

  constructor(transport: Transport, { highWaterMarkBytes }: ConnectionSettings, owner: OutgoingOwner) {
    this.transport = transport
    this.#owner = owner
    this.#highWaterMarkBytes = highWaterMarkBytes
  }

  get channel(): SendChannel<Message> {
    return this.#outlet.channel
  }

  get #outlet(): Outlet<Sent> {
    return (this.#madeOutlet ??= outlet(this))
  }

  // What the channel asks.

  get name(): string {
    return 'outgoing'
  }

  length(): number {
    return this.transport.bufferedMessages
  }

  isFull(): boolean {
    return this.stream !== undefined || this.isCrowded
  }

  /** Whether as much is unsent as may be. */
  get isCrowded(): boolean {
    return this.transport.bufferedBytes >= this.#highWaterMarkBytes
  }

  check(message: Sent): void {
    checkMessage(message)
  }

  write(message: Sent): void {
    if (message instanceof Parcel) return message.passTo(this)
    this.transport.send(message)
    this.sent(message)
  }

  sent(message: Message): void {
    this.accepted++
    messageSent(this, message)
  }

  waits(): ((isWritten: boolean) => void) | undefined {
    return sendWaits(this)
  }

  closed(error: unknown): void {
    this.#owner.outgoingClosed(error)
  }

  /** The kernel took something. */
  drained(): void {
    this.#madeOutlet?.ready()
    this.stream?.drained()
    const flushes = this.#flushes
    if (flushes === undefined) return
    const sent = this.accepted - this.transport.bufferedMessages
    let told = 0
    while (told < flushes.length && flushes[told]!.count <= sent) flushes[told++]!.done.close()
    flushes.splice(0, told)
  }

  /** @param error with which it ended, if something was left unsent */
  flush(cancel: Cancel | undefined, error: CloseError | undefined): Promise<void> {
    const done = channel<never>()
    // It waits in any case, so that a cancel that has fired wins.
    const flushed = done.receive(cancel).then(() => {})
    if (error !== undefined || this.transport.bufferedMessages === 0) done.close(error)
    else (this.#flushes ??= []).push({ count: this.accepted, done })
    return flushed
  }

  /** The stream is over: what it held up leaves. */
  endStream(): void {
    this.stream = undefined
    this.#outlet.ready()
  }

  /** Nothing more is accepted. */
  fail(errorFor: (message: Message | undefined) => unknown): void {
    this.#outlet.fail((message) => errorFor(message instanceof Parcel ? message.message : message))
  }

  /** Nothing more will reach the kernel. */
  end(error: unknown): void {
    for (const { done } of this.#flushes?.splice(0) ?? []) done.close(error)
  }
}

/** Who has an `Outgoing`. */
export interface OutgoingOwner {
  /** The program closed the channel, with what it said. */
  outgoingClosed(error: unknown): void
}

type Sent = Message | Parcel

/** @throws TypeError for anything but a message */
export function checkMessage(message: unknown): void {
  if (typeof message === 'string') return
  // Bytes that were transferred have length 0, as those of an empty message; but a look at their buffer throws.
  if (isBytes(message)) return void (message.length || new Uint8Array(message.buffer))
  if (message instanceof Parcel) return // only this library has these
  throw new TypeError(`Cannot send: expected a string or a Uint8Array, got ${describe(message)}`)
}
