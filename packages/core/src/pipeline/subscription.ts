import type { ReceiveChannel } from '../channel.ts'
import { SlowSubscriberError, describe } from '../errors.ts'
import type { Cancellation } from '../internal/cancellation.ts'
import { checkType, checkWhole } from '../internal/check.ts'
import { Output } from './output.ts'

/** What a subscriber that has no room does: holds up the source, drops its oldest value, or is disconnected. */
export type Slow = 'wait' | 'drop-oldest' | 'disconnect'

/** Options of `subscribe`. */
export interface SubscribeOptions {
  /** How many values the subscriber may be behind. */
  capacity?: number | undefined
  /** What happens when it is behind by more: `'wait'` unless told. */
  slow?: Slow | undefined
}

/** The options with their defaults, checked. */
export interface SubscribeSettings {
  readonly capacity: number
  readonly slow: Slow
}

/** A read channel of one subscriber. Disposing of it, or leaving a loop over it, ends it: then it holds up nobody. */
export interface Subscription<T> extends ReceiveChannel<T>, Disposable {
  /** How many values `'drop-oldest'` dropped. */
  readonly dropped: number
}

const SLOW: readonly Slow[] = ['wait', 'drop-oldest', 'disconnect']
/** How many values a dropping or disconnecting subscriber may be behind: enough for a burst, too few for a backlog. */
const LOSSY_CAPACITY = 16

/**
 * @throws TypeError for an option that is not valid
 * @throws RangeError for a capacity that is not valid, or is 0 for a subscriber that does not wait
 */
export function checkSubscribe(options: SubscribeOptions, waitCapacity: number): SubscribeSettings {
  checkType('subscribe: options', options, 'object')
  const { slow = 'wait' } = options
  if (!SLOW.includes(slow)) {
    throw new TypeError(`Cannot subscribe: slow must be ${SLOW.join(', ')}, got ${describe(slow)}`)
  }
  const { capacity = slow === 'wait' ? waitCapacity : LOSSY_CAPACITY } = options
  checkWhole('subscribe: capacity', capacity, slow === 'wait' ? 0 : 1, true)
  return { slow, capacity }
}

/** The subscribers of one key. */
export class Topic<T> {
  readonly #subscribers = new Set<Subscriber<T>>()
  /** The same as an array, since a set is slow to go through; `null`: to be made anew. */
  #row: readonly Subscriber<T>[] | null = null
  /** How many of them have not accepted the last value. */
  full = 0

  get subscribers(): readonly Subscriber<T>[] {
    return (this.#row ??= [...this.#subscribers])
  }

  add(subscriber: Subscriber<T>): void {
    this.#subscribers.add(subscriber)
    this.#row = null
  }

  /** @returns whether it was the last */
  remove(subscriber: Subscriber<T>): boolean {
    this.#subscribers.delete(subscriber)
    this.#row = null
    return this.#subscribers.size === 0
  }
}

/** What feeds subscribers, as they see it. */
export interface Feeder<T> {
  /** The `depth` of its output. */
  readonly depth: number
  /** Its `isHungry` or `isFull` may have changed. */
  changed(subscriber: Subscriber<T>): void
  left(subscriber: Subscriber<T>): void
}

/**
 * One of those who get each value.
 *
 * Invariants, after each call:
 * 1. It holds `capacity` values at most, and under `'wait'` one more: the one that holds up its topic until there
 *    is room.
 * 2. `wasHungry` and `wasFull` are what its feeder last counted it as.
 */
export class Subscriber<T> extends Output<T> implements Subscription<T> {
  override readonly capacity: number
  readonly #slow: Slow
  readonly #feeder: Feeder<T>
  dropped = 0
  /** `null` before it subscribed, and after it left. */
  topic: Topic<T> | null = null
  /** Whether it was disconnected. */
  wentSlow = false
  wasHungry = false
  wasFull = false
  /** How many items its source had given when it subscribed: none of them is for it. */
  readonly since: number

  constructor(
    options: SubscribeSettings,
    cancellation: Cancellation | null,
    feeder: Feeder<T>,
    since: number,
  ) {
    super(cancellation, feeder)
    this.since = since
    this.capacity = options.capacity
    this.#slow = options.slow
    this.#feeder = feeder
  }

  /** Whether it loses what it has no room for. */
  get isLossy(): boolean {
    return this.#slow !== 'wait'
  }

  /** Whether a value would be of use to it, or at least would not wait. */
  get isHungry(): boolean {
    return this.isOpen && (this.isWanted || this.isLossy || this.held < this.capacity)
  }

  /** Whether it has not accepted the last value. */
  get isFull(): boolean {
    return this.isOpen && this.held > this.capacity
  }

  offer(value: T): void {
    if (this.held === this.capacity && !this.isWanted) {
      if (this.#slow === 'disconnect') {
        this.wentSlow = true
        this.fail(new SlowSubscriberError(this.capacity, value))
        return
      }
      if (this.#slow === 'drop-oldest') {
        this.dropOldest()
        this.dropped++
      }
    }
    this.emit(value)
  }

  // Most values change nothing that the feeder counts; these checks spare it the call.

  protected wanted(): void {
    if (!this.wasHungry) this.#feeder.changed(this)
  }

  protected unwanted(): void {
    if (this.held >= this.capacity) this.#feeder.changed(this)
  }

  protected taken(): void {
    // One that is full is not hungry.
    if (!this.wasHungry) this.#feeder.changed(this)
  }

  protected over(): undefined {
    this.#feeder.left(this)
  }

  [Symbol.dispose](): void {
    void this.abandon()
    this.clear()
  }
}
