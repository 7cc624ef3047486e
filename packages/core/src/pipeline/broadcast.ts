import { describe } from '../errors.ts'
import { checkType } from '../internal/check.ts'
import type { Cancel } from '../internal/foreign.ts'
import { type Source, checkSource, inputOf } from './source.ts'
import { type SubscribeOptions, type Subscription, checkSubscribe } from './subscription.ts'
import { Topics } from './topics.ts'

/** Options of `broadcast`. */
export interface BroadcastOptions {
  /** What becomes of the source while nobody subscribes: it waits (the default), or its items are dropped. */
  idle?: 'wait' | 'drop' | undefined
}

/** Whoever subscribes gets every value from then on. `using` ends all subscriptions, and releases the source. */
export interface Broadcast<T> extends Disposable {
  /**
   * A read channel with every value from now on: none, if the source is over.
   *
   * `'wait'`, the default: the next value is taken from the source only when this subscriber has accepted the one
   * before, by receiving it or by having room (`capacity`, 0). `'drop-oldest'`: of more than `capacity` (16) values the
   * oldest is dropped. `'disconnect'`: it fails with a `SlowSubscriberError` instead. The last two hold up nobody.
   *
   * Closing: a disposed subscription ends, and lets go of what it holds.
   * @throws TypeError, RangeError for an option that is not valid
   */
  subscribe(options?: SubscribeOptions): Subscription<T>
}

/**
 * Gives every item to every subscriber. The slowest that waits sets the pace.
 *
 * It reads on its own: takes an item when all have accepted the one before and somebody waits for one or has room.
 * While nobody subscribes the source waits, unless `idle` says otherwise: nothing is lost before the first subscriber.
 * (If the last subscriber was disconnected for being slow, items are dropped until another one comes.)
 *
 * Cancellation: the subscriptions fail with the reason of `cancel`'s signal, and the source is released.
 * Closing: they end and fail with the source, after the values that they hold.
 * Source: no counterpart in Go; a goroutine that sends each value to each channel of a list.
 *
 * @throws TypeError for what is not a source, or an option that is not valid
 * @example
 * import { broadcast, collect } from 'chansel/pipeline'
 *
 * const letters = broadcast('ab')
 * const one = letters.subscribe()
 * const two = letters.subscribe()
 * await Promise.all([collect(one), collect(two)]) // => [['a', 'b'], ['a', 'b']]
 */
export function broadcast<T>(
  source: Source<T>,
  options: BroadcastOptions = {},
  cancel?: Cancel,
): Broadcast<T> {
  checkSource('broadcast', source)
  checkType('broadcast a source: options', options, 'object')
  const { idle = 'wait' } = options
  if (idle !== 'wait' && idle !== 'drop') {
    throw new TypeError(`Cannot broadcast a source: idle must be wait, drop, got ${describe(idle)}`)
  }
  const topics = new Topics<undefined, T>(inputOf(source), cancel, null, idle === 'drop')
  return {
    subscribe: (given = {}) => topics.subscribe(undefined, checkSubscribe(given, 0)),
    [Symbol.dispose]: () => topics[Symbol.dispose](),
  }
}
