import { sizeOf } from './bytes.ts'
import { pageCode } from './closing.ts'
import { PageTransport } from './page.ts'
import type { Message, Transport, TransportEvents } from './port.ts'

/** What is needed of a WHATWG WebSocket, whether a browser's or Node's. */
export type WhatwgSocket = Pick<
  WebSocket,
  'addEventListener' | 'send' | 'close' | 'readyState' | 'bufferedAmount' | 'binaryType' | 'url' | 'protocol'
>

/** By its parts: there is one class in a browser, others in Node and its libraries. */
export function isWhatwgSocket(socket: unknown): socket is WhatwgSocket {
  const { addEventListener, send, close, readyState } = socket as Partial<WhatwgSocket>
  return (
    typeof addEventListener === 'function' &&
    typeof send === 'function' &&
    typeof close === 'function' &&
    typeof readyState === 'number'
  )
}

const CONNECTING = 0
const OPEN = 1
const CLOSED = 3

/**
 * A WHATWG WebSocket. It can neither be paused nor cut off, has no pings, and does not say when it sent
 * something.
 *
 * Invariant: `#poll` is set while something is buffered, and only then.
 */
export class WhatwgTransport extends PageTransport implements Transport {
  readonly canPause = false
  readonly #socket: WhatwgSocket
  /** The sizes of the messages that may not have left yet, oldest first. */
  #sizes: number[] = []
  #poll: ReturnType<typeof setTimeout> | undefined

  constructor(socket: WhatwgSocket, maxMessageBytes: number) {
    super(maxMessageBytes)
    this.#socket = socket
  }

  get url(): string {
    return this.#socket.url
  }

  get protocol(): string {
    return this.#socket.protocol
  }

  get bufferedBytes(): number {
    return this.#socket.readyState === OPEN ? this.#socket.bufferedAmount : Infinity
  }

  get bufferedMessages(): number {
    return this.#sizes.length
  }

  start(events: TransportEvents): void {
    this.events = events
    const socket = this.#socket
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => this.#opened())
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => this.arrived(data))
    socket.addEventListener('close', ({ code, reason }) => this.#closed(code, reason))
    socket.addEventListener('error', () => {
      // By the standard it is closed by now, and `close` tells the code. One that cannot connect in Node 22, or to a port
      // that WebKit blocks, stays as it is.
      if (socket.readyState === CONNECTING) queueMicrotask(() => this.#closed(1006, ''))
    })
    if (socket.readyState === CLOSED) queueMicrotask(() => this.#closed(1006, ''))
  }

  send(message: Message): void {
    this.#sizes.push(sizeOf(message))
    this.#socket.send(message as Uint8Array<ArrayBuffer> | string)
    this.#poll ??= setTimeout(this.#look)
  }

  readonly #look = (): void => {
    const before = this.#sizes.length
    this.#forgetSent()
    this.#poll = this.#sizes.length > 0 ? setTimeout(this.#look, POLL_MS) : undefined
    if (this.#sizes.length < before) this.events!.drained()
  }

  /** Forgets the messages that must have left, because less is buffered than they and the later ones have. */
  #forgetSent(): void {
    let kept = 0
    let bytes = 0
    while (kept < this.#sizes.length && bytes < this.#socket.bufferedAmount) bytes += this.#sizes.at(-++kept)!
    this.#sizes = this.#sizes.slice(this.#sizes.length - kept)
  }

  pause(): void {}
  resume(): void {}

  close(code: number, reason: string): void {
    if (this.#socket.readyState > OPEN) return
    this.closing ??= { code, reason }
    // Before it is open it would be dropped without a handshake.
    if (this.#socket.readyState === OPEN) this.#socket.close(pageCode(code), reason)
  }

  /** Only where a WebSocket was wrapped before it was open. */
  #opened(): void {
    if (this.closing === undefined) this.events!.drained()
    else this.#socket.close(pageCode(this.closing.code), this.closing.reason)
  }

  /** A WHATWG WebSocket cannot be cut off: it is left to its own close timeout, and is over for us. */
  destroy(): void {
    this.#socket.close()
    queueMicrotask(() => this.#closed(1006, ''))
  }

  #closed(code: number, reason: string): void {
    clearTimeout(this.#poll)
    this.#forgetSent()
    this.end(code, reason)
  }
}

/** Between two looks at `bufferedAmount`, for which there is no event: a frame of a screen, about. */
const POLL_MS = 16
