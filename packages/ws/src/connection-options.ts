import type { Cancel } from 'chansel'
import { readStreams } from '#fragments'
import type { StreamsMaker } from './incoming-streams.ts'
import { checkCancel, checkNumber, checkObject, readBoolean, readNumber, readWhole } from './options.ts'

/** What every connection may be told. Each limit says how to switch it off. */
export interface ConnectionOptions {
  /**
   * How many messages wait in `incoming` before reading from the peer pauses: 64; `Infinity` switches it off.
   * What one read of the socket brings is kept all the same. A page's plain WebSocket cannot pause: there it is
   * how many may wait before the connection is closed with 1013, and 65,536 unless told otherwise.
   */
  incomingCapacity?: number
  /** The same in bytes of messages, whichever comes first: 256 KiB, or 4 MiB; `Infinity` switches it off. */
  incomingBytes?: number
  /**
   * Whether a message larger than `maxMessageBytes` that comes in fragments, each within it, is handed on by
   * `incomingStreams`: false, it is refused with 1009. Node only; one that is compressed is refused all the same.
   */
  incomingStreams?: boolean
  /** How many unsent bytes make `send` wait: 64 KiB; `Infinity` never. */
  highWaterMarkBytes?: number
  /** The largest message that the peer may send, decompressed: 1 MiB; a larger one ends with 1009, or see `incomingStreams`. */
  maxMessageBytes?: number
  /**
   * How long, in ms, after `close` the peer may take to read what was sent before and to answer, before the connection is
   * cut: 5,000; `Infinity` for ever.
   */
  closeTimeoutMs?: number
  /**
   * After how much silence, in ms, the peer is pinged, and how long it may take to answer before the connection
   * is cut with 1006: 30,000 and 30,000; `false` switches it off. A browser's WebSocket has no pings.
   */
  heartbeat?:
    | {
        /** After how much silence, in ms, the peer is pinged. */
        intervalMs: number
        /** How long, in ms, it may take to answer. */
        timeoutMs: number
      }
    | false
  /** Whether to offer and accept permessage-deflate (RFC 7692): false, for it costs much memory. */
  compression?: boolean
  /** Cancelling it closes the connection with 1001. */
  parent?: Cancel
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

/** The largest message that any transport can hold in one piece; `ws` takes 0 for "no limit", so it is one. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1
