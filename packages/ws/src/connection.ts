import {
  type Cancel,
  type CancelContext,
  type Context,
  type ReceiveChannel,
  type SendChannel,
  afterFunc,
  background,
  isCanceled,
  sleep,
  withCancel,
  withoutCancel,
} from 'chansel'
import { connectionClosed, inspectable, messageReceived } from '#diagnostics'
import { sendFragments } from '#fragments'
import { pingAnswered, sendPing, unwatch, watch } from '#heartbeat'
import { checkClose, isNormal } from './close.ts'
import type { ConnectionSettings } from './connection-options.ts'
import { CloseError, type CloseInfo } from './errors.ts'
import type { IncomingStream, StreamOwner, Streams } from './incoming-streams.ts'
import { Incoming } from './incoming.ts'
import { Outgoing, type OutgoingOwner } from './outgoing.ts'
import type { MessageSource } from './pieces.ts'
import type { Message, Transport, TransportEnd, TransportEvents } from './transport/port.ts'

export type { IncomingStream } from './incoming-streams.ts'
export type { MessageSource } from './pieces.ts'
export type { Message } from './transport/port.ts'

/** A WebSocket as a read channel and a write channel. */
export interface Connection extends AsyncDisposable {
  /**
   * The read channel. Any number of tasks may receive from it, also in selects; cancelling a receive never harms
   * the connection. While nobody receives, reading pauses, and then the network stops the peer.
   *
   * Closing: it closes after the last message if this side closed the connection, or if the peer did with 1000,
   * 1001 or no code; after any other end it fails with a `CloseError`.
   */
  readonly incoming: ReceiveChannel<Message>
  /**
   * With the option `incomingStreams`, the messages larger than `maxMessageBytes`, each as a stream of its pieces.
   * A stream comes as soon as its message is over the limit, in its place among the messages of `incoming`: what
   * the peer sent before it comes before it, and what the peer sent after it comes once its last piece has room.
   *
   * Closing: as for `incoming`. Without the option it has failed with an `UnsupportedError`.
   *
   * Source: RFC 6455, section 5.4.
   */
  readonly incomingStreams: ReceiveChannel<IncomingStream>
  /**
   * The write channel. Any number of tasks may send to it, also in selects. A send waits while the peer does not
   * read and `highWaterMarkBytes` are unsent. Bytes that were sent must not be changed or transferred.
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
  /** What was dialled, by this side or by the peer. */
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
   * Resolves when the kernel has everything that was sent so far; rejects with a `CloseError` if the connection
   * ends first.
   */
  flush(cancel?: Cancel): Promise<void>
  /**
   * Sends one message in fragments, from a source of its pieces, text or bytes. They leave as they come and as the
   * peer reads, so no more of the message is in memory than `highWaterMarkBytes` and one piece. Other sends wait
   * until it is over; pings pass. Resolves when the last piece was accepted. A source without pieces makes an empty
   * binary message. A peer of this library takes up to 16,384 fragments of a message that it receives whole, and
   * any number with `incomingStreams`.
   *
   * From then on the source belongs to the connection, which lets go of it in any case: if it cannot be sent to its
   * end, a `ReadableStream` is cancelled, with the reason, and any other source is told to `return`.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal. A message that has begun cannot be taken back: if
   * it is cancelled then, or its source fails, the connection closes with 1011, and a peer that takes messages
   * whole gets no part of it.
   *
   * Source: RFC 6455, section 5.4.
   *
   * @throws TypeError at once for anything but a source, and for a stream that is locked; as a rejection for pieces
   * of two kinds
   * @throws UnsupportedError (a rejection) where the platform sends whole messages only, as a browser does; the source
   *   is as it was
   */
  sendStream(source: MessageSource, cancel?: Cancel): Promise<void>
  /**
   * Measures the round trip to the peer, in ms. The answer is seen only while reading goes on, so somebody has to
   * receive. Of several pings that are under way the peer may answer only the newest, which counts for all.
   *
   * Source: RFC 6455, sections 5.5.2 and 5.5.3.
   *
   * @throws UnsupportedError (a rejection) where the platform has no pings, as in a browser
   */
  ping(cancel?: Cancel): Promise<number>
}

/**
 * A connection over any transport. `Incoming` and `Outgoing` are its two pumps, and need no task; here is who
 * closes what.
 *
 * Invariants:
 * 1. `#isClosing` is true from the first `close`, refusal or end on; from then on every send fails.
 * 2. `#info` and `#error` are set once, at the transport's end. In that step, in this order, sends fail, `incoming`
 *    closes, `ctx` is cancelled and `closed` resolves.
 *
 * An idle connection costs little, because there may be very many: what only some programs ask for is made when
 * they do.
 */
export class TransportConnection implements Connection, TransportEvents, OutgoingOwner, StreamOwner {
  readonly #transport: Transport
  readonly #settings: ConnectionSettings
  readonly #incoming: Incoming
  readonly #streams: Streams
  readonly #outgoing: Outgoing
  #ctx: CancelContext | undefined
  #closed: Promise<CloseInfo> | undefined
  #resolveClosed: ((info: CloseInfo) => void) | undefined
  readonly #stopFollowing: (() => boolean) | undefined
  #atEnd: ((conn: TransportConnection) => void) | undefined
  #isClosing = false
  /** The close is because of something that the peer did. */
  #isRefusing = false
  #info: CloseInfo | undefined
  #error: CloseError | undefined

  static {
    inspectable(TransportConnection, 'Connection', (conn) => ({
      url: conn.url,
      protocol: conn.protocol,
      state: conn.#info !== undefined ? 'closed' : conn.#isClosing ? 'closing' : 'open',
      unread: conn.incoming.length,
      unsent: conn.#transport.bufferedMessages,
      ...conn.#info,
    }))
  }

  constructor(transport: Transport, settings: ConnectionSettings) {
    const { parent } = settings
    const incoming = new Incoming(transport, settings)
    this.#streams = settings.incomingStreams(this, transport, incoming, settings.maxMessageBytes)
    this.#transport = transport
    this.#settings = settings
    this.#incoming = incoming
    this.#outgoing = new Outgoing(transport, settings, this)
    this.#stopFollowing = parent && afterFunc(parent, () => void this.#close(1001, ''))
    transport.start(this)
    watch(this, transport, settings, incoming)
  }

  get incoming(): ReceiveChannel<Message> {
    return this.#incoming.channel
  }

  get incomingStreams(): ReceiveChannel<IncomingStream> {
    return this.#streams.channel
  }

  get outgoing(): SendChannel<Message> {
    return this.#outgoing.channel
  }

  get ctx(): Context {
    if (this.#ctx === undefined) {
      this.#ctx = lifeUnder(this.#settings.parent)
      if (this.#error !== undefined) this.#ctx.cancel(this.#error)
    }
    return this.#ctx
  }

  get closed(): Promise<CloseInfo> {
    return (this.#closed ??=
      this.#info === undefined
        ? new Promise((resolve) => (this.#resolveClosed = resolve))
        : Promise.resolve(this.#info))
  }

  /**
   * Has `ended` called in the step of the end, or at once if the connection has ended. There can be only one such
   * function.
   */
  atEnd(ended: (conn: TransportConnection) => void): void {
    if (this.#info === undefined) this.#atEnd = ended
    else ended(this)
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
    this.#outgoing.fail((message) => this.#closeError(end, message))
    this.#incoming.closing()
    sleep(this.#settings.closeTimeoutMs, this.ctx).then(
      () => this.#transport.destroy(),
      () => {}, // it ended in time
    )
  }

  /** Closes because of something that the peer sent: `incoming` fails with a `CloseError` that has `cause`. */
  refuse(code: number, cause: unknown): void {
    this.#transport.refuse(code, cause)
  }

  /** Cuts the connection off, without a handshake. */
  destroy(): void {
    this.#transport.destroy()
  }

  flush(cancel?: Cancel): Promise<void> {
    return this.#outgoing.flush(cancel, this.#info?.unsent ? this.#error : undefined)
  }

  sendStream(source: MessageSource, cancel?: Cancel): Promise<void> {
    return sendFragments(source, this, this.#outgoing, cancel)
  }

  ping(cancel?: Cancel): Promise<number> {
    return sendPing(this, this.#transport, cancel)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  outgoingClosed(error: unknown): void {
    void this.#close(error === undefined ? 1000 : 1011, '')
  }

  // What the transport reports.

  message(message: Message, size: number): void {
    messageReceived(this, message, size)
    this.#incoming.arrived(message, size)
  }

  drained(): void {
    this.#outgoing.drained()
  }

  pong(data: string): void {
    pingAnswered(this, data)
  }

  refused(code: number, cause: unknown): void {
    this.#isRefusing = true
    if (!this.#isClosing) this.#beginClose({ code, reason: '', wasClean: false, by: 'local', cause })
  }

  ended(transportEnd: TransportEnd): void {
    const { code, reason, wasClean, by, isIncomplete } = transportEnd
    const cause = isIncomplete ? this.#incoming.overflow : transportEnd.cause
    const end = { code, reason, wasClean, by, cause }
    const error = this.#closeError(end)
    const info = { code, reason, wasClean, by, unsent: this.#transport.bufferedMessages }
    const isFailure = by === 'local' ? this.#isRefusing : by === 'network' || isIncomplete || !isNormal(code)
    this.#isClosing = true
    this.#error = error
    this.#info = info
    connectionClosed(this, info, cause)
    this.#stopFollowing?.()
    unwatch(this)
    this.#outgoing.fail((message) => this.#closeError(end, message))
    this.#outgoing.end(error)
    this.#incoming.close(isFailure ? error : undefined)
    this.#streams.close(error, isFailure)
    this.#ctx?.cancel(error)
    this.#resolveClosed?.(info)
    this.#atEnd?.(this)
  }

  #closeError(end: TransportEnd, value?: Message): CloseError {
    const error = new CloseError(end, { value, cause: end.cause })
    origins.set(error, this)
    return error
  }
}

const origins = new WeakMap<object, Connection>()

/**
 * Whether `error` tells of the end of `conn` itself, and of nothing else. Its channels fail with a `CloseError`; its
 * context is cancelled with that as the cause; what the platform stops by the context's signal may have that cancel as
 * its cause; and several such errors may be one, as those of a group are.
 */
export function isEndOf(conn: Connection, error: unknown, depth = 0): boolean {
  // Nobody nests more than a few of them; and errors that form a ring would have no end.
  if (typeof error !== 'object' || error === null || depth > 4) return false
  if (isCanceled(error)) return isEndOf(conn, (error as Error).cause, depth + 1)
  if (!(error instanceof AggregateError)) return origins.get(error) === conn
  return error.errors.length > 0 && error.errors.every((one) => isEndOf(conn, one, depth + 1))
}

/**
 * The context of a connection, with the values of its parent. Not a child of it: a cancel of the parent only begins
 * the end of the connection, and the context lives until that is over.
 */
export function lifeUnder(parent: Cancel | undefined): CancelContext {
  const isContext = typeof (parent as Partial<Context> | undefined)?.value === 'function'
  return withCancel(isContext ? withoutCancel(parent as Context) : background())
}
