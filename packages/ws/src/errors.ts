/** What callers of a connection catch. Recognise these by `code` or by `instanceof`. */

import type { SchemaIssue } from './standard-schema.ts'

/** Whatever goes wrong with a WebSocket. `code` says what, and is stable. */
export abstract class WebSocketError extends Error {
  abstract readonly code: `ERR_WS_${string}`
}

/** A connection could not be made. */
export class DialError extends WebSocketError {
  override readonly name = 'DialError'
  readonly code = 'ERR_WS_DIAL'
  /** What was dialled. Credentials in it are not shown in the text. */
  readonly url: string
  /** The status that the server answered, if it answered and the platform tells; 101 if the rest of that was wrong. */
  readonly status: number | undefined
  /** The headers of that answer, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>> | undefined
  /** The first KiB of its body, as text. */
  readonly body: string | undefined

  constructor(url: string, why: string, details: DialAnswer & { cause?: unknown } = {}) {
    super(`Cannot dial ${url.replace(/:\/\/[^/]*@/, '://')}: ${why}`, details)
    this.url = url
    this.status = details.status
    this.headers = details.headers
    this.body = details.body
  }
}

/** What a server said instead of a right 101. */
export interface DialAnswer {
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
}

/** A request for a WebSocket was refused; the client was told `status`, if it was there to hear it. */
export class RefusedError extends WebSocketError {
  override readonly name = 'RefusedError'
  readonly code = 'ERR_WS_REFUSED'
  readonly status: number

  constructor(status: number, why: string, cause?: unknown) {
    super(`Cannot accept a connection: ${why}`, withCause(cause))
    this.status = status
  }
}

/** Who ended a connection: this side, the peer, or neither, as in a cut. */
export type ClosedBy = 'local' | 'remote' | 'network'

/** How a connection ended. */
export interface CloseInfo {
  /** RFC 6455 section 7.4; 1005 where the peer's close frame has none, 1006 where none came. */
  readonly code: number
  readonly reason: string
  /** Whether both sides sent a close frame. */
  readonly wasClean: boolean
  readonly by: ClosedBy
  /** How many messages were accepted from sends and never reached the kernel. */
  readonly unsent: number
}

/** The connection has ended, or its close has begun. */
export class CloseError extends WebSocketError {
  override readonly name = 'CloseError'
  readonly code = 'ERR_WS_CLOSED'
  /** RFC 6455 section 7.4, as in `CloseInfo`. */
  readonly closeCode: number
  readonly reason: string
  readonly wasClean: boolean
  readonly by: ClosedBy
  /** The message that was not sent, where this is the answer to a send. */
  readonly value: unknown

  constructor(info: Omit<CloseInfo, 'unsent'>, details: { value?: unknown; cause?: unknown } = {}) {
    const { code, reason, wasClean, by } = info
    const verb = details.value === undefined ? 'use the connection' : 'send'
    const why = reason === '' ? '' : ` (${reason})`
    super(`Cannot ${verb}: closed with ${code}${why}, by ${BY[by]}`, withCause(details.cause))
    this.closeCode = code
    this.reason = reason
    this.wasClean = wasClean
    this.by = by
    this.value = details.value
  }
}

const BY: Record<ClosedBy, string> = {
  local: 'this side',
  remote: 'the peer',
  network: 'the network',
}

/** The peer sent a message over `maxMessageBytes`. It was told 1009. */
export class MessageTooBigError extends WebSocketError {
  override readonly name = 'MessageTooBigError'
  readonly code = 'ERR_WS_MESSAGE_TOO_BIG'
  readonly limitBytes: number

  constructor(limitBytes: number, cause?: unknown) {
    super(`Cannot receive a message: over the limit of ${limitBytes} bytes`, withCause(cause))
    this.limitBytes = limitBytes
  }
}

/**
 * Not all that the peer sent could be kept. Where reading cannot pause, it was more than `incoming` may hold, and
 * the peer was told 1013; or the peer closed while reading was paused, in a browser that then drops what was not
 * read.
 */
export class IncomingOverflowError extends WebSocketError {
  override readonly name = 'IncomingOverflowError'
  readonly code = 'ERR_WS_INCOMING_OVERFLOW'
  readonly incomingCapacity: number
  readonly incomingBytes: number

  constructor(incomingCapacity: number, incomingBytes: number) {
    super(`Cannot keep what arrives: incoming holds ${incomingCapacity} messages or ${incomingBytes} bytes`)
    this.incomingCapacity = incomingCapacity
    this.incomingBytes = incomingBytes
  }
}

/** The peer gave no sign of life in the time that `heartbeat` allows, and was cut: it has gone, or reads nothing. */
export class HeartbeatError extends WebSocketError {
  override readonly name = 'HeartbeatError'
  readonly code = 'ERR_WS_HEARTBEAT'
  /** How long it was quiet. */
  readonly quietMs: number

  constructor(quietMs: number) {
    super(`Cannot keep the connection: no sign of the peer for ${quietMs} ms`)
    this.quietMs = quietMs
  }
}

/** A message could not be decoded, or a value could not be encoded. */
export class CodecError extends WebSocketError {
  override readonly name = 'CodecError'
  readonly code = 'ERR_WS_CODEC'
  readonly direction: 'decode' | 'encode'

  /** @param cause what the codec threw */
  constructor(direction: 'decode' | 'encode', cause: unknown) {
    const what = direction === 'decode' ? 'a message' : 'a value'
    super(`Cannot ${direction} ${what}: ${textOf(cause)}`, { cause })
    this.direction = direction
  }
}

/** A value is not what its schema says. */
export class SchemaError extends WebSocketError {
  override readonly name = 'SchemaError'
  readonly code = 'ERR_WS_SCHEMA'
  readonly issues: readonly SchemaIssue[]

  constructor(issues: readonly SchemaIssue[]) {
    super(`Cannot accept a value: ${issues.map(textOfIssue).join('; ')}`)
    this.issues = issues
  }
}

function textOfIssue({ message, path = [] }: SchemaIssue): string {
  const keys = path.map((step) => String(typeof step === 'object' ? step.key : step))
  return keys.length === 0 ? message : `${message} (at ${keys.join('.')})`
}

/** The platform cannot do what was asked, such as a ping from a browser. */
export class UnsupportedError extends WebSocketError {
  override readonly name = 'UnsupportedError'
  readonly code = 'ERR_WS_UNSUPPORTED'

  constructor(what: string, why = 'not on this platform') {
    super(`Cannot ${what}: ${why}`)
  }
}

/** Options for `super`. Without a cause there is no property of that name either: it would be printed. */
function withCause(cause: unknown): ErrorOptions | undefined {
  return cause === undefined ? undefined : { cause }
}

/** What an error says. One that stands for several, such as one for each address of a name, may say nothing itself. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return describe(error)
  if (error.message !== '' || !('errors' in error)) return error.message
  return (error.errors as unknown[]).map(textOf).join('; ')
}

/** A value as error texts show it. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'an array' : 'an object'
}
