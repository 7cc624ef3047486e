import type { ReceiveChannel } from '../channel.ts'
import { checkWhole } from '../internal/check.ts'
import type { Cancel } from '../internal/foreign.ts'
import { type Source, checkSource, inputOf } from './source.ts'
import { SKIP, Transform } from './transform.ts'

/**
 * All items but the first `n`.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the source is released.
 * Closing: ends and fails with the source.
 * Source: no counterpart in Go; a stage that receives `n` times before its loop.
 *
 * @param n a whole number from 0 on, or `Infinity`
 * @throws TypeError for what is not a source, or not a number
 * @throws RangeError for a number that `n` cannot be
 * @example
 * import { collect, skip } from 'chansel/pipeline'
 *
 * await collect(skip([1, 2, 3], 2)) // => [3]
 */
export function skip<T>(source: Source<T>, n: number, cancel?: Cancel): ReceiveChannel<T> {
  checkSource('skip in', source)
  checkWhole('skip in a source: n', n, 0, true)
  let left = n
  return new Transform<T, T>(inputOf(source), cancel, {
    call: null,
    result: (_, item) => (left > 0 ? (left--, SKIP) : item),
  })
}
