import type { ReceiveChannel } from '../channel.ts'
import { receiveEndOf } from '../internal/end.ts'
import type { Cancel } from '../internal/foreign.ts'
import type { Received } from '../internal/operation.ts'
import { timer } from '../time.ts'
import { checkMs } from './check.ts'
import { endOf } from './from.ts'
import { Intake } from './intake.ts'
import { type Source, checkSource } from './source.ts'
import { Stage } from './stage.ts'

/**
 * The first item at once, then at most one each `ms` milliseconds: the latest there is; the others are dropped.
 *
 * It takes items while somebody waits for its own. Who comes late gets the latest of what is ready by then.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the source is released.
 * Closing: ends and fails with the source, after the last item, which waits for its time.
 * Source: no counterpart in Go; a loop that selects between a channel and a timer. (`x/time/rate` delays, and
 *   drops nothing.)
 *
 * @param ms 0: all items
 * @throws TypeError for what is no source, or no number
 * @throws RangeError for ms below 0
 * @example
 * import { collect, throttle } from 'chansel/pipeline'
 *
 * await collect(throttle('abc', 1)) // => ['a', 'c']
 */
export function throttle<T>(source: Source<T>, ms: number, cancel?: Cancel): ReceiveChannel<T> {
  checkSource('throttle', source)
  checkMs('throttle a source', ms)
  const pause = timer(Infinity)
  const intake = new Intake<T>([receiveEndOf(pause)!, endOf(source)])
  return new Stage<T>([intake], cancel, async (stage) => {
    let isPausing = false
    let latest: Received<T> | undefined
    let end: { readonly error: unknown } | 'ended' | undefined
    const tell = ({ value }: { readonly value: T }): void => {
      latest = undefined
      isPausing = ms > 0
      if (isPausing) pause.reset(ms)
      stage.emit(value)
    }
    for (;;) {
      if (end !== undefined && latest === undefined) break
      if (!stage.isWanted) await stage.demand()
      let got
      try {
        got = await intake.receive(PAUSE)
      } catch (error) {
        intake.drop(SOURCE)
        end = { error }
        continue
      }
      if (got.case === PAUSE) {
        isPausing = false
        // Who asks late gets the latest: what is ready now, and no more, however much a source may have.
        if (end === undefined)
          for (let got = intake.takeReady(SOURCE); got; got = intake.takeReady(SOURCE)) latest = got
        if (latest?.ok) tell(latest)
      } else if (got.ok) {
        if (isPausing) latest = got
        else tell(got)
      } else {
        intake.drop(SOURCE)
        end = 'ended'
      }
    }
    if (end !== 'ended') throw end!.error
  })
}

const PAUSE = 0
const SOURCE = 1
