import { type CancelContext, withCancel } from 'chansel'
import { type Connection, TransportConnection } from './connection.ts'
import type { Message, PreparedMessage } from './transport/port.ts'
import { type Waiting, WaitingList } from './waiting.ts'

/**
 * A connection in a hub.
 *
 * Invariant: a task sends what is in `#queue`, oldest first, while there is something in it, and only then. What it
 * is sending is not in the queue any more: the wait for that is `#turn`.
 */
export class Member<K> {
  readonly conn: Connection
  /** Its rooms, each with its membership, which is a new object each time that it joins. */
  readonly rooms = new Map<K, object>()
  /** Stops waiting for the connection's end. */
  forget: () => void = () => {}
  readonly #queue = new WaitingList()
  #isSending = false
  /**
   * The wait of the message that is being sent for room in the connection; over once that was dropped, or its
   * publisher cancelled.
   */
  #turn: { readonly ctx: CancelContext; readonly isDroppable: boolean } | undefined
  /** Called when what was dropped had been taken by the connection already. */
  readonly #keptAfterAll: () => void

  constructor(conn: Connection, keptAfterAll: () => void) {
    this.conn = conn
    this.#keptAfterAll = keptAfterAll
  }

  get isOver(): boolean {
    return this.conn.outgoing.closed
  }

  /** How many messages wait for room in the connection. */
  get waiting(): number {
    return this.#queue.length + (this.#waitingTurn === undefined ? 0 : 1)
  }

  get #waitingTurn() {
    return this.#turn?.ctx.err === undefined ? this.#turn : undefined
  }

  /** Sends now, unless that would wait, or overtake what does. */
  send(message: PreparedMessage): boolean {
    return !this.isOver && !this.#isSending && this.conn.outgoing.trySend(this.#formOf(message))
  }

  enqueue(waiting: Waiting): void {
    this.#queue.push(waiting)
    if (!this.#isSending) void this.#sendAll()
  }

  /** Nobody waits for `waiting` any more: if it was not taken, it will not be. */
  withdraw(waiting: Waiting): void {
    this.#queue.remove(waiting)
  }

  /**
   * Drops the oldest message that no publisher waits for.
   *
   * @returns whether there was one
   */
  dropOldest(): boolean {
    const turn = this.#waitingTurn
    if (turn?.isDroppable) {
      turn.ctx.cancel()
      return true
    }
    let oldest = this.#queue.oldest
    while (oldest?.taken !== undefined) oldest = oldest.newer
    if (oldest !== undefined) this.#queue.remove(oldest)
    return oldest !== undefined
  }

  disconnect(): void {
    void this.conn.close(1013, 'too slow')
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const isTaken = await this.#sendOne(next)
      next.taken?.trySend(isTaken)
    }
    this.#isSending = false
  }

  /** @returns whether it was taken; if not it was cancelled or dropped, or the connection is over */
  async #sendOne(waiting: Waiting): Promise<boolean> {
    using ctx = withCancel(waiting.ctx)
    const isDroppable = waiting.taken === undefined
    this.#turn = { ctx, isDroppable }
    try {
      await this.conn.outgoing.send(this.#formOf(waiting.message), ctx)
      if (isDroppable && ctx.err !== undefined) this.#keptAfterAll()
      return true
    } catch {
      return false
    } finally {
      this.#turn = undefined
    }
  }

  /** A connection of this library takes the message as it was prepared. */
  #formOf(message: PreparedMessage): Message {
    return this.conn instanceof TransportConnection ? (message as unknown as Message) : message.message
  }
}
