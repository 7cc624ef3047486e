import { type Context, afterFunc } from 'chansel'
import { sizeOf } from './bytes.ts'
import { pageCode } from './closing.ts'
import { PageTransport } from './page.ts'
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
  close(info?: { closeCode: number; reason: string }): void
}

/**
 * A `WebSocketStream`: not reading stops the peer, and a write says when it was done.
 *
 * Invariants:
 * 1. `#isReading` while the read loop has a read under way; it begins none while `#isPaused`. Where the loop
 *    finds the end, that is reported after the last message.
 * 2. `bufferedBytes` and `bufferedMessages` are those of the writes that have not ended well.
 */
export class StreamTransport extends PageTransport implements Transport {
  readonly url: string
  readonly protocol: string
  readonly canPause = true
  bufferedMessages = 0
  readonly #stream: WebSocketStreamLike
  readonly #reader: ReadableStreamDefaultReader<string | Uint8Array | ArrayBuffer>
  readonly #writer: WritableStreamDefaultWriter<Message>
  #isOpen = true
  #bufferedBytes = 0
  #lastWrite: Promise<void> = Promise.resolve()
  #isPaused = false
  #mayHaveLost = false
  #isReading = false

  private constructor(
    stream: WebSocketStreamLike,
    opened: Awaited<WebSocketStreamLike['opened']>,
    maxMessageBytes: number,
  ) {
    super(maxMessageBytes)
    this.url = stream.url
    this.protocol = opened.protocol
    this.#stream = stream
    this.#reader = opened.readable.getReader()
    this.#writer = opened.writable.getWriter()
  }

  get bufferedBytes(): number {
    return this.#isOpen ? this.#bufferedBytes : Infinity
  }

  static async connect<T>(
    WebSocketStream: WebSocketStreamConstructor,
    url: string,
    settings: DialSettings,
    ctx: Context,
    opened: (transport: Transport) => T,
  ): Promise<T> {
    // Its own controller, because the signal counts only for the handshake.
    const handshake = new AbortController()
    const stop = afterFunc(ctx, () => handshake.abort())
    const stream = new WebSocketStream(url, { protocols: [...settings.protocols], signal: handshake.signal })
    const streams = await stream.opened
    // A cancel that came in this very turn still wins: its function has not run yet.
    if (stop()) return opened(new StreamTransport(stream, streams, settings.maxMessageBytes))
    stream.close()
    throw ctx.err!
  }

  start(events: TransportEvents): void {
    this.events = events
    // A cut is known while nobody reads; a close is known only behind the last message.
    this.#reader.closed.catch(() => this.#isReading || this.#finish())
    // Chromium drops what it has not handed over when the peer's close arrives, and says "done" after that.
    this.#stream.closed.then(() => (this.#mayHaveLost = this.#isPaused)).catch(() => {})
    this.#writer.closed.catch(() => {}).finally(() => (this.#isOpen = false))
    void this.#read()
  }

  async #read(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    while (!this.#isPaused) {
      // Why a read fails is what the stream's own end says.
      const { value, done }: { value?: string | Uint8Array | ArrayBuffer | undefined; done: boolean } =
        await this.#reader.read().catch(() => ({ done: true }) as const)
      if (done) return this.#finish()
      this.arrived(value!)
    }
    this.#isReading = false
  }

  send(message: Message): void {
    const size = sizeOf(message)
    this.#bufferedBytes += size
    this.bufferedMessages++
    this.#lastWrite = this.#writer.write(message).then(
      () => {
        this.#bufferedBytes -= size
        this.bufferedMessages--
        this.events!.drained()
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
    if (this.closing !== undefined || this.hasEnded) return
    this.closing = { code, reason }
    // The stream's own close drops the writes that wait.
    void this.#lastWrite.then(() => this.#stream.close({ closeCode: pageCode(code), reason }))
  }

  /** It cannot be cut off: it is left to its own close timeout, and is over for us. */
  destroy(): void {
    this.#writer.abort().catch(() => {})
    queueMicrotask(() => this.end(1006, ''))
  }

  #finish(): void {
    this.#stream.closed.then(
      ({ closeCode, reason }) => this.end(closeCode, reason, this.#mayHaveLost),
      () => this.end(1006, ''),
    )
  }
}
