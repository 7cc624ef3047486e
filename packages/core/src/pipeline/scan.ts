import type { ReceiveChannel } from '../channel.ts'
import { checkType } from '../internal/check.ts'
import type { Cancel } from '../internal/foreign.ts'
import { type Source, checkSource, inputOf } from './source.ts'
import { Transform } from './transform.ts'

/**
 * What `f` makes of each item and of the result before it: a running fold. The first is given `initial`, which is not
 * a result itself. A promise of `f` is awaited before the next item is taken.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the source is released.
 * Closing: ends and fails with the source; fails with what `f` throws or rejects with.
 * Source: no counterpart in Go; a stage with a variable.
 *
 * @throws TypeError for what is not a source, or not a function
 * @example
 * import { collect, scan } from 'chansel/pipeline'
 *
 * await collect(scan([1, 2, 3], (sum, n) => sum + n, 0)) // => [1, 3, 6]
 */
export function scan<T, R>(
  source: Source<T>,
  f: (result: R, item: T) => R | Promise<R>,
  initial: R,
  cancel?: Cancel,
): ReceiveChannel<R> {
  checkSource('scan', source)
  checkType('scan a source: f', f, 'function')
  let last = initial
  return new Transform<T, R>(inputOf(source), cancel, {
    call: (item) => f(last, item),
    result: (outcome) => (last = outcome as R),
  })
}
