/**
 * For authors of adapters: channels of which one side is not a task but a device, such as a socket or a
 * worker. The program's side is an ordinary channel. The device's side is a few synchronous calls: no task
 * has to shovel values between the two, so an idle device costs none.
 */
import { countOf, inspectable } from '#inspect'
import {
  BufferedChannel,
  type ReceiveChannel,
  type SendChannel,
  checkCapacity,
  checkName,
} from './channel.ts'
import { ClosedChannelError, describe } from './errors.ts'
import type { CLOSED, WOULD_WAIT } from './internal/end.ts'
import { SEND_END, type SendEnd } from './internal/end.ts'
import type { Cancel } from './internal/foreign.ts'
import { asJson } from './internal/json.ts'
import { sendTo } from './internal/operation.ts'
import { WaitQueue, type Waiter } from './internal/waiter.ts'
import { ConvertingView, ReceiveView, receiveOnly } from './views.ts'

/** What `inlet` needs to know of the device that values come from. */
export interface InletOptions<in T> {
  name?: string | undefined
  /** How many values should wait at most; reported as the channel's capacity. Holding back is the device's part. */
  capacity: number
  /**
   * A value that waited in the buffer was received. Part of the receive: MUST NOT throw, and MUST NOT call the channel
   * or the inlet; may tell the device to go on.
   */
  taken(value: T): void
  /** How many more values the device has and has not offered yet: the channel's length counts them. MUST NOT throw. */
  behind?: (() => number) | undefined
}

/** The device's side of a channel that the program receives from. Call its methods on it: they need their receiver. */
export interface Inlet<in out T> {
  /** The program's side. */
  readonly channel: ReceiveChannel<T>
  /**
   * Hands over a value, to a receiver that waits or to the buffer. An open channel never refuses it: a device cannot
   * unread.
   *
   * @returns whether a receiver waited for it
   * @throws ClosedChannelError if the channel is closed
   */
  offer(value: T): boolean
  /**
   * Ends the channel, after what waits in it; with an error (anything but `undefined`) fails it.
   *
   * @throws ClosedChannelError if the channel is closed already
   */
  close(error?: unknown): void
}

/**
 * A channel that a device sends to.
 *
 * @throws RangeError, TypeError for a capacity that a channel cannot have
 * @example
 * import { inlet } from 'chansel/device'
 *
 * let free = 2
 * const source = inlet<string>({ capacity: 2, taken: () => free++ })
 * source.offer('a')
 * free--
 * source.channel.tryReceive() // => { value: 'a', ok: true }
 * free // => 2
 */
export function inlet<T>(options: InletOptions<T>): Inlet<T> {
  checkCapacity(options.capacity)
  checkName(options.name)
  return new InletChannel<T>(options)
}

/** Both sides in one object, since each of very many connections may have one. The program gets a view of it. */
class InletChannel<T> extends BufferedChannel<T> implements Inlet<T> {
  readonly channel: ReceiveChannel<T>
  readonly #device: InletOptions<T>

  constructor(device: InletOptions<T>) {
    super(device.capacity, device.name, 'wait')
    this.channel = device.behind === undefined ? receiveOnly(this) : new InletView(this, device)
    this.#device = device
  }

  offer(value: T): boolean {
    if (this.closed) throw new ClosedChannelError('send', this.name, value)
    return this.accept(value)
  }

  override take(): T | typeof WOULD_WAIT | typeof CLOSED {
    const waited = this.length
    const taken = super.take()
    if (this.length < waited) this.#device.taken(taken as T)
    return taken
  }
}

/** An inlet's channel, whose length counts what is still behind it. */
class InletView<T> extends ReceiveView<T> {
  readonly #device: InletOptions<T>

  constructor(source: ReceiveChannel<T>, device: InletOptions<T>) {
    super(source)
    this.#device = device
  }

  override get length(): number {
    return super.length + this.#device.behind!()
  }
}

/** What `outlet` needs to know of the device that values go to. Its calls are part of the send. */
export interface OutletOptions<in T> {
  name?: string | undefined
  /** Reported as the channel's capacity: `Infinity` where room is not counted in values. */
  capacity?: number | undefined
  /** How many values the device has and has not passed on: the channel's length. MUST NOT throw. */
  length(): number
  /** Whether a send has to wait. MUST NOT throw or change anything. */
  isFull(): boolean
  /** Takes a value; only called while it is not full. MUST NOT throw, and MUST NOT call the channel or the outlet. */
  write(value: T): void
  /** Throws for a value that can never be written: the caller of send hears of it at once. */
  check?: ((value: T) => void) | undefined
  /**
   * A send, or a select with one, begins to wait. MUST NOT throw, and MUST NOT call the channel or the outlet. May
   * return a function, for which the same goes: it is called when that wait is over, with whether its value was
   * written.
   */
  waits?: (() => ((isWritten: boolean) => void) | undefined) | undefined
  /**
   * The program closed the channel: nothing more will be sent. `error` is what `close(error)` said. May call
   * `fail`; else sends fail with a `ClosedChannelError`.
   */
  closed(error: unknown): void
}

/** The device's side of a channel that the program sends to. Call its methods on it: they need their receiver. */
export interface Outlet<in out T> {
  /** The program's side. */
  readonly channel: SendChannel<T>
  /** Says that there is room again: sends that wait go on, longest first, until the device is full. */
  ready(): void
  /**
   * Says that the device takes nothing more: sends that wait and all later ones fail, each with what `errorFor` makes
   * of its value.
   */
  fail(errorFor: (value: T) => unknown): void
}

/**
 * A channel that a device receives from.
 *
 * @example
 * import { outlet } from 'chansel/device'
 *
 * const written: string[] = []
 * const target = outlet<string>({
 *   length: () => written.length,
 *   isFull: () => written.length > 0,
 *   write: (value) => void written.push(value),
 *   closed: () => {},
 * })
 * target.channel.trySend('a') // => true
 * const second = target.channel.send('b') // waits
 * written.pop()
 * target.ready()
 * await second
 * written // => ['b']
 */
export function outlet<T>(options: OutletOptions<T>): Outlet<T> {
  if (options.capacity !== undefined) checkCapacity(options.capacity)
  checkName(options.name)
  return new OutletChannel<T>(options)
}

/**
 * Invariants, after each call: values are written in the order in which their sends were called; after `ready`,
 * while the device is not full, nobody waits; closed or failed, nobody waits and nothing is written.
 */
class OutletChannel<T> implements SendChannel<T>, SendEnd<T>, Outlet<T> {
  readonly name: string | undefined
  readonly capacity: number
  readonly toJSON: () => object = asJson
  readonly #device: OutletOptions<T>
  #senders: SenderQueue | null = null
  #isClosed = false
  #errorFor: ((value: T) => unknown) | null = null

  constructor(device: OutletOptions<T>) {
    this.name = device.name
    this.capacity = device.capacity ?? Infinity
    this.#device = device
  }

  get channel(): SendChannel<T> {
    return this
  }

  get length(): number {
    return this.#device.length()
  }

  get closed(): boolean {
    return this.#isClosed || this.#errorFor !== null
  }

  send(value: T, cancel?: Cancel): Promise<void> {
    return sendTo(this, value, cancel)
  }

  trySend(value: T): boolean {
    this.check(value)
    return this.put(value)
  }

  close(error?: unknown): void {
    if (this.#isClosed) throw new ClosedChannelError('close', this.name)
    this.#isClosed = true
    this.#device.closed(error)
    // Unless the device has said what sends fail with.
    if (this.#errorFor === null) this.fail((value) => new ClosedChannelError('send', this.name, value, error))
  }

  check(value: T): void {
    this.#device.check?.(value)
  }

  canSend(): boolean {
    return this.#errorFor !== null || !this.#isBusy
  }

  put(value: T): boolean {
    if (this.#errorFor !== null) throw this.#errorFor(value)
    if (this.#isBusy) return false
    this.#device.write(value)
    return true
  }

  /** Also while somebody waits: room that the device has and has not told of yet is theirs. */
  get #isBusy(): boolean {
    return this.#device.isFull() || (this.#senders !== null && this.#senders.first !== null)
  }

  parkSender(waiter: Waiter): void {
    this.#senders ??= new SenderQueue()
    this.#senders.enter(waiter, this.#device.waits?.())
  }

  ready(): void {
    while (this.#senders !== null && this.#senders.first !== null && !this.#device.isFull()) {
      const sender = this.#senders.shift()!
      let value: T
      try {
        value = sender.value as T
      } catch {
        // A sender of an adapter that failed to make its value has told its own side so: on to the next.
        this.#senders.waitIsOver(sender, false)
        continue
      }
      this.#device.write(value)
      this.#senders.waitIsOver(sender, true)
      sender.accept()
    }
  }

  fail(errorFor: (value: T) => unknown): void {
    this.#errorFor = errorFor
    for (let sender = this.#senders?.shift(); sender; sender = this.#senders!.shift()) {
      this.#senders!.waitIsOver(sender, false)
      sender.fail(errorFor(sender.value as T))
    }
  }

  get [SEND_END](): SendEnd<T> {
    return this
  }

  static {
    inspectable(this, 'Channel', (ch) => ({
      ...ch.toJSON(),
      waitingSenders: countOf(ch.#senders),
    }))
  }
}

/** Those who wait to send to a device, with what the device wants called at the end of each wait. */
class SenderQueue extends WaitQueue {
  #whenOver: Map<Waiter, (isWritten: boolean) => void> | null = null

  enter(sender: Waiter, whenOver: ((isWritten: boolean) => void) | undefined): void {
    this.push(sender)
    if (whenOver !== undefined) (this.#whenOver ??= new Map()).set(sender, whenOver)
  }

  override remove(sender: Waiter): void {
    super.remove(sender)
    this.waitIsOver(sender, false)
  }

  /** To be called once a sender was taken out of the line. */
  waitIsOver(sender: Waiter, isWritten: boolean): void {
    const whenOver = this.#whenOver?.get(sender)
    if (whenOver === undefined) return
    this.#whenOver!.delete(sender)
    whenOver(isWritten)
  }
}

/**
 * A view of a channel to send to that takes other values: `convert` makes of each what is sent. It runs in the
 * call that sends (`send`, `trySend`, `sendCase`), before anything is done with the channel; what it throws is the
 * outcome of that call, and nothing was sent. Under a cancel that has already fired it does not run. An error about a
 * value that could not be sent carries the converted one.
 *
 * @throws TypeError for what cannot be sent to, or if `convert` is not a function
 * @example
 * import { channel } from 'chansel'
 * import { convertSends } from 'chansel/device'
 *
 * const texts = channel<string>(1)
 * const numbers = convertSends(texts, (value: number) => value.toFixed(2))
 * numbers.trySend(0.5) // => true
 * texts.tryReceive() // => { value: '0.50', ok: true }
 */
export function convertSends<T, U>(ch: SendChannel<U>, convert: (value: T) => U): SendChannel<T> {
  if (typeof (ch as Partial<SendChannel<U>> | null | undefined)?.send !== 'function') {
    throw new TypeError(`Cannot convert sends: expected a channel to send to, got ${describe(ch)}`)
  }
  if (typeof convert !== 'function') {
    throw new TypeError(`Cannot convert sends: expected a function, got ${describe(convert)}`)
  }
  return new ConvertingView(ch, convert)
}
