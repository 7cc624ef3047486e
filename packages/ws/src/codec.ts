import type { Cancel, Context, ReceiveChannel, Received, SendChannel } from 'chansel'
import { type Inlet, convertSends, inlet } from 'chansel/device'
import { inspectable } from '#diagnostics'
import type { Connection, IncomingStream, Message, MessageSource } from './connection.ts'
import { CloseError, type CloseInfo, CodecError, describe } from './errors.ts'
import { checkFunction } from './options.ts'
import type { RedialConnection, RedialState } from './redial.ts'

/** How values become messages, and messages values. */
export interface Codec<In, Out> {
  /** Awaited in order: the next message is decoded after this one. May throw or reject. */
  decode(message: Message): In | Promise<In>
  /** Called by each send. May throw. */
  encode(value: Out): Message
  /**
   * What becomes of a message that does not decode: `'close'` refuses it with 1007 (the default), `'skip'` drops
   * it, a function is called, awaited, and the message dropped.
   */
  onInvalid?: OnInvalid
}

export type OnInvalid = 'close' | 'skip' | ((error: CodecError, message: Message) => void | Promise<void>)

/** A connection whose halves carry values. */
export interface TypedConnection<In, Out> extends Omit<Connection, 'incoming' | 'outgoing'> {
  readonly incoming: ReceiveChannel<In>
  readonly outgoing: SendChannel<Out>
}

/** The same for a connection that is made again. */
export interface TypedRedialConnection<In, Out> extends Omit<RedialConnection, 'incoming' | 'outgoing'> {
  readonly incoming: ReceiveChannel<In>
  readonly outgoing: SendChannel<Out>
}

/**
 * A connection whose halves carry values in the place of messages. From then on `conn` is not to be received from.
 *
 * One message is decoded ahead of whoever receives; so backpressure, the order, and the end pass through, and
 * a cancelled receive loses nothing. A value that cannot be encoded is a `CodecError` of that send, and nothing was
 * sent. An error about a value that was not sent carries it encoded.
 *
 * Closing: a message that does not decode is refused with 1007, and `incoming` fails with a `CloseError` whose cause
 * is the `CodecError`, unless the codec's `onInvalid` says otherwise. An `onInvalid` that throws is refused with 1011.
 *
 * @throws TypeError for what is no connection or no codec
 * @example
 * import { json, withCodec } from '@chansel/ws'
 * import { pipe } from '@chansel/ws/testing'
 *
 * const [ours, theirs] = pipe()
 * const conn = withCodec(ours, json<{ hits: number }>())
 * await conn.outgoing.send({ hits: 1 })
 * await theirs.incoming.receive() // => { value: '{"hits":1}', ok: true }
 * await theirs.outgoing.send('{"hits":2}')
 * await conn.incoming.receive() // => { value: { hits: 2 }, ok: true }
 */
export function withCodec<In, Out>(
  conn: RedialConnection,
  codec: Codec<In, Out>,
): TypedRedialConnection<In, Out>
export function withCodec<In, Out>(conn: Connection, codec: Codec<In, Out>): TypedConnection<In, Out>
export function withCodec<In, Out>(
  conn: Connection | RedialConnection,
  codec: Codec<In, Out>,
): TypedConnection<In, Out> | TypedRedialConnection<In, Out> {
  const { incoming, outgoing, close } = (conn ?? {}) as Partial<Connection>
  if (typeof incoming !== 'object' || typeof outgoing !== 'object' || typeof close !== 'function')
    throw new TypeError(`Cannot use a codec: expected a connection, got ${describe(conn)}`)
  checkCodec(codec)
  return 'state' in conn ? new CodedRedial(conn, codec) : new CodedConnection(conn, codec)
}

function checkCodec(codec: Codec<unknown, never>): void {
  if (typeof codec !== 'object' || codec === null)
    throw new TypeError(`Cannot use a codec: expected { decode, encode }, got ${describe(codec)}`)
  if (typeof codec.decode !== 'function' || typeof codec.encode !== 'function')
    throw new TypeError('Cannot use a codec: decode and encode must be functions')
  checkOnInvalid(codec)
}

/** @throws TypeError for what is no `onInvalid` */
export function checkOnInvalid(options: { onInvalid?: OnInvalid }): void {
  const { onInvalid } = options
  if (onInvalid !== 'close' && onInvalid !== 'skip')
    checkFunction(options, 'onInvalid', "'close', 'skip' or a function")
}

class Coded<In, Out> implements Refusing {
  readonly incoming: ReceiveChannel<In>
  readonly outgoing: SendChannel<Out>
  readonly #conn: Connection | RedialConnection

  static {
    inspectable<Coded<unknown, unknown>>(Coded, 'TypedConnection', (conn) => ({
      unread: conn.incoming.length,
      connection: conn.#conn,
    }))
  }

  constructor(conn: Connection | RedialConnection, codec: Codec<In, Out>) {
    this.#conn = conn
    this.incoming = new Decoder(conn, codec).channel
    this.outgoing = convertSends(conn.outgoing, (value: Out) => encodeBy(codec, value))
  }

  get ctx(): Context {
    return this.#conn.ctx
  }

  get closed(): Promise<CloseInfo> {
    return this.#conn.closed
  }

  close(code?: number, reason?: string): Promise<CloseInfo> {
    return this.#conn.close(code, reason)
  }

  refuse(code: number, cause: unknown): void {
    refuse(this.#conn, code, cause)
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#conn[Symbol.asyncDispose]()
  }
}

class CodedConnection<In, Out> extends Coded<In, Out> implements TypedConnection<In, Out> {
  readonly #conn: Connection

  constructor(conn: Connection, codec: Codec<In, Out>) {
    super(conn, codec)
    this.#conn = conn
  }

  get protocol(): string {
    return this.#conn.protocol
  }

  get url(): string {
    return this.#conn.url
  }

  // What is streamed is not a value: it passes by the codec.

  get incomingStreams(): ReceiveChannel<IncomingStream> {
    return this.#conn.incomingStreams
  }

  sendStream(source: MessageSource, cancel?: Cancel): Promise<void> {
    return this.#conn.sendStream(source, cancel)
  }

  flush(cancel?: Cancel): Promise<void> {
    return this.#conn.flush(cancel)
  }

  ping(cancel?: Cancel): Promise<number> {
    return this.#conn.ping(cancel)
  }
}

class CodedRedial<In, Out> extends Coded<In, Out> implements TypedRedialConnection<In, Out> {
  readonly url: string
  readonly state: ReceiveChannel<RedialState>

  constructor(conn: RedialConnection, codec: Codec<In, Out>) {
    super(conn, codec)
    this.url = conn.url
    this.state = conn.state
  }
}

/** @throws CodecError */
function encodeBy<Out>(codec: Codec<unknown, Out>, value: Out): Message {
  try {
    const message = codec.encode(value)
    if (typeof message === 'string' || message instanceof Uint8Array) return message
    throw new TypeError(`encode must give a string or a Uint8Array, got ${describe(message)}`)
  } catch (cause) {
    throw new CodecError('encode', cause)
  }
}

/**
 * From a connection's messages to values. It needs no task: it asks for the next message when nobody has a
 * value left to take.
 *
 * Invariants:
 * 1. Messages are decoded one at a time and in order; none while a decoded one waits in the inlet.
 * 2. Once `#refusal` is set nothing is decoded, and `incoming` is read to its end.
 */
class Decoder<In> {
  readonly #conn: Connection | RedialConnection
  readonly #codec: Codec<In, never>
  readonly #inlet: Inlet<In>
  #isDecoding = false
  #refusal: CloseError | undefined

  constructor(conn: Connection | RedialConnection, codec: Codec<In, never>) {
    const { incoming } = conn
    this.#conn = conn
    this.#codec = codec
    this.#inlet = inlet({
      name: incoming.name ?? 'incoming',
      capacity: incoming.capacity,
      taken: () => this.#next(),
      behind: () => incoming.length + (this.#isDecoding ? 1 : 0),
    })
    this.#next()
  }

  get channel(): ReceiveChannel<In> {
    return this.#inlet.channel
  }

  #next(): void {
    this.#conn.incoming.receive().then(this.#received, this.#failed)
  }

  readonly #failed = (error: unknown): void => this.#inlet.close(error)

  readonly #received = ({ value, ok }: Received<Message>): void => {
    if (!ok) this.#inlet.close(this.#refusal)
    else if (this.#refusal !== undefined) this.#next()
    else this.#decode(value)
  }

  #decode(message: Message): void {
    this.#isDecoding = true
    try {
      const decoded = this.#codec.decode(message)
      if (isThenable(decoded))
        decoded.then(this.#decoded, (cause: unknown) => void this.#invalid(message, cause))
      else this.#decoded(decoded)
    } catch (cause) {
      void this.#invalid(message, cause)
    }
  }

  readonly #decoded = (value: In): void => {
    this.#isDecoding = false
    if (this.#inlet.offer(value)) this.#next()
  }

  async #invalid(message: Message, cause: unknown): Promise<void> {
    const error = new CodecError('decode', cause)
    const { onInvalid = 'close' } = this.#codec
    try {
      if (onInvalid === 'close') this.#refuse(1007, error)
      else if (onInvalid !== 'skip') await onInvalid(error, message)
    } catch (thrown) {
      this.#refuse(1011, thrown)
    }
    this.#isDecoding = false
    this.#next()
  }

  #refuse(code: number, cause: unknown): void {
    // For where `incoming` does not fail of itself: the end had come before the refusal, or it is not of ours.
    this.#refusal = new CloseError({ code, reason: '', wasClean: false, by: 'local' }, { cause })
    refuse(this.#conn, code, cause)
  }
}

/** What our own connections can, too: be closed because of something that the peer sent. */
interface Refusing {
  refuse(code: number, cause: unknown): void
}

/** @param conn `cause` is lost on one that is not of ours */
function refuse(
  conn: (Connection | RedialConnection) & Partial<Refusing>,
  code: number,
  cause: unknown,
): void {
  if (conn.refuse) conn.refuse(code, cause)
  else void conn.close(code)
}

export function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | null | undefined)?.then === 'function'
}
