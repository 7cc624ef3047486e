import { type ReceiveChannel, channel, receiveOnly } from 'chansel'
import { type Inlet, type InletOptions, inlet } from 'chansel/device'
import { streamReceived } from '#diagnostics'
import { UnsupportedError } from './errors.ts'
import { Gathering } from './transport/gathering.ts'
import { IS_BUN } from './transport/node/is-bun.ts'
import type { Message, MessageFragment, Transport } from './transport/port.ts'

/** A message larger than `maxMessageBytes`, in pieces as they come: strings of a text, or bytes. */
export type IncomingStream = StreamOf<'text', string> | StreamOf<'binary', Uint8Array>

interface StreamOf<Kind, Piece> extends Disposable {
  /** Whether it is a text, in strings, or binary, in bytes. */
  readonly kind: Kind
  /**
   * The pieces, in order: none is empty, and none has half of a character. While nobody receives them, reading from
   * the peer pauses; what was sent behind them comes once the last has room.
   *
   * Closing: it closes after the last piece; if the connection ends before, it fails with a `CloseError`.
   */
  readonly pieces: ReceiveChannel<Piece>
  /** Drops the pieces that wait and those still to come, and closes `pieces`. Disposing of the stream does the same. */
  discard(): void
}

/** What a connection does with messages in fragments. */
export interface Streams {
  readonly channel: ReceiveChannel<IncomingStream>
  /**
   * The connection has ended, and with it what is under way.
   *
   * @param isFailure whether it did not end well
   */
  close(error: unknown, isFailure: boolean): void
}

export type StreamsMaker = (
  conn: StreamOwner,
  transport: Transport,
  reading: Reading,
  maxMessageBytes: number,
) => Streams

/** Whose streams they are. */
export interface StreamOwner {
  message(message: Message, size: number): void
  refuse(code: number, cause: unknown): void
}

/** Counts what waits to be received, pauses reading, and says what has no room. */
export interface Reading {
  readonly capacity: number
  /** Whether what arrives now, and so all behind it, is dropped. */
  drops(): boolean
  waits(size: number): void
  left(size: number): void
}

/**
 * What makes the streams of a connection, whose option `incomingStreams` is on or off.
 *
 * @throws UnsupportedError where no connection can have them
 */
export function readStreams(isOn: boolean): StreamsMaker {
  if (isOn && IS_BUN) throw new UnsupportedError('use incomingStreams')
  return isOn ? (...args) => new IncomingStreams(...args) : () => off
}

/**
 * What comes in fragments, on its way to whoever receives: a message within the limit whole, a larger one as a stream.
 *
 * Invariant: what has come of the message that is under way is in `#head`; or, once it is over the limit, was given
 * to `#stream`, `#streamed` bytes of it.
 */
class IncomingStreams implements Streams {
  readonly #conn: StreamOwner
  readonly #transport: Transport
  readonly #reading: Reading
  readonly #maxMessageBytes: number
  readonly #inlet: Inlet<IncomingStream>
  readonly #head: Gathering
  #stream: Stream | undefined
  #streamed = 0

  /** @throws UnsupportedError where messages come only whole */
  constructor(conn: StreamOwner, transport: Transport, reading: Reading, maxMessageBytes: number) {
    const isSplit = transport.receiveFragments?.((fragment) => this.#arrived(fragment))
    if (!isSplit) {
      const why = isSplit === false ? 'the WebSocket is open, wrap it before' : undefined
      throw new UnsupportedError('use incomingStreams', why)
    }
    this.#conn = conn
    this.#transport = transport
    this.#reading = reading
    this.#maxMessageBytes = maxMessageBytes
    this.#head = new Gathering(maxMessageBytes)
    this.#inlet = inlet({ name: 'incomingStreams', capacity: reading.capacity, taken: () => {} })
  }

  get channel(): ReceiveChannel<IncomingStream> {
    return this.#inlet.channel
  }

  #arrived(fragment: MessageFragment): void {
    // A stream that lacks a piece never closes well: it fails with the end of the connection.
    if (this.#reading.drops()) return
    try {
      this.#take(fragment)
    } catch (notText) {
      this.#conn.refuse(1007, notText)
    }
  }

  /** @throws TypeError for a text that is not UTF-8 */
  #take({ data, kind, isLast }: MessageFragment): void {
    if (this.#stream === undefined && this.#head.bytes + data.length > this.#maxMessageBytes) {
      this.#stream = new Stream(kind, this.#reading)
      this.#inlet.offer(this.#stream as IncomingStream)
      this.#passOn(this.#stream, this.#head.take(), false)
    }
    if (this.#stream !== undefined) {
      this.#passOn(this.#stream, data, isLast)
      if (isLast) this.#endStream(this.#stream)
    } else {
      this.#head.add(data)
      if (isLast) this.#endWhole(kind)
    }
  }

  #passOn(stream: Stream, data: Uint8Array, isLast: boolean): void {
    stream.add(data, isLast)
    this.#streamed += data.length
  }

  #endStream(stream: Stream): void {
    stream.close()
    streamReceived(this.#transport, stream.kind, this.#streamed)
    this.#stream = undefined
    this.#streamed = 0
  }

  #endWhole(kind: MessageFragment['kind']): void {
    const whole = this.#head.take()
    this.#conn.message(kind === 'text' ? decoder().decode(whole) : whole, whole.length)
  }

  close(error: unknown, isFailure: boolean): void {
    this.#stream?.close(error)
    this.#inlet.close(isFailure ? error : undefined)
  }
}

/**
 * A message in pieces.
 *
 * Invariant: `#reading` counts the pieces that wait.
 */
class Stream implements InletOptions<Message> {
  readonly kind: MessageFragment['kind']
  readonly name = 'pieces'
  readonly capacity: number
  readonly #reading: Reading
  readonly #decoder: TextDecoder | undefined
  readonly #inlet: Inlet<Message>
  #isClosed = false

  constructor(kind: MessageFragment['kind'], reading: Reading) {
    this.kind = kind
    this.capacity = reading.capacity
    this.#reading = reading
    this.#decoder = kind === 'text' ? decoder() : undefined
    this.#inlet = inlet(this)
  }

  get pieces(): ReceiveChannel<Message> {
    return this.#inlet.channel
  }

  /** @throws TypeError for bytes that are not UTF-8 */
  add(data: Uint8Array, isLast: boolean): void {
    if (this.#isClosed) return
    const piece = this.#decoder === undefined ? data : this.#decoder.decode(data, { stream: !isLast })
    if (piece.length === 0 || this.#inlet.offer(piece)) return
    this.#reading.waits(sizeOf(piece))
  }

  taken(piece: Message): void {
    this.#reading.left(sizeOf(piece))
  }

  close(error?: unknown): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#inlet.close(error)
  }

  discard(): void {
    this.close()
    const { pieces } = this
    while (pieces.length > 0) pieces.tryReceive()
  }

  [Symbol.dispose](): void {
    this.discard()
  }
}

function sizeOf(piece: Message): number {
  return typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length
}

/** Its `decode` throws for bytes that are not UTF-8. */
function decoder(): TextDecoder {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
}

/** What a connection without the option has. */
const off: Streams = {
  channel: failed(new UnsupportedError('use incomingStreams', 'the option is off')),
  close: () => {},
}

function failed(error: unknown): ReceiveChannel<never> {
  const ch = channel<never>()
  ch.close(error)
  return receiveOnly(ch)
}
