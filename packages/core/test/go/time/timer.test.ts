// Go: src/time/sleep_test.go TestAfterStop — stopped timers do not fire, whatever fires around them; stop is
//   true once.
// Go: src/time/sleep_test.go TestTimerStopStress — a hundred timers stopped at half their time: none fires.
// Go: src/time/sleep_test.go TestReset — a reset counts from now, and says whether the timer had been
//   received.
// Go: src/time/sleep_test.go TestTimerModifiedEarlier — a timer moved into the past again and again is not
//   dropped.
// Go: src/time/sleep_test.go TestAdjustTimers — timers moved to and fro at random lose none of their times.
import { describe, expect, test } from 'vitest'
import { type Timer, after, background, select, sleep, timer, trySelect, withCancel } from 'chansel'
import { expectNothingLeft, expectPending } from '../../support/pending.ts'
import { Random } from '../../support/random.ts'
import { Tasks, inBubble } from './bubble.ts'

expectNothingLeft()

test('TestAfterStop: stopped timers do not fire', () =>
  inBubble(async (clock) => {
    const start = clock.now
    const ctx = withCancel(background())
    const fired: number[] = []
    const record = (channel: { receive: Timer['receive'] }) =>
      channel.receive(ctx).then(
        () => fired.push(clock.now - start),
        () => fired.push(-1),
      )
    const polled = timer(50)
    const waitedFor = timer(150)
    const tasks = [record(after(100)), record(waitedFor)]
    expect([polled.stop(), waitedFor.stop()]).toEqual([true, true])
    await after(200).receive()
    expect(fired).toEqual([100])
    expect(trySelect([polled, waitedFor])).toBeUndefined()
    expect([polled.stop(), waitedFor.stop()]).toEqual([false, false])
    ctx.cancel()
    await Promise.all(tasks)
    expect(fired).toEqual([100, -1])
  }))

test('TestTimerStopStress: none of a hundred fires', () =>
  inBubble(async (clock) => {
    const ctx = withCancel(background())
    const tasks = new Tasks()
    let [stops, cancelled] = [0, 0]
    for (let i = 0; i < 100; i++) {
      const stopped = timer(2_000)
      tasks.go(() =>
        stopped.receive(ctx).then(
          () => expect.fail(`timer ${i} was not stopped`),
          () => void cancelled++,
        ),
      )
      tasks.go(async () => {
        await sleep(1_000 + (i % 7))
        if (stopped.stop()) stops++
      })
    }
    await sleep(3_000)
    expect([stops, cancelled]).toEqual([100, 0])
    // Who waits for a stopped timer waits on, and keeps no host timer.
    expect(clock.timers).toEqual([])
    ctx.cancel()
    await tasks.joined()
    expect(cancelled).toBe(100)
  }))

describe('TestReset', () => {
  const D_MS = 25

  test('of a timer that is looked at', () =>
    inBubble(async () => {
      const t = timer(2 * D_MS)
      await sleep(D_MS)
      expect(t.reset(3 * D_MS)).toBe(true)
      await sleep(2 * D_MS)
      expect(trySelect([t])).toBeUndefined()
      await sleep(2 * D_MS)
      expect(trySelect([t])).toMatchObject({ ok: true })
      // Received: it is over.
      expect(t.reset(50)).toBe(false)
      expect(t.reset(50)).toBe(true)
    }))

  test('of a timer that is waited for', () =>
    inBubble(async (clock) => {
      const start = clock.now
      const t = timer(2 * D_MS)
      const received = t.receive().then(() => clock.now - start)
      await sleep(D_MS)
      expect(t.reset(3 * D_MS)).toBe(true)
      await sleep(2 * D_MS)
      await expectPending(received)
      expect(await received).toBe(4 * D_MS)
      expect(t.reset(50)).toBe(false)
      expect(await t.receive()).toEqual({ value: clock.epochMs, ok: true })
      expect(clock.now - start).toBe(4 * D_MS + 50)
    }))
})

describe('TestTimerModifiedEarlier', () => {
  const HOUR_MS = 3_600_000

  test('a timer moved into the past is ready', () =>
    inBubble(async (clock) => {
      for (let i = 0; i < 1_000; i++) {
        const t = timer(HOUR_MS)
        for (let j = 0; j < 10; j++) {
          if (!t.stop() || t.reset(-clock.epochMs)) expect.fail(`timer ${i} was not stopped`)
        }
        const before = clock.now
        const event = await select({ t, deadline: after(10_000) })
        if (event.case !== 't' || clock.now !== before) expect.fail(`timer ${i} was dropped`)
      }
    }))

  test('so is one that others wait for, among many that are not moved', () =>
    inBubble(async (clock) => {
      const ctx = withCancel(background())
      const others = Array.from({ length: 100 }, (_, i) => timer(HOUR_MS + i))
      const waits = others.map((other) => other.receive(ctx).catch(() => {}))
      const before = clock.now
      for (let i = 0; i < 100; i++) {
        const t = timer(HOUR_MS + 50)
        const received = t.receive()
        for (let j = 0; j < 10; j++) {
          t.stop()
          t.reset(HOUR_MS - j)
        }
        t.reset(-1)
        expect(await received).toEqual({ value: clock.epochMs, ok: true })
      }
      expect(clock.now).toBe(before)
      ctx.cancel()
      await Promise.all(waits)
    }))
})

/** What happens to one timer, step by step; each step says whether it came out as it should. */
const LONG_MS = [60_000, 180_000, 120_000]
const steps: ((t: Timer) => boolean | Promise<boolean>)[] = [
  async (t) => (await t.receive()).ok,
  ...LONG_MS.flatMap((ms) => [(t: Timer) => !t.reset(ms), (t: Timer) => t.stop()]),
  (t) => !t.reset(0),
  async (t) => (await t.receive()).ok,
  (t) => !t.reset(30_000),
  (t) => t.reset(2),
  async (t) => (await t.receive()).ok,
]

const seeds = Array.from({ length: 5 }, (_, i) => ({ seed: 47_762 + i }))

test.each(seeds)('TestAdjustTimers: none loses its time, seed $seed', ({ seed }) =>
  inBubble(async (clock) => {
    const random = new Random(seed)
    const start = clock.now
    const alive = Array.from({ length: 100 }, (_, i) => ({ i, t: timer(random.below(3)), step: 0 }))
    // Some that stay in the heap all the time, between the others.
    const ctx = withCancel(background())
    const waits = LONG_MS.map((ms) =>
      timer(ms / 2)
        .receive(ctx)
        .catch(() => {}),
    )
    while (alive.length > 0) {
      const chosen = alive[random.below(alive.length)]!
      const cameOut = await steps[chosen.step]!(chosen.t)
      if (!cameOut) expect.fail(`timer ${chosen.i}, step ${chosen.step}`)
      if (++chosen.step === steps.length) alive.splice(alive.indexOf(chosen), 1)
    }
    // Only the short times were waited for.
    expect(clock.now - start).toBeLessThanOrEqual(100 * (2 + 2))
    ctx.cancel()
    await Promise.all(waits)
  }),
)
