import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'

/**
 * Answers the pings of a peer, those of one turn in one write.
 *
 * `ws` would write each answer by itself, and give up a peer to which it owes 60 of them: even one that reads, if
 * its pings come in one segment, or one that is only slow to read what we send. Here such a peer gets the answers
 * to its first pings and to the newest: that is enough (RFC 6455, section 5.5.3). So what waits for a peer is
 * bounded, however many pings it sends.
 *
 * Invariants:
 * 1. While `#isTurn`, the stream is corked: an answer is before what `ws` writes later, such as its answer to a close.
 * 2. `#newest` is set only while answers are on their way to the kernel, and follows them.
 */
export class Pongs {
  readonly #socket: WebSocket
  readonly #stream: Duplex | null | undefined
  readonly #refuse: (cause: Error) => void
  #isTurn = false
  /** Answers of this turn. */
  #answers = 0
  /** Answers of an earlier turn, or of this one, are not with the kernel yet. */
  #isUnderWay = false
  #newest: Buffer | undefined
  /** Pings that came while the kernel took no answer. */
  #unanswered = 0

  /** @param refuse ends the connection of a peer that goes on without reading */
  constructor(socket: WebSocket, stream: Duplex | null | undefined, refuse: (cause: Error) => void) {
    this.#socket = socket
    this.#stream = stream
    this.#refuse = refuse
  }

  answer(ping: Buffer): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    if (this.#isTurn ? this.#answers < ANSWERS_A_TURN : !this.#isUnderWay) this.#write(ping)
    // A copy: as a view it would keep the whole chunk alive in which it came.
    else this.#newest = Buffer.from(ping)
    if (!this.#isTurn && ++this.#unanswered > MOST_UNANSWERED)
      this.#refuse(new RangeError(`Cannot answer pings: the peer has read no answer to ${MOST_UNANSWERED}`))
  }

  #write(ping: Buffer): void {
    if (this.#isTurn) {
      this.#answers++
      this.#socket.pong(ping, undefined, ignore)
      return
    }
    this.#isTurn = true
    this.#isUnderWay = true
    this.#answers = 1
    this.#stream?.cork()
    process.nextTick(() => this.#endTurn())
    this.#socket.pong(ping, undefined, (error) => this.#written(error))
  }

  #endTurn(): void {
    this.#isTurn = false
    this.#stream?.uncork()
  }

  #written(error: Error | undefined): void {
    if (error) return
    this.#isUnderWay = false
    this.#unanswered = 0
    const newest = this.#newest
    this.#newest = undefined
    if (newest !== undefined) this.answer(newest)
  }
}

/** More than any peer sends to learn whether we are there; what they cost is less than one read of the socket. */
const ANSWERS_A_TURN = 60
/** A peer that goes on so long without reading anything wants nothing but our time. */
const MOST_UNANSWERED = 1_000

function ignore(): void {}
