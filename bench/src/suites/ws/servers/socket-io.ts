import { Server } from 'socket.io'
import type { WsServer } from './server.ts'

export const server: WsServer = {
  loads: {
    echo: (http) => {
      // No ping of its own within a run: the generator compares what comes back byte by byte.
      new Server(http, { transports: ['websocket'], pingInterval: 3_600_000 }).on('connection', (socket) => {
        socket.on('message', (text) => socket.emit('message', text))
      })
    },
  },
}
