import type { IncomingMessage, Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { connectionRefused } from '#diagnostics'
import { RefusedError } from './errors.ts'
import { answerOrdinary, isOrdinary } from './ordinary-request.ts'
import { answer, answerOf } from './refusal.ts'
import { requestUrl } from './request-url.ts'
import { IS_BUN } from './transport/node/is-bun.ts'

/** A listener on a server, as the requests for upgrades that reach the server see it. */
export interface Upgrader {
  /** The server has no pages, and no other listeners. */
  readonly ownsServer: boolean
  serves(request: IncomingMessage): boolean
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  report(error: unknown): void
}

/**
 * Lets `upgrader` have the requests that it serves. Any number of listeners may share a server, for different
 * paths: the first that serves a request has it. What none of them serves is refused with 404, unless the server
 * has listeners for upgrades that are not of this library. Where it has none, a request that offers something else
 * than a WebSocket is one for its pages.
 *
 * @returns a function that leaves the server
 */
export function joinServer(server: Server | HttpsServer, upgrader: Upgrader): () => void {
  let routing = routings.get(server)
  if (routing === undefined) routings.set(server, (routing = { upgraders: [], route }))
  const { upgraders } = routing
  if (upgraders.push(upgrader) === 1) server.on('upgrade', routing.route)
  return () => {
    upgraders.splice(upgraders.indexOf(upgrader), 1)
    if (upgraders.length === 0) server.off('upgrade', routing.route)
  }
}

/** Who listens on a server, and its one listener for upgrades: that of the copy of the package that came first. */
interface Routing {
  readonly upgraders: Upgrader[]
  readonly route: typeof route
}

// One for all copies of the package that a program loads: each would take another for a stranger.
const KEY = Symbol.for('chansel.ws.routings@1')
const shared = globalThis as { [KEY]?: WeakMap<Server | HttpsServer, Routing> }
const routings = (shared[KEY] ??= new WeakMap())

function ignore(): void {}

function route(this: Server | HttpsServer, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { upgraders } = routings.get(this)!
  const isForUs = this.listenerCount('upgrade') === 1
  if (isForUs && hasPages(this, upgraders) && isOrdinary(request) && answerOrdinary(this, request, socket))
    return
  const upgrader = upgraders.find((candidate) => candidate.serves(request))
  if (upgrader !== undefined) {
    upgrader.upgrade(request, socket, head)
  } else if (isForUs) {
    const error = new RefusedError(404, 'the path is not served')
    answer(socket, { status: 404 })
    connectionRefused('accept', error, requestUrl(request), answerOf(socket))
    upgraders[0]!.report(error)
  } else {
    // It is left to others, who may be slow to listen: a client that resets it meanwhile must not end the process.
    socket.on('error', ignore)
  }
}

/** On Bun a long response loses bytes where it is assigned to a socket by hand. */
function hasPages(server: Server | HttpsServer, upgraders: readonly Upgrader[]): boolean {
  return !IS_BUN && !upgraders[0]!.ownsServer && server.listenerCount('request') > 0
}
