import { serve } from '@chansel/ws/server'
import type { WsServer } from './server.ts'

export const server: WsServer = {
  loads: {
    echo: (http) =>
      serve({ server: http }, async (conn) => {
        for await (const message of conn.incoming) await conn.outgoing.send(message)
      }),
  },
}
