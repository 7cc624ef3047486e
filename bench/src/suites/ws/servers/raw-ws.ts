import { WebSocketServer } from 'ws'
import type { WsServer } from './server.ts'

export const server: WsServer = {
  loads: {
    echo: (http) => {
      new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (socket) => {
        socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
        socket.on('error', () => {})
      })
    },
  },
}
