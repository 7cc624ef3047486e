import type { Server } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { Chan } from 'ts-chan'
import { WebSocket, WebSocketServer } from 'ws'
import { FAN_IN_WINDOW, TAKE_MS, type Serve, type WsServer, floodMessages } from './server.ts'

interface Item {
  readonly data: WebSocket.RawData
  readonly isBinary: boolean
}

interface Conn {
  readonly incoming: Chan<Item>
  readonly outgoing: Chan<Item>
}

/** A read channel and a write channel for each connection, and a task that sends what comes out of the second. */
export const server: WsServer = {
  loads: {
    echo: (http) =>
      listen(http, async ({ incoming, outgoing }) => {
        for await (const item of incoming) await outgoing.send(item)
      }),
    'fan-in': (http) => {
      const inbox = new Chan<{ readonly from: { count: number }; readonly outgoing: Chan<Item>; item: Item }>(
        64,
      )
      const consume = async (): Promise<void> => {
        for await (const { from, outgoing, item } of inbox) {
          if (++from.count % FAN_IN_WINDOW === 0) await outgoing.send(item)
        }
      }
      void consume()
      listen(http, async ({ incoming, outgoing }) => {
        const from = { count: 0 }
        for await (const item of incoming) await inbox.send({ from, outgoing, item })
      })
    },
    'broadcast-1': broadcast(1),
    'broadcast-8': broadcast(8),
    slow: (http) =>
      listen(http, async ({ incoming }) => {
        for await (const _ of incoming) await setTimeout(TAKE_MS)
      }),
    flood: (http) =>
      listen(http, async ({ outgoing }) => {
        for (const data of floodMessages()) await outgoing.send({ data, isBinary: true })
      }),
  },
}

function listen(http: Server, serve: (conn: Conn) => Promise<void>): void {
  new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (socket) => {
    const incoming = new Chan<Item>(64)
    const outgoing = new Chan<Item>(64)
    const failed = (): void => socket.terminate()
    socket.on('message', (data, isBinary) => void incoming.send({ data, isBinary }).catch(failed))
    socket.on('error', () => {})
    socket.on('close', () => [incoming, outgoing].forEach((ch) => ch.close()))
    serve({ incoming, outgoing }).catch(failed)
    write(outgoing, socket).catch(failed)
  })
}

async function write(outgoing: Chan<Item>, socket: WebSocket): Promise<void> {
  for await (const { data, isBinary } of outgoing) socket.send(data, { binary: isBinary })
}

function broadcast(copies: number): Serve {
  return (http) => {
    const members = new Set<Conn>()
    listen(http, async (conn) => {
      members.add(conn)
      for await (const item of conn.incoming) {
        for (let i = 0; i < copies; i++) {
          for (const { outgoing } of members) await outgoing.send(item)
        }
      }
      members.delete(conn)
    })
  }
}
