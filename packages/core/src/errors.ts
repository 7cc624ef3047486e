/**
 * What callers catch. Recognise these by `code`, which is stable, by the guards below or by `instanceof`: all three work
 * when two copies of the package are loaded. Wrong arguments are plain `TypeError` and `RangeError`.
 */

/** A send to a closed channel, or a second close of one. */
export class ClosedChannelError extends Error {
  override readonly name = 'ClosedChannelError'
  readonly code = 'ERR_CHANNEL_CLOSED'
  /** What was asked of the closed channel. */
  readonly operation: 'send' | 'close'
  /** The value that was not sent; `undefined` for a close. */
  readonly value: unknown

  /** @param cause what `close(error)` said, if it said anything */
  constructor(
    operation: 'send' | 'close',
    channelName: string | undefined,
    value?: unknown,
    cause?: unknown,
  ) {
    const preposition = operation === 'send' ? 'send on' : 'close'
    const state = operation === 'send' ? 'closed' : 'already closed'
    super(
      `Cannot ${preposition} ${describeChannel(channelName)}: ${state}`,
      cause === undefined ? undefined : { cause },
    )
    this.operation = operation
    this.value = value
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return (this === ClosedChannelError && has(error, 'code', 'ERR_CHANNEL_CLOSED')) || inherits(error, this)
  }
}

/** A wait ended because its context was cancelled. `cause` is what `cancel(cause)` said, if anything. */
export class CanceledError extends Error {
  override readonly name = 'CanceledError'
  readonly code = 'ERR_CANCELED'

  constructor(cause?: unknown) {
    super('Cannot continue: context canceled', cause === undefined ? undefined : { cause })
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return (this === CanceledError && has(error, 'code', 'ERR_CANCELED')) || inherits(error, this)
  }
}

/** A wait ended because the deadline of its context passed. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError'
  readonly code = 'ERR_DEADLINE_EXCEEDED'
  /** When it passed, in epoch ms. */
  readonly deadline: number

  constructor(deadline: number, cause?: unknown) {
    super('Cannot continue: context deadline exceeded', cause === undefined ? undefined : { cause })
    this.deadline = deadline
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return (
      (this === DeadlineExceededError && has(error, 'code', 'ERR_DEADLINE_EXCEEDED')) || inherits(error, this)
    )
  }
}

/** A subscriber of a broadcast fell behind by more than it has room for, and was disconnected. */
export class SlowSubscriberError extends Error {
  override readonly name = 'SlowSubscriberError'
  readonly code = 'ERR_SLOW_SUBSCRIBER'
  /** How many values wait for it. */
  readonly capacity: number
  /** The first value that it did not get. */
  readonly value: unknown

  constructor(capacity: number, value: unknown) {
    super(
      `Cannot deliver to a subscriber: ${capacity} ${capacity === 1 ? 'value waits' : 'values wait'}, its capacity`,
    )
    this.capacity = capacity
    this.value = value
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return (
      (this === SlowSubscriberError && has(error, 'code', 'ERR_SLOW_SUBSCRIBER')) || inherits(error, this)
    )
  }
}

/**
 * Whether `error` says that somebody cancelled: a `CanceledError` of any copy of this package, or the
 * web's `AbortError`.
 *
 * Source: Go, `errors.Is(err, context.Canceled)`.
 *
 * @example
 * isCanceled(AbortSignal.abort().reason) // => true
 */
export function isCanceled(error: unknown): boolean {
  return has(error, 'code', 'ERR_CANCELED') || has(error, 'name', 'AbortError')
}

/**
 * Whether `error` says that time ran out: a `DeadlineExceededError` of any copy of this package, or the
 * web's `TimeoutError`.
 *
 * Source: Go, `errors.Is(err, context.DeadlineExceeded)`.
 *
 * @example
 * isDeadlineExceeded(new DOMException('late', 'TimeoutError')) // => true
 */
export function isDeadlineExceeded(error: unknown): boolean {
  return has(error, 'code', 'ERR_DEADLINE_EXCEEDED') || has(error, 'name', 'TimeoutError')
}

/**
 * Makes the error of a cancelled context, without a stack: that would be the canceller's, which says nothing about
 * those who wait, and taking it takes longer than all the rest of a cancel.
 */
export function withoutStack<E extends Error>(make: () => E): E {
  const limit = Error.stackTraceLimit
  if (typeof limit !== 'number') return make()
  try {
    Error.stackTraceLimit = 0
  } catch {
    return make() // `Error` is frozen.
  }
  const error = make()
  Error.stackTraceLimit = limit
  return error
}

/** The name of a channel as error texts show it. */
function describeChannel(name: string | undefined): string {
  return name === undefined ? 'channel' : `channel ${JSON.stringify(name)}`
}

/** A value as error texts show it: short, never throwing, never running the value's own code. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return String(value)
  try {
    return Array.isArray(value) ? 'an array' : 'an object'
  } catch {
    return 'an object' // a revoked proxy, which throws when it is asked whether it is an array
  }
}

/**
 * Whether `error` has the prototype of a class. Beside the code, because a class that was compiled to a function asks
 * whether its own object is one before that has its code.
 */
export function inherits(error: unknown, { prototype }: Function): boolean {
  try {
    return prototype.isPrototypeOf(error)
  } catch {
    return false
  }
}

/**
 * Whether `error` is an object with that `value` as its `property`. Structural: `instanceof Error` fails across realms,
 * and `instanceof` a class of ours across two copies of the package. Anything can be thrown, even what throws when it
 * is looked at: that is no error of ours.
 */
export function has(error: unknown, property: 'code' | 'name' | 'cause', value: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  try {
    return (error as Record<typeof property, unknown>)[property] === value
  } catch {
    return false
  }
}
