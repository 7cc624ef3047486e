import { type Channel, type SendChannel, channel, select } from 'chansel'
import { type Outlet, outlet } from 'chansel/device'
import { bell } from './bell.ts'
import type { Connection, Message } from './connection.ts'
import { checkMessage } from './outgoing.ts'

/**
 * What was sent and waits for a connection.
 *
 * Invariant: a message that was accepted is in `#waiting`, or with the current connection and the task that sends
 * over it. What a connection did not pass on comes back to the head of `#waiting` when it ends.
 */
export class Outbox {
  readonly #outlet: Outlet<Message>
  /** For the task that sends. */
  readonly #bell: Channel<void> = bell()
  #waiting: Channel<Message> = channel(Infinity)

  /** @param closed called when the program closes the channel, with what it said */
  constructor(capacity: number, closed: (error: unknown) => void) {
    this.#outlet = outlet<Message>({
      name: 'outgoing',
      capacity,
      length: () => this.length,
      isFull: () => this.length >= capacity,
      check: checkMessage,
      write: (message) => {
        this.#waiting.trySend(message)
        this.ring()
      },
      closed,
    })
  }

  get channel(): SendChannel<Message> {
    return this.#outlet.channel
  }

  get length(): number {
    return this.#waiting.length
  }

  /** Nothing more is accepted. */
  fail(errorFor: (message: Message) => unknown): void {
    this.#outlet.fail(errorFor)
  }

  /** Has the task that sends look again, whether or not there is something to send. */
  ring(): void {
    this.#bell.trySend()
  }

  /**
   * Sends what there is and what comes over a connection, until its end.
   *
   * @param idle called whenever nothing is left to send
   */
  async sendOver(conn: Connection, idle: () => void): Promise<void> {
    const passed: Message[] = []
    let next: Message | undefined
    try {
      while (conn.ctx.err === undefined) {
        next = this.#waiting.tryReceive()?.value
        if (next === undefined) {
          idle()
          await select({ rung: this.#bell, ended: conn.ctx.done })
          continue
        }
        this.#outlet.ready()
        if (!conn.outgoing.trySend(next)) await conn.outgoing.send(next)
        passed.push(next)
        next = undefined
        // The kernel has the others. They go now and then, because that is not free.
        const { length } = conn.outgoing
        if (passed.length > 2 * length + KEPT) passed.splice(0, passed.length - length)
      }
    } catch {
      // It is closing, or has ended, and `next` was not sent.
    }
    const { unsent } = await conn.closed
    const back = passed.slice(Math.max(0, passed.length - unsent))
    if (next !== undefined) back.push(next)
    this.#putBack(back)
  }

  #putBack(messages: readonly Message[]): void {
    const waiting = channel<Message>(Infinity)
    for (const message of messages) waiting.trySend(message)
    for (let later = this.#waiting.tryReceive(); later?.ok; later = this.#waiting.tryReceive()) {
      waiting.trySend(later.value)
    }
    this.#waiting = waiting
  }
}

/** How many messages more than needed are kept before those go. */
const KEPT = 64
