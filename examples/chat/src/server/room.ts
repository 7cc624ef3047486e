// A room, and the lobby that finds rooms.
//
// Invariants:
// 1. One step puts a line into the history and fixes who gets it. So a member gets every line once: from the history
//    if it joined later, from its mailbox if it was there.
// 2. Everybody gets the lines in the same order: one task delivers one line after the other.
// 3. Nothing is dropped. A full mailbox makes the task wait; while it waits it takes no post, so whoever posts
//    waits, too.
// 4. Memory is bounded: rooms, members, mailboxes and histories all are.

import { randomUUID } from 'node:crypto'
import { channel, isCanceled, withCancel, type CancelContext, type Channel } from 'chansel'
import type { Connection } from '@chansel/ws'
import { Heard } from '../heard.ts'
import { encode, MAILBOX_CAPACITY, Refusal, type Hello, type MemberStats, type Say } from '../protocol.ts'

const MAX_ROOMS = 64
const MAX_MEMBERS = 100
const HISTORY_LINES = 200
/** Two hundred lines that people write are far below this; two hundred of 16 KiB would not be. */
const HISTORY_CHARACTERS = 512 * 1024

/** Somebody says something, comes or goes. */
export type Post = { readonly by: Author } & (Say | { readonly type: 'joined' | 'left' })

type Author = Pick<Member, 'name' | 'session'>

/** One connection in one room. Disposing it leaves the room. */
export interface Member extends Disposable {
  readonly name: string
  readonly session: string
  readonly conn: Connection
  /** Ends when the member leaves or its connection is lost, whichever is first. */
  readonly ctx: CancelContext
  /** Frames from the room for this member. */
  readonly mailbox: Channel<string>
  /** What it said last, until the room has taken it. */
  said: Post | undefined
}

export class Room {
  /** Unbuffered: a post waits until the room has finished with the line before it. */
  readonly posts = channel<Post>(0, { name: 'posts' })

  readonly #epoch = randomUUID()
  readonly #members = new Map<string, Member>()
  readonly #heard = new Heard()
  readonly #history: string[] = []
  #historyCharacters = 0
  #seq = 0

  constructor() {
    // The task needs no end: a room that nobody refers to is collected, with the promise that it waits for.
    void this.#deliver()
  }

  get isEmpty(): boolean {
    return this.#members.size === 0
  }

  join({ name, session }: Hello, conn: Connection): Member {
    // A page that comes back before its lost connection is noticed takes its own place again.
    const before = this.#members.get(session)
    if (!before && this.#members.size >= MAX_MEMBERS) throw new Refusal(1013, 'The room is full')
    this.#members.delete(session)
    const by = { name: this.#freeName(name), session }
    const ctx = withCancel(conn.ctx)
    const mailbox = channel<string>(MAILBOX_CAPACITY, { name: `mailbox of ${by.name}` })
    const said: Post | undefined = before ? undefined : { type: 'joined', by }
    const member: Member = { ...by, conn, ctx, mailbox, said, [Symbol.dispose]: () => this.#leave(member) }
    this.#members.set(session, member)
    if (before) void before.conn.close(1000, 'Connected anew')
    return member
  }

  #leave(member: Member): void {
    member.ctx.cancel()
    if (this.#members.get(member.session) !== member) return
    this.#members.delete(member.session)
    // Not awaited: a member that has left does not wait for the room.
    void this.posts.send({ type: 'left', by: member })
  }

  /** What a new member gets before anything else. To be read in the turn in which it joins: see 1. */
  greet(member: Member): string[] {
    const { name, session } = member
    const heard = this.#heard.upTo(session)
    const welcome = encode({ type: 'welcome', epoch: this.#epoch, name, heard, members: this.#memberStats() })
    return [welcome, ...this.#history]
  }

  stats(): string {
    const rssBytes = process.memoryUsage.rss()
    return encode({ type: 'stats', at: Date.now(), rssBytes, members: this.#memberStats() })
  }

  /** The one task of the room. */
  async #deliver(): Promise<void> {
    for await (const post of this.posts) {
      const frame = this.#record(post)
      if (frame === undefined) continue
      // A copy, made in the turn in which the line was recorded: a Map's iterator would visit members that join while
      // one waits, and those already have the line, from the history.
      for (const member of [...this.#members.values()]) {
        try {
          await member.mailbox.send(frame, member.ctx)
        } catch (error) {
          if (!isCanceled(error)) throw error
          // It left while the room waited for it.
        }
      }
    }
  }

  /** The frame to deliver; `undefined` if this was said before. */
  #record(post: Post): string | undefined {
    const { name, session } = post.by
    const at = Date.now()
    if (post.type !== 'say') return encode({ type: 'note', at, name, note: post.type })
    const { by: _, ...say } = post
    if (!this.#heard.isNew(session, say.counter)) return undefined
    const frame = encode({ ...say, type: 'line', seq: ++this.#seq, at, name, session })
    this.#history.push(frame)
    this.#historyCharacters += frame.length
    while (this.#history.length > HISTORY_LINES || this.#historyCharacters > HISTORY_CHARACTERS) {
      this.#historyCharacters -= this.#history.shift()!.length
    }
    return frame
  }

  #freeName(wanted: string): string {
    const taken = new Set([...this.#members.values()].map((member) => member.name))
    let name = wanted
    for (let suffix = 2; taken.has(name); suffix++) name = `${wanted}-${suffix}`
    return name
  }

  #memberStats(): MemberStats[] {
    return [...this.#members.values()].map(({ name, session, mailbox, conn, said }) => ({
      name,
      session,
      mailbox: mailbox.length,
      outgoing: conn.outgoing.length,
      isWaiting: said !== undefined,
    }))
  }
}

export class Lobby {
  readonly #rooms = new Map<string, Room>()

  /**
   * The room of that name. A room that everybody has left is kept until its place is needed, and the oldest goes first:
   * whoever reloads the page finds the conversation again, and there is no timer to get wrong.
   */
  room(name: string): Room {
    let room = this.#rooms.get(name)
    if (room) return room
    if (this.#rooms.size >= MAX_ROOMS) this.#forgetAnEmptyRoom()
    room = new Room()
    this.#rooms.set(name, room)
    return room
  }

  #forgetAnEmptyRoom(): void {
    for (const [name, room] of this.#rooms) {
      if (room.isEmpty) return void this.#rooms.delete(name)
    }
    throw new Refusal(1013, 'There are too many rooms')
  }
}
