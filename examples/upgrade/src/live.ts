// The WebSockets: the same behind each framework, which provides its HTTP server and nothing else.

import type { Server } from 'node:http'
import { isDeadlineExceeded, select, withDeadline } from 'chansel'
import type { Connection } from '@chansel/ws'
import { type Listener, serve } from '@chansel/ws/server'
import { type User, authorize, userOf } from './session.ts'

/** From the range that RFC 6455 leaves to programs; 4401 is what many use for "log in again". */
export const SESSION_OVER = 4401

export function serveLive(server: Server): Promise<Listener> {
  return serve({ server, path: '/live', authorize, onError: report }, (conn, request) =>
    attend(conn, userOf(request)),
  )
}

/** One connection, until it or the session of its user ends. */
export async function attend(conn: Connection, user: User): Promise<void> {
  using session = withDeadline(conn.ctx, user.expiresAt)
  await conn.outgoing.send(`Hello, ${user.name}`)
  for (;;) {
    const event = await select({ said: conn.incoming, over: session.done })
    if (event.case === 'over') {
      if (isDeadlineExceeded(session.err)) await conn.close(SESSION_OVER, 'Your session is over')
      return
    }
    if (!event.ok) return
    await conn.outgoing.send(`${user.name} said ${String(event.value)}`)
  }
}

/** A refusal is routine: one line. Anything else is a fault of ours. */
function report(error: unknown): void {
  const isRefusal = (error as { code?: string }).code === 'ERR_WS_REFUSED'
  console.error(isRefusal ? (error as Error).message : error)
}
