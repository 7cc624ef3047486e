import { type Cancel, afterFunc, background, withCancel } from 'chansel'
import { inspectable } from '#diagnostics'
import type { Connection } from './connection.ts'
import { describe } from './errors.ts'
import { Member } from './member.ts'
import { checkObject, readWhole, wrongOption } from './options.ts'
import { checkMessage } from './outgoing.ts'
import { type Message, PreparedMessage } from './transport/port.ts'
import { Waiting } from './waiting.ts'
import { Coded } from './with-codec.ts'

/** Options of a `Hub`. */
export interface HubOptions {
  /**
   * What happens to a member that has `capacity` messages waiting when one more is published: `'disconnect'`, the
   * default, closes it with 1013, and if it does not read that either, cuts it with 1006 after `closeTimeoutMs`;
   * `'drop-oldest'` drops its oldest message.
   */
  slow?: 'disconnect' | 'drop-oldest' | undefined
  /**
   * How many messages may wait for each member, besides the `highWaterMarkBytes` of its connection: 256 by default;
   * `Infinity` for any number.
   */
  capacity?: number | undefined
}

/**
 * Rooms of connections. What is published to a room goes to all its members; it is encoded and framed once, however
 * many they are, and leaves together with what else each of them is sent in the turn.
 *
 * Closing: a connection that ends leaves all rooms. The hub closes none but those that are too slow.
 *
 * @throws TypeError, RangeError for an option that cannot be used
 * @example
 * import { dial } from '@chansel/ws'
 * import { Hub, serve } from '@chansel/ws/server'
 *
 * const hub = new Hub()
 * await using listener = await serve({ port: 0 }, async (conn) => {
 *   hub.join('news', conn)
 *   await conn.outgoing.send('joined')
 *   await conn.closed
 * })
 * await using conn = await dial(`ws://127.0.0.1:${listener.address.port}`)
 * await conn.incoming.receive() // => { value: 'joined', ok: true }
 * hub.publish('news', 'hello') // => 1
 * await conn.incoming.receive() // => { value: 'hello', ok: true }
 */
export class Hub<in out K = string> {
  readonly #rooms = new Map<K, Set<Member<K>>>()
  /**
   * Each connection that joined a room. It has one queue for all its rooms, also if it left and joined again, so it
   * gets everything in order.
   */
  readonly #members = new WeakMap<Connection, Member<K>>()
  readonly #slow: 'disconnect' | 'drop-oldest'
  readonly #capacity: number
  #dropped = 0
  #disconnected = 0

  static {
    inspectable(Hub, 'Hub', (hub: Hub<unknown>) => ({
      rooms: hub.#rooms.size,
      members: new Set([...hub.#rooms.values()].flatMap((members) => [...members])).size,
      slow: hub.#slow,
      capacity: hub.#capacity,
      dropped: hub.#dropped,
      disconnected: hub.#disconnected,
    }))
  }

  constructor(options: HubOptions = {}) {
    checkObject('make a hub: options must be an object', options)
    const { slow = 'disconnect' } = options
    if (slow !== 'disconnect' && slow !== 'drop-oldest')
      throw wrongOption('slow', "'disconnect' or 'drop-oldest'", slow)
    this.#slow = slow
    this.#capacity = readWhole(options, 'capacity', 256)
  }

  /**
   * How many messages slow members missed, under `'drop-oldest'`: the oldest, or the new one where publishers wait
   * for all that are queued.
   */
  get dropped(): number {
    return this.#dropped
  }

  /** How many members were too slow, under `'disconnect'`. */
  get disconnected(): number {
    return this.#disconnected
  }

  /**
   * Makes `conn` a member of `room`. Joining twice is joining once; a connection that has ended joins nothing.
   *
   * @returns a function that leaves the room; what waits for the member is still sent, before what it gets if it
   * joins again
   * @throws TypeError for anything but a connection
   */
  join(room: K, conn: Connection): () => void {
    if (typeof conn?.outgoing !== 'object' || typeof conn.ctx !== 'object')
      throw new TypeError(`Cannot join a room: expected a connection, got ${describe(conn)}`)
    // A hub publishes messages, which its codec would encode once more.
    if (conn instanceof Coded)
      throw new TypeError('Cannot join a room: expected the connection itself, got one with a codec')
    if (conn.ctx.err !== undefined) return () => {}
    const member = this.#members.get(conn) ?? new Member<K>(conn, () => this.#dropped--)
    this.#members.set(conn, member)
    if (member.rooms.size === 0) member.forget = afterFunc(conn.ctx, () => this.#ended(member))
    let members = this.#rooms.get(room)
    if (members === undefined) this.#rooms.set(room, (members = new Set()))
    members.add(member)
    const membership = member.rooms.get(room) ?? {}
    member.rooms.set(room, membership)
    // A membership that is over cannot end again, even if there is another by now.
    return () => {
      if (member.rooms.get(room) === membership) this.#leave(room, member)
    }
  }

  /**
   * Queues `message` for every member of `room`. Never waits.
   *
   * @returns for how many it was queued: those that are closing or too slow do not count
   * @throws TypeError for anything but a message
   */
  publish(room: K, message: Message): number {
    const prepared = prepare(message)
    let count = 0
    for (const member of this.#rooms.get(room) ?? []) {
      if (member.send(prepared) || this.#queue(member, prepared)) count++
    }
    return count
  }

  /**
   * Queues `message` for every member of `room`, and waits until the connections of all took it, after what was
   * queued before. Slow members are waited for, and not disconnected; a member whose connection ends is not waited
   * for.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal; those that have not taken it will not.
   *
   * @returns how many took it
   * @throws TypeError for anything but a message
   */
  async publishAndWait(room: K, message: Message, cancel: Cancel = background()): Promise<number> {
    const prepared = prepare(message)
    using ctx = withCancel(cancel)
    // Also if the deadline of a context has just passed, and its timer not fired yet.
    if (ctx.err !== undefined) throw cancel.signal.reason
    const waits: [member: Member<K>, waiting: Waiting][] = []
    let count = 0
    for (const member of this.#rooms.get(room) ?? []) {
      if (member.send(prepared)) {
        count++
      } else {
        const waiting = new Waiting(prepared, ctx)
        member.enqueue(waiting)
        waits.push([member, waiting])
      }
    }
    // In the step of the cancel, because whether there is room for the next message depends on what still waits.
    const withdraw = (): void => waits.forEach(([member, waiting]) => member.withdraw(waiting))
    if (waits.length > 0) ctx.signal.addEventListener('abort', withdraw)
    for (const [, { taken }] of waits) if ((await taken!.receive(cancel)).value) count++
    return count
  }

  /** How many members `room` has. Looks at each, as `publish` does. */
  size(room: K): number {
    let count = 0
    // A connection that has ended is let go of a little later, in a task of its own.
    for (const { conn } of this.#rooms.get(room) ?? []) if (conn.ctx.err === undefined) count++
    return count
  }

  #queue(member: Member<K>, message: PreparedMessage): boolean {
    if (member.isOver) return false
    if (member.waiting >= this.#capacity) {
      if (this.#slow === 'disconnect') {
        this.#disconnected++
        member.disconnect()
        this.#ended(member)
        return false
      }
      const isRoom = member.dropOldest()
      this.#dropped++
      if (!isRoom) return false
    }
    member.enqueue(new Waiting(message))
    return true
  }

  #leave(room: K, member: Member<K>): void {
    const members = this.#rooms.get(room)!
    members.delete(member)
    if (members.size === 0) this.#rooms.delete(room)
    member.rooms.delete(room)
    if (member.rooms.size === 0) member.forget()
  }

  #ended(member: Member<K>): void {
    for (const room of member.rooms.keys()) this.#leave(room, member)
  }
}

function prepare(message: Message): PreparedMessage {
  checkMessage(message)
  return new PreparedMessage(message)
}
