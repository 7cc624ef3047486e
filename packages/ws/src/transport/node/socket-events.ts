import { WebSocket } from 'ws'

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
 * The WebSocket of an accepted connection, which tells `events` itself: it has no listeners, whose table would be 96
 * bytes of each idle connection. (On Bun, whose `ws` makes its own, an accepted one has listeners, too.)
 */
export class ReportingSocket extends WebSocket {
  events: SocketEvents | undefined

  override emit(event: string | symbol, ...details: unknown[]): boolean {
    const { events } = this
    if (events === undefined) return super.emit(event, ...details)
    if (event === 'message') events.messageArrived(details[0] as Buffer, details[1] as boolean)
    else if (event === 'ping') events.pingArrived(details[0] as Buffer)
    else if (event === 'pong') events.pongArrived(details[0] as Buffer)
    else if (event === 'error') events.failed(details[0] as Error)
    else if (event === 'close') events.closed(details[0] as number, String(details[1]))
    else return super.emit(event, ...details)
    return true
  }
}

/**
 * Has `socket` report to `events`. One that was dialled, or adopted, gets listeners: the same functions for all, which
 * find on it whom to tell.
 *
 * @param answersPings whether `ws` answers the pings of its peer itself
 */
export function reportTo(events: SocketEvents, socket: WebSocket, answersPings: boolean): void {
  // So that each message is one `Buffer`.
  socket.binaryType = 'nodebuffer'
  if (socket instanceof ReportingSocket) {
    socket.events = events
    return
  }
  ;(socket as Reporting)[EVENTS] = events
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
