import { type Channel, channel } from 'node:diagnostics_channel'
import type { Connection } from './connection.ts'
import type { ConnectionOpened, ConnectionRefused, DiagnosticEvents } from './diagnostic-events.ts'
import { type CloseInfo, DialError, RefusedError } from './errors.ts'
import type { Message, Transport } from './transport/port.ts'

export { inspectable } from './inspect.ts'

/*
 * What connections tell `node:diagnostics_channel`. While nobody subscribes each call is a look at a flag.
 *
 * The calls are part of a step of the library, in which no user code runs. So subscribers are told in a microtask that
 * begins here: the events are in the order of the calls, and each comes before the caller of an operation that the
 * rest of the step completes goes on.
 */

export function connectionOpened(connection: Connection, via: ConnectionOpened['via']): void {
  publish(opened, { connection, via })
}

/**
 * @param error published only if it is the other side's doing, or the network's
 * @param url of a request that could be read, and `status` that its client was told; a failed dial has them itself
 */
export function connectionRefused(
  via: ConnectionRefused['via'],
  error: unknown,
  url = '',
  status?: number,
): void {
  if (error instanceof DialError) publish(refused, { via, url: error.url, error, status: error.status })
  else if (error instanceof RefusedError) publish(refused, { via, url, error, status })
}

export function connectionClosed(connection: Connection, info: CloseInfo, cause: unknown): void {
  publish(closed, { connection, ...info, cause })
}

/** @param bytes of the message */
export function messageReceived(connection: Connection, message: Message, bytes: number): void {
  if (received.hasSubscribers) publish(received, { connection, kind: kindOf(message), bytes })
}

export function streamReceived(transport: Transport, kind: 'text' | 'binary', bytes: number): void {
  if (received.hasSubscribers) publish(received, { connection: connectionOf(transport), kind, bytes })
}

export function messageSent({ transport }: Sender, message: Message): void {
  if (!sent.hasSubscribers) return
  const bytes = typeof message === 'string' ? Buffer.byteLength(message) : message.byteLength
  streamSent(transport, kindOf(message), bytes)
}

export function streamSent(transport: Transport, kind: 'text' | 'binary', bytes: number): void {
  if (sent.hasSubscribers) publish(sent, { connection: connectionOf(transport), kind, bytes })
}

/** @returns to be called when the wait is over, if anybody wants to know */
export function sendWaits({ transport }: Sender): ((isSent: boolean) => void) | undefined {
  if (!waiting.hasSubscribers && !waited.hasSubscribers) return undefined
  const connection = connectionOf(transport)
  const since = performance.now()
  const { bufferedBytes, bufferedMessages } = transport
  publish(waiting, { connection, bufferedBytes, bufferedMessages })
  return (isSent) => publish(waited, { connection, ms: performance.now() - since, isSent })
}

export function readingPaused(transport: Transport): void {
  if (!paused.hasSubscribers && !resumed.hasSubscribers) return
  const connection = connectionOf(transport)
  pausedSince.set(connection, performance.now())
  publish(paused, { connection, messages: connection.incoming.length })
}

export function readingResumed(transport: Transport): void {
  const connection = connectionOf(transport)
  const since = pausedSince.get(connection)
  if (since === undefined) return
  pausedSince.delete(connection)
  publish(resumed, { connection, ms: performance.now() - since })
}

export function heartbeatPinged(transport: Transport, quietMs: number): void {
  publish(pinged, { connection: connectionOf(transport), quietMs })
}

export function heartbeatAnswered(transport: Transport, ms: number): void {
  publish(answered, { connection: connectionOf(transport), ms })
}

export function heartbeatExpired(transport: Transport, quietMs: number): void {
  publish(expired, { connection: connectionOf(transport), quietMs })
}

const opened = topic('chansel:ws:connection:opened')
const refused = topic('chansel:ws:connection:refused')
const closed = topic('chansel:ws:connection:closed')
const received = topic('chansel:ws:message:received')
const sent = topic('chansel:ws:message:sent')
const waiting = topic('chansel:ws:send:waiting')
const waited = topic('chansel:ws:send:waited')
const paused = topic('chansel:ws:reading:paused')
const resumed = topic('chansel:ws:reading:resumed')
const pinged = topic('chansel:ws:heartbeat:pinged')
const answered = topic('chansel:ws:heartbeat:answered')
const expired = topic('chansel:ws:heartbeat:expired')

/** Connections whose reading was paused while somebody wanted to know, and since when. */
const pausedSince = new WeakMap<Connection, number>()

/** A channel with the type of what is published on it. */
interface Topic<Event> extends Channel {
  readonly event?: Event
}

function topic<Name extends keyof DiagnosticEvents>(name: Name): Topic<DiagnosticEvents[Name]> {
  return channel(name)
}

function publish<Event>(to: Topic<Event>, event: Event): void {
  if (to.hasSubscribers) void DONE.then(() => to.publish(event))
}

const DONE = Promise.resolve()

function kindOf(message: Message): 'text' | 'binary' {
  return typeof message === 'string' ? 'text' : 'binary'
}

/** Who sends by a transport. */
interface Sender {
  readonly transport: Transport
}

/** A transport reports to nobody but its connection. */
function connectionOf(transport: Transport): Connection {
  return transport.events as unknown as Connection
}
