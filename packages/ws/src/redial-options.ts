import type { DialOptions } from './dial.ts'
import { UnsupportedError } from './errors.ts'
import { checkCancel, checkFunction, checkNumber, checkObject, readNumber, readWhole } from './options.ts'

/** What a connection that is made again may be told. Each limit says how to switch it off. */
export interface RedialOptions extends Omit<DialOptions, 'incomingStreams'> {
  /**
   * Before the n-th attempt in a row after the first it waits a random time, in ms, from 0 to
   * `minMs * factor ** (n - 1)`, at most `maxMs`: 250, 30,000 and 2. A `maxMs` of 0 does not wait.
   */
  backoff?: {
    /** The most, in ms, before the first attempt after a connection or a failure: 250. */
    minMs?: number
    /** The most, in ms, before any attempt: 30,000; 0 does not wait. */
    maxMs?: number
    /** By how much `minMs` grows with each attempt, up to `maxMs`: 2. */
    factor?: number
  }
  /** How long, in ms, a connection has to last for the waiting to begin anew from `minMs`: 5,000; 0: it has to open. */
  stableMs?: number
  /** How many messages wait for the network at most; then `send` waits: 1,024; `Infinity` never. */
  outboxCapacity?: number
  /**
   * Whether to give up after this error, a `DialError` or the `CloseError` of a connection; besides those after
   * which it always does. It answers at once; one that throws gives up, with what it threw.
   */
  giveUp?: (error: unknown) => boolean
  /** Where the random part of a delay comes from, at least 0 and less than 1: `Math.random`. */
  random?: () => number
}

/** The options with their defaults, checked. */
export interface RedialSettings extends Required<NonNullable<RedialOptions['backoff']>> {
  readonly stableMs: number
  readonly outboxCapacity: number
  readonly closeTimeoutMs: number
  readonly giveUp: ((error: unknown) => boolean) | undefined
  readonly random: () => number
}

/** @throws TypeError, RangeError, UnsupportedError for an option that cannot be used */
export function readRedialOptions(options: RedialOptions): RedialSettings {
  const { backoff = {}, giveUp, random = Math.random } = options
  checkObject('use option backoff: expected { minMs, maxMs, factor }', backoff)
  const { minMs = 250, maxMs = 30_000, factor = 2 } = backoff
  checkNumber('backoff.minMs', minMs, 0)
  checkNumber('backoff.maxMs', maxMs, 0)
  checkNumber('backoff.factor', factor, 1)
  if (options.parent !== undefined) checkCancel('parent', options.parent)
  checkFunction(options, 'giveUp')
  checkFunction(options, 'random')
  if ((options as DialOptions).incomingStreams)
    throw new UnsupportedError('use incomingStreams', 'a redial has none')
  return {
    minMs,
    maxMs,
    factor,
    stableMs: readNumber(options, 'stableMs', 5_000, 0),
    outboxCapacity: readWhole(options, 'outboxCapacity', 1_024),
    closeTimeoutMs: readNumber(options, 'closeTimeoutMs', 5_000, 0),
    giveUp,
    random,
  }
}
