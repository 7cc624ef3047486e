import crossws from 'crossws/adapters/node'
import type { WsServer } from './server.ts'

export const server: WsServer = {
  loads: {
    echo: (http) => {
      const adapter = crossws({
        hooks: {
          message: (peer, message) => {
            // Its text or its bytes: the kind is what the peer sent.
            peer.send(typeof message.rawData === 'string' ? message.rawData : message.uint8Array())
          },
        },
      })
      http.on('upgrade', (request, socket, head) => void adapter.handleUpgrade(request, socket, head))
    },
  },
}
