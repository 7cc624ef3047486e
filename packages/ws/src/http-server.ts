import { type Server, type ServerResponse, STATUS_CODES, createServer } from 'node:http'
import type { Socket } from 'node:net'
import { connectionRefused } from '#diagnostics'
import { RefusedError } from './errors.ts'
import { answer } from './refusal.ts'

/** A server for nothing but upgrades, which reports what is not HTTP. */
export function createHttpServer(
  handshakeTimeoutMs: number,
  maxConnections: number,
  report: (error: unknown) => void,
): Server {
  // Node takes 0 for "never".
  const timeoutMs = Math.max(1, Math.ceil(Math.min(handshakeTimeoutMs, LONGEST_TIMEOUT_MS)))
  const server = createServer({
    headersTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    connectionsCheckingInterval: Math.ceil(timeoutMs / 4),
    // Node's own default, whatever the process was started with.
    maxHeaderSize: 16 * 1024,
  })
  if (maxConnections !== Infinity) {
    server.maxConnections = maxConnections + Math.max(maxConnections, LEAST_HANDSHAKES)
    server.on('drop', () => {
      const error = new RefusedError(503, `there are ${server.maxConnections} sockets`)
      connectionRefused('accept', error)
      report(error)
    })
  }
  server.on('request', (_, response: ServerResponse) => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket', 'Content-Type': 'text/plain' })
    response.end(STATUS_CODES[426])
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // A client that went away before it had asked for anything.
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    // It was answered, and the answer said that it was the last.
    if (socket.bytesWritten > 0) {
      socket.destroySoon()
      return
    }
    const status = CLIENT_ERRORS[error.code ?? ''] ?? 400
    const refused = new RefusedError(status, 'the request cannot be read', error)
    answer(socket, { status })
    connectionRefused('accept', refused, '', status)
    report(refused)
  })
  return server
}

const CLIENT_ERRORS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1
/** So that a small `maxConnections` leaves room to say 503. */
const LEAST_HANDSHAKES = 128
