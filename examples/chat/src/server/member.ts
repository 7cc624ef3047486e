// One connection, from the handshake to its end.

import type { IncomingMessage } from 'node:http'
import { select, sendCase, ticker } from 'chansel'
import type { Connection } from '@chansel/ws'
import { parseHello, parseSay, Refusal } from '../protocol.ts'
import type { Lobby, Member, Room } from './room.ts'

/** Often enough for the panel of the page to look alive, seldom enough not to matter beside the lines. */
const STATS_EVERY_MS = 500
/**
 * A page may read as slowly as it likes. One that reads nothing for this many ticks, a minute, would stop its room for
 * ever. Ticks and not the clock: after a pause there is one tick, so a server that was held up throws nobody out.
 */
const PATIENCE_TICKS = 120

/** What `serve` calls with every connection. */
export async function attend(conn: Connection, request: IncomingMessage, lobby: Lobby): Promise<void> {
  try {
    const hello = parseHello(request.url ?? '')
    const room = lobby.room(hello.room)
    using member = room.join(hello, conn)
    await converse(conn, room, member)
  } catch (error) {
    // A peer that says anything else is a faulty program. It is told so once, with the close: answering each
    // malformed message would cost us more than the next one costs the peer.
    if (!(error instanceof Refusal)) throw error
    await conn.close(error.closeCode, error.message)
  }
}

/**
 * Hears what the peer says, and tells it what the room says, until it goes.
 *
 * Reading and writing are one `select` and not two tasks: every wait is here, so `said` and `backlog` need no lock, and
 * a member never waits for a room that waits for that member.
 */
export async function converse(conn: Connection, room: Room, member: Member): Promise<void> {
  const backlog = room.greet(member)
  using tick = ticker(STATS_EVERY_MS)
  let unreadTicks = 0
  for (;;) {
    // A peer that has gone cannot be told anything, but what it said before still goes to the room.
    const isOpen = !conn.outgoing.closed
    const event = await select({
      // Read on once the room has taken the last line. Until then the socket fills, and TCP stops the peer.
      heard: !member.said && conn.incoming,
      posted: member.said && sendCase(room.posts, member.said),
      // Take mail once the peer has taken the last. Until then the mailbox fills, and the room waits.
      mail: isOpen && backlog.length === 0 && member.mailbox,
      sent: isOpen && backlog.length > 0 && sendCase(conn.outgoing, backlog[0]!),
      tick: isOpen && tick,
      gone: isOpen && conn.ctx.done,
    })
    switch (event.case) {
      case 'heard':
        if (!event.ok) return
        member.said = { by: member, ...parseSay(event.value) }
        break
      case 'posted':
        member.said = undefined
        break
      case 'mail':
        if (event.ok) backlog.push(event.value)
        break
      case 'sent':
        backlog.shift()
        unreadTicks = 0
        break
      case 'tick':
        if (backlog.length === 0) backlog.push(room.stats())
        else if (++unreadTicks === PATIENCE_TICKS)
          throw new Refusal(1013, 'You have read nothing for a minute')
        break
      case 'gone':
        break // from now on nobody to tell, but perhaps something to hear
    }
  }
}
