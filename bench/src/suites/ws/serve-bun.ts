// Bun's own server under measurement: bun serve-bun.js. As its manual says, without a channel.

import { makeCertificate } from '../../../../packages/ws/test/support/certificate.ts'
import { answerServer } from './answer-server.ts'
import { FAN_IN_WINDOW, type ServerLoad, flood, keepAndTakeSlowly } from './servers/server.ts'

type Received = (socket: Bun.Socket, message: string | Buffer) => void

let server: Bun.Server

const loads: { readonly [load in ServerLoad]?: () => Received } = {
  echo: () => (socket, message) => void socket.send(message),
  'fan-in': () => (socket, message) => {
    if (++socket.data.count % FAN_IN_WINDOW === 0) socket.send(message)
  },
  'broadcast-1': () => broadcast(1),
  'broadcast-8': () => broadcast(8),
  slow: () => {
    const keep = keepAndTakeSlowly()
    return (_, message) => keep(message)
  },
  flood: () => () => {},
}

await answerServer(async (load, isTls) => {
  const received = loads[load]
  if (received === undefined) return { no: `is not measured with ${load} messages` }
  server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    ...(isTls ? { tls: makeCertificate() } : {}),
    fetch: (request, self) =>
      self.upgrade(request, { data: { count: 0 } }) ? undefined : new Response(null, { status: 426 }),
    websocket: {
      open: (socket) => {
        if (load.startsWith('broadcast')) socket.subscribe('all')
        if (load === 'flood') void flood((message) => socket.send(message))
      },
      message: received(),
      // By default it drops what exceeds 16 MiB.
      backpressureLimit: 2 ** 31 - 1,
    },
  })
  return { port: server.port }
})

function broadcast(copies: number): Received {
  return (_, message) => {
    for (let i = 0; i < copies; i++) server.publish('all', message)
  }
}
