// The chat server: the files of the page, and a conversation per connection.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { channel } from 'chansel'
import { serve } from '@chansel/ws/server'
import { MAX_FRAME_BYTES } from '../protocol.ts'
import { serveFiles } from './files.ts'
import { attend } from './member.ts'
import { Lobby } from './room.ts'

// There is no login, so only this machine is let in.
const host = '127.0.0.1'
const port = process.env['PORT'] || '3000'

try {
  await main()
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}

async function main(): Promise<void> {
  const server = createServer(await serveFiles(new URL('../page/', import.meta.url)))
  server.listen({ port: Number(port), host })
  await once(server, 'listening')

  const lobby = new Lobby()
  const listener = await serve(
    {
      server,
      path: '/chat',
      maxConnections: 256,
      maxMessageBytes: MAX_FRAME_BYTES,
      // A slow reader gets to our ping only after all that it has not read yet: minutes of silence mean nothing.
      heartbeat: { intervalMs: 30_000, timeoutMs: 300_000 },
    },
    (conn, request) => attend(conn, request, lobby),
  )
  console.log(`Chansel chat on http://${host}:${(server.address() as AddressInfo).port}`)

  // Go's signal.Notify. Each listener runs once: a second Ctrl-C finds none, and ends the process at once.
  const signals = channel<NodeJS.Signals>(2, { name: 'signals' })
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, (signal) => signals.trySend(signal))
  await signals.receive()

  // Nobody new comes in, everybody gets 1001, and the sockets that browsers open in advance are closed. Then nothing
  // keeps the process alive: it needs no exit().
  server.close()
  await listener.close({ graceMs: 2_000 })
  server.closeAllConnections()
}

/** What a person at the terminal can fix is one line; a fault of the program is shown in full. */
function explain(error: unknown): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `Cannot listen on http://${host}:${port}: the port is taken. Set PORT to another one.`
    case 'EACCES':
      return `Cannot listen on http://${host}:${port}: this user may not. Set PORT to another one.`
    case 'ERR_SOCKET_BAD_PORT':
      return `Cannot listen on PORT ${JSON.stringify(port)}: expected an integer from 0 to 65535.`
    default:
      return error
  }
}
