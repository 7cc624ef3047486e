import type { Server } from 'node:http'
import crossws from 'crossws/adapters/node'
import { FAN_IN_WINDOW, type Serve, type WsServer, flood, keepAndTakeSlowly } from './server.ts'

type Hooks = NonNullable<NonNullable<Parameters<typeof crossws>[0]>['hooks']>
type Received = Parameters<NonNullable<Hooks['message']>>[1]

export const server: WsServer = {
  loads: {
    echo: (http) => listen(http, { message: (peer, message) => void peer.send(contentOf(message)) }),
    'fan-in': (http) => {
      const counts = new Map<string, number>()
      listen(http, {
        message: (peer, message) => {
          const count = (counts.get(peer.id) ?? 0) + 1
          counts.set(peer.id, count)
          if (count % FAN_IN_WINDOW === 0) peer.send(contentOf(message))
        },
      })
    },
    'broadcast-1': broadcast(1),
    'broadcast-8': broadcast(8),
    slow: (http) => {
      const keep = keepAndTakeSlowly()
      listen(http, { message: (_, message) => keep(message) })
    },
    flood: (http) => listen(http, { open: (peer) => void flood((message) => peer.send(message)) }),
  },
}

function listen(http: Server, hooks: Hooks): void {
  const adapter = crossws({ hooks })
  http.on('upgrade', (request, socket, head) => void adapter.handleUpgrade(request, socket, head))
}

/** Its text or its bytes, whichever the peer sent. */
function contentOf(message: Received): string | Uint8Array {
  return typeof message.rawData === 'string' ? message.rawData : message.uint8Array()
}

/** Its `publish` goes to all others. */
function broadcast(copies: number): Serve {
  return (http) =>
    listen(http, {
      open: (peer) => peer.subscribe('all'),
      message: (peer, message) => {
        const content = contentOf(message)
        for (let i = 0; i < copies; i++) {
          peer.send(content)
          peer.publish('all', content)
        }
      },
    })
}
