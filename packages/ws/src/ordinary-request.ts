import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Whether a request that offers another protocol can be answered as if it did not: what is offered is no WebSocket,
 * and nothing follows the head, for the parser has let the socket go. Who names no host, or expects something, is
 * one whom `node:http` would not always have shown to the program.
 *
 * Source: RFC 9110, section 7.8.
 */
export function isOrdinary(request: IncomingMessage): boolean {
  const { upgrade = '', host, expect } = request.headers
  return !/websocket/i.test(upgrade) && !hasBody(request) && host !== undefined && expect === undefined
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
}

/**
 * Has the program's own listeners answer a request that is ordinary, by the socket of an `upgrade` event. It is the
 * last of its socket. `node:http` has taken its own listeners off that socket; these do what those did.
 *
 * @returns false, having done nothing, if an earlier request of the socket still waits for its answer
 */
export function answerOrdinary(
  server: Server | HttpsServer,
  request: IncomingMessage,
  socket: Duplex,
): boolean {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    response.assignSocket(socket as Socket)
  } catch {
    return false
  }
  socket.on('error', ignore)
  // Reads on, to see the end. What else comes is for nobody.
  socket.on('end', () => socket.end()).resume()
  socket.on('drain', () => response.emit('drain'))
  // Nothing else tells the response that there was a drain.
  Object.defineProperty(response, 'writableNeedDrain', { get: () => socket.writableNeedDrain })
  socket.on('timeout', () => {
    const isHeard = [response.emit('timeout', socket), server.emit('timeout', socket as Socket)]
    if (!isHeard.includes(true)) socket.destroy()
  })
  response.once('finish', () => {
    request.resume() // or its own end would look like a client that has gone
    socket.end(() => socket.destroy())
  })
  socket.once('close', () => request.destroy())
  server.emit('request', request, response)
  return true
}

function ignore(): void {}
