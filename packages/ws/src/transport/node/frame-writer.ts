import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { isCrowded, joinCrowd } from './crowd.ts'
import { asciiHead, frameOf, frameSize, writeFrame } from './frame.ts'
import { type Message, type MessageFragment, PreparedMessage, type TransportEvents } from '../port.ts'

/**
 * Sends messages by writing their frames to the stream under an open WebSocket, beside what `ws` itself writes to
 * it: those of one turn of the event loop in one piece. Each write holds whole frames, so `ws` may write its own
 * between any two of ours.
 *
 * Batching is adaptive. A connection that sends several messages a turn has them written at the end of the turn: a
 * write costs ten times what a short frame does. One that had but one in each of its last turns writes the first at
 * once, because there is nothing to join it with, and waiting for the end of the turn costs a tenth. Where many
 * connections do that in one turn of the event loop, it waits for the others: see `crowd.ts`.
 *
 * Invariants:
 * 1. Frames reach the stream in the order of their sends.
 * 2. While something is in `#queue`, this is among the `unflushed` or in the crowd, or `flush` is running.
 * 3. The kernel has all messages but the `messages`: those in `#queue` and those of the `#batches`, which the
 *    stream has, oldest first.
 *
 * An idle connection costs little, because there may be very many: it has no queues, no callback and no listener.
 */
export class FrameWriter {
  /** Messages that were sent and that the kernel does not have. */
  messages = 0
  readonly #socket: WebSocket
  readonly #stream: Duplex
  readonly #isSocket: boolean
  readonly #isMasked: boolean
  readonly #events: Pick<TransportEvents, 'drained'>
  #queue: (Message | PreparedMessage)[] = NONE
  /** The size of each in the queue, as bytes. */
  #sizes: number[] = NONE
  #queuedBytes = 0
  /** How many messages are in each write that is not done yet. */
  #batches: number[] = NONE
  #callback: ((error?: Error | null) => void) | undefined
  /** Turns in a row that had but one message, as far as it matters. */
  #loneTurns = 0
  /** Something was written in this turn, or in an earlier one that the kernel has not taken yet. */
  #hasWritten = false
  #leavesBeforeReading = false

  constructor(
    socket: WebSocket,
    stream: Duplex,
    isMasked: boolean,
    events: Pick<TransportEvents, 'drained'>,
  ) {
    this.#socket = socket
    this.#stream = stream
    this.#isSocket = stream instanceof Socket
    this.#isMasked = isMasked
    this.#events = events
    this.reads()
  }

  /** Reading begins, or goes on: a chunk that the stream held back may be read before the end of this turn. */
  reads(): void {
    // What a socket does not hold yet comes from the event loop, in a later turn.
    if (!this.#isSocket || this.#stream.readableLength > 0) this.#leaveBeforeReading()
  }

  /**
   * From now on what was sent leaves before anything is read: that may be the peer's close, which `ws` answers at
   * once. Not for every connection, because a listener is memory.
   */
  #leaveBeforeReading(): void {
    if (this.#leavesBeforeReading) return
    this.#leavesBeforeReading = true
    this.#stream.prependListener('data', () => this.flush())
  }

  get bytes(): number {
    // A stream whose write has failed keeps nothing of it, and tells of the error only when this turn is over.
    return this.#stream.errored ? Infinity : this.#queuedBytes + this.#stream.writableLength
  }

  send(message: Message): void {
    const size = typeof message === 'string' ? Buffer.byteLength(message) : message.length
    this.messages++
    const bytes = frameSize(size, this.#isMasked)
    if (size > COPIED_BYTES) this.#sendLarge(message, size, bytes)
    else if (!this.#isAlone) this.#enqueue(message, size, bytes, enlist)
    else if (isCrowded()) this.#sendInCrowd(message, size, bytes)
    else this.#sendAlone(message, size, bytes)
  }

  get #isAlone(): boolean {
    return this.#loneTurns >= LONE_TURNS && !this.#hasWritten && this.#queue.length === 0
  }

  /** The crowd writes only after other chunks were read, perhaps also of this stream. */
  #sendInCrowd(message: Message, size: number, bytes: number): void {
    this.#leaveBeforeReading()
    this.#enqueue(message, size, bytes, joinCrowd)
  }

  #sendAlone(message: Message, size: number, bytes: number): void {
    if (this.#isPlain(message, size)) {
      this.#hasWritten = true
      this.#stream.write(asciiHead(size) + message, 'latin1', this.#writes(1))
      return
    }
    const target = this.#reserve(bytes)
    const start = target === slab ? slabUsed : 0
    writeFrame(target, start, message, size, this.#isMasked)
    this.#write(target, start, start + bytes, 1)
  }

  sendPrepared(message: PreparedMessage): void {
    // Each connection has a mask of its own.
    if (this.#isMasked) return this.send(message.message)
    const frame = (message.frame ??= frameOf(message.message, false))
    this.messages++
    if (frame.length > COPIED_BYTES) this.behind(() => this.#writeFrame(frame))
    else if (this.#isAlone) this.#writeFrame(frame)
    else this.#enqueue(message, frame.length, frame.length, enlist)
  }

  #writeFrame(frame: Uint8Array): void {
    this.#hasWritten = true
    this.#stream.write(frame, this.#writes(1))
  }

  /** By the library, which keeps track of what a continuation continues. */
  sendFragment({ data, kind, isLast }: MessageFragment): void {
    const count = isLast ? 1 : 0
    this.messages += count
    this.behind(() => {
      this.#socket.send(data, { binary: kind === 'binary', fin: isLast }, this.#writes(count))
    })
  }

  /** @param wait has this told when to write; if it is left out, the caller does that */
  #enqueue(
    message: Message | PreparedMessage,
    size: number,
    bytes: number,
    wait?: (writer: FrameWriter) => void,
  ): void {
    if (this.#queuedBytes + bytes > SLAB_BYTES) this.flush()
    if (this.#queue.length === 0) {
      this.#queue = []
      this.#sizes = []
      wait?.(this)
    }
    this.#queue.push(message)
    this.#sizes.push(size)
    this.#queuedBytes += bytes
  }

  #sendLarge(message: Message, size: number, bytes: number): void {
    // A text is copied by whoever writes it, and so is what is masked.
    if ((typeof message === 'string' || this.#isMasked) && bytes <= SLAB_BYTES) {
      this.#enqueue(message, size, bytes)
      return this.flush()
    }
    this.behind(() => {
      if (this.#isPlain(message, size)) {
        this.#stream.write(asciiHead(size), 'latin1')
        this.#stream.write(message, 'latin1', this.#writes(1))
      } else if (this.#isMasked) {
        // The library copies it, too, and masks byte by byte.
        this.#writeFrame(frameOf(message, true))
      } else {
        // The library copies no bytes.
        this.#socket.send(message, this.#writes(1))
      }
    })
  }

  /** Whether the characters of a message are the bytes on the wire: a socket takes them as they are. */
  #isPlain(message: Message, size: number): message is string {
    return typeof message === 'string' && size === message.length && !this.#isMasked && this.#isSocket
  }

  /** Has the library write something behind what was sent so far, in one piece with it. */
  behind(write: () => void): void {
    this.#stream.cork()
    try {
      this.flush()
      write()
    } finally {
      this.#stream.uncork()
    }
  }

  /** Must not throw: others wait for the end of this turn, too. */
  endTurn(): void {
    this.#loneTurns = this.#queue.length === 1 && !this.#hasWritten ? this.#loneTurns + 1 : 0
    try {
      this.flush()
    } catch (error) {
      // Bytes that were transferred after their send, or a stream that throws.
      this.#stream.destroy(error as Error)
    }
  }

  /** Gives the stream what was sent in this turn so far. */
  flush(): void {
    const count = this.#queue.length
    // Behind a close frame there are no messages: they stay among those that were not sent.
    if (count === 0 || this.#socket.readyState !== WebSocket.OPEN) return
    const target = this.#reserve(this.#queuedBytes)
    const start = target === slab ? slabUsed : 0
    let at = start
    for (let i = 0; i < count; i++) {
      const message = this.#queue[i]!
      if (message instanceof PreparedMessage) {
        target.set(message.frame!, at)
        at += message.frame!.length
      } else {
        at = writeFrame(target, at, message, this.#sizes[i]!, this.#isMasked)
      }
    }
    this.#queue = NONE
    this.#sizes = NONE
    this.#queuedBytes = 0
    this.#write(target, start, at, count)
  }

  #reserve(bytes: number): Buffer {
    // Another kind of stream may keep what it was given for longer than it says.
    if (!this.#isSocket) return Buffer.allocUnsafe(bytes)
    if (slabUsed + bytes > SLAB_BYTES) {
      slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
      slabUsed = 0
    }
    return slab
  }

  #write(target: Buffer, start: number, end: number, count: number): void {
    this.#hasWritten = true
    this.#stream.write(target.subarray(start, end), this.#writes(count))
    // What the kernel has taken already can be written over.
    if (target === slab && this.#stream.writableLength > 0) slabUsed = end
  }

  /** What to call when a write of `count` messages is done. */
  #writes(count: number): (error?: Error | null) => void {
    if (this.#batches === NONE) this.#batches = []
    this.#batches.push(count)
    return (this.#callback ??= (error) => {
      // Node reports a write that was under way when its stream was destroyed as done. It was not.
      if (error || this.#stream.destroyed) return
      this.#hasWritten = false
      this.messages -= this.#batches.shift()!
      this.#events.drained()
    })
  }
}

/** One empty array for all: nothing is ever put into it. */
const NONE: never[] = []

/** Up to here it is cheaper to copy a message than to have it written apart from the others of its turn. */
const COPIED_BYTES = 4096
/** Few, so that the first messages of a chat leave at once; not one, so that a burst is not split for one pause. */
const LONE_TURNS = 2

/**
 * What is written next, by whichever connection. Nearly always the kernel takes it at once, and the place is free
 * again: no connection needs a buffer of its own. What it does not take keeps its place until it is written.
 */
const SLAB_BYTES = 128 * 1024
let slab: Buffer = Buffer.alloc(0)
let slabUsed = SLAB_BYTES

const unflushed: FrameWriter[] = []

/** Has `writer` told of the end of this turn: after the microtasks in which consumers send. */
function enlist(writer: FrameWriter): void {
  if (unflushed.push(writer) === 1) process.nextTick(endTurns)
}

function endTurns(): void {
  for (let i = 0; i < unflushed.length; i++) unflushed[i]!.endTurn()
  unflushed.length = 0
}
