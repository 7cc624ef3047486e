import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Channel, type ReceiveChannel, after, channel, select } from 'chansel'
import { type Inlet, inlet } from 'chansel/device'
import { connectionRefused, inspectable } from '#diagnostics'
import { Acceptor } from './accept.ts'
import { type Connection, type TransportConnection, isEndOf } from './connection.ts'
import { RefusedError, describe } from './errors.ts'
import { createHttpServer } from './http-server.ts'
import { type ListenOptions, checkPath, readServer } from './listen-options.ts'
import { checkFunction, checkNumber, checkObject, readWhole } from './options.ts'
import { answer, answerOf } from './refusal.ts'
import { requestUrl, targetOf } from './request-url.ts'
import { type Upgrader, joinServer } from './upgrades.ts'

/** A server of WebSockets. */
export interface Listener extends AsyncDisposable {
  /**
   * Connections as they come: Go's accept loop. Closes when the listener does. Under `serve` the handler gets them
   * all instead.
   */
  readonly connections: ReceiveChannel<Connection>
  /**
   * Where it listens.
   *
   * @throws Error while there is none: a server that was given may not listen yet, and no port of its own is open once
   * `close` was called
   */
  readonly address: AddressInfo
  /**
   * Accepts no more, closes all connections with 1001, and resolves when all have ended and, under `serve`, all
   * handlers have returned: a handler that awaits it waits for itself. After `graceMs`, connections that have not
   * ended are cut, as are refusals that nobody has read, and handlers are no longer waited for. A request that
   * still comes, by a socket that was open, is refused with 503, and not reported. A server that was given stays
   * open, and is left at once. A second call resolves with the first.
   *
   * @param options `graceMs`: 5,000 by default
   */
  close(options?: {
    /** How long, in ms, connections, refusals and handlers may take to end: 5,000 by default; `Infinity` for ever. */
    graceMs?: number | undefined
  }): Promise<void>
}

/**
 * Listens for WebSockets and gives them to whoever receives from `connections`.
 *
 * @throws TypeError, RangeError at once for an option that cannot be used
 * @throws Error (a rejection) if the port cannot be had; its `code` is `'EADDRINUSE'`, for example
 * @example
 * import { dial } from '@chansel/ws'
 * import { listen } from '@chansel/ws/server'
 *
 * await using listener = await listen({ port: 0 })
 * await using client = await dial(`ws://127.0.0.1:${listener.address.port}`)
 * const { value: conn } = await listener.connections.receive()
 * await client.outgoing.send('hello')
 * await conn!.incoming.receive() // => { value: 'hello', ok: true }
 */
export function listen(options: ListenOptions): Promise<Listener> {
  return new SocketListener(options).open()
}

/**
 * Listens for WebSockets and runs `handler` for each, in a task of its own. Once it has returned the connection
 * closes with 1000; if it rejects, `onError` hears of it and the connection closes with 1011. A handler that
 * rejects because its own connection ended is not reported.
 *
 * @throws TypeError, RangeError at once for an option that cannot be used
 * @throws Error (a rejection) if the port cannot be had; its `code` is `'EADDRINUSE'`, for example
 * @example
 * import { dial } from '@chansel/ws'
 * import { serve } from '@chansel/ws/server'
 *
 * await using listener = await serve({ port: 0 }, async (conn) => {
 *   for await (const message of conn.incoming) await conn.outgoing.send(message)
 * })
 * await using conn = await dial(`ws://127.0.0.1:${listener.address.port}`)
 * await conn.outgoing.send('echo')
 * await conn.incoming.receive() // => { value: 'echo', ok: true }
 */
export function serve(
  options: ListenOptions,
  handler: (conn: Connection, request: IncomingMessage) => Promise<unknown>,
): Promise<Listener> {
  if (typeof handler !== 'function')
    throw new TypeError(`Cannot serve: expected a handler, got ${describe(handler)}`)
  return new SocketListener(options, handler).open()
}

/**
 * Listens on a server of its own, or one that was given, and hands on the connections.
 *
 * Invariants:
 * 1. `#connections` has each connection from the step in which it opens until it was received and has ended,
 *    because what it brought is kept that long; `#handshakes` has each socket before that, or until it has closed.
 *    Together they are at most `maxConnections`.
 * 2. Once `#closed` is set nothing joins either: a socket that was answered cannot become a connection.
 * 3. `#handling` handlers run. Nothing but the frame of a handler that uses it keeps a request alive, which takes 2
 *    KiB.
 */
class SocketListener implements Listener, Upgrader {
  readonly #arrivals: Inlet<TransportConnection>
  readonly #options: ListenOptions
  readonly #acceptor: Acceptor
  readonly #handler: Handler | undefined
  readonly #maxConnections: number
  readonly #server: Server | HttpsServer
  readonly #ownServer: Server | undefined
  readonly #connections = new Set<TransportConnection>()
  readonly #handshakes = new Set<Duplex>()
  readonly #ended = (conn: TransportConnection): void => void this.#connections.delete(conn)
  readonly #received = (conn: TransportConnection): void => conn.atEnd(this.#ended)
  #handling = 0
  /** Closes when the last handler has returned; made when the listener closes. */
  #handled: Channel<never> | undefined
  #leaveServer: (() => void) | undefined
  #closed: Promise<void> | undefined

  static {
    inspectable(SocketListener, 'Listener', (listener) => ({
      state: listener.#state,
      connections: listener.#connections.size,
      handshakes: listener.#handshakes.size,
      handling: listener.#handling,
    }))
  }

  constructor(options: ListenOptions, handler?: Handler) {
    checkObject(`${handler === undefined ? 'listen' : 'serve'}: options must be an object`, options)
    checkFunction(options, 'onError')
    checkPath(options)
    this.#options = options
    this.#acceptor = new Acceptor(options)
    this.#maxConnections = readWhole(options, 'maxConnections', 65_536)
    this.#arrivals = inlet({
      name: 'connections',
      capacity: handler === undefined ? Infinity : 0,
      taken: this.#received,
    })
    this.#handler = handler
    const server = readServer(options)
    this.#ownServer =
      server === undefined
        ? createHttpServer(this.#acceptor.handshakeTimeoutMs, this.#maxConnections, (error) =>
            this.report(error),
          )
        : undefined
    this.#server = server ?? this.#ownServer!
  }

  async open(): Promise<Listener> {
    this.#leaveServer = joinServer(this.#server, this)
    if ('port' in this.#options && this.#ownServer !== undefined) {
      const { port, host = '127.0.0.1' } = this.#options
      this.#server.listen(port, host)
      await once(this.#server, 'listening')
      // Without a listener an error would end the process: that there are no more file descriptors, for example.
      this.#server.on('error', (error) => this.report(error))
    }
    return this
  }

  get #state(): 'open' | 'closing' | 'closed' {
    if (this.#closed === undefined) return 'open'
    return this.#handshakes.size + this.#connections.size + this.#handling > 0 ? 'closing' : 'closed'
  }

  get connections(): ReceiveChannel<Connection> {
    return this.#arrivals.channel
  }

  get address(): AddressInfo {
    const address = this.#server.address()
    if (typeof address !== 'object' || address === null)
      throw new Error('Cannot tell the address: the server is not listening on a port')
    return address
  }

  get ownsServer(): boolean {
    return this.#ownServer !== undefined
  }

  serves(request: IncomingMessage): boolean {
    return this.#options.path === undefined || targetOf(request).split('?', 1)[0] === this.#options.path
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    void this.#accept(request, socket, head)
  }

  async #accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const isClosing = this.#closed !== undefined
    if (isClosing || this.#connections.size + this.#handshakes.size >= this.#maxConnections) {
      const why = isClosing ? 'the listener closes' : `there are ${this.#maxConnections} connections`
      const error = new RefusedError(503, why)
      answer(socket, { status: 503 })
      connectionRefused('accept', error, requestUrl(request), answerOf(socket))
      // What the end of the listener cuts off is no news.
      if (!isClosing) this.report(error)
      return
    }
    this.#handshakes.add(socket)
    let conn: TransportConnection
    try {
      conn = await this.#acceptor.accept(request, socket, head, (opened) => {
        this.#handshakes.delete(socket)
        this.#connections.add(opened)
      })
    } catch (error) {
      // Its answer may be under way.
      void closeOf(socket).then(() => this.#handshakes.delete(socket))
      if (this.#closed === undefined) this.report(error)
      return
    }
    if (this.#closed !== undefined) return
    if (this.#handler === undefined) {
      if (this.#arrivals.offer(conn)) this.#received(conn)
    } else {
      this.#received(conn)
      this.#handle(this.#handler, conn, request)
    }
  }

  #handle(handler: Handler, conn: TransportConnection, request: IncomingMessage): void {
    this.#handling++
    // No task waits for the handler: its frame would be one more for each idle connection.
    resultOf(handler, conn, request).then(
      () => this.#returned(conn, 1000),
      (error: unknown) => {
        if (!isEndOf(conn, error)) this.report(error, conn)
        this.#returned(conn, 1011)
      },
    )
  }

  #returned(conn: TransportConnection, code: number): void {
    void conn.close(code)
    if (--this.#handling === 0) this.#handled?.close()
  }

  report(error: unknown, conn?: Connection): void {
    // A fault of the reporter must not end the server that it reports for.
    const failed = (failure: unknown): void => console.error('[@chansel/ws] onError failed:', failure)
    try {
      if (this.#options.onError !== undefined)
        Promise.resolve<unknown>(this.#options.onError(error, conn)).catch(failed)
      // A refused client is one line: it must not be able to fill the log. A fault of ours is told whole.
      else if (error instanceof RefusedError && error.status !== 500)
        console.error(`[@chansel/ws] ${error.message}`)
      else console.error('[@chansel/ws]', error)
    } catch (failure) {
      failed(failure)
    }
  }

  close(options: { graceMs?: number | undefined } = {}): Promise<void> {
    checkObject('close: options must be an object', options)
    const { graceMs = 5_000 } = options
    checkNumber('graceMs', graceMs, 0)
    return (this.#closed ??= this.#close(graceMs))
  }

  async #close(graceMs: number): Promise<void> {
    this.#arrivals.close()
    // Whoever still comes to a server of ours, by a socket that was open, is told 503: see `#accept`.
    if (this.#ownServer === undefined) this.#leaveServer?.()
    const serverClosed = this.#ownServer === undefined ? undefined : once(this.#ownServer, 'close')
    this.#ownServer?.close()
    this.#ownServer?.closeIdleConnections()
    for (const socket of this.#handshakes) answer(socket, { status: 503 })

    const ended = channel<never>()
    const ends = [
      ...[...this.#handshakes].map(closeOf),
      ...[...this.#connections].map((conn) => conn.close(1001)),
    ]
    this.#handled = channel<never>()
    if (this.#handling === 0) this.#handled.close()
    void Promise.all([...ends, this.#handled.receive()]).then(() => ended.close())
    await select({ ended, late: after(graceMs) })

    for (const cut of [...this.#handshakes, ...this.#connections]) cut.destroy()
    this.#ownServer?.closeAllConnections()
    await Promise.all([...this.#connections].map((conn) => conn.closed))
    await serverClosed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

type Handler = (conn: Connection, request: IncomingMessage) => Promise<unknown>

/** Resolves when nothing of a socket is left. */
function closeOf(socket: Duplex): Promise<void> {
  return new Promise((resolve) => (socket.destroyed ? resolve() : socket.once('close', () => resolve())))
}

/** What the handler returns or throws, as a promise. */
function resultOf(handler: Handler, conn: Connection, request: IncomingMessage): Promise<unknown> {
  try {
    return Promise.resolve(handler(conn, request))
  } catch (error) {
    return Promise.reject(error)
  }
}
