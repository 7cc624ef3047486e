import type { Cancel } from 'chansel'
import { readStreams } from '#fragments'
import type { StreamsMaker } from './incoming-streams.ts'
import { checkCancel, checkNumber, checkObject, readBoolean, readNumber, readWhole } from './options.ts'

/** Options that every connection takes. Each limit says how to switch it off. */
export interface ConnectionOptions {
  /**
   * How many messages may wait in `incoming` before reading from the peer pauses: 64 by default; `Infinity`
   * switches it off. What one read of the socket brings is kept all the same. A page's plain WebSocket cannot
   * pause: there, when this many wait and another comes, the connection is closed with 1013, and the default is
   * 65,536.
   */
  incomingCapacity?: number | undefined
  /**
   * How many bytes of messages may wait in `incoming`, if `incomingCapacity` is not reached first: 256 KiB by
   * default, or 4 MiB where reading cannot pause; `Infinity` switches it off.
   */
  incomingBytes?: number | undefined
  /**
   * Whether a message larger than `maxMessageBytes`, in fragments that are each within it, is handed on by
   * `Connection.incomingStreams`: false by default, and it is refused with 1009. Node only. A compressed message of
   * that size is refused in any case.
   */
  incomingStreams?: boolean | undefined
  /** How many unsent bytes make `send` wait: 64 KiB by default; `Infinity` never does. */
  highWaterMarkBytes?: number | undefined
  /**
   * The largest message, in bytes and decompressed, that the peer may send: 1 MiB by default; `Infinity` allows 2
   * GiB. A larger one closes the connection with 1009, unless `incomingStreams` takes it.
   */
  maxMessageBytes?: number | undefined
  /**
   * How long, in ms, the peer may take after `close` to read what was sent before and to answer, until the
   * connection is cut: 5,000 by default; `Infinity` for ever.
   */
  closeTimeoutMs?: number | undefined
  /**
   * After how much silence, in ms, the peer is pinged, and how long it may then take to answer until the connection
   * is cut with 1006: 30,000 each by default; `false` switches it off. A browser's WebSocket has no pings.
   */
  heartbeat?:
    | {
        /** After how much silence, in ms, the peer is pinged. */
        intervalMs: number
        /** How long, in ms, it may take to answer. */
        timeoutMs: number
      }
    | false
    | undefined
  /** Whether to offer and accept permessage-deflate (RFC 7692): false by default, because it costs much memory. */
  compression?: boolean | undefined
  /** Closes the connection with 1001 when it is cancelled. If it is a context, `Connection.ctx` has its values. */
  parent?: Cancel | undefined
}

/** The options with their defaults, checked. */
export interface ConnectionSettings {
  /** `undefined`: the default, which depends on the transport. */
  readonly incomingCapacity: number | undefined
  readonly incomingBytes: number | undefined
  readonly incomingStreams: StreamsMaker
  readonly highWaterMarkBytes: number
  readonly maxMessageBytes: number
  readonly closeTimeoutMs: number
  readonly heartbeat: { readonly intervalMs: number; readonly timeoutMs: number } | false
  readonly compression: boolean
  readonly parent: Cancel | undefined
}

/**
 * Checks the options of a connection, and fills in the defaults.
 *
 * @param operation whose options they are
 * @throws TypeError, RangeError, UnsupportedError for an option that cannot be used, naming it and what it is
 */
export function readOptions(options: ConnectionOptions, operation = 'wrap'): ConnectionSettings {
  checkObject(`${operation}: options must be an object`, options)
  const { heartbeat = { intervalMs: 30_000, timeoutMs: 30_000 }, parent } = options
  if (parent !== undefined) checkCancel('parent', parent)
  if (heartbeat !== false) {
    checkObject('use option heartbeat: expected { intervalMs, timeoutMs } or false', heartbeat)
    checkNumber('heartbeat.intervalMs', heartbeat.intervalMs, 1)
    checkNumber('heartbeat.timeoutMs', heartbeat.timeoutMs, 1)
  }
  return {
    incomingCapacity: readWhole(options, 'incomingCapacity', undefined),
    incomingBytes: readWhole(options, 'incomingBytes', undefined),
    incomingStreams: readStreams(readBoolean(options, 'incomingStreams', false)),
    highWaterMarkBytes: readWhole(options, 'highWaterMarkBytes', 64 * 1024),
    maxMessageBytes: readWhole(options, 'maxMessageBytes', 1024 * 1024, MAX_MESSAGE_BYTES),
    closeTimeoutMs: readNumber(options, 'closeTimeoutMs', 5_000, 0),
    heartbeat,
    compression: readBoolean(options, 'compression', false),
    parent,
  }
}

/**
 * The largest message that any transport can hold in one piece. `Infinity` stands for it: what `ws` takes for "no
 * limit" is 0.
 */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1
