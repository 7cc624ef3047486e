import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Message, MessageFragment, PreparedMessage, TransportEvents } from '../port.ts'

/**
 * Sends messages by `ws`: where they are compressed, and where the stream under the WebSocket is not known. Where
 * it is, those of one turn are written in one piece.
 *
 * Invariant: while `#isCorked`, the stream keeps what is written; it is uncorked at the end of the turn.
 */
export class LibraryWriter {
  /** Messages that were sent and that the kernel does not have. */
  messages = 0
  readonly #socket: WebSocket
  readonly #stream: Duplex | null | undefined
  readonly #events: Pick<TransportEvents, 'drained'>
  #isCorked = false

  constructor(
    socket: WebSocket,
    stream: Duplex | null | undefined,
    events: Pick<TransportEvents, 'drained'>,
  ) {
    this.#socket = socket
    this.#stream = stream
    this.#events = events
  }

  get bytes(): number {
    return this.#socket.bufferedAmount
  }

  send(message: Message): void {
    if (!this.#isCorked && this.#stream) {
      this.#isCorked = true
      this.#stream.cork()
      // Runs after the microtasks in which consumers send.
      process.nextTick(() => {
        this.#isCorked = false
        this.#stream!.uncork()
      })
    }
    this.messages++
    this.#socket.send(message, this.#sent)
  }

  sendPrepared({ message }: PreparedMessage): void {
    this.send(message)
  }

  sendFragment({ data, kind, isLast }: MessageFragment): void {
    if (isLast) this.messages++
    this.#socket.send(data, { binary: kind === 'binary', fin: isLast }, (error) => {
      if (isLast) this.#sent(error)
      else if (!error) this.#events.drained()
    })
  }

  /** Has the library write something behind what was sent so far. */
  behind(write: () => void): void {
    write()
  }

  reads(): void {}

  readonly #sent = (error?: Error | null): void => {
    // Node reports a write that was under way when its stream was destroyed as done. It was not.
    if (error || this.#stream?.destroyed) return
    this.messages--
    this.#events.drained()
  }
}
