import { type Context, contextUnder } from '../context.ts'
import { describe } from '../errors.ts'
import { isAbortSignal } from '../internal/foreign.ts'

/**
 * A context that follows a signal: for `done` in a select, for `err` and `cause`, as a parent. Where only a `Cancel` is
 * asked for, `{ signal }` will do.
 *
 * Cancellation: it is cancelled with the signal. `err` is a `DeadlineExceededError` where the signal's reason is a
 *   `TimeoutError`, else a `CanceledError`; `cause` is the reason. The signal has a listener only while somebody waits.
 * Source: DOM, "AbortSignal".
 *
 * @throws TypeError for what is not a signal
 * @example
 * import { select } from 'chansel'
 * import { fromSignal } from 'chansel/interop'
 *
 * const controller = new AbortController()
 * const ctx = fromSignal(controller.signal)
 * controller.abort('enough')
 * ctx.cause // => 'enough'
 * await select({ done: ctx.done }) // => { case: 'done', value: undefined, ok: false }
 */
export function fromSignal(signal: AbortSignal): Context {
  if (!isAbortSignal(signal)) {
    throw new TypeError(`Cannot make a context of a signal: expected an AbortSignal, got ${describe(signal)}`)
  }
  return contextUnder({ signal }, 'fromSignal')
}
