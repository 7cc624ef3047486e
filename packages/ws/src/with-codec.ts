import type { Cancel, Context, ReceiveChannel, SendChannel } from 'chansel'
import { convertSends } from 'chansel/device'
import { inspectable } from '#diagnostics'
import { type Codec, checkCodec } from './codec.ts'
import type { Connection, IncomingStream, Message, MessageSource } from './connection.ts'
import { Decoder, type Refusing, refuse } from './decoder.ts'
import { type CloseInfo, CodecError, describe } from './errors.ts'
import type { RedialConnection, RedialState } from './redial-connection.ts'
import { isBytes } from './transport/bytes.ts'

/** A connection whose halves carry values. */
export interface TypedConnection<In, Out> extends Omit<Connection, 'incoming' | 'outgoing'> {
  readonly incoming: ReceiveChannel<In>
  readonly outgoing: SendChannel<Out>
}

/** A redialled connection whose halves carry values. */
export interface TypedRedialConnection<In, Out> extends Omit<RedialConnection, 'incoming' | 'outgoing'> {
  readonly incoming: ReceiveChannel<In>
  readonly outgoing: SendChannel<Out>
}

/**
 * Makes a connection whose halves carry values in place of messages. From then on nobody may receive from `conn`
 * itself.
 *
 * Only one message is decoded ahead of whoever receives, so backpressure, the order and the end pass through, and a
 * cancelled receive loses nothing. The send of a value that cannot be encoded fails with a `CodecError`, and sends
 * nothing. An error about a value that was not sent carries it encoded.
 *
 * Closing: a message that does not decode is refused with 1007, and `incoming` fails with a `CloseError` whose
 * cause is the `CodecError`, unless the codec's `onInvalid` says otherwise. If `onInvalid` throws, the message is
 * refused with 1011.
 *
 * @throws TypeError for anything but a connection and a codec
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

export class Coded<In, Out> implements Refusing {
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

  get url(): string {
    return this.#conn.url
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

  // What is streamed is not a value: it bypasses the codec.

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
  readonly state: ReceiveChannel<RedialState>

  constructor(conn: RedialConnection, codec: Codec<In, Out>) {
    super(conn, codec)
    this.state = conn.state
  }
}

/** @throws CodecError */
function encodeBy<Out>(codec: Codec<unknown, Out>, value: Out): Message {
  try {
    const message = codec.encode(value)
    if (typeof message === 'string' || isBytes(message)) return message
    throw new TypeError(`encode must give a string or a Uint8Array, got ${describe(message)}`)
  } catch (cause) {
    throw new CodecError('encode', cause)
  }
}
