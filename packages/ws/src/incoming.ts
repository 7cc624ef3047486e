import type { ReceiveChannel } from 'chansel'
import { type Inlet, type InletOptions, inlet } from 'chansel/device'
import { readingPaused, readingResumed } from '#diagnostics'
import type { ConnectionSettings } from './connection-options.ts'
import { IncomingOverflowError } from './errors.ts'
import type { Message, Transport } from './transport/port.ts'

/**
 * What a transport reads, on its way to whoever receives.
 *
 * Invariants:
 * 1. Reading pauses when `incomingCapacity` messages or `incomingBytes` wait, and goes on when at most half of both
 *    do. Once the close has begun it never pauses, because the peer's answer comes behind the messages.
 * 2. `#waiting` messages, and pieces of messages that are streamed, wait, of `#bytes` bytes together. The sizes of
 *    those messages are in `#sizes`, from `#oldest` on, the oldest first.
 *
 * An idle connection costs little, because there may be very many: what only a message needs is made when one
 * waits.
 */
export class Incoming implements InletOptions<Message> {
  isPaused = false
  readonly capacity: number
  readonly #transport: Transport
  readonly #capacityBytes: number
  readonly #inlet: Inlet<Message>
  #waiting = 0
  #bytes = 0
  #sizes: number[] | undefined
  #oldest = 0
  #isClosing = false
  #isDropping = false

  constructor(transport: Transport, { incomingCapacity, incomingBytes }: ConnectionSettings) {
    const limits = transport.canPause ? PAUSE_AT : END_AT
    this.#transport = transport
    this.capacity = incomingCapacity ?? limits.messages
    this.#capacityBytes = incomingBytes ?? limits.bytes
    this.#inlet = inlet(this)
  }

  get name(): string {
    return 'incoming'
  }

  get channel(): ReceiveChannel<Message> {
    return this.#inlet.channel
  }

  /** The error for an end at which not all that the peer sent could be kept. */
  get overflow(): IncomingOverflowError {
    return new IncomingOverflowError(this.capacity, this.#capacityBytes)
  }

  /** @param size in bytes, on the wire */
  arrived(message: Message, size: number): void {
    if (this.drops()) return
    if (this.#inlet.offer(message)) return // somebody waited for it
    ;(this.#sizes ??= []).push(size)
    this.waits(size)
  }

  /**
   * Whether what arrives now is dropped. After our close the peer may go on sending until it reads of it; reading
   * cannot stop, and perhaps nobody receives. So what does not fit is dropped, and with it all that comes later:
   * what is received has no hole.
   */
  drops(): boolean {
    return (this.#isDropping ||= this.#isClosing && this.#isFull)
  }

  /** Something of `size` bytes waits to be received, here or elsewhere. */
  waits(size: number): void {
    const wasFull = this.#isFull
    this.#waiting++
    this.#bytes += size
    if (this.isPaused || this.#isClosing || !this.#isFull) return
    const transport = this.#transport
    if (transport.canPause) {
      this.isPaused = true
      transport.pause()
      readingPaused(transport)
    } else if (wasFull) {
      transport.refuse(1013, this.overflow)
    }
  }

  /** The message that waited longest was received. */
  taken(): void {
    const sizes = this.#sizes!
    const size = sizes[this.#oldest++]!
    if (this.#oldest === sizes.length || this.#oldest === FORGOTTEN) {
      sizes.splice(0, this.#oldest)
      this.#oldest = 0
    }
    this.left(size)
  }

  /** Something of `size` bytes waits no more. */
  left(size: number): void {
    this.#waiting--
    this.#bytes -= size
    // Half, so that a consumer that keeps up with a full channel does not pause and resume at each message.
    if (this.isPaused && this.#waiting <= this.capacity / 2 && this.#bytes <= this.#capacityBytes / 2) {
      this.#resume()
    }
  }

  /** The close has begun: from now on reading goes on, for the sake of the peer's answer. */
  closing(): void {
    this.#isClosing = true
    this.#resume()
  }

  close(error: unknown): void {
    this.#inlet.close(error)
  }

  get #isFull(): boolean {
    return this.#waiting >= this.capacity || this.#bytes >= this.#capacityBytes
  }

  #resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    const transport = this.#transport
    readingResumed(transport)
    transport.resume()
  }
}

/** Enough that reading need not stop for a consumer that keeps up, little enough to have by the thousand. */
const PAUSE_AT = { messages: 64, bytes: 256 * 1024 }
/**
 * Where reading cannot pause, reaching the limit ends the connection. So many small messages can arrive before even
 * a consumer that keeps up has its turn, each in a task that the browser queued before that turn.
 */
const END_AT = { messages: 65_536, bytes: 4 * 1024 * 1024 }

/** How many sizes of messages that are gone are kept before they are cleared away. */
const FORGOTTEN = 1024
