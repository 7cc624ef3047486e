import { connectionOpened } from '#diagnostics'
import { adopt } from '#platform'
import { type ConnectionOptions, readOptions } from './connection-options.ts'
import { type Connection, TransportConnection } from './connection.ts'

/** A WebSocket that exists already: of the `ws` library, or one like the browser's. */
export interface WebSocketLike {
  readonly readyState: number
  readonly url: string
  send(data: never): void
  close(code?: number, reason?: string): void
  addEventListener(type: never, listener: never): void
}

/**
 * Makes a connection of a WebSocket that exists already, which from then on belongs to the connection alone.
 * Messages that arrived before are lost: wrap it before it opens, or in the step in which it does, or pause it
 * until then.
 *
 * @throws TypeError for anything but a WebSocket
 * @throws Error for one that was wrapped before
 * @throws UnsupportedError for the option `incomingStreams`, of a WebSocket that is open or is the platform's own
 * @example
 * import { wrap } from '@chansel/ws'
 * import { serve } from '@chansel/ws/server'
 * import { WebSocket } from 'ws'
 *
 * await using listener = await serve({ port: 0 }, async (conn) => conn.outgoing.send('welcome'))
 * await using conn = wrap(new WebSocket(`ws://127.0.0.1:${listener.address.port}`))
 * await conn.incoming.receive() // => { value: 'welcome', ok: true }
 */
export function wrap(socket: WebSocketLike, options: ConnectionOptions = {}): Connection {
  const settings = readOptions(options)
  const transport =
    typeof socket === 'object' && socket !== null ? adopt(socket, settings.maxMessageBytes) : undefined
  if (transport === undefined)
    throw new TypeError('Cannot wrap: expected a WebSocket of ws or of the platform')
  // A second connection would take the messages of the first.
  if (wrapped.has(socket)) throw new Error('Cannot wrap: it was wrapped before')
  const conn = new TransportConnection(transport, settings)
  wrapped.add(socket)
  connectionOpened(conn, 'wrap')
  return conn
}

const wrapped = /* @__PURE__ */ new WeakSet<WebSocketLike>()
