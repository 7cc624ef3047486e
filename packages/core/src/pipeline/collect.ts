import type { Cancel } from '../internal/foreign.ts'
import { forEach } from './for-each.ts'
import type { Source } from './source.ts'

/**
 * All items in an array, once the source has ended.
 *
 * Cancellation: rejects with the reason of `cancel`'s signal, and the source is released.
 * Closing: rejects with the error of a source that fails.
 * Source: Go, `slices.Collect`.
 *
 * @throws TypeError for what is not a source
 * @example
 * import { collect } from 'chansel/pipeline'
 *
 * await collect(new Set([1, 2, 1])) // => [1, 2]
 */
export function collect<T>(source: Source<T>, cancel?: Cancel): Promise<T[]> {
  const items: T[] = []
  return forEach(source, (item) => void items.push(item), cancel).then(() => items)
}
