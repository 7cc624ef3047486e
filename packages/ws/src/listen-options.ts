import type { Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AcceptOptions } from './accept.ts'
import type { Connection } from './connection.ts'
import { describe } from './errors.ts'
import { checkNumber, checkString, wrongOption } from './options.ts'

/** Options of `listen` and `serve`: where to listen, and whom to let in. */
export type ListenOptions = AcceptOptions &
  /** A port of our own, or a server that exists. */
  (
    | {
        /** The port to listen on; 0 takes any that is free. */
        port: number
        /** The address to listen on: 127.0.0.1 by default. */
        host?: string | undefined
        server?: undefined
      }
    | {
        /** A server that exists. It stays open when the listener closes. */
        server: Server | HttpsServer
        port?: undefined
        host?: undefined
      }
  ) & {
    /** The only path that is served; by default all are. */
    path?: string | undefined
    /**
     * How many connections there may be, handshakes included: 65,536 by default; `Infinity` for any number. More are
     * refused with 503. Connections that nobody has received yet count even when they have ended. On a port of its
     * own, a listener has room for as many sockets again, at least 128, that have not asked for a WebSocket yet, and
     * drops those that come when all places are taken.
     */
    maxConnections?: number | undefined
    /**
     * Hears, once each, of what went wrong: a request that was refused, or a handler of `serve` that failed. By
     * default it is written to the console, a refusal in one line. (The type is that of a method, so that a function
     * that takes only an `Error` passes.)
     */
    onError?: { hear(error: unknown, conn?: Connection): void }['hear'] | undefined
  }

/** @throws TypeError, RangeError for a path that no request can have: nothing would be served */
export function checkPath(options: ListenOptions): void {
  checkString(options, 'path')
  const { path } = options
  // It is compared with the path of a request, which comes without the query, and with all that a URL escapes
  // escaped.
  const url = `http://localhost${path}`
  if (path !== undefined && !(URL.canParse(url) && new URL(url).pathname === path))
    throw new RangeError(
      `Cannot use option path: expected one as in a URL, "/chat" for example, got ${describe(path)}`,
    )
}

/**
 * @returns the server that was given; `undefined` for one of our own, on a port
 *
 * @throws TypeError, RangeError for what is neither
 */
export function readServer(options: ListenOptions): Server | HttpsServer | undefined {
  const { port, server } = options
  if ((port === undefined) === (server === undefined)) {
    throw new TypeError('Cannot listen: expected either option port or option server')
  }
  if (server !== undefined) {
    if (typeof server?.on !== 'function' || typeof server.listenerCount !== 'function')
      throw wrongOption('server', 'a server of node:http', server)
    return server
  }
  checkNumber('port', port!, 0)
  if (!Number.isInteger(port) || port! > 65_535)
    throw new RangeError(`Cannot use option port: expected a whole number from 0 to 65535, got ${port}`)
  checkString(options, 'host')
  return undefined
}
