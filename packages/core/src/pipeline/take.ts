import type { ReceiveChannel } from '../channel.ts'
import { checkWhole } from '../internal/check.ts'
import type { Cancel } from '../internal/foreign.ts'
import { type Source, checkSource, inputOf } from './source.ts'
import { PASS, Transform } from './transform.ts'

/**
 * The first `n` items. With the last of them it ends and releases its source, which is not asked for one more. A
 * channel that is the source is left as it is.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the source is released.
 * Closing: ends after `n` items or with the source; fails with the source.
 * Source: Go blog, "Pipelines and cancellation": a stage that stops receiving, with its `defer cancel()`.
 *
 * @param n a whole number from 0 on, or `Infinity`
 * @throws TypeError for what is not a source, or not a number
 * @throws RangeError for a number that `n` cannot be
 * @example
 * import { collect, take } from 'chansel/pipeline'
 *
 * await collect(take([1, 2, 3], 2)) // => [1, 2]
 */
export function take<T>(source: Source<T>, n: number, cancel?: Cancel): ReceiveChannel<T> {
  checkSource('take from', source)
  checkWhole('take from a source: n', n, 0, true)
  return new Transform<T, T>(inputOf(source), cancel, { ...PASS, limit: n })
}
