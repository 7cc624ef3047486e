import { Chan } from 'ts-chan'
import { WebSocket, WebSocketServer } from 'ws'
import type { WsServer } from './server.ts'

interface Item {
  readonly data: WebSocket.RawData
  readonly isBinary: boolean
}

/** A read channel and a write channel for each connection, and a task that shovels out of the second. */
export const server: WsServer = {
  loads: {
    echo: (http) => {
      new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (socket) => {
        const incoming = new Chan<Item>(64)
        const outgoing = new Chan<Item>(64)
        const failed = (): void => socket.terminate()
        socket.on('message', (data, isBinary) => void incoming.send({ data, isBinary }).catch(failed))
        socket.on('error', () => {})
        socket.on('close', () => [incoming, outgoing].forEach((ch) => ch.close()))
        pass(incoming, outgoing).catch(failed)
        write(outgoing, socket).catch(failed)
      })
    },
  },
}

async function pass(incoming: Chan<Item>, outgoing: Chan<Item>): Promise<void> {
  for await (const item of incoming) await outgoing.send(item)
}

async function write(outgoing: Chan<Item>, socket: WebSocket): Promise<void> {
  for await (const { data, isBinary } of outgoing) socket.send(data, { binary: isBinary })
}
