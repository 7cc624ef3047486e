// Go: src/time/sleep_test.go BenchmarkStop — a timer that is made and stopped costs the same beside thousands
//   of others.
// Go: src/time/sleep_test.go BenchmarkStartStop — n timers that are waited for are stopped in time about
//   linear in n.
// Go: src/time/sleep_test.go BenchmarkReset — resets of a timer that is waited for cost the same, one as the
//   other.
// Go: src/time/sleep_test.go BenchmarkSimultaneousAfterFunc — n timers that are due at once are served in
//   about n.
import { test } from 'vitest'
import { type Timer, background, timer, withCancel } from 'chansel'
import { virtualClock } from '../../support/clock.ts'
import { expectLinear } from '../../support/cost.ts'
import { expectNothingLeft } from '../../support/pending.ts'

expectNothingLeft()

const SLOW = 30_000
const HOUR_MS = 3_600_000

/** Runs `body` beside `count` timers that others wait for. */
async function beside(count: number, body: () => Promise<void>): Promise<void> {
  const ctx = withCancel(background())
  const waits = Array.from({ length: count }, (_, i) =>
    timer(HOUR_MS + ((i * 7) % count))
      .receive(ctx)
      .catch(() => {}),
  )
  await body()
  ctx.cancel()
  await Promise.all(waits)
}

test('BenchmarkStop, BenchmarkReset: beside hundreds of timers', { timeout: SLOW }, () => {
  virtualClock()
  return beside(500, () =>
    expectLinear(1_600, async (n) => {
      const ctx = withCancel(background())
      const moved = timer(HOUR_MS)
      const waiting = moved.receive(ctx).catch(() => {})
      for (let i = 0; i < n; i++) {
        moved.reset(HOUR_MS + (i % 500))
        timer(1_000).stop()
      }
      ctx.cancel()
      await waiting
    }),
  )
})

test('BenchmarkStartStop: n that are waited for', { timeout: SLOW }, () => {
  virtualClock()
  return expectLinear(1_600, async (n) => {
    const ctx = withCancel(background())
    const timers: Timer[] = Array.from({ length: n }, (_, i) => timer(HOUR_MS + ((i * 7) % n)))
    const waits = timers.map((t) => t.receive(ctx).catch(() => {}))
    for (const t of timers) t.stop()
    ctx.cancel()
    await Promise.all(waits)
  })
})

test('BenchmarkSimultaneousAfterFunc: n that are due at once', { timeout: SLOW }, () => {
  const clock = virtualClock()
  return expectLinear(1_600, async (n) => {
    const received = Array.from({ length: n }, () => timer(1).receive())
    clock.advance(1)
    await Promise.all(received)
  })
})
