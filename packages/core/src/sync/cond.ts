import { countOf, inspectable } from '#inspect'
import { describe } from '../errors.ts'
import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { runtime } from '../internal/runtime.ts'
import { NOTHING, WaitQueue, Waiter } from '../internal/waiter.ts'
import { LEND, Mutex, TAKE_BACK } from './mutex.ts'

/**
 * A place to wait until something that a mutex protects has changed. A wait gives the mutex away, and has it again
 * under the same guard when it ends. A channel is usually the simpler tool.
 *
 * Source: Go, `sync.Cond`.
 *
 * @example
 * import { Cond, Mutex } from 'chansel/sync'
 *
 * const mu = new Mutex()
 * const filled = new Cond(mu)
 * const items: string[] = []
 * async function take(): Promise<string> {
 *   using _ = await mu.lock()
 *   while (items.length === 0) await filled.wait()
 *   return items.shift()!
 * }
 * const taken = take()
 * {
 *   using _ = await mu.lock()
 *   items.push('an item')
 *   filled.signal()
 * }
 * await taken // => 'an item'
 */
export class Cond {
  /** The mutex to be held around `wait`. */
  readonly mutex: Mutex
  readonly #waiters: WaitQueue = new WaitQueue()

  /** @throws TypeError for what is not a `Mutex` of this copy of the package */
  constructor(mutex: Mutex) {
    if (!(mutex instanceof Mutex)) {
      throw new TypeError(`Cannot make a condition: expected a Mutex, got ${describe(mutex)}`)
    }
    this.mutex = mutex
    runtime.observer?.made(this)
  }

  /**
   * Gives the mutex away and waits for a signal, in one step; has the mutex again before it resolves or rejects. Call
   * it in a loop that checks what you wait for: others may have held the mutex in between. Rejects with an `Error` if
   * nobody holds the mutex.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal, once it has the mutex again. If the cancel has already
   *   fired it rejects at once, and the mutex is never given away. One that fires after the signal changes nothing: no
   *   signal is lost.
   * Fairness: whoever waits longest is signalled first, and gets the mutex in the order of the signals.
   */
  wait(cancel?: Cancel): Promise<void> {
    const cancellation = optionalCancellationOf(cancel)
    const ended = cancellation === null ? null : cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
    const guard = this.mutex[LEND]()
    if (guard === null) {
      return runtime.failed(new Error('Cannot wait for a condition: its mutex is not locked'))
    }
    const wait = new CondWait(this.mutex, guard)
    const told = wait.promise<void>()
    runtime.observer?.waits(wait, 'wait', [{ verb: 'wait', on: this }])
    this.#waiters.push(wait.place)
    if (cancellation !== null) cancellation.park(wait)
    return told
  }

  /** Ends the wait of whoever waits longest, if anybody does. The mutex may be held or not. */
  signal(): void {
    this.#waiters.shift()?.accept()
  }

  /** Ends all waits that have begun, and none that begin later. */
  broadcast(): void {
    for (let place = this.#waiters.shift(); place; place = this.#waiters.shift()) place.accept()
  }

  static {
    inspectable(this, 'Cond', (cond) => ({ waiting: countOf(cond.#waiters), mutex: cond.mutex }))
  }
}

/**
 * A wait for a condition, in two stages: first for the signal or the cancel, the outcome of which it keeps; then for the
 * mutex, where nothing can cancel it.
 */
class CondWait extends Waiter {
  /** Stands in the line of the condition, then in that of the mutex. */
  readonly place: Waiter
  readonly #mutex: Mutex
  #outcome: unknown
  #isSignalled = false

  constructor(mutex: Mutex, guard: number) {
    super(null, NOTHING)
    this.#mutex = mutex
    this.place = new Waiter(this, NOTHING, guard)
  }

  override commit(outcome: unknown): void {
    if (this.#isSignalled) {
      super.commit(this.#outcome)
      return
    }
    this.#isSignalled = true
    this.#outcome = outcome
    this.withdraw()
    this.#mutex[TAKE_BACK](this.place)
  }

  override withdraw(): void {
    super.withdraw()
    if (this.place.queue !== null) this.place.queue.remove(this.place)
  }
}
