import type { WebSocket } from 'ws'

/** Who hears what a WebSocket of `ws` reports. */
export interface SocketEvents {
  messageArrived(bytes: Buffer, isBinary: boolean): void
  /** A ping that is ours to answer. */
  pingArrived(data: Buffer): void
  /** A ping that `ws` has answered. */
  pingAnswered(data: Buffer): void
  pongArrived(data: Buffer): void
  /** `closed` follows. */
  failed(error: Error): void
  closed(code: number, reason: string): void
}

/**
 * Has `socket` report to `events`. The listeners are the same functions for all WebSockets, and find on each whom to
 * tell: that keeps an idle connection cheap.
 *
 * @param answersPings whether `ws` answers the pings of its peer itself
 */
export function reportTo(events: SocketEvents, socket: WebSocket, answersPings: boolean): void {
  ;(socket as Reporting)[EVENTS] = events
  // So that each message is one `Buffer`.
  socket.binaryType = 'nodebuffer'
  socket.on('message', messageArrived)
  socket.on('ping', answersPings ? pingAnswered : pingArrived)
  socket.on('pong', pongArrived)
  // An error without a listener would end the process.
  socket.on('error', failed)
  socket.on('close', closed)
}

/** Where a WebSocket keeps whom it reports to. */
const EVENTS: unique symbol = Symbol('events')
type Reporting = WebSocket & { [EVENTS]?: SocketEvents }

function messageArrived(this: Reporting, data: unknown, isBinary: boolean): void {
  this[EVENTS]!.messageArrived(data as Buffer, isBinary)
}

function pingArrived(this: Reporting, data: Buffer): void {
  this[EVENTS]!.pingArrived(data)
}

function pingAnswered(this: Reporting, data: Buffer): void {
  this[EVENTS]!.pingAnswered(data)
}

function pongArrived(this: Reporting, data: Buffer): void {
  this[EVENTS]!.pongArrived(data)
}

function failed(this: Reporting, error: Error): void {
  this[EVENTS]!.failed(error)
}

function closed(this: Reporting, code: number, reason: Buffer): void {
  this[EVENTS]!.closed(code, reason.toString())
}
