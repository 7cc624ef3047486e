import type { ReceiveChannel } from '../channel.ts'
import { checkType } from '../internal/check.ts'
import type { Cancel } from '../internal/foreign.ts'
import { type Source, checkSource, inputOf } from './source.ts'
import { SKIP, Transform } from './transform.ts'

/**
 * The items for which `f` says true, in their order. A promise of `f` is awaited before the next item is taken.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the source is released.
 * Closing: ends and fails with the source; fails with what `f` throws or rejects with.
 * Source: Go blog, "Pipelines and cancellation": a stage that sends some of what it receives.
 *
 * @throws TypeError for what is not a source, or not a function
 * @example
 * import { collect, filter } from 'chansel/pipeline'
 *
 * await collect(filter([1, 2, 3, 4], (n) => n % 2 === 0)) // => [2, 4]
 */
export function filter<T, S extends T>(
  source: Source<T>,
  f: (item: T) => item is S,
  cancel?: Cancel,
): ReceiveChannel<S>
export function filter<T>(
  source: Source<T>,
  f: (item: T) => boolean | Promise<boolean>,
  cancel?: Cancel,
): ReceiveChannel<T>
export function filter<T>(
  source: Source<T>,
  f: (item: T) => boolean | Promise<boolean>,
  cancel?: Cancel,
): ReceiveChannel<T> {
  checkSource('filter', source)
  checkType('filter a source: f', f, 'function')
  return new Transform<T, T>(inputOf(source), cancel, {
    call: f,
    result: (isKept, item) => (isKept ? item : SKIP),
  })
}
