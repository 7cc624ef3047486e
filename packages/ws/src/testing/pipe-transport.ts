import { type Channel, channel } from 'chansel'
import { MessageTooBigError } from '../errors.ts'
import { sizeOf } from '../transport/bytes.ts'
import { type Closing, endOf } from '../transport/closing.ts'
import { Gathering } from '../transport/gathering.ts'
import type { Message, MessageFragment, Transport, TransportEvents } from '../transport/port.ts'

type Frame =
  | { readonly kind: 'message'; readonly message: Message; readonly size: number }
  | { readonly kind: 'fragment'; readonly fragment: MessageFragment }
  | { readonly kind: 'ping' | 'pong'; readonly data: string }
  | { readonly kind: 'probe' }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }

/**
 * One end of a pipe.
 *
 * Invariants:
 * 1. `#frames` are those that the other end has not read, in order; a close frame is the last.
 *    `#bufferedBytes` and `bufferedMessages` are the sums over the messages among them.
 * 2. A look at the other end's frames is due (`#isLooking`) whenever it has some and this end may read them.
 * 3. Nothing is reported after the end, which is reported once.
 */
export class PipeTransport implements Transport {
  readonly url: string
  readonly protocol: string
  readonly canPause = true
  other!: PipeTransport
  bufferedMessages = 0
  activity = 0
  events!: TransportEvents
  readonly #maxMessageBytes: number
  readonly #frames: Channel<Frame> = channel(Infinity)
  #bufferedBytes = 0
  #isPaused = false
  #isLooking = false
  /** The close that this end began. */
  #closing: Closing | undefined
  /** The close of the other end, which was answered. */
  #answered: { readonly code: number; readonly reason: string } | undefined
  #hasEnded = false
  #reportFragment: ((fragment: MessageFragment) => void) | undefined
  /** What has come of a message in fragments that is to be whole. */
  readonly #whole: Gathering

  constructor(url: string, protocol: string, maxMessageBytes: number) {
    this.url = url
    this.protocol = protocol
    this.#maxMessageBytes = maxMessageBytes
    this.#whole = new Gathering(maxMessageBytes)
  }

  get bufferedBytes(): number {
    return this.#isOpen ? this.#bufferedBytes : Infinity
  }

  get #isOpen(): boolean {
    return this.#closing === undefined && this.#answered === undefined && !this.#hasEnded
  }

  receiveFragments(arrived: (fragment: MessageFragment) => void): boolean {
    this.#reportFragment = arrived
    return true
  }

  start(events: TransportEvents): void {
    this.events = events
  }

  send(message: Message): void {
    const size = sizeOf(message)
    this.bufferedMessages++
    this.#bufferedBytes += size
    // As on a wire: neither end sees what the other does with its bytes, and half of a character is not one.
    this.#write({
      kind: 'message',
      message:
        typeof message === 'string'
          ? message.replaceAll(/\p{Surrogate}/gu, '\ufffd')
          : new Uint8Array(message),
      size,
    })
  }

  sendFragment({ data, kind, isLast }: MessageFragment): void {
    if (isLast) this.bufferedMessages++
    this.#bufferedBytes += data.length
    this.#write({ kind: 'fragment', fragment: { data: new Uint8Array(data), kind, isLast } })
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#look()
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return
    this.#closing = { code, reason }
    this.#write({ kind: 'close', code, reason })
  }

  refuse(code: number, cause: unknown): void {
    if (!this.#isOpen) return
    this.#closing = { code, reason: '', cause }
    this.#write({ kind: 'close', code, reason: '' })
    this.events.refused(code, cause)
  }

  ping(data: string): void {
    if (this.#isOpen) this.#write({ kind: 'ping', data })
  }

  probe(): void {
    if (this.#isOpen) this.#write({ kind: 'probe' })
  }

  destroy(cause?: Error): void {
    this.cut(cause)
  }

  cut(cause?: Error): void {
    queueMicrotask(() => {
      this.#end(1006, '', cause)
      this.other.#end(1006, '')
    })
  }

  #write(frame: Frame): void {
    this.#frames.trySend(frame)
    this.other.#look()
  }

  #look(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    queueMicrotask(() => {
      this.#isLooking = false
      while (!this.#isPaused && !this.#hasEnded) {
        const read = this.other.#frames.tryReceive()
        if (read === undefined) return
        this.#arrived(read.value!)
      }
    })
  }

  #arrived(frame: Frame): void {
    this.activity++
    switch (frame.kind) {
      case 'message':
        this.#messageArrived(frame.message, frame.size)
        this.other.#sent(frame.size, 1)
        break
      case 'fragment':
        this.#fragmentArrived(frame.fragment)
        this.other.#sent(frame.fragment.data.length, frame.fragment.isLast ? 1 : 0)
        break
      case 'ping':
        if (this.#isOpen) this.#write({ kind: 'pong', data: frame.data })
        break
      case 'pong':
        this.events.pong(frame.data)
        break
      case 'close':
        this.#closeArrived(frame.code, frame.reason)
        this.other.#closeWasRead()
    }
  }

  #messageArrived(message: Message, size: number): void {
    if (this.#admits(size)) this.events.message(message, size)
  }

  #fragmentArrived(fragment: MessageFragment): void {
    if (this.#reportFragment !== undefined) {
      if (this.#admits(fragment.data.length)) this.#reportFragment(fragment)
      return
    }
    this.#whole.add(fragment.data)
    if (!this.#admits(this.#whole.bytes) || !fragment.isLast) return
    const bytes = this.#whole.take()
    this.events.message(fragment.kind === 'text' ? new TextDecoder().decode(bytes) : bytes, bytes.length)
  }

  /** What comes after something that was refused is not looked at. */
  #admits(size: number): boolean {
    if (this.#closing !== undefined && 'cause' in this.#closing) return false
    if (size <= this.#maxMessageBytes) return true
    this.refuse(1009, new MessageTooBigError(this.#maxMessageBytes))
    return false
  }

  #sent(size: number, messages: number): void {
    this.bufferedMessages -= messages
    this.#bufferedBytes -= size
    this.events.drained()
  }

  #closeArrived(code: number, reason: string): void {
    if (this.#closing !== undefined) return this.#end(code, reason)
    this.#answered = { code, reason }
    this.#write({ kind: 'close', code, reason: '' })
  }

  /** The answer has arrived, and with it all that was sent before. */
  #closeWasRead(): void {
    if (this.#answered !== undefined) this.#end(this.#answered.code, this.#answered.reason)
  }

  #end(code: number, reason: string, cause?: Error): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.events.ended({ cause, ...endOf(this.#closing, code, reason) })
  }
}
