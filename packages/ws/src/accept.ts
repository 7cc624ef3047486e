import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { after, channel, select } from 'chansel'
import { WebSocketServer } from 'ws'
import { connectionOpened, connectionRefused } from '#diagnostics'
import { type ConnectionOptions, type ConnectionSettings, readOptions } from './connection-options.ts'
import { type Connection, TransportConnection } from './connection.ts'
import { RefusedError, describe } from './errors.ts'
import { checkFunction, readNumber } from './options.ts'
import { hasBody } from './ordinary-request.ts'
import { type Origins, isAllowed, readOrigins } from './origins.ts'
import { readProtocols } from './protocols.ts'
import { type Refusal, answer, answerOf, checkRefusal } from './refusal.ts'
import { isHost, requestUrl, targetOf } from './request-url.ts'
import { isBytes } from './transport/bytes.ts'
import { wsOptions } from './transport/node.ts'
import { ReportingSocket } from './transport/node/socket-events.ts'
import { WsTransport } from './transport/ws.ts'

/** Options of `accept`: of the handshake, and of the connection. */
export interface AcceptOptions extends ConnectionOptions {
  /**
   * Which pages may connect, as whole origins such as `https://example.com`: by default only those of the server's
   * own host; `'*'` lets all in. A request without an `Origin` header does not come from a browser, and passes.
   */
  origins?: readonly string[] | '*' | undefined
  /**
   * The subprotocols that this side has, the preferred one first: none by default. A client that offers only others
   * is refused with 400.
   */
  protocols?: readonly string[] | undefined
  /**
   * Says who may connect: with nothing the client is let in, with a status of 300 to 599 it is refused. If it
   * throws, the client is refused with 500, and not told why; if it takes longer than `handshakeTimeoutMs`, with
   * 503.
   */
  authorize?:
    | ((request: IncomingMessage) => Refusal | undefined | void | Promise<Refusal | undefined | void>)
    | undefined
  /**
   * How long, in ms, each of these may take: `authorize`; a client to read that it is refused; and, on a port of our
   * own, a request to arrive. 10,000 by default; `Infinity` for ever.
   */
  handshakeTimeoutMs?: number | undefined
}

/**
 * Answers a request for a WebSocket, as an `upgrade` event of a `node:http` or `node:https` server brings it.
 *
 * Source: RFC 6455, section 4.2.
 *
 * @throws RefusedError (a rejection) if the request was refused; the client has been answered by then
 * @throws TypeError, RangeError at once for anything but an `upgrade` event, and for an option that cannot be used
 * @example
 * import { once } from 'node:events'
 * import { createServer } from 'node:http'
 * import type { AddressInfo } from 'node:net'
 * import { dial } from '@chansel/ws'
 * import { accept } from '@chansel/ws/server'
 *
 * const server = createServer().listen(0, '127.0.0.1')
 * server.on('upgrade', async (request, socket, head) => {
 *   const conn = await accept(request, socket, head)
 *   await conn.outgoing.send(`you asked for ${request.url}`)
 *   await conn.close()
 * })
 * await once(server, 'listening')
 *
 * const conn = await dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/news`)
 * await conn.incoming.receive() // => { value: 'you asked for /news', ok: true }
 * await conn.closed
 * server.close()
 */
export function accept(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: AcceptOptions = {},
): Promise<Connection> {
  const acceptor = new Acceptor(options)
  checkHandshake(request, socket, head)
  return acceptor.accept(request, socket, head)
}

/**
 * @throws TypeError for anything but an `upgrade` event: if `head` were forgotten, the options would be taken for
 * it
 */
function checkHandshake(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const parts: [name: string, what: string, given: unknown, isRight: boolean][] = [
    ['request', 'an IncomingMessage', request, typeof request?.headers === 'object'],
    ['socket', 'a Duplex', socket, typeof socket?.on === 'function' && typeof socket.write === 'function'],
    ['head', 'a Buffer', head, isBytes(head)],
  ]
  for (const [name, what, given, isRight] of parts)
    if (!isRight) throw new TypeError(`Cannot accept: ${name} must be ${what}, got ${describe(given)}`)
}

/** Accepts connections that share their options. */
export class Acceptor {
  readonly #settings: ConnectionSettings
  readonly #options: AcceptOptions
  readonly #origins: Origins
  readonly #protocols: readonly string[]
  readonly handshakeTimeoutMs: number
  readonly #server: WebSocketServer
  /** What `ws` finds wrong with the request that it is about to upgrade. */
  #fault: Error | undefined

  constructor(options: AcceptOptions) {
    this.#settings = readOptions(options, 'accept')
    checkFunction(options, 'authorize')
    this.#options = options
    this.#origins = readOrigins(options.origins)
    this.#protocols = readProtocols(options.protocols)
    this.handshakeTimeoutMs = readNumber(options, 'handshakeTimeoutMs', 10_000, 0)
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      WebSocket: ReportingSocket,
      ...wsOptions(this.#settings),
      handleProtocols: (offered) => this.#choose(offered) ?? false,
    })
    // Only for what `#check` lets through and `ws` does not, which would answer in its own words.
    this.#server.on('wsClientError', (fault, socket) => {
      this.#fault = fault
      answer(socket, { status: 400 })
    })
  }

  /** @param opened called with the connection in the step in which the client is told that it is let in */
  async accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    opened?: (conn: TransportConnection) => void,
  ): Promise<TransportConnection> {
    // The answer to a second request would go into the connection of the first.
    if (accepted.has(socket)) throw new Error('Cannot accept a connection: its socket was accepted before')
    accepted.add(socket)
    // Until the WebSocket has the socket nobody else listens for its errors.
    socket.on('error', ignore)
    try {
      if (socket.destroyed) throw clientGone()
      const refused = this.#check(request) ?? (await this.#authorize(request, socket))
      if (refused !== undefined) {
        answer(socket, refused.refusal, this.handshakeTimeoutMs)
        throw refused.error
      }
      return this.#upgrade(request, socket, head, opened)
    } catch (error) {
      connectionRefused('accept', error, requestUrl(request), answerOf(socket))
      throw error
    } finally {
      socket.off('error', ignore)
    }
  }

  /** @returns why the request is refused, if it is, for what it says itself */
  #check(request: IncomingMessage): Refused | undefined {
    const { method, headers, httpVersion } = request
    const { upgrade, host, origin } = headers
    const key = headers['sec-websocket-key']
    if (method !== 'GET') return refused(405, `the method is ${method}`)
    if (httpVersion !== '1.1') return refused(400, `the HTTP version is ${httpVersion}`)
    // Where a proxy reads a request differently from us, what it lets through is not what it looked at.
    if (hasBody(request)) return refused(400, 'the request has a body, which would be read as frames')
    // An asterisk is for OPTIONS. RFC 9112, section 3.2.4.
    if (!targetOf(request).startsWith('/')) return refused(400, 'the request is for no path')
    if (host === undefined) return refused(400, 'the request names no host')
    if (!isHost(host)) return refused(400, 'the request names no host that there can be')
    if (isTwice(request, 'host') || isTwice(request, 'origin'))
      return refused(400, 'the request names its host or its origin twice')
    if (upgrade?.toLowerCase() !== 'websocket') return refused(426, 'no WebSocket is asked for', UPGRADE)
    if (headers['sec-websocket-version'] !== '13')
      return refused(426, 'the protocol version is not 13', UPGRADE)
    if (key === undefined || !KEY.test(key)) return refused(400, 'the handshake has no right key')
    if (!isAllowed(this.#origins, origin, host)) return refused(403, 'a page of another origin asks')
    const offered = headers['sec-websocket-protocol']?.split(',').map((protocol) => protocol.trim())
    if (offered !== undefined && this.#protocols.length > 0 && this.#choose(new Set(offered)) === undefined) {
      return refused(400, 'no subprotocol in common')
    }
    return undefined
  }

  #choose(offered: Set<string>): string | undefined {
    return this.#protocols.find((protocol) => offered.has(protocol))
  }

  /**
   * @returns why the request is refused, if it is: by the program, or because that takes too long, or the client
   * has gone
   */
  async #authorize(request: IncomingMessage, socket: Duplex): Promise<Refused | undefined> {
    if (this.#options.authorize === undefined) return undefined
    const verdict = channel<Refused | undefined>(1)
    const gone = channel<never>()
    const leave = (): void => gone.close()
    socket.once('close', leave)
    void this.#judge(request).then((refused) => verdict.trySend(refused))
    const event = await select({ verdict, gone, tooSlow: after(this.handshakeTimeoutMs) })
    socket.off('close', leave)
    if (event.case === 'verdict') return event.value
    if (event.case === 'gone') return { refusal: { status: 400 }, error: clientGone() }
    return refused(503, `authorize took longer than ${this.handshakeTimeoutMs} ms`)
  }

  async #judge(request: IncomingMessage): Promise<Refused | undefined> {
    try {
      const refusal = await this.#options.authorize!(request)
      if (refusal === undefined) return undefined
      checkRefusal(refusal)
      return { refusal, error: new RefusedError(refusal.status, `authorize refused with ${refusal.status}`) }
    } catch (cause) {
      return { refusal: { status: 500 }, error: new RefusedError(500, 'authorize failed', cause) }
    }
  }

  #upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    opened: ((conn: TransportConnection) => void) | undefined,
  ): TransportConnection {
    let connection: TransportConnection | undefined
    this.#fault = undefined
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const transport = new WsTransport(
        webSocket,
        socket,
        this.#settings.maxMessageBytes,
        requestUrl(request),
      )
      connection = new TransportConnection(transport, this.#settings)
      opened?.(connection)
      connectionOpened(connection, 'accept')
    })
    // Called before `handleUpgrade` returns, or not at all.
    if (connection !== undefined) return connection
    throw this.#whyNot()
  }

  #whyNot(): RefusedError {
    const fault = this.#fault
    return fault === undefined ? clientGone() : new RefusedError(400, fault.message, fault)
  }
}

/** The sockets that were given to `accept`. */
const accepted = new WeakSet<Duplex>()

/** A refused request: what the client is told, and what the program is. */
interface Refused {
  readonly refusal: Refusal
  readonly error: RefusedError
}

function refused(status: number, why: string, headers?: Record<string, string>): Refused {
  return {
    refusal: headers === undefined ? { status } : { status, headers },
    error: new RefusedError(status, why),
  }
}

function clientGone(): RefusedError {
  return new RefusedError(400, 'the client has gone')
}

function isTwice({ rawHeaders }: IncomingMessage, name: string): boolean {
  return rawHeaders.filter((field, i) => i % 2 === 0 && field.toLowerCase() === name).length > 1
}

/** RFC 6455, section 4.4: which version would be right. */
const UPGRADE = { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }
/** 16 bytes in base64. RFC 6455, section 4.1. */
const KEY = /^[+/0-9A-Za-z]{22}==$/

function ignore(): void {}
