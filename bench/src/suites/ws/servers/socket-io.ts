import type { Server as HttpServer } from 'node:http'
import { Server } from 'socket.io'
import { FAN_IN_WINDOW, type Serve, type WsServer, flood, keepAndTakeSlowly } from './server.ts'

export const server: WsServer = {
  loads: {
    echo: (http) => {
      listen(http).on('connection', (socket) => {
        socket.on('message', (text) => socket.emit('message', text))
      })
    },
    'fan-in': (http) => {
      listen(http).on('connection', (socket) => {
        let count = 0
        socket.on('message', (text) => {
          if (++count % FAN_IN_WINDOW === 0) socket.emit('message', text)
        })
      })
    },
    'broadcast-1': broadcast(1),
    'broadcast-8': broadcast(8),
    slow: (http) => {
      listen(http).on('connection', (socket) => void socket.on('message', keepAndTakeSlowly()))
    },
    flood: (http) => {
      listen(http).on('connection', (socket) => void flood((message) => socket.emit('message', message)))
    },
  },
}

/** No ping of its own within a run: the generator compares what comes back byte by byte. */
function listen(http: HttpServer): Server {
  return new Server(http, { transports: ['websocket'], pingInterval: 3_600_000 })
}

function broadcast(copies: number): Serve {
  return (http) => {
    const io = listen(http)
    io.on('connection', (socket) => {
      socket.on('message', (text) => {
        for (let i = 0; i < copies; i++) io.emit('message', text)
      })
    })
  }
}
