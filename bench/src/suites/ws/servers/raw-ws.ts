import type { Server } from 'node:http'
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import { FAN_IN_WINDOW, type Serve, type WsServer, flood, keepAndTakeSlowly } from './server.ts'

export const server: WsServer = {
  loads: {
    echo: (http) => {
      listen(http, (socket) => {
        socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
      })
    },
    'fan-in': (http) => {
      listen(http, (socket) => {
        let count = 0
        socket.on('message', (data, isBinary) => {
          if (++count % FAN_IN_WINDOW === 0) socket.send(data, { binary: isBinary })
        })
      })
    },
    'broadcast-1': broadcast(1),
    'broadcast-8': broadcast(8),
    slow: (http) => {
      listen(http, (socket) => void socket.on('message', keepAndTakeSlowly()))
    },
    flood: (http) => {
      listen(http, (socket) => void flood((message) => socket.send(message)))
    },
    large: (http) => {
      listen(http, (socket) => void socket.on('message', () => {}), { maxPayload: 0 })
    },
  },
}

function listen(
  http: Server,
  connected: (socket: WebSocket) => void,
  options: ServerOptions = {},
): WebSocketServer {
  return new WebSocketServer({ server: http, perMessageDeflate: false, ...options }).on(
    'connection',
    (socket) => {
      socket.on('error', () => {})
      connected(socket)
    },
  )
}

/** The loop from the manual of `ws`. */
function broadcast(copies: number): Serve {
  return (http) => {
    const { clients } = listen(http, (socket) => {
      socket.on('message', (data, isBinary) => {
        for (let i = 0; i < copies; i++) {
          for (const client of clients) {
            if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary })
          }
        }
      })
    })
  }
}
