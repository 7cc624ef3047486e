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

/**
 * @param what names the operation and what it was given: `dial: options must be an object`, for example
 * @throws TypeError for what is no object
 */
export function checkObject(what: string, given: unknown): void {
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`Cannot ${what}, got ${describe(given)}`)
}

/** The error for an option that is not of its type, or a `RangeError`: that is out of its range. */
export function wrongOption(
  name: string,
  expected: string,
  value: unknown,
  Kind: new (text: string) => Error = TypeError,
): Error {
  return new Kind(`Cannot use option ${name}: expected ${expected}, got ${describe(value)}`)
}

/** Options as far as one of them is concerned. */
type Option<Name extends string, T> = { readonly [name in Name]?: T }

export function readBoolean<Name extends string>(
  options: Option<Name, boolean>,
  name: Name,
  initial: boolean,
): boolean {
  const given: unknown = options[name]
  if (given === undefined) return initial
  if (typeof given === 'boolean') return given
  throw wrongOption(name, 'a boolean', given)
}

export function readNumber<Name extends string>(
  options: Option<Name, number>,
  name: Name,
  initial: number,
  least: number,
): number {
  const { [name]: given = initial } = options
  checkNumber(name, given, least)
  return given
}

export function readWhole<Name extends string, Initial extends number | undefined>(
  options: Option<Name, number>,
  name: Name,
  initial: Initial,
  most = Infinity,
): number | Initial {
  const given = options[name]
  if (given === undefined) return initial
  checkNumber(name, given, 1)
  if (given === Infinity) return most
  if (!Number.isInteger(given) || given > most) {
    const range = most === Infinity ? 'from 1 on' : `from 1 to ${most}`
    throw wrongOption(name, `a whole number ${range}`, given, RangeError)
  }
  return given
}

/** @throws TypeError for what cannot cancel anything */
export function checkCancel(name: string, cancel: Cancel): void {
  try {
    withCancel(cancel).cancel()
  } catch {
    throw wrongOption(name, 'a Context, an AbortController or { signal }', cancel)
  }
}

/** @throws TypeError for an option that is neither a function nor left out */
export function checkFunction<Options>(
  options: Options,
  name: keyof Options & string,
  expected = 'a function',
): void {
  const value = options[name]
  if (value !== undefined && typeof value !== 'function') throw wrongOption(name, expected, value)
}

/** @throws TypeError for an option that is neither a string nor left out */
export function checkString<Options>(options: Options, name: keyof Options & string): void {
  const value = options[name]
  if (value !== undefined && typeof value !== 'string') throw wrongOption(name, 'a string', value)
}

/** @throws TypeError, RangeError for what is no number of at least `least` */
export function checkNumber(name: string, value: number, least: number): void {
  if (typeof value !== 'number') throw wrongOption(name, 'a number', value)
  if (!(value >= least)) throw wrongOption(name, `at least ${least}`, value, RangeError)
}
