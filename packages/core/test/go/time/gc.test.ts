// Go: src/time/tick_test.go TestTimerGC — timers and tickers that nobody holds are collected, stopped or not.
import { test } from 'vitest'
import { after, background, channel, select, sleep, ticker, timer, withCancel, withTimeout } from 'chansel'
import { expectFlatHeap } from '../../support/gc.ts'
import { expectNothingLeft } from '../../support/pending.ts'

expectNothingLeft()

const COUNT = 4_000
const HOUR_MS = 3_600_000

/** Bytes that a round may leave behind: less than the least that could leak, as in Go. */
const MOST_BYTES = 24

const ready = channel<number>(1, { overflow: 'drop-oldest' })

test.each<[string, () => unknown]>([
  ['After', () => after(HOUR_MS)],
  ['NewTimer', () => timer(HOUR_MS)],
  ['NewTicker', () => ticker(HOUR_MS)],
  ['NewTimerStop', () => timer(HOUR_MS).stop()],
  ['NewTickerStop', () => ticker(HOUR_MS).stop()],
  ['a timer that is due', () => timer(0)],
  ['a timer that was reset', () => timer(HOUR_MS).reset(2 * HOUR_MS)],
  ['a timeout that nobody cancels', () => withTimeout(background(), HOUR_MS)],
  ['a timer that lost a select', () => (ready.trySend(1), select({ ready, late: after(HOUR_MS) }))],
  ['a timer that lost a select that waited', loseWaiting],
  ['a cancelled sleep', cancelSleep],
])('TestTimerGC: %s', async (_, round) => {
  const run = async () => {
    for (let i = 0; i < COUNT; i++) await round()
  }
  await expectFlatHeap(run, MOST_BYTES * COUNT)
})

async function loseWaiting(): Promise<void> {
  const inbox = channel<number>()
  const event = select({ inbox, late: after(HOUR_MS), often: ticker(HOUR_MS) })
  inbox.trySend(1)
  await event
}

async function cancelSleep(): Promise<void> {
  const ctx = withCancel(background())
  const slept = sleep(HOUR_MS, ctx).catch(() => {})
  ctx.cancel()
  await slept
}
