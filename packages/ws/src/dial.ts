import { type Cancel, type CancelContext, background, never, withCancel, withTimeout } from 'chansel'
import { connectionOpened, connectionRefused } from '#diagnostics'
import { readNodeOptions } from '#node-options'
import { connect } from '#platform'
import { type ConnectionOptions, type ConnectionSettings, readOptions } from './connection-options.ts'
import { type Connection, TransportConnection } from './connection.ts'
import { DialError, describe } from './errors.ts'
import { readBoolean, readNumber } from './options.ts'
import { readProtocols } from './protocols.ts'
import type { DialSettings } from './transport/port.ts'

/** Options of `dial`: of the handshake, and of the connection. */
export interface DialOptions extends ConnectionOptions {
  /** Subprotocols to offer, the preferred one first: none by default. */
  protocols?: readonly string[] | undefined
  /**
   * How long, in ms, the handshake may take, from name lookup to the server's answer: 10,000 by default; `Infinity`
   * for ever.
   */
  handshakeTimeoutMs?: number | undefined
  /** More headers for the request. Read once, also by `redial`. Node only. */
  headers?: Readonly<Record<string, string>> | Headers | undefined
  /** Options for TLS, as `tls.connect` takes them. Node only. */
  tls?: object | undefined
  /**
   * Whether to use a browser's `WebSocketStream` where there is one: true by default, because only with it can a
   * page that reads slowly make the server wait. Chromium 156 ends the whole page if such a connection is cut while
   * a write waits; false uses the plain `WebSocket`.
   */
  webSocketStream?: boolean | undefined
  /** The agent that connects: an `http.Agent`, for `wss:` an `https.Agent`, or that of a proxy. Node only. */
  agent?: object | undefined
}

/**
 * Opens a connection to a WebSocket server.
 *
 * Cancellation: rejects with the reason of `cancel`'s signal, and nothing of the attempt is left. `cancel` governs
 * only the dial; the option `parent` governs the open connection.
 *
 * Source: RFC 6455, section 4.1.
 *
 * @param url `ws:` or `wss:`; `http:` and `https:` are taken for them
 * @throws TypeError, RangeError at once for a URL or an option that cannot be used
 * @throws UnsupportedError at once for an option that the platform does not offer
 * @throws DialError (a rejection) if the server does not answer, or not with a WebSocket; if that took too long,
 * its cause is a `DeadlineExceededError`
 * @example
 * import { dial } from '@chansel/ws'
 * import { serve } from '@chansel/ws/server'
 *
 * await using listener = await serve({ port: 0 }, async (conn) => conn.outgoing.send('welcome'))
 * await using conn = await dial(`ws://127.0.0.1:${listener.address.port}`)
 * await conn.incoming.receive() // => { value: 'welcome', ok: true }
 */
export function dial(url: string | URL, options: DialOptions = {}, cancel?: Cancel): Promise<Connection> {
  return new Dialer(url, options).dial(cancel)
}

/** What to dial and how, checked once. */
export class Dialer {
  readonly url: string
  readonly #timeoutMs: number
  readonly #settings: ConnectionSettings & DialSettings

  /** @throws TypeError, RangeError, UnsupportedError for a URL or an option that cannot be used */
  constructor(url: string | URL, options: DialOptions) {
    const settings = readOptions(options, 'dial')
    this.url = readUrl(url)
    this.#timeoutMs = readNumber(options, 'handshakeTimeoutMs', 10_000, 0)
    this.#settings = {
      ...settings,
      ...readNodeOptions(this.url, options),
      protocols: readProtocols(options.protocols),
      webSocketStream: readBoolean(options, 'webSocketStream', true),
    }
  }

  /** @throws TypeError for a `cancel` that cannot cancel anything */
  dial(cancel: Cancel = background()): Promise<TransportConnection> {
    return this.#attempt(withCancel(cancel), cancel)
  }

  /**
   * @param above ends when `cancel` fires. To ask `cancel` itself for its signal would hold the process until its
   * deadline
   */
  async #attempt(above: CancelContext, cancel: Cancel): Promise<TransportConnection> {
    const settings = this.#settings
    const ctx = withTimeout(above, this.#timeoutMs)
    try {
      if (ctx.err !== undefined) throw ctx.err
      return await connect(this.url, settings, ctx, (transport) => {
        const conn = new TransportConnection(transport, settings)
        connectionOpened(conn, 'dial')
        return conn
      })
    } catch (error) {
      // Rejects with the reason of `cancel`.
      if (above.err !== undefined) await never.receive(cancel)
      // An answer counts, even if its end did not come in time.
      const failure =
        error instanceof DialError && (ctx.err === undefined || error.status)
          ? error
          : new DialError(
              this.url,
              ctx.err === undefined ? 'it did not open' : `no answer in ${this.#timeoutMs} ms`,
              { cause: ctx.err ?? error },
            )
      connectionRefused('dial', failure)
      throw failure
    } finally {
      above.cancel()
    }
  }
}

function readUrl(url: string | URL): string {
  let href: string
  try {
    href = new URL(url).href.replace(/^http/, 'ws')
  } catch {
    throw new TypeError(`Cannot dial: expected a URL, got ${describe(url)}`)
  }
  if (!/^wss?:[^#]*$/.test(href))
    throw new TypeError(`Cannot dial ${href}: expected a ws: or wss: URL without a fragment`)
  return href
}
