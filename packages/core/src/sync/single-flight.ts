import { inspectable } from '#inspect'
import { checkType } from '../internal/check.ts'
import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { runtime } from '../internal/runtime.ts'
import type { Waiter } from '../internal/waiter.ts'
import { Call, type Outcome } from './call.ts'

/** What a flight brought back. */
export interface Flown<V> {
  /** What the call came to. */
  readonly value: V
  /** Whether others asked for it while it was under way: the same for all of them. */
  readonly shared: boolean
}

/**
 * Runs one function at a time for each key: whoever asks while it runs waits for the same outcome.
 *
 * Source: Go, `golang.org/x/sync/singleflight`.
 *
 * @example
 * import { SingleFlight } from 'chansel/sync'
 *
 * const flights = new SingleFlight<string, string>()
 * let reads = 0
 * const read = async () => `read ${++reads}`
 * const [one, other] = await Promise.all([flights.do('a', read), flights.do('a', read)])
 * one // => { value: 'read 1', shared: true }
 * other // => { value: 'read 1', shared: true }
 * await flights.do('a', read) // => { value: 'read 2', shared: false }
 */
export class SingleFlight<in out K, in out V> {
  /*
   * Invariant: `#flights` has the calls that run and were not forgotten, and no other.
   */
  readonly #flights: Map<K, Flight<V>> = new Map()

  /**
   * Runs `f` in a task of its own, unless a call for `key` is under way; resolves to its value, or rejects with its
   * error, the same for all who asked. `f` must not ask for its own key: it would wait for its own end. If it does so
   * before its first `await`, that is noticed, and rejects with an `Error`.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal. The call goes on for the others; an outcome that
   *   nobody waits for any more is dropped. A cancel that has already fired starts no call.
   *
   * @param key told apart as a `Map` does
   * @throws TypeError if `f` is not a function
   */
  do(key: K, f: () => V | Promise<V>, cancel?: Cancel): Promise<Flown<V>> {
    checkType('start a flight: f', f, 'function')
    const cancellation = optionalCancellationOf(cancel)
    const ended = cancellation === null ? null : cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
    let flight = this.#flights.get(key)
    if (flight === undefined) {
      flight = new Flight(f, () => this.#landed(key, flight!))
      this.#flights.set(key, flight)
    } else {
      flight.isShared = true
    }
    return flight.wait(cancellation)
  }

  /** Lets the next `do` for `key` start a new call. Those who wait for the one that is under way keep waiting for it. */
  forget(key: K): void {
    this.#flights.delete(key)
  }

  #landed(key: K, flight: Flight<V>): void {
    // Not that of a newer call, after a `forget`.
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }

  static {
    inspectable(this, 'SingleFlight', (flights) => ({ underWay: flights.#flights.size }))
  }
}

class Flight<V> extends Call<V> {
  override readonly name = 'SingleFlight'
  isShared = false

  protected override tell(waiter: Waiter, outcome: Outcome<V>): void {
    if (outcome.hasFailed) waiter.fail(outcome.error)
    else waiter.commit({ value: outcome.value, shared: this.isShared } satisfies Flown<V>)
  }
}
