import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { MessageTooBigError } from '../errors.ts'
import { streamOf } from './answer.ts'
import { type Closing, endOf } from './closing.ts'
import type { Message, MessageFragment, PreparedMessage, Transport, TransportEvents } from './port.ts'
import { bytesOf } from './node/bytes-of.ts'
import { FragmentSplitter } from './node/fragment-splitter.ts'
import { passAhead } from './node/frame-walk.ts'
import { FrameWriter } from './node/frame-writer.ts'
import { frameSize } from './node/frame.ts'
import { IS_BUN } from './node/is-bun.ts'
import { LibraryWriter } from './node/library-writer.ts'
import { Pongs } from './node/pongs.ts'
import { refusalCodeOf } from './node/refusal-code.ts'
import { type SocketEvents, reportTo } from './node/socket-events.ts'
import { LONG_BYTES, Unmasker } from './node/unmasker.ts'

/**
 * A WebSocket of the `ws` library, which reads, shakes hands and closes. Messages are written by a writer.
 *
 * An idle connection costs little, because there may be very many: an accepted WebSocket has no listeners, the stream
 * has no listener and no property of ours, and the writer is made for the first message.
 */
export class WsTransport implements Transport, SocketEvents {
  events: TransportEvents | undefined
  readonly #socket: WebSocket
  /**
   * The stream under it, where there were public means to get it: from an upgrade. `null`: the WebSocket is ours,
   * but its stream is not known.
   */
  #stream: (Duplex & Partial<Pick<Socket, 'bytesRead'>>) | null | undefined
  readonly #maxMessageBytes: number
  readonly #url: string | undefined
  #madeWriter: FrameWriter | LibraryWriter | undefined
  #closing: Closing | undefined
  #error: Error | undefined
  /**
   * How many bytes the frames had that `ws` has told of, counted with the shortest heads and a key: the least that
   * a server can have read.
   */
  #toldBytes = 0
  /** Frames are not followed yet, and can be. */
  #mayUnmask = false
  #pongs: Pongs | undefined
  #splitter: FragmentSplitter | undefined

  /**
   * @param stream what is under a WebSocket of ours, `null` if that is not known; `undefined` for one that is adopted
   * @param url where `ws` does not know it: on the server's side
   */
  constructor(socket: WebSocket, stream: Duplex | null | undefined, maxMessageBytes: number, url?: string) {
    this.#socket = socket
    this.#stream = IS_BUN && stream ? null : stream
    this.#maxMessageBytes = maxMessageBytes
    this.#url = url
  }

  get canPause(): boolean {
    return true
  }

  get url(): string {
    return this.#url ?? this.#socket.url ?? ''
  }

  get protocol(): string {
    return this.#socket.protocol
  }

  get #isServer(): boolean {
    return this.#url !== undefined
  }

  get bufferedBytes(): number {
    return this.#socket.readyState === WebSocket.OPEN ? this.#writer.bytes : Infinity
  }

  get bufferedMessages(): number {
    return this.#madeWriter?.messages ?? 0
  }

  get activity(): number {
    return this.#stream?.bytesRead ?? this.#toldBytes
  }

  receiveFragments(arrived: (fragment: MessageFragment) => void): boolean {
    if (!this.#stream && this.#socket.readyState !== WebSocket.CONNECTING) return false
    this.#splitter = new FragmentSplitter(arrived)
    return true
  }

  start(events: TransportEvents): void {
    this.events = events
    const socket = this.#socket
    if (socket.readyState === WebSocket.CONNECTING) {
      socket.on('upgrade', (response: IncomingMessage) => (this.#stream = streamOf(response)))
      socket.on('open', () => this.#opened())
    } else {
      this.#mayUnmask = this.#canUnmask
      if (this.#mayUnmask) this.#toldBytes = this.#readBytes
      this.#splitBeforeReading()
    }
    // `ws` leaves pings to us where `wsOptions` told it so: where the WebSocket is ours.
    reportTo(this, socket, this.#stream === undefined)
    // Its owner may have paused it, so that nothing was lost before it was wrapped.
    if (socket.isPaused) socket.resume()
    if (socket.readyState === WebSocket.CLOSED) queueMicrotask(() => this.closed(1006, ''))
  }

  /** To be asked for only when the WebSocket is open. */
  get #writer(): FrameWriter | LibraryWriter {
    return (this.#madeWriter ??= this.#makeWriter())
  }

  #makeWriter(): FrameWriter | LibraryWriter {
    const events = this.events!
    return !this.#stream || this.#socket.extensions !== ''
      ? new LibraryWriter(this.#socket, this.#stream, events)
      : new FrameWriter(this.#socket, this.#stream, !this.#isServer, events)
  }

  send(message: Message): void {
    this.#tries(() => this.#writer.send(message))
  }

  sendPrepared(message: PreparedMessage): void {
    this.#tries(() => this.#writer.sendPrepared(message))
  }

  sendFragment(fragment: MessageFragment): void {
    this.#tries(() => this.#writer.sendFragment(fragment))
  }

  /** A stream of somebody else's making may throw: that ends its connection, and nothing else. */
  #tries(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#madeWriter?.reads()
    this.#socket.resume()
  }

  #splitBeforeReading(): void {
    if (this.#splitter === undefined) return
    passAhead(this.#stream!, this.#splitter)
    if (this.#mayUnmask) this.#unmask()
  }

  /** Whether it has something to unmask, and the frames of its stream can be followed. */
  get #canUnmask(): boolean {
    // Inflated, a message does not tell how long its frame was.
    return this.#isServer && this.#stream instanceof Socket && this.#socket.extensions === ''
  }

  /** How many bytes of the stream `ws` was given. */
  get #readBytes(): number {
    const stream = this.#stream as Socket
    return stream.bytesRead - stream.readableLength
  }

  /**
   * Frames can be followed only from where one begins: that is now, if `ws` was given no more than the frames that
   * it has told of. A connection with nothing but short messages never asks, so it costs nothing there.
   */
  get #isBetweenFrames(): boolean {
    return this.#toldBytes === this.#readBytes
  }

  /** Unmasks long messages from now on, where a frame begins. */
  #unmask(): void {
    this.#mayUnmask = false
    passAhead(this.#stream!, new Unmasker())
  }

  close(code: number, reason: string): void {
    if (this.#socket.readyState > WebSocket.OPEN) return
    this.#closing ??= { code, reason }
    // Before it is open `ws` would drop it without a handshake.
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#behind(() => this.#socket.close(code, reason))
    }
  }

  refuse(code: number, cause: unknown): void {
    if (this.#closing !== undefined) return
    this.#closing = { code, reason: '', cause }
    // Does nothing where `ws` found the fault: it has begun the close, and the end of the stream, itself.
    this.#behind(() => {
      this.#socket.close(code)
      // What `ws` compresses is written later.
      if (this.#socket.extensions === '') this.#stream?.end()
    })
    this.events!.refused(code, cause)
  }

  destroy(cause?: Error): void {
    this.#error ??= cause
    this.#socket.terminate()
  }

  /** Source: RFC 6455, section 5.5.3: a pong that nobody asked for is a heartbeat of one direction. */
  probe(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    this.#behind(() => this.#socket.pong('', undefined, ignore))
  }

  ping(data: string): void {
    if (this.#socket.readyState === WebSocket.OPEN)
      this.#behind(() => this.#socket.ping(data, undefined, ignore))
    else if (this.#socket.readyState === WebSocket.CONNECTING)
      this.#socket.once('open', () => this.ping(data))
  }

  /** Has the library write something behind what was sent so far. */
  #behind(write: () => void): void {
    const writer = this.#madeWriter
    this.#tries(writer === undefined ? write : () => writer.behind(write))
  }

  #opened(): void {
    this.#splitBeforeReading()
    if (this.#closing === undefined) this.events!.drained()
    else this.#socket.close(this.#closing.code, this.#closing.reason)
  }

  // What `ws` and the stream report.

  messageArrived(bytes: Buffer, isBinary: boolean): void {
    this.#told(bytes)
    if (bytes.length >= LONG_BYTES && this.#mayUnmask && this.#isBetweenFrames) this.#unmask()
    // What comes after something that was refused is not looked at.
    if (this.#closing !== undefined && 'cause' in this.#closing) return
    // A WebSocket that was not made by us has a limit of its own, which need not be ours.
    if (bytes.length > this.#maxMessageBytes) {
      this.refuse(1009, new MessageTooBigError(this.#maxMessageBytes))
      return
    }
    if (this.#splitter?.takes(bytes)) return
    this.events!.message(isBinary ? bytesOf(bytes) : bytes.toString(), bytes.length)
  }

  pingArrived(data: Buffer): void {
    this.#told(data)
    this.#pongs ??= new Pongs(this.#socket, this.#stream, (cause) => this.refuse(1008, cause))
    this.#pongs.answer(data)
  }

  pingAnswered(data: Buffer): void {
    this.#told(data)
  }

  pongArrived(data: Buffer): void {
    this.#told(data)
    this.events!.pong(data.toString())
  }

  #told(data: Buffer): void {
    this.#toldBytes += frameSize(data.length, true)
  }

  failed(error: Error & { code?: string }): void {
    this.#error = error
    const code = refusalCodeOf(error)
    if (code === 1009) this.refuse(code, new MessageTooBigError(this.#maxMessageBytes, error))
    else if (code !== undefined) this.refuse(code, error)
  }

  closed(code: number, reason: string): void {
    // `ws` keeps a reset of the stream to itself.
    const cause = this.#error ?? this.#stream?.errored ?? undefined
    const end = endOf(this.#closing, code, reason)
    // What the kernel never got was before our close frame, which then never left either.
    this.events!.ended({ cause, ...end, wasClean: end.wasClean && this.bufferedMessages === 0 })
  }
}

function ignore(): void {}
