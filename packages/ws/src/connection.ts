import {
  type Cancel,
  type CancelContext,
  type Channel,
  type Context,
  type ReceiveChannel,
  type SendChannel,
  afterFunc,
  background,
  channel,
  isCanceled,
  sleep,
  withCancel,
  withoutCancel,
} from 'chansel'
import { type Inlet, type Outlet, inlet, outlet } from 'chansel/device'
import { adopt, byteLength } from '#platform'
import { checkClose, isNormal } from './close.ts'
import { CloseError, type CloseInfo, IncomingOverflowError, UnsupportedError, describe } from './errors.ts'
import { watch } from './heartbeat.ts'
import { type ConnectionOptions, type ConnectionSettings, readOptions } from './options.ts'
import type { Message, Transport, TransportEnd, TransportEvents } from './transport/port.ts'

export type { Message } from './transport/port.ts'

/** A WebSocket as a read channel and a write channel. */
export interface Connection extends AsyncDisposable {
  /**
   * The read channel. Any number of tasks may receive from it, in selects, too; cancelling a receive never
   * harms the connection. While nobody receives, reading from the peer pauses and the network stops it.
   *
   * Closing: it closes after the last message if this side closed, or the peer with 1000, 1001 or no code;
   * after any other end it fails with a `CloseError`.
   */
  readonly incoming: ReceiveChannel<Message>
  /**
   * The write channel. Any number of tasks may send to it, in selects, too. A send waits while the peer does
   * not read and `highWaterMarkBytes` are unsent. Bytes that were sent must not be changed afterwards.
   *
   * Closing: `close()` says "nothing more to say": what was sent is flushed, then the connection closes with
   * 1000; `close(error)` closes with 1011. Once the connection closes, from whichever side, `closed` is true, and
   * sends fail with a `CloseError` that carries the message in `value`.
   */
  readonly outgoing: SendChannel<Message>
  /** Cancelled when the connection has ended, with a `CloseError` as cause. Has the values of `parent`. */
  readonly ctx: Context
  /** Resolves when the connection has ended; never rejects. */
  readonly closed: Promise<CloseInfo>
  /** The chosen subprotocol, or `''`. */
  readonly protocol: string
  readonly url: string
  /**
   * Begins the close handshake, after all that was sent, and resolves when the connection has ended. A later
   * call changes nothing and resolves the same.
   *
   * Source: RFC 6455, section 7.
   *
   * @param code 1000 unless told otherwise
   * @param reason at most 123 bytes
   * @throws TypeError, RangeError at once for a code or reason that no close frame may carry
   */
  close(code?: number, reason?: string): Promise<CloseInfo>
  /**
   * Resolves when the kernel has everything that was sent so far; rejects with a `CloseError` if the
   * connection ends before.
   */
  flush(cancel?: Cancel): Promise<void>
  /**
   * Measures the round trip to the peer, in ms. Reading has to go on for it: somebody has to receive.
   *
   * Source: RFC 6455, section 5.5.2.
   *
   * @throws UnsupportedError (a rejection) where the platform has no pings, as in a browser
   */
  ping(cancel?: Cancel): Promise<number>
}

/** A WebSocket that exists already: of the `ws` library, or one like the browser's. */
export interface WebSocketLike {
  readonly readyState: number
  readonly url: string
  send(data: never): void
  close(code?: number, reason?: string): void
  addEventListener(type: never, listener: never): void
}

/**
 * Makes a connection of a WebSocket that exists already. From then on it is the connection's alone. Messages
 * that arrived before are lost: wrap it in the step in which it opens, or before.
 *
 * @throws TypeError for what is no WebSocket
 * @example
 * import { wrap } from '@chansel/ws'
 * import { serve } from '@chansel/ws/server'
 * import { WebSocket } from 'ws'
 *
 * await using listener = await serve({ port: 0 }, async (conn) => conn.outgoing.send('welcome'))
 * await using conn = wrap(new WebSocket(`ws://127.0.0.1:${listener.address.port}`))
 * await conn.incoming.receive() // => { value: 'welcome', ok: true }
 */
export function wrap(socket: WebSocketLike, options: ConnectionOptions = {}): Connection {
  const settings = readOptions(options)
  const transport =
    typeof socket === 'object' && socket !== null ? adopt(socket, settings.maxMessageBytes) : undefined
  if (transport === undefined)
    throw new TypeError('Cannot wrap: expected a WebSocket of ws or of the platform')
  return new TransportConnection(transport, settings)
}

/**
 * Two pumps that need no task. The transport pushes what it reads into an inlet; the program's sends run
 * through an outlet into the transport. Who closes what:
 *
 * Invariants:
 * 1. Reading is paused exactly while `incoming` holds `incomingCapacity` messages or `incomingBytes`, and until
 *    it holds half of either; but not once the close has begun, for the peer's answer is behind the messages.
 * 2. `#isClosing` from the first `close`, refusal or end on; from then on every send fails.
 * 3. `#info` is set once, at the transport's end, which is when `incoming` closes, `ctx` is cancelled and
 *    `closed` resolves, in this order.
 */
export class TransportConnection implements Connection, TransportEvents {
  readonly incoming: ReceiveChannel<Message>
  readonly outgoing: SendChannel<Message>
  readonly closed: Promise<CloseInfo>
  readonly #transport: Transport
  readonly #settings: ConnectionSettings
  readonly #inlet: Inlet<Message>
  readonly #outlet: Outlet<Message>
  readonly #ctx: CancelContext
  readonly #stopFollowing: () => boolean
  readonly #stopWatching: () => void
  readonly #resolveClosed: (info: CloseInfo) => void
  #isPaused = false
  #incomingBytes = 0
  #isClosing = false
  /** The close is because of something that the peer did. */
  #isRefusing = false
  #info: CloseInfo | undefined
  #sentCount = 0
  #flushes: { readonly count: number; readonly done: Channel<never> }[] = []
  #pings: Map<string, Channel<number>> | undefined
  #pingCount = 0

  constructor(transport: Transport, settings: ConnectionSettings) {
    this.#transport = transport
    this.#settings = settings
    this.#inlet = inlet({
      name: 'incoming',
      capacity: settings.incomingCapacity,
      taken: (message) => this.#taken(message),
    })
    this.#outlet = outlet<Message>({
      name: 'outgoing',
      length: () => transport.bufferedMessages,
      isFull: () => transport.bufferedBytes >= settings.highWaterMarkBytes,
      check: checkMessage,
      write: (message) => {
        this.#sentCount++
        transport.send(message)
      },
      closed: (error) => void this.#close(error === undefined ? 1000 : 1011, ''),
    })
    this.incoming = this.#inlet.channel
    this.outgoing = this.#outlet.channel
    let resolveClosed: (info: CloseInfo) => void
    this.closed = new Promise((resolve) => (resolveClosed = resolve))
    this.#resolveClosed = resolveClosed!
    // Not a child of the parent: it lives until the end of the connection, which a cancel of the parent begins.
    this.#ctx = withCancel(isContext(settings.parent) ? withoutCancel(settings.parent) : background())
    this.#stopFollowing =
      settings.parent === undefined
        ? () => false
        : afterFunc(settings.parent, () => void this.#close(1001, ''))
    transport.start(this)
    this.#stopWatching = watch(transport, settings.heartbeat, () => this.#isPaused)
  }

  get ctx(): Context {
    return this.#ctx
  }

  get protocol(): string {
    return this.#transport.protocol
  }

  get url(): string {
    return this.#transport.url
  }

  close(code = 1000, reason = ''): Promise<CloseInfo> {
    checkClose(code, reason)
    return this.#close(code, reason)
  }

  #close(code: number, reason: string): Promise<CloseInfo> {
    if (!this.#isClosing) {
      this.#transport.close(code, reason)
      this.#beginClose({ code, reason, wasClean: false, by: 'local' })
    }
    return this.closed
  }

  #beginClose(end: TransportEnd): void {
    this.#isClosing = true
    this.#outlet.fail((value) => this.#closeError(end, value))
    this.#resume()
    sleep(this.#settings.closeTimeoutMs, this.#ctx).then(
      () => this.#transport.destroy(),
      () => {}, // it ended in time
    )
  }

  /** Cuts the connection off, without a handshake. */
  destroy(): void {
    this.#transport.destroy()
  }

  async flush(cancel?: Cancel): Promise<void> {
    if (this.#transport.bufferedMessages === 0) return
    if (this.#info !== undefined) throw this.#closeError(this.#info)
    const done = channel<never>()
    this.#flushes.push({ count: this.#sentCount, done })
    await done.receive(cancel)
  }

  async ping(cancel?: Cancel): Promise<number> {
    if (this.#transport.ping === undefined) throw new UnsupportedError('ping')
    if (this.#info !== undefined) throw this.#closeError(this.#info)
    const answer = channel<number>(1)
    const data = String(++this.#pingCount)
    this.#pings ??= new Map()
    this.#pings.set(data, answer)
    const sentAt = performance.now()
    this.#transport.ping(data)
    try {
      const { value } = await answer.receive(cancel)
      return value! - sentAt
    } finally {
      this.#pings.delete(data)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close(1000, '')
  }

  // What the transport reports.

  message(message: Message): void {
    // After our close the peer may go on until it reads of it. Nobody may be receiving, and reading cannot stop.
    if (this.#isFull && this.#isClosing) return
    const waiting = this.incoming.length
    this.#inlet.offer(message)
    if (this.incoming.length === waiting) return
    this.#incomingBytes += sizeOf(message)
    if (!this.#isFull || this.#isPaused || this.#isClosing) return
    if (this.#transport.canPause) {
      this.#isPaused = true
      this.#transport.pause()
    } else if (
      this.incoming.length > this.#settings.incomingCapacity ||
      this.#incomingBytes > this.#settings.incomingBytes
    ) {
      this.#transport.refuse(
        1013,
        new IncomingOverflowError(this.#settings.incomingCapacity, this.#settings.incomingBytes),
      )
    }
  }

  drained(): void {
    this.#outlet.ready()
    const sent = this.#sentCount - this.#transport.bufferedMessages
    while (this.#flushes.length > 0 && this.#flushes[0]!.count <= sent) this.#flushes.shift()!.done.close()
  }

  pong(data: string): void {
    this.#pings?.get(data)?.trySend(performance.now())
  }

  refused(code: number, cause: unknown): void {
    this.#isRefusing = true
    if (!this.#isClosing) this.#beginClose({ code, reason: '', wasClean: false, by: 'local', cause })
  }

  ended(end: TransportEnd): void {
    this.#isClosing = true
    const { code, reason, wasClean, by } = end
    this.#info = { code, reason, wasClean, by, unsent: this.#transport.bufferedMessages }
    const { incomingCapacity, incomingBytes } = this.#settings
    const cause = end.isIncomplete ? new IncomingOverflowError(incomingCapacity, incomingBytes) : end.cause
    const error = this.#closeError({ ...end, cause })
    this.#stopFollowing()
    this.#stopWatching()
    this.#outlet.fail((value) => this.#closeError(end, value))
    for (const { done } of this.#flushes) done.close(error)
    this.#pings?.forEach((answer) => answer.close(error))
    const isFailure =
      by === 'local' ? this.#isRefusing : by === 'network' || !isNormal(code) || end.isIncomplete
    this.#inlet.close(isFailure ? error : undefined)
    this.#ctx.cancel(error)
    this.#resolveClosed(this.#info)
  }

  /** A message that waited was received. */
  #taken(message: Message): void {
    this.#incomingBytes -= sizeOf(message)
    const { incomingCapacity, incomingBytes } = this.#settings
    // Half, so that a consumer that keeps up with a full channel does not pause and resume at each message.
    if (
      this.#isPaused &&
      this.incoming.length <= incomingCapacity / 2 &&
      this.#incomingBytes <= incomingBytes / 2
    ) {
      this.#resume()
    }
  }

  get #isFull(): boolean {
    const { incomingCapacity, incomingBytes } = this.#settings
    return this.incoming.length >= incomingCapacity || this.#incomingBytes >= incomingBytes
  }

  #resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#transport.resume()
  }

  #closeError(end: TransportEnd, value?: unknown): CloseError {
    const error = new CloseError(end, { value, cause: end.cause })
    origins.set(error, this)
    return error
  }
}

const origins = new WeakMap<object, Connection>()

/** Whether `error` is `conn`'s own end, as its channels or its context tell it. */
export function isEndOf(conn: Connection, error: unknown): boolean {
  const cause = isCanceled(error) ? (error as Error).cause : error
  return typeof cause === 'object' && cause !== null && origins.get(cause) === conn
}

function checkMessage(message: unknown): void {
  if (typeof message === 'string' || message instanceof Uint8Array) return
  throw new TypeError(`Cannot send: a message is a string or a Uint8Array, got ${describe(message)}`)
}

function sizeOf(message: Message): number {
  return typeof message === 'string' ? byteLength(message) : message.byteLength
}

function isContext(parent: Cancel | undefined): parent is Context {
  return typeof (parent as Partial<Context> | undefined)?.value === 'function'
}
