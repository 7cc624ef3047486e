import type { Connection } from './connection.ts'
import type { CloseInfo, DialError, RefusedError } from './errors.ts'

/**
 * What is published on `node:diagnostics_channel`, by the names of its channels. Each event has the connection that it
 * happened to, if there was one, and no content of a message. Where there are no such channels, as in a page, nothing
 * is published.
 *
 * An event is published in a microtask right after the step in which it happened, in the async context of that step.
 * What a subscriber throws is an uncaught exception of the process, and does nothing to the connection.
 */
export interface DiagnosticEvents {
  'chansel:ws:connection:opened': ConnectionOpened
  'chansel:ws:connection:refused': ConnectionRefused
  'chansel:ws:connection:closed': ConnectionClosed
  'chansel:ws:message:received': MessagePassed
  'chansel:ws:message:sent': MessagePassed
  'chansel:ws:send:waiting': SendWaiting
  'chansel:ws:send:waited': SendWaited
  'chansel:ws:reading:paused': ReadingPaused
  'chansel:ws:reading:resumed': ReadingResumed
  'chansel:ws:heartbeat:pinged': HeartbeatPinged
  'chansel:ws:heartbeat:answered': HeartbeatAnswered
  'chansel:ws:heartbeat:expired': HeartbeatExpired
}

/** The first event of a connection. One that `wrap` was given before it was open is still connecting. */
export interface ConnectionOpened {
  readonly connection: Connection
  readonly via: 'dial' | 'accept' | 'wrap' | 'pipe'
}

/** A dial failed, or a request was refused. A dial that was cancelled did neither. */
export interface ConnectionRefused {
  readonly via: 'dial' | 'accept'
  /** `''` for a request that could not be read. */
  readonly url: string
  readonly error: DialError | RefusedError
  /** The status that the client was answered, if it was answered and the platform tells. */
  readonly status: number | undefined
}

/** How a connection ended: its last event, but for the ends of its waits. Each that was opened has one. */
export interface ConnectionClosed extends CloseInfo {
  readonly connection: Connection
  /** What broke it, if anything is known. */
  readonly cause: unknown
}

/** A message arrived, or was accepted from a send; of one that is streamed, its last piece. */
export interface MessagePassed {
  readonly connection: Connection
  readonly kind: 'text' | 'binary'
  /** Of the message itself: without frames, not compressed. */
  readonly bytes: number
}

/** A send, or a select with one, begins to wait: the peer reads too slowly. */
export interface SendWaiting {
  readonly connection: Connection
  /** Unsent so far; `Infinity` while the connection is not open yet. */
  readonly bufferedBytes: number
  readonly bufferedMessages: number
}

/** That send waits no longer. */
export interface SendWaited {
  readonly connection: Connection
  readonly ms: number
  /** Whether the message was accepted; if not the send was cancelled, or failed, or the select chose another case. */
  readonly isSent: boolean
}

/** Nobody receives: nothing more is read from the peer. */
export interface ReadingPaused {
  readonly connection: Connection
  /** How many messages wait to be received. */
  readonly messages: number
}

/** Reading goes on. A connection may also end while it is paused. */
export interface ReadingResumed {
  readonly connection: Connection
  /** How long it was paused. */
  readonly ms: number
}

/** There was no sign of the peer for some time: it was sent a ping. */
export interface HeartbeatPinged {
  readonly connection: Connection
  /** Since the last sign. */
  readonly quietMs: number
}

/** There was a sign of the peer after a ping, since the heartbeat last looked. */
export interface HeartbeatAnswered {
  readonly connection: Connection
  /** Since the ping. It is no round trip, because the heartbeat looks only a few times in its interval. */
  readonly ms: number
}

/** There was no sign of the peer after a ping either: the connection is cut. */
export interface HeartbeatExpired {
  readonly connection: Connection
  readonly quietMs: number
}
