import type { ReceiveChannel } from '../channel.ts'
import { describe } from '../errors.ts'
import { checkType, checkWhole } from '../internal/check.ts'
import { CLOSED, WOULD_WAIT } from '../internal/end.ts'
import type { Cancel } from '../internal/foreign.ts'
import { runtime } from '../internal/runtime.ts'
import { Calls } from './calls.ts'
import { PATIENCE } from './intake.ts'
import { type Source, checkSource, inputOf } from './source.ts'
import { Stage } from './stage.ts'
import { Transform } from './transform.ts'

/** Options of `map`. */
export interface MapOptions {
  /** How many calls may be under way at a time; 1 unless told. `Infinity`: no bound. */
  concurrency?: number | undefined
  /** Whether results come in the order of their items (the default) or as they are done. */
  ordered?: boolean | undefined
}

/**
 * What `f` makes of each item. A promise of `f` is awaited: its value is the result, its rejection a failure.
 *
 * With a `concurrency` above 1 that many calls may be under way, and the stage reads ahead: items whose calls are
 * under way and results that nobody has received are never more than that, together. `f` needs no lock.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the source is released. Calls that are
 *   under way go on, since only a cancel of their own could stop them; their results are dropped.
 * Closing: ends and fails with the source, after the results of the items before. Fails with what `f` throws or
 *   rejects with: after the results before it if they are ordered, else at once. Then `f` is not called again.
 * Source: Go blog, "Pipelines and cancellation", "Bounded parallelism".
 *
 * @throws TypeError for what is not a source, not a function, or an option that is not valid
 * @throws RangeError for a concurrency below 1
 * @example
 * import { collect, map } from 'chansel/pipeline'
 *
 * const lengthOf = async (word: string) => word.length
 * await collect(map(['a', 'bc'], lengthOf, { concurrency: 2 })) // => [1, 2]
 */
export function map<T, R>(
  source: Source<T>,
  f: (item: T) => R,
  options: MapOptions = {},
  cancel?: Cancel,
): ReceiveChannel<Awaited<R>> {
  checkSource('map', source)
  checkType('map a source: f', f, 'function')
  checkType('map a source: options', options, 'object')
  const { concurrency = 1, ordered = true } = options
  checkWhole('map a source: concurrency', concurrency, 1, true)
  if (typeof ordered !== 'boolean') {
    throw new TypeError(`Cannot map a source: ordered must be true or false, got ${describe(ordered)}`)
  }
  const input = inputOf(source)
  if (concurrency === 1) {
    return new Transform<T, Awaited<R>>(input, cancel, { call: f, result: null })
  }
  return new Stage<Awaited<R>>(
    [input],
    cancel,
    async (stage) => {
      const calls = new Calls(stage, f, concurrency, ordered)
      try {
        for (let row = 1; ; row++) {
          if (calls.areFull) {
            row = 0
            await calls.room()
          }
          if (!stage.observe()) return
          let item = input.pull()
          if (item === WOULD_WAIT) {
            row = 0
            const got = await input.receive()
            if (!stage.isOpen) return
            item = got.ok ? got.value : CLOSED
          }
          if (item === CLOSED) return await calls.finished()
          calls.begin(item)
          if (row > PATIENCE) {
            row = 0
            await runtime.done()
          }
        }
      } catch (error) {
        await calls.finished()
        throw error
      }
    },
    { readsAhead: 'on-demand' },
  )
}
