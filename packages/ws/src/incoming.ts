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
 * 1. Reading is paused from when `incomingCapacity` messages or `incomingBytes` wait until half of either does;
 *    but not once the close has begun, for the peer's answer is behind the messages.
 * 2. `#waiting` messages, and pieces of those that are streamed, of `#bytes` bytes wait. Of the messages the size of
 *    each is in `#sizes`, the oldest at `#oldest`.
 *
 * An idle connection costs little, for there may be very many: what only a message needs is made when one waits.
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

  /** What there is to say when not all that the peer sent could be kept. */
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
   * Whether what arrives now is dropped. After our close the peer may go on until it reads of it. Nobody may be receiving,
   * and reading cannot stop: what does not fit is dropped, and all behind it, for what is received has no hole.
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

  /** From now on reading goes on, for the sake of the peer's answer. */
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
 * Where reading cannot pause the limit is the end of the connection: so many small messages can arrive before a
 * consumer that keeps up has its turn, for each arrives in a task that the browser queued before that turn.
 */
const END_AT = { messages: 65_536, bytes: 4 * 1024 * 1024 }

/** Sizes of messages that are gone, at which they are cleared away. */
const FORGOTTEN = 1024
