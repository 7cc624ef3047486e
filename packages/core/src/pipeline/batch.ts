import type { ReceiveChannel } from '../channel.ts'
import { checkLeast, checkType, checkWhole } from '../internal/check.ts'
import { receiveEndOf } from '../internal/end.ts'
import type { Cancel } from '../internal/foreign.ts'
import { timer } from '../time.ts'
import { endOf } from './from.ts'
import { Intake } from './intake.ts'
import { type Source, checkSource } from './source.ts'
import { Stage } from './stage.ts'

/** Options of `batch`. */
export interface BatchOptions {
  /** How many items make a batch. `Infinity`: as many as come within `ms`. */
  size: number
  /** How long after its first item a batch is handed on, full or not, in milliseconds. No limit unless told. */
  ms?: number | undefined
}

/**
 * The items in arrays of `size`, or of fewer once `ms` milliseconds have passed since the first of them, or once the
 * source has ended. No batch is empty.
 *
 * It reads on its own, one batch ahead. A batch whose time is up while nobody receives goes on growing until it is
 * full or somebody takes it (of size `Infinity` it is full then). After that the source waits.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the source is released.
 * Closing: ends and fails with the source, after the last batch.
 * Source: no counterpart in Go; a loop that selects between a channel and a timer.
 *
 * @throws TypeError for what is not a source, or an option that is not valid
 * @throws RangeError for a `size` below 1, or `ms` below 0
 * @example
 * import { batch, collect } from 'chansel/pipeline'
 *
 * await collect(batch([1, 2, 3], { size: 2 })) // => [[1, 2], [3]]
 */
export function batch<T>(source: Source<T>, options: BatchOptions, cancel?: Cancel): ReceiveChannel<T[]> {
  checkSource('batch', source)
  checkType('batch a source: options', options, 'object')
  const { size, ms = Infinity } = options
  checkWhole('batch a source: size', size, 1, true)
  checkLeast('batch a source: ms', ms, 0)
  const late = timer(Infinity)
  const intake = new Intake<T>([receiveEndOf(late)!, endOf(source)])
  return new Stage<T[]>(
    [intake],
    cancel,
    async (stage) => {
      // It goes on growing while the stage holds it.
      let items: T[] = []
      stage.onTaken = () => {
        items = []
        stage.wake()
      }
      const handOn = (): void => {
        late.stop()
        if (items.length === 0 || stage.held > 0) return
        stage.emit(items)
        if (stage.held === 0) items = []
      }
      for (;;) {
        while (stage.held > 0 && (items.length >= size || size === Infinity)) await stage.demand()
        let got
        try {
          got = intake.take(LATE) ?? (await intake.receive(LATE))
        } catch (error) {
          handOn()
          throw error
        }
        if (got.case === LATE) {
          handOn()
        } else if (got.ok) {
          if (items.push(got.value) === 1) late.reset(ms)
          if (items.length >= size) handOn()
        } else {
          handOn()
          return
        }
      }
    },
    { readsAhead: 'on-its-own' },
  )
}

/** The timer's place in the intake. It is looked at first: items that are ready do not hold up a batch that is due. */
const LATE = 0
