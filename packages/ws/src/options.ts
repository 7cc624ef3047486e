import { type Cancel, withCancel } from 'chansel'
import { readStreams } from '#fragments'
import { describe } from './errors.ts'
import type { StreamsMaker } from './incoming-streams.ts'

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
  heartbeat?: { intervalMs: number; timeoutMs: number } | false
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

/** @throws TypeError, RangeError, UnsupportedError for an option that cannot be used, naming it and what it is */
export function readOptions(options: ConnectionOptions): ConnectionSettings {
  const { heartbeat = { intervalMs: 30_000, timeoutMs: 30_000 }, parent } = options
  if (parent !== undefined) checkCancel('parent', parent)
  if (typeof heartbeat !== 'object' || heartbeat === null) {
    if (heartbeat !== false)
      throw new TypeError(
        `Cannot use option heartbeat: expected { intervalMs, timeoutMs } or false, got ${describe(heartbeat)}`,
      )
  } else {
    checkNumber('heartbeat.intervalMs', heartbeat.intervalMs, 1)
    checkNumber('heartbeat.timeoutMs', heartbeat.timeoutMs, 1)
  }
  return {
    incomingCapacity: readWhole('incomingCapacity', options.incomingCapacity, undefined),
    incomingBytes: readWhole('incomingBytes', options.incomingBytes, undefined),
    incomingStreams: readStreams(readBoolean('incomingStreams', options.incomingStreams)),
    highWaterMarkBytes: readWhole('highWaterMarkBytes', options.highWaterMarkBytes, 64 * 1024),
    maxMessageBytes: readWhole('maxMessageBytes', options.maxMessageBytes, 1024 * 1024, MAX_MESSAGE_BYTES),
    closeTimeoutMs: readNumber('closeTimeoutMs', options.closeTimeoutMs, 5_000, 0),
    heartbeat,
    compression: readBoolean('compression', options.compression),
    parent,
  }
}

/** The largest message that any transport can hold in one piece; `ws` takes 0 for "no limit", so it is one. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1

function readBoolean(name: string, given = false): boolean {
  if (typeof given === 'boolean') return given
  throw new TypeError(`Cannot use option ${name}: expected a boolean, got ${describe(given)}`)
}

export function readNumber(name: string, given: number | undefined, initial: number, least: number): number {
  if (given === undefined) return initial
  checkNumber(name, given, least)
  return given
}

export function readWhole<Initial extends number | undefined>(
  name: string,
  given: number | undefined,
  initial: Initial,
  most = Infinity,
): number | Initial {
  if (given === undefined) return initial
  checkNumber(name, given, 1)
  if (given === Infinity) return most
  if (!Number.isInteger(given) || given > most) {
    const range = most === Infinity ? 'from 1 on' : `from 1 to ${most}`
    throw new RangeError(`Cannot use option ${name}: expected a whole number ${range}, got ${given}`)
  }
  return given
}

/** @throws TypeError for what cannot cancel anything */
export function checkCancel(name: string, cancel: Cancel): void {
  try {
    withCancel(cancel).cancel()
  } catch (cause) {
    throw new TypeError(`Cannot use option ${name}: expected a Context, an AbortController or { signal }`, {
      cause,
    })
  }
}

/** @throws TypeError for an option that is neither a function nor left out */
export function checkFunction<Options>(options: Options, name: keyof Options & string): void {
  const value = options[name]
  if (value === undefined || typeof value === 'function') return
  throw new TypeError(`Cannot use option ${name}: expected a function, got ${describe(value)}`)
}

/** @throws TypeError, RangeError for what is no number of at least `least` */
export function checkNumber(name: string, value: number, least: number): void {
  if (typeof value !== 'number') {
    throw new TypeError(`Cannot use option ${name}: expected a number, got ${describe(value)}`)
  }
  if (!(value >= least))
    throw new RangeError(`Cannot use option ${name}: expected at least ${least}, got ${value}`)
}
