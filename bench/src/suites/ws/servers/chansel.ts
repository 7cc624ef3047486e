import { setTimeout } from 'node:timers/promises'
import { channel } from 'chansel'
import type { Connection, Message } from '@chansel/ws'
import { Hub, serve } from '@chansel/ws/server'
import { FAN_IN_WINDOW, TAKE_MS, type Serve, type WsServer, floodMessages } from './server.ts'

export const server: WsServer = {
  loads: {
    echo: (http) =>
      serve({ server: http }, async (conn) => {
        for await (const message of conn.incoming) await conn.outgoing.send(message)
      }),
    'fan-in': (http) => {
      const inbox = channel<Received>(64)
      void consume(inbox)
      return serve({ server: http }, async (conn) => {
        const from = { conn, count: 0 }
        for await (const message of conn.incoming) await inbox.send({ from, message })
      })
    },
    'broadcast-1': broadcast(1),
    'broadcast-8': broadcast(8),
    slow: (http) =>
      serve({ server: http }, async (conn) => {
        for await (const _ of conn.incoming) await setTimeout(TAKE_MS)
      }),
    flood: (http) =>
      serve({ server: http }, async (conn) => {
        for (const message of floodMessages()) await conn.outgoing.send(message)
      }),
    large: (http) =>
      serve({ server: http, incomingStreams: true }, async (conn) => {
        for await (const { pieces } of conn.incomingStreams) for await (const _ of pieces);
      }),
  },
}

interface Received {
  readonly from: { readonly conn: Connection; count: number }
  readonly message: Message
}

async function consume(inbox: AsyncIterable<Received>): Promise<void> {
  for await (const { from, message } of inbox) {
    if (++from.count % FAN_IN_WINDOW === 0) await from.conn.outgoing.send(message)
  }
}

function broadcast(copies: number): Serve {
  return (http) => {
    const hub = new Hub()
    return serve({ server: http }, async (conn) => {
      hub.join('all', conn)
      for await (const message of conn.incoming) {
        for (let i = 0; i < copies; i++) hub.publish('all', message)
      }
    })
  }
}
