// Go: src/time/tick_test.go TestTicker — ticks come when they should, before and after a reset, and none
//   after stop.
// Go: src/time/tick_test.go TestTeardown — tickers made, received from once and stopped, one after the other.
// Go: src/time/tick_test.go TestNewTickerLtZeroDuration — a period of nothing or less is refused.
// Go: src/time/tick_test.go TestTickerResetLtZeroDuration — so it is by reset, which leaves the ticker as it
//   was.
// Go: src/time/tick_test.go TestLongAdjustTimers — many timers that lose their selects do not slow the
//   program down.
// Go: src/time/tick_test.go TestAfterTimes — a timer received from late gives the time at which it fired.
// Go: src/time/tick_test.go TestTickTimes — so does a ticker: the first tick that was missed.
// Go: src/time/sleep_test.go TestTickerStress — the fastest ticker ticks on while garbage is collected.
// Go: src/time/sleep_test.go TestAfterStress — the same, under its older name.
// Go: src/time/sleep_test.go TestTickerConcurrentStress — ten tasks share its ticks.
import { expect, test } from 'vitest'
import { after, background, channel, select, sendCase, sleep, ticker, timer, withCancel } from 'chansel'
import { collectGarbage } from '../../support/gc.ts'
import { expectNothingLeft, rejectionOf, thrownBy } from '../../support/pending.ts'
import { Tasks, inBubble } from './bubble.ts'

expectNothingLeft()

test('TestTicker: five ticks, a reset to half the pace, five ticks, the stop', () =>
  inBubble(async (clock) => {
    const DELTA_MS = 20
    const start = clock.now
    const beat = ticker(DELTA_MS)
    const times: number[] = []
    const ticks = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const { value } = await beat.receive()
        expect(value).toBe(clock.epochMs)
        times.push(clock.now - start)
      }
    }
    await ticks(5)
    beat.reset(2 * DELTA_MS)
    await ticks(5)
    beat.stop()
    expect(times).toEqual([20, 40, 60, 80, 100, 140, 180, 220, 260, 300])
    await sleep(2 * DELTA_MS)
    expect(beat.tryReceive()).toBeUndefined()
    // In the middle of a period, a reset begins a new one.
    beat.reset(DELTA_MS)
    await sleep(DELTA_MS / 2)
    beat.reset(DELTA_MS)
    await ticks(2)
    expect(times.slice(10)).toEqual([370, 390])
  }))

test('TestTicker: the phase is kept by the real clock, also where a tick comes late', async () => {
  using beat = ticker(5)
  const values: number[] = []
  for (let i = 0; i < 8; i++) values.push((await beat.receive()).value!)
  // Whole periods apart, give or take how exactly the wall clock is read.
  for (const [i, value] of values.entries()) {
    if (i === 0) continue
    const periods = (value - values[i - 1]!) / 5
    expect(Math.round(periods)).toBeGreaterThanOrEqual(1)
    expect(Math.abs(periods - Math.round(periods))).toBeLessThanOrEqual(0.41)
  }
})

test('TestTeardown: one after the other, each stopped after its first tick', () =>
  inBubble(async (clock) => {
    const start = clock.now
    for (let i = 1; i <= 3; i++) {
      const beat = ticker(20)
      await beat.receive()
      beat.stop()
      expect(clock.now - start).toBe(20 * i)
      expect(clock.timers).toEqual([])
    }
  }))

test.each([
  ['a ticker', () => ticker(20)],
  ['a timer', () => timer(20)],
])('TestTeardown: at the end of its block %s is stopped', (_, make) =>
  inBubble(async () => {
    const kept = []
    for (let i = 0; i < 3; i++) {
      using beat = make()
      kept.push(beat)
    }
    await sleep(50)
    expect(kept.map((beat) => beat.tryReceive())).toEqual([undefined, undefined, undefined])
  }),
)

const noPeriods = [0, -0, -1, -Infinity, NaN]

test.each(noPeriods)('TestNewTickerLtZeroDuration: no ticker of %d ms', (ms) =>
  expect(thrownBy(() => ticker(ms))).toBeInstanceOf(RangeError),
)

test.each(noPeriods)('TestTickerResetLtZeroDuration: no reset to %d ms, and the old period goes on', (ms) =>
  inBubble(async (clock) => {
    const start = clock.now
    const beat = ticker(1_000)
    await sleep(400)
    expect(thrownBy(() => beat.reset(ms))).toBeInstanceOf(RangeError)
    await beat.receive()
    await beat.receive()
    expect(clock.now - start).toBe(2_000)
    beat.stop()
  }),
)

test('TestLongAdjustTimers: thousands of timers that lose their selects leave no trace', async () => {
  const ROUNDS = 250
  const TRY = 20
  const tasks = new Tasks()
  for (let i = 0; i < 1_000; i++) tasks.go(() => sleep(0.01))
  const ctx = withCancel(background())
  const late = rejectionOf(sleep(60_000, ctx))

  const into = channel<number>()
  const outOf = channel<number>()
  tasks.go(async () => {
    const queue: number[] = []
    for (;;) {
      const event = await select({
        into,
        sent: queue.length > 0 && sendCase(outOf, queue[0]!),
        late: ctx.done,
      })
      if (event.case === 'into' && event.ok) queue.push(event.value)
      else if (event.case === 'sent') queue.shift()
      else break
    }
    outOf.close()
  })

  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < TRY; i++) await into.send(i)
    for (let i = 0; i < TRY; i++) {
      const event = await select({ outOf, slow: after(5_000), late: ctx.done })
      if (event.case !== 'outOf' || event.value !== i) expect.fail(`round ${round}: ${event.case}`)
    }
  }
  into.close()
  expect(await outOf.receive()).toMatchObject({ ok: false })
  ctx.cancel()
  expect(await late).toBe(ctx.err)
  await tasks.joined()
})

test('TestAfterTimes: the time is that of the firing, not of the receive', () =>
  inBubble(async (clock) => {
    const start = clock.epochMs
    const ch = after(10)
    await sleep(500)
    expect(await ch.receive()).toEqual({ value: start + 10, ok: true })
  }))

test('TestTickTimes: the first tick that was missed, then in phase', () =>
  inBubble(async (clock) => {
    const start = clock.epochMs
    const beat = ticker(10)
    await sleep(505)
    const values: (number | undefined)[] = []
    for (let i = 0; i < 3; i++) values.push((await beat.receive()).value)
    expect(values).toEqual([10, 510, 520].map((ms) => start + ms))
    beat.stop()
  }))

test.each([0.5, 1e-6, 1e-20, Number.MIN_VALUE])(
  'TestTickerStress, TestAfterStress: ticks of %d ms, by the real clock, while garbage is collected',
  async (ms) => {
    let isOver = false
    const tasks = new Tasks()
    tasks.go(async () => {
      while (!isOver) {
        collectGarbage()
        for (let i = 0; i < 8; i++) await sleep(0.001)
      }
    })
    const beat = ticker(ms)
    for (let i = 0; i < 50; i++) expect(await beat.receive()).toMatchObject({ ok: true })
    beat.stop()
    isOver = true
    await tasks.joined()
  },
)

test('TestTickerConcurrentStress: each tick goes to one of ten tasks', () =>
  inBubble(async (clock) => {
    const start = clock.epochMs
    const beat = ticker(1)
    const seen: (number | undefined)[] = []
    const counts = Array.from({ length: 10 }, () => 0)
    const tasks = new Tasks()
    for (const i of counts.keys()) {
      tasks.go(async () => {
        for (; counts[i]! < 100; counts[i]!++) seen.push((await beat.receive()).value)
      })
    }
    await tasks.joined()
    beat.stop()
    expect(counts).toEqual(counts.map(() => 100))
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, i) => start + i + 1))
  }))
