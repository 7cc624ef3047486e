import { inspectable } from '#inspect'
import { checkType } from '../internal/check.ts'
import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { runtime } from '../internal/runtime.ts'
import type { Waiter } from '../internal/waiter.ts'
import { Call, type Outcome } from './call.ts'

/**
 * Runs one function once, however many ask for it.
 *
 * Source: Go, `sync.Once`.
 *
 * @example
 * import { Once } from 'chansel/sync'
 *
 * const once = new Once()
 * let runs = 0
 * const setUp = async () => void runs++
 * await Promise.all([once.do(setUp), once.do(setUp)])
 * runs // => 1
 */
export class Once {
  #call: OnceCall | null = null

  /**
   * Runs `f` in a task of its own if this is the first call; resolves when the one run is over. A run that fails is
   * over, too: it rejects for its own caller, and for nobody else. `f` must not call `do` itself: it would wait for its
   * own end. If it does so before its first `await`, that is noticed, and rejects with an `Error`.
   *
   * Cancellation: rejects with the reason of `cancel`'s signal. The run goes on; its failure, if its caller no longer
   *   waits, is dropped. A cancel that has already fired starts no run.
   *
   * @throws TypeError if `f` is not a function
   */
  do(f: () => unknown, cancel?: Cancel): Promise<void> {
    checkType('run once: f', f, 'function')
    const cancellation = optionalCancellationOf(cancel)
    const ended = cancellation === null ? null : cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
    if (this.#call === null) return (this.#call = new OnceCall(f)).wait(cancellation, CALLER)
    return this.#call.outcome === null ? this.#call.wait(cancellation) : runtime.done()
  }

  static {
    inspectable(this, 'Once', (once) => ({
      called: once.#call !== null,
      done: once.#call !== null && once.#call.outcome !== null,
    }))
  }
}

/** Marks the wait of the caller whose function runs. */
const CALLER = 'caller'

class OnceCall extends Call<unknown> {
  override readonly name = 'Once'

  protected override tell(waiter: Waiter, outcome: Outcome<unknown>): void {
    if (outcome.hasFailed && waiter.value === CALLER) waiter.fail(outcome.error)
    else waiter.accept()
  }
}
