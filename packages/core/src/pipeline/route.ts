import { checkType } from '../internal/check.ts'
import type { Cancel } from '../internal/foreign.ts'
import { type Source, checkSource, inputOf } from './source.ts'
import { type SubscribeOptions, type Subscription, checkSubscribe } from './subscription.ts'
import { Topics } from './topics.ts'

/** Options of `route`. */
export interface RouteOptions {
  /** How many values a subscription that waits may be behind, unless it has a `capacity` of its own; 64. */
  capacity?: number | undefined
}

/**
 * Whoever subscribes to a key gets every value with that key from then on. `using` ends all subscriptions, and releases
 * the source.
 */
export interface Route<in K, out T> extends Disposable {
  /**
   * A read channel with every value of `key` from now on; the options are those of a broadcast's `subscribe`. Keys are
   * told apart as those of a `Map`.
   *
   * @throws TypeError, RangeError for an option that is not valid
   */
  subscribe(key: K, options?: SubscribeOptions): Subscription<T>
}

/**
 * Gives each item to the subscribers of its key. An item whose key nobody subscribed to is dropped.
 *
 * Topics are independent while their subscribers have room: a value that comes for one without room waits, and with
 * it all that come after it, whatever their key. Items are taken while any subscriber waits for one or has room.
 * `keyOf` is called once for each item, and awaited.
 *
 * Cancellation: the subscriptions fail with the reason of `cancel`'s signal, and the source is released.
 * Closing: they end and fail with the source, after the values that they hold, and with what `keyOf` throws.
 * Source: no counterpart in Go; a goroutine with a map of channels.
 *
 * @throws TypeError for what is not a source, not a function, or an option that is not valid
 * @example
 * import { collect, route } from 'chansel/pipeline'
 *
 * const words = route(['ant', 'bee', 'asp'], (word) => word[0])
 * const a = words.subscribe('a')
 * const b = words.subscribe('b')
 * await Promise.all([collect(a), collect(b)]) // => [['ant', 'asp'], ['bee']]
 */
export function route<T, K>(
  source: Source<T>,
  keyOf: (item: T) => K | Promise<K>,
  options: RouteOptions = {},
  cancel?: Cancel,
): Route<K, T> {
  checkSource('route', source)
  checkType('route a source: keyOf', keyOf, 'function')
  checkType('route a source: options', options, 'object')
  const { capacity } = checkSubscribe(options, TOPIC_CAPACITY)
  const topics = new Topics<K, T>(inputOf(source), cancel, keyOf)
  return {
    subscribe: (key, given = {}) => topics.subscribe(key, checkSubscribe(given, capacity)),
    [Symbol.dispose]: () => topics[Symbol.dispose](),
  }
}

/** Enough for topics to go on while one of them pauses, with no memory worth speaking of. */
const TOPIC_CAPACITY = 64
