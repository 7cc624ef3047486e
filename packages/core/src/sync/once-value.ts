import { checkType } from '../internal/check.ts'
import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { runtime } from '../internal/runtime.ts'
import type { Waiter } from '../internal/waiter.ts'
import { Call, type Outcome } from './call.ts'

/**
 * A function that gives the value of `f`, which runs once, when the value is first asked for. If it fails, everybody
 * gets the same error. (A promise that `f` returns is awaited.) `f` runs in the async context of whoever asks first and,
 * in a test, in their simulation.
 *
 * Cancellation: the function takes a `cancel`, and rejects with the reason of its signal. The run goes on.
 * Source: Go, `sync.OnceValue`.
 *
 * @throws TypeError if `f` is not a function
 * @example
 * import { onceValue } from 'chansel/sync'
 *
 * let reads = 0
 * const config = onceValue(async () => ({ port: 3_000 + reads++ }))
 * await config() // => { port: 3_000 }
 * await config() // => { port: 3_000 }
 */
export function onceValue<T>(f: () => T | Promise<T>): (cancel?: Cancel) => Promise<T> {
  checkType('run once: f', f, 'function')
  let call: ValueCall<T> | null = null
  return (cancel) => {
    const cancellation = optionalCancellationOf(cancel)
    const ended = cancellation === null ? null : cancellation.poll()
    if (ended !== null) return runtime.failed(ended.reason)
    const { outcome } = (call ??= new ValueCall(f))
    if (outcome === null) return call.wait<Box<T>>(cancellation).then(valueIn)
    return outcome.hasFailed ? runtime.failed(outcome.error) : runtime.succeeded(outcome).then(valueIn)
  }
}

/** What a value travels in while the library carries it: a bare value would be looked into for a `then`. */
interface Box<T> {
  readonly value: T
}

function valueIn<T>({ value }: Box<T>): T {
  return value
}

class ValueCall<T> extends Call<T> {
  override readonly name = 'onceValue'

  protected override tell(waiter: Waiter, outcome: Outcome<T>): void {
    if (outcome.hasFailed) waiter.fail(outcome.error)
    else waiter.commit(outcome)
  }
}
