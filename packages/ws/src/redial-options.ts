import type { DialOptions } from './dial.ts'
import { UnsupportedError } from './errors.ts'
import { checkCancel, checkFunction, checkNumber, checkObject, readNumber, readWhole } from './options.ts'

/** Options of `redial`. Each limit says how to switch it off. */
export interface RedialOptions extends Omit<DialOptions, 'incomingStreams'> {
  /**
   * How long to wait between attempts, drawn at random: before the n-th after the first, from 0 to
   * `minMs * factor ** (n - 1)` ms, and at most `maxMs`.
   */
  backoff?:
    | {
        /** The most, in ms, before the first attempt after a connection or a failure: 250 by default. */
        minMs?: number | undefined
        /** The most, in ms, before any attempt: 30,000 by default; 0 does not wait. */
        maxMs?: number | undefined
        /** By how much `minMs` grows with each attempt, up to `maxMs`: 2 by default. */
        factor?: number | undefined
      }
    | undefined
  /**
   * How long, in ms, a connection has to last for the delays to begin again from `minMs`: 5,000 by default; with 0
   * it only has to open.
   */
  stableMs?: number | undefined
  /** How many messages may wait for the network before `send` waits: 1,024 by default; `Infinity` never does. */
  outboxCapacity?: number | undefined
  /**
   * Whether to give up after an error, a `DialError` or the `CloseError` of a connection, besides those after which
   * `redial` always does. Has to answer at once; if it throws, that gives up, with what it threw.
   */
  giveUp?: ((error: unknown) => boolean) | undefined
  /** Gives the random part of a delay, at least 0 and less than 1: `Math.random` by default. */
  random?: (() => number) | undefined
}

const OWN_DIAL_OPTIONS = [
  'backoff',
  'stableMs',
  'outboxCapacity',
  'giveUp',
  'random',
  'incomingCapacity',
  'closeTimeoutMs',
  'parent',
] as const

/** Options of a `redial` over connections that the program makes: those of a dial are for the program's own. */
export type OwnDialOptions = Pick<RedialOptions, (typeof OWN_DIAL_OPTIONS)[number]>

/** @throws UnsupportedError for an option that would be for nobody */
export function checkOwnDialOptions(options: OwnDialOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !(OWN_DIAL_OPTIONS as readonly string[]).includes(name))
      throw new UnsupportedError(`use option ${name}`, 'it is for the dial of the program')
  }
}

/** The options with their defaults, checked. */
export interface RedialSettings {
  readonly minMs: number
  readonly maxMs: number
  readonly factor: number
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
