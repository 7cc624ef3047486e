import type { ReceiveChannel } from '../channel.ts'
import { checkLeast } from '../internal/check.ts'
import { receiveEndOf } from '../internal/end.ts'
import type { Cancel } from '../internal/foreign.ts'
import type { Received } from '../internal/operation.ts'
import { runtime } from '../internal/runtime.ts'
import { timer } from '../time.ts'
import { endOf, from } from './from.ts'
import { Intake } from './intake.ts'
import { type Source, checkSource } from './source.ts'
import { Stage } from './stage.ts'

/**
 * The first item at once, then at most one every `ms` milliseconds, the latest there is; the others are dropped.
 *
 * It reads on its own and never makes its source wait. A value that nobody has received is replaced when the next is
 * due: whoever comes late gets the latest, and the next one `ms` after that.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the source is released.
 * Closing: ends and fails with the source, after the last item, which waits for its time.
 * Source: no counterpart in Go; a loop that selects between a channel and a timer. (`x/time/rate` delays, and
 *   drops nothing.)
 *
 * @param ms 0: all items
 * @throws TypeError for what is not a source, or not a number
 * @throws RangeError for `ms` below 0
 * @example
 * import { collect, throttle } from 'chansel/pipeline'
 *
 * await collect(throttle('abc', 50)) // => ['a', 'c']
 */
export function throttle<T>(source: Source<T>, ms: number, cancel?: Cancel): ReceiveChannel<T> {
  checkSource('throttle', source)
  checkLeast('throttle a source: ms', ms, 0)
  if (ms === 0) return from(source, cancel)
  const pause = timer(Infinity)
  const intake = new Intake<T>([receiveEndOf(pause)!, endOf(source)])
  return new Stage<T>(
    [intake],
    cancel,
    async (stage) => {
      let latest: (Received<T> & { readonly ok: true }) | undefined
      let nextAt = -Infinity
      let end: { readonly error: unknown } | 'ended' | undefined
      const pauseFrom = (now: number): void => {
        nextAt = now + ms
        // A pause that no item waits for needs no timer.
        if (latest !== undefined) pause.reset(ms)
      }
      const tell = ({ value }: { readonly value: T }, now: number): void => {
        latest = undefined
        pause.stop()
        pauseFrom(now)
        stage.replace(value)
      }
      stage.onTaken = () => pauseFrom(runtime.now())
      while (end === undefined || latest !== undefined) {
        let got
        try {
          got = intake.take(PAUSE) ?? (await intake.receive(PAUSE))
        } catch (error) {
          intake.drop(SOURCE)
          end = { error }
          continue
        }
        const now = runtime.now()
        if (got.case === PAUSE) {
          tell(latest!, now)
        } else if (!got.ok) {
          intake.drop(SOURCE)
          end = 'ended'
        } else if (now >= nextAt) {
          tell(got, now)
        } else {
          if (latest === undefined) pause.reset(nextAt - now)
          latest = got
        }
      }
      if (end !== 'ended') throw end.error
    },
    { readsAhead: 'on-its-own' },
  )
}

const PAUSE = 0
const SOURCE = 1
