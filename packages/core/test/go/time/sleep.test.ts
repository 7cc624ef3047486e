// Go: src/time/sleep_test.go TestSleep — a sleep is never shorter than asked, by the real clock.
// Go: src/time/sleep_test.go TestAfterFunc — what a timer starts may set the next timer, and need not be over
//   for that.
// Go: src/time/sleep_test.go TestAfter — the same for a timer, and its value is not before its time either.
// Go: src/time/sleep_test.go TestAfterTick — ten timers, one behind the other, take ten times as long as one.
// Go: src/time/sleep_test.go TestAfterQueuing — timers set in any order fire in the order of their times.
// Go: src/time/sleep_test.go TestSleepZeroDeadlock — sleeps of nothing end, also while garbage is collected.
// Go: src/time/sleep_test.go TestOverflowSleep — the longest sleep is not a short one, and holds up no other;
//   a negative one is over at once.
// Go: src/time/sleep_test.go TestOverflowPeriodRuntimeTimer — a tick beyond the end of time never comes.
// Go: src/time/sleep_test.go TestZeroTimer — timers of nothing are never missed.
import { describe, expect, test } from 'vitest'
import { after, background, channel, select, sleep, ticker, timer, trySelect, withCancel } from 'chansel'
import { virtualClock } from '../../support/clock.ts'
import { collectGarbage } from '../../support/gc.ts'
import { expectNothingLeft, expectPending, rejectionOf } from '../../support/pending.ts'
import { Random } from '../../support/random.ts'
import { Tasks, inBubble } from './bubble.ts'

expectNothingLeft()

const DELAY_MS = 20

test('TestSleep: never shorter than asked, though others sleep less and interrupt', async () => {
  const tasks = new Tasks()
  for (const ms of [DELAY_MS / 2, DELAY_MS - 1, DELAY_MS - 0.5]) tasks.go(() => sleep(ms))
  const start = performance.now()
  await sleep(DELAY_MS)
  expect(performance.now() - start).toBeGreaterThanOrEqual(DELAY_MS)
  await tasks.joined()
})

test('TestAfterFunc: each of ten sets the next, and sleeps on', () =>
  inBubble(async (clock) => {
    const start = clock.now
    const tasks = new Tasks()
    const over = channel<number>()
    let left = 10
    const f = async (): Promise<void> => {
      await after(0).receive()
      if (left-- === 0) return over.send(clock.now - start)
      tasks.go(f)
      await sleep(1_000)
    }
    tasks.go(f)
    // None had to wait for the sleep of the one before.
    expect(await over.receive()).toEqual({ value: 0, ok: true })
    await tasks.joined()
    expect(clock.now - start).toBe(1_000)
  }))

test('TestAfter: neither the wait nor the value is early, by the real clock', async () => {
  const [start, startEpoch] = [performance.now(), Date.now()]
  const { value } = await after(DELAY_MS).receive()
  expect(performance.now() - start).toBeGreaterThanOrEqual(DELAY_MS)
  expect(value).toBeGreaterThanOrEqual(startEpoch + DELAY_MS)
  expect(value).toBeLessThanOrEqual(Date.now() + 1)
})

test('TestAfterTick: ten in a row take ten times as long', () =>
  inBubble(async (clock) => {
    const start = clock.now
    for (let i = 0; i < 10; i++) await after(DELAY_MS).receive()
    expect(clock.now - start).toBe(10 * DELAY_MS)
  }))

test('TestAfterTick: nor are they faster by the real clock', async () => {
  const start = performance.now()
  for (let i = 0; i < 10; i++) await after(4).receive()
  expect(performance.now() - start).toBeGreaterThanOrEqual(40)
})

describe('TestAfterQueuing', () => {
  const slots = [5, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0]

  test.each<[string, (ms: number) => Promise<{ value: number | undefined }>]>([
    ['after', (ms) => after(ms).receive()],
    ['timer', (ms) => timer(ms).receive()],
    ['a reset timer', (ms) => tap(timer(1e9), (moved) => moved.reset(ms)).receive()],
    ['a timer reset while it is waited for', (ms) => resetWhileWaitedFor(ms)],
    ['select', (ms) => select({ due: after(ms), never: null })],
  ])('%s: in the order of their times, equal ones as they were set', (_, waitFor) =>
    inBubble(async (clock) => {
      const start = clock.epochMs
      const fired = channel<{ slot: number; setAs: number; at: number | undefined }>(slots.length)
      const tasks = new Tasks()
      for (const [setAs, slot] of slots.entries()) {
        tasks.go(async () => {
          const { value } = await waitFor(slot * DELAY_MS)
          fired.trySend({ slot, setAs, at: value })
          expect(clock.epochMs).toBe(value)
        })
      }
      await tasks.joined()
      fired.close()
      const seen = []
      for await (const event of fired) seen.push(event)
      const expected = slots.map((slot, setAs) => ({ slot, setAs, at: start + slot * DELAY_MS }))
      expect(seen).toEqual(expected.sort((a, b) => a.slot - b.slot || a.setAs - b.setAs))
    }),
  )

  test.each([0, 1, 2, 3, 4])('hundreds at random, of which half are given up, seed %d', (seed) =>
    inBubble(async (clock) => {
      const random = new Random(seed)
      const start = clock.now
      const fired: number[] = []
      const sleepers = Array.from({ length: 300 }, () => ({
        ms: random.below(200),
        ctx: withCancel(background()),
      }))
      const sleeps = sleepers.map(({ ms, ctx }) => sleep(ms, ctx).then(() => fired.push(clock.now - start)))
      const lasting: number[] = []
      for (const [i, { ms, ctx }] of sleepers.entries()) {
        if (ms === 0 || random.chance(0.5)) lasting.push(ms)
        else {
          ctx.cancel()
          await rejectionOf(sleeps[i]!)
        }
      }
      await Promise.allSettled(sleeps)
      expect(fired).toEqual(lasting.sort((a, b) => a - b))
    }),
  )

  test('those that are due together fire with one timer of the host', async () => {
    const clock = virtualClock()
    const sleeps = Array.from({ length: 100 }, () => sleep(DELAY_MS))
    clock.advance(DELAY_MS)
    expect([clock.timersSet, clock.timers]).toEqual([1, []])
    await Promise.all(sleeps)
  })

  function resetWhileWaitedFor(ms: number) {
    const moved = timer(1)
    const received = moved.receive()
    moved.reset(ms)
    return received
  }
})

function tap<T>(value: T, f: (value: T) => unknown): T {
  f(value)
  return value
}

test('TestSleepZeroDeadlock: sleeps of nothing end while garbage is collected', async () => {
  const tasks = new Tasks()
  let isOver = false
  tasks.go(async () => {
    while (!isOver) {
      collectGarbage()
      await sleep(1)
    }
  })
  for (let i = 0; i < 100; i++) {
    await sleep(0)
    const own = channel<number>(1)
    await own.send(i)
    expect(await own.receive()).toEqual({ value: i, ok: true })
  }
  isOver = true
  await tasks.joined()
})

describe('TestOverflowSleep', () => {
  const big = [2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, Infinity]

  test.each(big)('%d ms are not short, and hold up no other timer', async (ms) => {
    const clock = virtualClock()
    const ctx = withCancel(background())
    const sleeping = sleep(ms, ctx)
    const event = select({ big: after(ms), small: after(25) }, ctx)
    // The host takes a longer delay for none at all.
    for (const { delayMs } of clock.timers) expect(delayMs).toBeLessThan(2 ** 31)
    clock.advance(24)
    await expectPending(sleeping, event)
    clock.advance(1)
    expect(await event).toMatchObject({ case: 'small' })
    clock.advance(1e6)
    await expectPending(sleeping)
    ctx.cancel()
    expect(await rejectionOf(sleeping)).toBe(ctx.err)
  })

  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 33 + 1])('%d ms end then, and not before', (ms) =>
    inBubble(async (clock) => {
      const start = clock.now
      const slept = sleep(ms)
      for (const { delayMs } of clock.timers) expect(delayMs).toBeLessThan(2 ** 31)
      await slept
      expect(clock.now - start).toBe(ms)
    }),
  )

  test.each([-1, -(2 ** 31), -Number.MAX_VALUE, -Infinity])('%d ms are over at once', async (ms) => {
    const clock = virtualClock()
    await sleep(ms)
    expect(trySelect([after(ms)])).toEqual({ case: 0, value: clock.epochMs, ok: true })
    expect(clock.timersSet).toBe(0)
  })
})

test('TestOverflowPeriodRuntimeTimer: a tick beyond the end of time never comes', () => {
  const clock = virtualClock()
  const beat = ticker(Number.MAX_VALUE)
  expect(beat.tryReceive()).toBeUndefined()
  clock.busy(Number.MAX_VALUE)
  expect(beat.tryReceive()).toMatchObject({ ok: true })
  // One more period is beyond all numbers.
  expect(beat.tryReceive()).toBeUndefined()
})

describe('TestZeroTimer', () => {
  const reused = timer(3_600_000)

  test.each<[string, () => ReturnType<typeof timer>]>([
    ['new ones', () => timer(0)],
    ['one that is reset', () => tap(reused, () => reused.reset(0))],
  ])('%s are received at once, thousands of times', async (_, make) => {
    for (let i = 0; i < 20_000; i++) {
      const before = performance.now()
      const { ok } = await make().receive()
      if (!ok || performance.now() - before > 2_000) expect.fail(`timer ${i} was missed`)
    }
  })
})
