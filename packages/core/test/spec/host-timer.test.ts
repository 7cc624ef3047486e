import { describe, expect, test, vi } from 'vitest'
import {
  after,
  background,
  channel,
  select,
  sleep,
  ticker,
  timer,
  trySelect,
  withCancel,
  withTimeout,
} from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { Random } from '../support/random.ts'

expectNothingLeft()

describe('host timers', () => {
  test('T10 J14 timers and tickers nobody waits for set no host timer', () => {
    const clock = virtualClock()
    const channels = Array.from({ length: 1_000 }, (_, i) => [after(i), timer(i + 1), ticker(i + 1)])
    for (const ch of channels.flat()) trySelect([ch])
    expect(clock.timersSet).toBe(0)
  })

  test('T11 J3 what is armed while others ring is due at the next ring of the host', () => {
    const clock = virtualClock()
    let left = 5
    const next = (): void => {
      const ctx = withTimeout(background(), 1)
      ctx.signal.addEventListener('abort', () => {
        if (--left > 0) next()
        // That one is already late, and the host still gets its turn.
        clock.busy(2)
      })
    }
    next()
    clock.advance(20)
    expect(left).toBe(0)
    expect(clock.timersSet).toBe(5)
  })

  test('T10 J14 all waits share one host timer, gone with the last of them', async () => {
    const clock = virtualClock()
    const controller = new AbortController()
    const waits = [30, 10, 20].map((ms) => after(ms).receive(controller))
    expect(clock.timers.map(({ delayMs, holds }) => ({ delayMs, holds }))).toEqual([
      { delayMs: 10, holds: true },
    ])
    clock.advance(10)
    await waits[1]
    expect(clock.timers.length).toBe(1)
    controller.abort('enough')
    expect(clock.timers).toEqual([])
    expect(await Promise.all([waits[0]!, waits[2]!].map(rejectionOf))).toEqual(['enough', 'enough'])
  })

  test('T10 J14 no wait sets a host timer while one is set that comes earlier', async () => {
    const clock = virtualClock()
    const first = new AbortController()
    const others = new AbortController()
    const waits = [sleep(10, first), sleep(20, others), sleep(30, others)].map(rejectionOf)
    // The host timer stays when the wait for which it was set is over.
    first.abort('enough')
    waits.push(rejectionOf(sleep(15, others)))
    expect(clock.timersSet).toBe(1)
    others.abort('enough')
    expect(await Promise.all(waits)).toEqual(waits.map(() => 'enough'))
  })

  test('X11 J14 a deadline is armed once, however often somebody waits under it, and gone with its context', async () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 10)
    const ch = channel<number>()
    for (let i = 0; i < 3; i++) {
      const received = ch.receive(ctx)
      ch.trySend(i)
      await received
    }
    expect(clock.timers.map(({ delayMs, holds }) => ({ delayMs, holds }))).toEqual([
      { delayMs: 10, holds: false },
    ])
    ctx.cancel()
    expect(clock.timers).toEqual([])
  })

  test('J14 J15 a host whose timers are numbers, as in browsers, has none to let go', async () => {
    const clock = virtualClock()
    const handles: object[] = []
    vi.stubGlobal(
      'setTimeout',
      (ring: () => void, ms: number) => handles.push(clock.setTimeout(ring, ms)) - 1,
    )
    vi.stubGlobal('clearTimeout', (handle: number) => clock.clearTimeout(handles[handle]!))
    const ch = channel<number>()
    const ctx = withTimeout(background(), 50)
    const receiving = ch.receive(ctx)
    ch.trySend(1)
    expect(await receiving).toEqual({ value: 1, ok: true })
    const late = rejectionOf(ch.receive(ctx))
    clock.advance(50)
    expect(await late).toBe(ctx.err)
  })

  test('T10 a select loop with after() leaves nothing behind when another case wins', async () => {
    const clock = virtualClock()
    const ch = channel<number>()
    for (let i = 0; i < 100; i++) {
      const selected = select({ ch, late: after(3_600_000) })
      expect(clock.timers.length).toBe(1)
      ch.trySend(i)
      expect(clock.timers).toEqual([])
      expect(await selected).toEqual({ case: 'ch', value: i, ok: true })
    }
  })

  test('T10 a timeout that is reached wins the select', async () => {
    const clock = virtualClock()
    const ch = channel<number>()
    const selected = select({ ch, late: after(50) })
    clock.advance(50)
    expect(await selected).toEqual({ case: 'late', value: clock.epochMs, ok: true })
    expect(ch.trySend(1)).toBe(false)
  })

  test('T15 timers due at the same instant fire in creation order', async () => {
    const clock = virtualClock()
    const log: number[] = []
    const timers = [0, 1, 2, 3].map(() => after(10))
    for (const i of [2, 0, 3, 1]) void timers[i]!.receive().then(() => log.push(i))
    const slept = [4, 5].map((i) => sleep(10).then(() => log.push(i)))
    clock.advance(10)
    await Promise.all(slept)
    expect(log).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('timers due at different times fire in the order of their times', async () => {
    const clock = virtualClock()
    const times = [50, 10, 40, 20, 30, 10.5, 35, 15, 45, 25, 60, 5]
    const log: number[] = []
    const slept = times.map((ms) => sleep(ms).then(() => log.push(ms)))
    const cancelled = new AbortController()
    const dropped = times.map((ms) => sleep(ms + 0.25, cancelled).catch(() => 'cancelled'))
    clock.advance(12)
    cancelled.abort()
    clock.busy(100)
    clock.advance(0)
    await Promise.all([...slept, ...dropped])
    expect(log).toEqual([...times].sort((a, b) => a - b))
  })

  test('a cancelled sleep leaves the order of the others', async () => {
    const clock = virtualClock()
    const start = clock.now
    const controller = new AbortController()
    const ends: number[][] = []
    // In a heap, what takes the place of 7 has to rise: 3 is less than 4, which was above 7.
    const sleeps = [6, 2, 5, 7, 4, 3, 1].map((ms) =>
      sleep(ms, ms === 7 ? controller : undefined).then(
        () => ends.push([ms, clock.now - start]),
        () => 'cancelled',
      ),
    )
    controller.abort()
    for (let ms = 1; ms <= 6; ms++) {
      clock.advance(1)
      await settle()
    }
    await Promise.all(sleeps)
    expect(ends).toEqual([1, 2, 3, 4, 5, 6].map((ms) => [ms, ms]))
  })

  test.each([1, 2, 3])(
    'each of many sleeps ends in its own millisecond, whoever is cancelled (seed %i)',
    async (seed) => {
      const clock = virtualClock()
      const random = new Random(seed)
      const start = clock.now
      const sleeps = Array.from({ length: 200 }, () => {
        const controller = new AbortController()
        const ms = 1 + random.below(100)
        const slept = sleep(ms, controller).then(
          () => ({ ms, endedAt: clock.now - start }),
          () => ({ ms, endedAt: 'cancelled' }),
        )
        return { slept, controller }
      })
      for (let at = 1; at <= 100; at++) {
        random.pick(sleeps).controller.abort()
        clock.advance(1)
        await settle()
      }
      const ends = await Promise.all(sleeps.map(({ slept }) => slept))
      expect(ends.filter(({ ms, endedAt }) => endedAt !== 'cancelled' && endedAt !== ms)).toEqual([])
      expect(ends.filter(({ endedAt }) => endedAt === 'cancelled').length).toBeGreaterThan(20)
    },
  )

  test.each([2 ** 31 - 1, 2 ** 31, 5 * 2 ** 31])('T17 J15 %d ms: long waits are chained', async (ms) => {
    const clock = virtualClock()
    const waits = [sleep(ms), after(ms).receive(), timer(ms).receive()]
    expect(clock.timers.every((timer) => timer.delayMs <= 2 ** 31 - 1)).toBe(true)
    clock.advance(ms - 1)
    await expectPending(...waits)
    clock.advance(1)
    await Promise.all(waits)
  })

  test('T17 J15 Infinity is never', async () => {
    const clock = virtualClock()
    const ctx = withCancel(background())
    const endless = ticker(Infinity)
    const waits: Promise<unknown>[] = [
      sleep(Infinity, ctx),
      after(Infinity).receive(ctx),
      endless.receive(ctx),
    ]
    expect(clock.timersSet).toBe(0)
    clock.advance(1e15)
    await expectPending(...waits)
    const stopped = timer(5)
    const beat = ticker(5)
    waits.push(stopped.receive(ctx), beat.receive(ctx))
    expect(stopped.reset(Infinity)).toBe(true)
    beat.reset(Infinity)
    clock.advance(1e15)
    await expectPending(...waits)
    ctx.cancel()
    for (const wait of waits) expect(await rejectionOf(wait)).toBe(ctx.err)
  })

  const makers: [string, (ms: number) => unknown][] = [
    ['sleep', sleep],
    ['after', after],
    ['timer', timer],
    ['ticker', ticker],
    ['reset', (ms) => timer(5).reset(ms)],
  ]

  test.each(makers)(
    'T17 J15 thrown at once: %s(NaN) is a RangeError, no number is a TypeError',
    (_, make) => {
      expect(() => make(NaN)).toThrow(RangeError)
      for (const wrong of ['5', undefined, null, 5n]) expect(() => make(wrong as never)).toThrow(TypeError)
    },
  )

  test('T18 a jump of the wall clock moves no timer', async () => {
    const clock = virtualClock()
    const ch = after(10)
    const slept = sleep(10)
    const realDate = Date.now
    Date.now = () => clock.epochMs + 3_600_000
    expect(ch.tryReceive()).toBeUndefined()
    clock.advance(9)
    await expectPending(slept)
    Date.now = realDate
    clock.advance(1)
    await slept
    expect(ch.tryReceive()).toEqual({ value: clock.epochMs, ok: true })
  })
})
