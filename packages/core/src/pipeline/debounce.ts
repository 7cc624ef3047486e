import type { ReceiveChannel } from '../channel.ts'
import { checkLeast } from '../internal/check.ts'
import { receiveEndOf } from '../internal/end.ts'
import type { Cancel } from '../internal/foreign.ts'
import type { Received } from '../internal/operation.ts'
import { timer } from '../time.ts'
import { endOf } from './from.ts'
import { Intake } from './intake.ts'
import { type Source, checkSource } from './source.ts'
import { Stage } from './stage.ts'

/**
 * The last item before each silence of `ms` milliseconds; those before it are dropped.
 *
 * It reads on its own and never makes its source wait. A value that nobody has received is replaced by a newer one.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the source is released.
 * Closing: ends and fails with the source, after the last item, which then does not wait for its silence.
 * Source: no counterpart in Go; a loop that selects between a channel and a timer that it resets.
 *
 * @param ms 0: the last of the items that are there at once
 * @throws TypeError for what is not a source, or not a number
 * @throws RangeError for `ms` below 0
 * @example
 * import { collect, debounce } from 'chansel/pipeline'
 *
 * await collect(debounce('abc', 1)) // => ['c']
 */
export function debounce<T>(source: Source<T>, ms: number, cancel?: Cancel): ReceiveChannel<T> {
  checkSource('debounce', source)
  checkLeast('debounce a source: ms', ms, 0)
  const silence = timer(Infinity)
  const intake = new Intake<T>([receiveEndOf(silence)!, endOf(source)])
  return new Stage<T>(
    [intake],
    cancel,
    async (stage) => {
      let latest: Received<T> | undefined
      const tell = (): void => {
        if (latest?.ok) stage.replace(latest.value)
        latest = undefined
      }
      for (;;) {
        let got
        try {
          // The source first: if both are ready there was no silence, only nobody who looked.
          got = intake.take(SOURCE) ?? (await intake.receive(SOURCE))
        } catch (error) {
          tell()
          throw error
        }
        if (got.case === SILENCE) {
          tell()
        } else if (got.ok) {
          latest = got
          silence.reset(ms)
        } else {
          tell()
          return
        }
      }
    },
    { readsAhead: 'on-its-own' },
  )
}

const SILENCE = 0
const SOURCE = 1
