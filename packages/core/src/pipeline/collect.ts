import type { ReceiveChannel } from '../channel.ts'
import type { Cancel } from '../internal/foreign.ts'
import { from } from './from.ts'
import type { Source } from './source.ts'

/**
 * All items in an array, once the source has ended.
 *
 * Cancellation: rejects with the reason of `cancel`'s signal, and the source is released.
 * Closing: rejects with the error of a source that fails.
 * Source: Go, `slices.Collect`.
 *
 * @throws TypeError for what is no source
 * @example
 * import { collect } from 'chansel/pipeline'
 *
 * await collect(new Set([1, 2, 1])) // => [1, 2]
 */
export function collect<T>(source: Source<T>, cancel?: Cancel): Promise<T[]> {
  return drain(from(source, cancel))
}

async function drain<T>(source: ReceiveChannel<T>): Promise<T[]> {
  const items: T[] = []
  for (let got = await source.receive(); got.ok; got = await source.receive()) items.push(got.value)
  return items
}
