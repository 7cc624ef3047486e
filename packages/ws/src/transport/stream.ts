import { type Cancel, afterFunc } from 'chansel'
import { DialError, MessageTooBigError } from '../errors.ts'
import { sizeOf } from './bytes.ts'
import { type Closing, endOf, pageCode } from './closing.ts'
import type { DialSettings, Message, Transport, TransportEvents } from './port.ts'

/** What is needed of the `WebSocketStream` of a browser, for which there are no standard types yet. */
export type WebSocketStreamConstructor = new (
  url: string,
  options: { protocols: string[]; signal: AbortSignal },
) => WebSocketStreamLike

interface WebSocketStreamLike {
  readonly url: string
  readonly opened: Promise<{
    readonly readable: ReadableStream<string | Uint8Array | ArrayBuffer>
    readonly writable: WritableStream<Message>
    readonly protocol: string
  }>
  /** Rejects after an unclean end. */
  readonly closed: Promise<{ readonly closeCode: number; readonly reason: string }>
  close(info: { closeCode: number; reason: string }): void
}

/**
 * A `WebSocketStream`: not reading stops the peer, and a write says when it was done.
 *
 * Invariants:
 * 1. `#isReading` while the read loop has a read under way; it begins none while `#isPaused`. Where the loop
 *    finds the end, that is reported after the last message.
 * 2. `bufferedBytes` and `bufferedMessages` are those of the writes that have not ended well.
 */
export class StreamTransport implements Transport {
  readonly url: string
  readonly protocol: string
  readonly canPause = true
  bufferedMessages = 0
  activity = 0
  readonly #stream: WebSocketStreamLike
  readonly #reader: ReadableStreamDefaultReader<string | Uint8Array | ArrayBuffer>
  readonly #writer: WritableStreamDefaultWriter<Message>
  readonly #maxMessageBytes: number
  #events: TransportEvents | undefined
  #isOpen = true
  #bufferedBytes = 0
  #lastWrite: Promise<void> = Promise.resolve()
  #isPaused = false
  #isIncomplete = false
  #isReading = false
  #closing: Closing | undefined
  #hasEnded = false

  private constructor(
    stream: WebSocketStreamLike,
    opened: Awaited<WebSocketStreamLike['opened']>,
    maxMessageBytes: number,
  ) {
    this.url = stream.url
    this.protocol = opened.protocol
    this.#stream = stream
    this.#reader = opened.readable.getReader()
    this.#writer = opened.writable.getWriter()
    this.#maxMessageBytes = maxMessageBytes
  }

  get bufferedBytes(): number {
    return this.#isOpen ? this.#bufferedBytes : Infinity
  }

  static async connect<T>(
    WebSocketStream: WebSocketStreamConstructor,
    url: string,
    settings: DialSettings,
    cancel: Cancel,
    opened: (transport: Transport) => T,
  ): Promise<T> {
    // Its own controller, for the signal counts for the handshake only.
    const handshake = new AbortController()
    const stop = afterFunc(cancel, () => handshake.abort())
    const stream = new WebSocketStream(url, { protocols: [...settings.protocols], signal: handshake.signal })
    try {
      const streams = await stream.opened
      // A cancel that came in this very turn still wins: its function has not run yet.
      if (stop()) return opened(new StreamTransport(stream, streams, settings.maxMessageBytes))
      stream.close({ closeCode: 1000, reason: '' })
    } catch (cause) {
      throw new DialError(url, 'the connection did not open', { cause })
    } finally {
      stop()
    }
    throw new DialError(url, 'it was cancelled')
  }

  start(events: TransportEvents): void {
    this.#events = events
    // A cut is known while nobody reads; a close is known only behind the last message.
    this.#reader.closed.catch(() => this.#isReading || this.#finish())
    // Chromium drops what it has not handed over when the peer's close arrives, and says "done" after that.
    this.#stream.closed.then(() => (this.#isIncomplete = this.#isPaused)).catch(() => {})
    this.#writer.closed.catch(() => {}).finally(() => (this.#isOpen = false))
    void this.#read()
  }

  async #read(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    while (!this.#isPaused) {
      // Why a read fails is what the stream's own end says.
      const { value, done } = await this.#reader.read().catch(() => OVER)
      if (done) return this.#finish()
      this.#message(value)
    }
    this.#isReading = false
  }

  #message(data: string | Uint8Array | ArrayBuffer): void {
    this.activity++
    const message = data instanceof ArrayBuffer ? new Uint8Array(data) : data
    if (sizeOf(message) <= this.#maxMessageBytes) this.#events!.message(message)
    else this.refuse(1009, new MessageTooBigError(this.#maxMessageBytes))
  }

  refuse(code: number, cause: unknown): void {
    if (this.#closing !== undefined) return
    this.close(code, '')
    this.#closing = { code, reason: '', cause }
    this.#events!.refused(code, cause)
  }

  send(message: Message): void {
    const size = sizeOf(message)
    this.#bufferedBytes += size
    this.bufferedMessages++
    this.#lastWrite = this.#writer.write(message).then(
      () => {
        this.#bufferedBytes -= size
        this.bufferedMessages--
        this.#events!.drained()
      },
      () => {}, // it stays among those that were not sent
    )
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    void this.#read()
  }

  close(code: number, reason: string): void {
    if (this.#closing !== undefined || this.#hasEnded) return
    this.#closing = { code, reason }
    // The stream's own close drops the writes that wait.
    void this.#lastWrite.then(() => this.#stream.close({ closeCode: pageCode(code), reason }))
  }

  /** It cannot be cut off: it is left to its own close timeout, and is over for us. */
  destroy(): void {
    this.#writer.abort().catch(() => {})
    queueMicrotask(() => this.#ended(1006, ''))
  }

  #finish(): void {
    this.#stream.closed.then(
      ({ closeCode, reason }) => this.#ended(closeCode, reason),
      () => this.#ended(1006, ''),
    )
  }

  #ended(code: number, reason: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const end = endOf(this.#closing, code, reason)
    this.#events!.ended({ ...end, isIncomplete: this.#isIncomplete && end.by === 'remote' })
  }
}

const OVER = { value: undefined, done: true } as const
