import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveLive } from './live.ts'

/** What each of the four gives: a server that listens. */
export interface App {
  readonly port: number
  /** First the WebSockets, which hear 1001, then the other sockets: those that browsers open in case they need one, too. */
  close(): Promise<void>
}

/** For the frameworks that have no server of their own: one was made for them, which they share. */
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
