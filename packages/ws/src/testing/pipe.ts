import { connectionOpened } from '#diagnostics'
import { type ConnectionOptions, type ConnectionSettings, readOptions } from '../connection-options.ts'
import { type Connection, TransportConnection } from '../connection.ts'
import { describe } from '../errors.ts'
import { checkObject, checkString } from '../options.ts'
import { PipeTransport } from './pipe-transport.ts'

/** Options of an end of a pipe. `heartbeat` is false by default, and there is no compression. */
export interface PipeOptions extends ConnectionOptions {
  /** The `protocol` of the connection: `''` by default. */
  protocol?: string | undefined
  /** The `url` of the connection: `ws://pipe/` by default. */
  url?: string | undefined
}

/**
 * Makes two connections that are connected with each other, in memory: for tests that need no server, in Node and
 * in pages. They do all that a connection does: backpressure, close codes, limits, pings.
 *
 * There is nothing between the two ends: a message is unsent until the other end has read it. It arrives
 * in a later microtask; no timer is used but those that a close or a heartbeat waits for.
 *
 * @param options of the first connection
 * @param otherOptions of the second: the same
 * @throws TypeError, RangeError at once for an option that cannot be used
 * @example
 * import { pipe } from '@chansel/ws/testing'
 *
 * const [ours, theirs] = pipe()
 * await ours.outgoing.send('hello')
 * await theirs.incoming.receive() // => { value: 'hello', ok: true }
 * void theirs.close(4000, 'enough')
 * const { code, reason, by } = await ours.closed
 * code // => 4000
 * by // => 'remote'
 */
export function pipe(
  options: PipeOptions = {},
  otherOptions: PipeOptions = options,
): [Connection, Connection] {
  const [one, other] = [options, otherOptions].map(readPipeOptions) as [PipeEnd, PipeEnd]
  one.transport.other = other.transport
  other.transport.other = one.transport
  return [connect(one), connect(other)]
}

interface PipeEnd {
  readonly transport: PipeTransport
  readonly settings: ConnectionSettings
}

function readPipeOptions(options: PipeOptions): PipeEnd {
  checkObject('make a pipe: options must be an object', options)
  checkString(options, 'protocol')
  checkString(options, 'url')
  const { protocol = '', url = 'ws://pipe/', heartbeat = false } = options
  const settings = readOptions({ ...options, heartbeat })
  return { settings, transport: new PipeTransport(url, protocol, settings.maxMessageBytes) }
}

function connect({ transport, settings }: PipeEnd): Connection {
  const conn = new TransportConnection(transport, settings)
  connectionOpened(conn, 'pipe')
  transports.set(conn, transport)
  return conn
}

/**
 * Cuts a pipe, as a network does: both ends end with 1006 by `'network'`, and what was under way is lost, and
 * counted in `unsent`.
 *
 * @param conn either of its ends
 * @throws TypeError for anything but an end of a pipe
 * @example
 * import { cut, pipe } from '@chansel/ws/testing'
 *
 * const [ours, theirs] = pipe()
 * cut(theirs)
 * const { code, by } = await ours.closed
 * code // => 1006
 * by // => 'network'
 */
export function cut(conn: Connection): void {
  const transport = transports.get(conn)
  if (transport === undefined)
    throw new TypeError(`Cannot cut: expected an end of a pipe, got ${describe(conn)}`)
  transport.cut()
}

const transports = /* @__PURE__ */ new WeakMap<Connection, PipeTransport>()
