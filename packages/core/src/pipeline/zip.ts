import type { ReceiveChannel } from '../channel.ts'
import type { Cancel } from '../internal/foreign.ts'
import type { Received } from '../internal/operation.ts'
import type { Input } from './intake.ts'
import { type Source, checkedSources, inputOf } from './source.ts'
import { Stage } from './stage.ts'

/** The item type of each source. */
export type Zipped<Sources extends readonly Source<unknown>[]> = {
  -readonly [I in keyof Sources]: Sources[I] extends Source<infer T> ? T : never
}

/**
 * Rows of one item from each source: the first of all, the second of all, and so on. All are asked at once.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the sources are released.
 * Closing: ends as soon as one source has; items that others gave for that row are dropped. Fails with the first
 *   source that fails. Without sources it ends at once.
 * Source: no counterpart in Go; a stage that receives from each of several channels in turn.
 *
 * @throws TypeError for what is not an iterable of sources
 * @example
 * import { collect, zip } from 'chansel/pipeline'
 *
 * await collect(zip([[1, 2, 3], 'ab'])) // => [[1, 'a'], [2, 'b']]
 */
export function zip<Sources extends readonly Source<unknown>[]>(
  sources: readonly [...Sources],
  cancel?: Cancel,
): ReceiveChannel<Zipped<Sources>>
export function zip<T>(sources: Iterable<Source<T>>, cancel?: Cancel): ReceiveChannel<T[]>
export function zip(sources: Iterable<Source<unknown>>, cancel?: Cancel): ReceiveChannel<unknown[]> {
  const inputs = checkedSources('zip', sources).map(inputOf)
  return new Stage<unknown[]>(inputs, cancel, async (stage) => {
    if (inputs.length === 0) return
    for (;;) {
      if (!stage.isWanted) await stage.demand()
      const row = await nextRow(inputs)
      if (row === null) return
      stage.emit(row)
    }
  })
}

/** `null` as soon as one source has ended: to wait for the others could be to wait for ever. */
function nextRow(inputs: readonly Input<unknown>[]): Promise<unknown[] | null> {
  return new Promise((resolve, reject) => {
    const row: unknown[] = Array.from({ length: inputs.length })
    let missing = inputs.length
    const came = (i: number, { value, ok }: Received<unknown>): void => {
      row[i] = value
      if (!ok) resolve(null)
      else if (--missing === 0) resolve(row)
    }
    inputs.forEach((input, i) => void input.receive().then((got) => came(i, got), reject))
  })
}
