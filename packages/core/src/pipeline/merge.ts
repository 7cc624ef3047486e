import type { ReceiveChannel } from '../channel.ts'
import type { Cancel } from '../internal/foreign.ts'
import { endOf } from './from.ts'
import { Intake } from './intake.ts'
import { type Source, checkedSources } from './source.ts'
import { Stage } from './stage.ts'

/** The item type of any of the sources. */
export type Merged<Sources extends readonly Source<unknown>[]> =
  Sources[number] extends Source<infer T> ? T : never

/**
 * The items of all sources, each as it comes: fan-in. Sources that are ready take turns, and the items of one source
 * keep their order. As in a select, nothing is taken from the channels that lose; of a source that makes its items on
 * demand one may be taken ahead. An item costs time linear in the number of sources.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the sources are released.
 * Closing: ends when all sources have; fails with the first that fails, and the others are released.
 * Source: Go blog, "Pipelines and cancellation", "Fan-out, fan-in".
 *
 * @throws TypeError for what is not an iterable of sources
 * @example
 * import { collect, merge } from 'chansel/pipeline'
 *
 * const merged = await collect(merge([[1, 2], [10, 20]]))
 * merged.toSorted((a, b) => a - b) // => [1, 2, 10, 20]
 */
export function merge<Sources extends readonly Source<unknown>[]>(
  sources: readonly [...Sources],
  cancel?: Cancel,
): ReceiveChannel<Merged<Sources>>
export function merge<T>(sources: Iterable<Source<T>>, cancel?: Cancel): ReceiveChannel<T>
export function merge<T>(sources: Iterable<Source<T>>, cancel?: Cancel): ReceiveChannel<T> {
  const intake = new Intake<T>(checkedSources('merge', sources).map(endOf), true)
  return new Stage<T>([intake], cancel, async (stage) => {
    let open = intake.size
    for (let first = 0; open > 0;) {
      if (!stage.isWanted) await stage.demand()
      const got = await intake.receive(first)
      first = (got.case + 1) % intake.size
      if (got.ok) {
        stage.emit(got.value)
      } else {
        intake.drop(got.case)
        open--
      }
    }
  })
}
