import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveLive } from './live.ts'

/** What each of the four frameworks gives: a server that listens. */
export interface App {
  readonly port: number
  /** First the WebSockets, which get 1001, and then all other sockets: browsers open some in case they need one. */
  close(): Promise<void>
}

/** For the frameworks without a server of their own: one is made for them, which they share. */
export async function share(server: Server, port: number): Promise<App> {
  const live = await serveLive(server)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      await live.close()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
