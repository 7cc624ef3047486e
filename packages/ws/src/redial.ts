import type { Cancel, Context } from 'chansel'
import type { Connection } from './connection.ts'
import { Dialer } from './dial.ts'
import { checkObject } from './options.ts'
import type { RedialConnection } from './redial-connection.ts'
import { type OwnDialOptions, type RedialOptions, checkOwnDialOptions } from './redial-options.ts'
import { Redialer } from './redialer.ts'

/**
 * Opens a connection to a WebSocket server, and opens it again whenever it is lost: after a random delay that
 * grows from attempt to attempt, so that the clients of a server that comes back do not come all at once.
 *
 * Messages sent while there is no connection wait, in order. Those that are known not to have left are sent again,
 * before others. What was under way when a connection was cut may be lost; and where the system had taken a part of
 * several messages, they may arrive twice. Number your messages where that matters.
 *
 * It gives up when the server answers 4xx, which a page is not told; after the close codes 1002, 1003, 1007, 1008 and
 * 1010; and when `giveUp` says so.
 *
 * In a page it does not try while the browser is offline, and tries at once when the network is back or a
 * frozen page goes on.
 *
 * Cancellation: when `cancel` fires it ends for good, with 1001, and `incoming` fails with the reason of its signal.
 * `parent` ends it with 1001, and `incoming` closes.
 *
 * @throws TypeError, RangeError at once for a URL or an option that cannot be used
 * @example
 * import { redial } from '@chansel/ws'
 * import { serve } from '@chansel/ws/server'
 *
 * await using listener = await serve({ port: 0 }, async (conn) => {
 *   const { value } = await conn.incoming.receive()
 *   await conn.outgoing.send(`${value} to you`) // and the handler returns, which closes
 * })
 * await using conn = redial(`ws://127.0.0.1:${listener.address.port}`, { backoff: { maxMs: 10 } })
 * await conn.outgoing.send('hello')
 * await conn.incoming.receive() // => { value: 'hello to you', ok: true }
 * await conn.outgoing.send('hello again')
 * await conn.incoming.receive() // => { value: 'hello again to you', ok: true }
 */
export function redial(url: string | URL, options?: RedialOptions, cancel?: Cancel): RedialConnection
/**
 * The same over connections that the program makes: `dial` is called for each. It may dial another URL each time, or
 * with other headers: a new token, or the number of the last message that came. Whatever it rejects with is tried again,
 * unless that is a `DialError` with a 4xx, or `giveUp` says so. Its context ends when no connection is wanted any more;
 * then it should reject, since `close` waits for it.
 *
 * @throws TypeError, RangeError at once for an option that cannot be used, UnsupportedError for one of a dial. If `dial`
 * gives what is no connection, or one of `withCodec`, the redial ends with a TypeError.
 * @example
 * import { dial, redial } from '@chansel/ws'
 * import { serve } from '@chansel/ws/server'
 *
 * const tokens = ['old', 'new']
 * await using listener = await serve({ port: 0 }, async (conn, { url }) => {
 *   if (url === '/?token=new') await conn.outgoing.send('welcome')
 * })
 * await using conn = redial(
 *   (ctx) => dial(`ws://127.0.0.1:${listener.address.port}/?token=${tokens.shift()}`, {}, ctx),
 *   { backoff: { maxMs: 10 } },
 * )
 * await conn.incoming.receive() // => { value: 'welcome', ok: true }
 */
export function redial(
  dial: (ctx: Context) => Promise<Connection>,
  options?: OwnDialOptions,
  cancel?: Cancel,
): RedialConnection
export function redial(
  to: string | URL | ((ctx: Context) => Promise<Connection>),
  options: RedialOptions = {},
  cancel?: Cancel,
): RedialConnection {
  checkObject('redial: options must be an object', options)
  if (typeof to === 'function') {
    checkOwnDialOptions(options)
    return new Redialer('', to, options, cancel)
  }
  // The parent ends the redial, which ends its connection.
  const { parent: _, ...dialOptions } = options
  const dialer = new Dialer(to, dialOptions)
  return new Redialer(dialer.url, (ctx) => dialer.dial(ctx), options, cancel)
}
