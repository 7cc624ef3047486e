import type { Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AcceptOptions } from './accept.ts'
import type { Connection } from './connection.ts'
import { describe } from './errors.ts'
import { checkNumber, checkString, wrongOption } from './options.ts'

export type ListenOptions = AcceptOptions &
  /** A port of 127.0.0.1 or `host`, 0 for any that is free; or a server that exists, which stays open at the end. */
  ({ port: number; host?: string } | { server: Server | HttpsServer }) & {
    /** The only path that is served; all are. */
    path?: string
    /**
     * How many connections there may be, handshakes included: 65,536; more are refused with 503. `Infinity`: any.
     * Those that nobody has received yet count though they have ended. On a port of its own as many sockets again, at least 128, may be before their handshake; those that
     * come when all are taken are dropped.
     */
    maxConnections?: number
    /**
     * Hears once of what went wrong: a request that was refused, a handler of `serve` that failed. By default it
     * is written to the console, a refusal in one line.
     */
    onError?(error: unknown, conn?: Connection): void
  }

/** @throws TypeError, RangeError for a path that no request can have: nothing would be served */
export function checkPath(options: ListenOptions): void {
  checkString(options, 'path')
  const { path } = options
  // It is compared with what a client makes of a URL: without a query, and with what it escapes escaped.
  const url = `http://localhost${path}`
  if (path !== undefined && !(URL.canParse(url) && new URL(url).pathname === path))
    throw new RangeError(
      `Cannot use option path: expected one as in a URL, "/chat" for example, got ${describe(path)}`,
    )
}

/**
 * The server to listen on; `undefined`: one of our own, on a port.
 *
 * @throws TypeError, RangeError for what is neither
 */
export function readServer(options: ListenOptions): Server | HttpsServer | undefined {
  const given: { port?: number; host?: string; server?: Server | HttpsServer } = options
  const { port, server } = given
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
  checkString(given, 'host')
  return undefined
}
