// From a request for an upgrade to a bridge.

import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Context, group, withCancel } from 'chansel'
import { type Connection, DialError, dial } from '@chansel/ws'
import { type Refusal, accept } from '@chansel/ws/server'
import { bridge } from './bridge.ts'

export interface ProxyOptions {
  /** Where the connections go: the path of the request is appended. */
  readonly backend: URL
  /** How many bridges there may be at a time, 10,000 by default; more are refused with 503. */
  readonly maxConnections?: number
  /** How long, in ms, the backend may take to answer: 10,000 by default. */
  readonly dialTimeoutMs?: number
}

/** Who is asking: the backend decides, so it has to see these. It compares `Host` with an `Origin`. */
const FORWARDED = ['host', 'origin', 'cookie', 'authorization', 'user-agent'] as const

/**
 * Takes the upgrades of `server` until `ctx` ends. Then nobody new comes in, all get 1001, and it resolves when the last
 * bridge is gone.
 */
export async function proxy(server: Server, options: ProxyOptions, ctx: Context): Promise<void> {
  const { maxConnections = 10_000 } = options
  await group(
    ctx,
    async (bridges) => {
      const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
        const task = bridges.tryGo(() => join(options, request, socket, head, bridges.ctx))
        if (task === undefined) void refuse(request, socket, head, { status: 503 })
      }
      server.on('upgrade', upgrade)
      await ctx.done.receive()
      server.off('upgrade', upgrade)
    },
    { limit: maxConnections },
  )
}

/** Never rejects. The backend comes first: it may refuse, and it chooses the subprotocol. */
async function join(
  options: ProxyOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  parent: Context,
): Promise<void> {
  const url = targetOf(options.backend, request)
  if (url === undefined) return await refuse(request, socket, head, { status: 400 })
  let behind: Connection
  try {
    behind = await dialBackend(url, options, request, socket, parent)
  } catch (error) {
    return await refuse(request, socket, head, refusalFor(error))
  }
  let client: Connection
  try {
    const protocols = behind.protocol === '' ? [] : [behind.protocol]
    // The backend has already decided which origins are welcome.
    client = await accept(request, socket, head, { protocols, origins: '*', parent })
  } catch {
    // The client has its answer, or is gone.
    return void (await behind.close(1001))
  }
  await bridge(client, behind)
}

/** `undefined` for a path that leads out of the backend's own, as `/../admin` does. */
function targetOf(backend: URL, request: IncomingMessage): URL | undefined {
  const [path = '/', query = ''] = request.url?.split(/(?=\?)/, 2) ?? []
  const base = backend.pathname.replace(/\/$/, '')
  const url = new URL(backend)
  url.pathname = base + path
  url.search = query
  return url.pathname === base || url.pathname.startsWith(`${base}/`) ? url : undefined
}

async function dialBackend(
  url: URL,
  { dialTimeoutMs = 10_000 }: ProxyOptions,
  request: IncomingMessage,
  socket: Duplex,
  parent: Context,
): Promise<Connection> {
  using waiting = withCancel(parent)
  const leave = (): void => waiting.cancel()
  // A client that leaves ends its stream, or resets it. That is an error, and `accept` does not listen yet.
  const events = ['end', 'error', 'close']
  for (const event of events) socket.on(event, leave)
  try {
    const protocols = request.headers['sec-websocket-protocol']?.split(/\s*,\s*/) ?? []
    const headers = headersFor(request)
    return await dial(url, { protocols, headers, parent, handshakeTimeoutMs: dialTimeoutMs }, waiting)
  } finally {
    for (const event of events) socket.off(event, leave)
  }
}

function headersFor({ headers, socket }: IncomingMessage): Record<string, string> {
  const forwarded = FORWARDED.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))
  return { ...Object.fromEntries(forwarded), 'x-forwarded-for': socket.remoteAddress ?? 'unknown' }
}

/** A refusal of the backend is passed on; if there is no backend, that is a bad gateway. */
function refusalFor(error: unknown): Refusal {
  const status = error instanceof DialError ? error.status : undefined
  return { status: status !== undefined && status >= 400 ? status : 502 }
}

/** An `accept` that lets nobody in: it answers, and watches the socket until the answer is out. */
async function refuse(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  refusal: Refusal,
): Promise<void> {
  await accept(request, socket, head, { origins: '*', authorize: () => refusal }).catch(() => {})
}
