import type { Server } from 'node:http'

/** A library as a server: for each load that it can do, what it makes of an HTTP server that will listen. */
export interface WsServer {
  readonly loads: { readonly [load: string]: (http: Server) => Promise<unknown> | void }
}
