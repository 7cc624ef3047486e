import { describe, expect, test } from 'vitest'
import {
  type ReceiveChannel,
  after,
  background,
  channel,
  select,
  sleep,
  ticker,
  timer,
  trySelect,
  withCancel,
  yieldNow,
} from 'chansel'
import { busyFor, virtualClock } from '../support/clock.ts'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { Random } from '../support/random.ts'

expectNothingLeft()

describe('one value', () => {
  test.each([
    ['after', after],
    ['timer', timer],
  ])('T1 %s delivers once, the firing time and not the receive time', async (_, make) => {
    const clock = virtualClock()
    const ch = make(10)
    const firedAt = clock.epochMs + 10
    clock.busy(50)
    expect(await ch.receive()).toEqual({ value: firedAt, ok: true })
    expect(ch.tryReceive()).toBeUndefined()
    await expectPending(ch.receive(withCancel(background())))
  })

  test.each([
    ['after', after],
    ['timer', timer],
  ])('T1 %s delivers the firing time to who waits for it', async (_, make) => {
    const clock = virtualClock()
    const ch = make(10)
    const firedAt = clock.epochMs + 10
    const received = ch.receive()
    clock.advance(9)
    await expectPending(received)
    clock.advance(1)
    expect(await received).toEqual({ value: firedAt, ok: true })
  })

  test('T2 never early: not before its time by the monotonic clock', async () => {
    const early = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const ms = (i % 8) + i / 200
        const start = performance.now()
        await sleep(ms)
        return performance.now() - start < ms
      }),
    )
    expect(early.filter(Boolean)).toEqual([])
  })

  test('T2 a host timer that fires early is set again', async () => {
    const clock = virtualClock()
    const start = clock.now
    const slept = sleep(10)
    clock.busy(-1)
    clock.advance(10)
    expect(clock.now - start).toBe(9)
    await expectPending(slept)
    clock.advance(1)
    await slept
  })

  test.each([0, -0, -5, -Infinity])(
    'T3 %d ms is ready at once, for a select with default in the same turn',
    (ms) => {
      const clock = virtualClock()
      expect(trySelect([after(ms)])).toEqual({ case: 0, value: clock.epochMs, ok: true })
      expect(timer(ms).tryReceive()).toEqual({ value: clock.epochMs, ok: true })
      const rearmed = timer(50)
      rearmed.reset(ms)
      expect(rearmed.tryReceive()).toEqual({ value: clock.epochMs, ok: true })
      expect(clock.timersSet).toBe(0)
    },
  )

  test('T4 a timer that is due is ready when polled, even if the loop was blocked', async () => {
    const ch = after(5)
    expect(trySelect([ch])).toBeUndefined()
    busyFor(6)
    expect(trySelect([ch])).toMatchObject({ case: 0, ok: true })
    const again = timer(5)
    busyFor(6)
    expect(again.tryReceive()).toMatchObject({ ok: true })
  })

  test('T5 length and capacity of timer channels are 0', () => {
    const clock = virtualClock()
    for (const ch of [after(5), timer(5), ticker(5)]) {
      expect([ch.length, ch.capacity]).toEqual([0, 0])
      clock.busy(20)
      expect([ch.length, ch.capacity]).toEqual([0, 0])
    }
  })

  test('T13 of several who wait for one timer the first gets it, the others go on waiting', async () => {
    const clock = virtualClock()
    const ch = timer(5)
    const controller = new AbortController()
    const first = ch.receive()
    const second = ch.receive(controller)
    clock.advance(100)
    expect(await first).toMatchObject({ ok: true })
    await expectPending(second)
    controller.abort('enough')
    expect(await rejectionOf(second)).toBe('enough')
  })

  test('R3 a value that is due belongs to who waits for it, not to who polls before the host timer fires', async () => {
    const clock = virtualClock()
    const ch = after(5)
    const waiting = ch.receive()
    clock.busy(10)
    expect(ch.tryReceive()).toBeUndefined()
    expect(trySelect([ch])).toBeUndefined()
    clock.advance(0)
    expect(await waiting).toMatchObject({ ok: true })
  })
})

describe('stop and reset', () => {
  test('T6 stop says true and leaves no stale value, even if the time has passed, as long as nobody received it', () => {
    const clock = virtualClock()
    const pending = timer(10)
    expect(pending.stop()).toBe(true)
    const due = timer(10)
    clock.busy(20)
    expect(due.stop()).toBe(true)
    expect(due.tryReceive()).toBeUndefined()
    expect(due.stop()).toBe(false)
    const received = timer(10)
    clock.busy(20)
    received.tryReceive()
    expect(received.stop()).toBe(false)
    expect(pending.tryReceive()).toBeUndefined()
  })

  test('T7 reset says true if it was pending or due and unreceived, and old values are gone', async () => {
    const clock = virtualClock()
    const ch = timer(10)
    expect(ch.reset(20)).toBe(true)
    clock.busy(15)
    expect(ch.tryReceive()).toBeUndefined()
    clock.busy(10)
    expect(ch.reset(30)).toBe(true)
    expect(ch.tryReceive()).toBeUndefined()
    clock.busy(30)
    expect(ch.tryReceive()).toEqual({ value: clock.epochMs, ok: true })
    expect(ch.reset(5)).toBe(false)
    expect(ch.stop()).toBe(true)
    expect(ch.reset(5)).toBe(false)
    clock.busy(5)
    expect(ch.tryReceive()).toMatchObject({ ok: true })
  })

  test('T8 stop does not wake or cancel receivers; reset sets the timer again for them', async () => {
    const clock = virtualClock()
    const ch = timer(10)
    const waiting = ch.receive()
    expect(ch.stop()).toBe(true)
    expect(clock.timers).toEqual([])
    clock.advance(100)
    await expectPending(waiting)
    expect(ch.reset(20)).toBe(false)
    clock.advance(19)
    await expectPending(waiting)
    clock.advance(1)
    expect(await waiting).toEqual({ value: clock.epochMs, ok: true })
  })

  test('T8 reset of a timer somebody waits for moves it, to later and to earlier', async () => {
    const clock = virtualClock()
    const ch = timer(10)
    const waiting = ch.receive()
    expect(ch.reset(30)).toBe(true)
    clock.advance(20)
    await expectPending(waiting)
    expect(ch.reset(5)).toBe(true)
    clock.advance(5)
    expect(await waiting).toEqual({ value: clock.epochMs, ok: true })
    const now = ch.receive()
    expect(ch.reset(0)).toBe(false)
    expect(await now).toEqual({ value: clock.epochMs, ok: true })
  })

  test('T9 stop does not close the channel', async () => {
    const controller = new AbortController()
    for (const ch of [timer(10), ticker(10)]) {
      ch.stop()
      const waiting = [ch.receive(controller), select([ch], controller)]
      await expectPending(...waiting)
      expect('close' in ch).toBe(false)
      controller.signal.throwIfAborted()
      for (const wait of waiting) wait.catch(() => {})
    }
    controller.abort()
  })

  test('T14 stop of a timer somebody waits for through afterwards-run code: true if and only if prevented', async () => {
    const clock = virtualClock()
    let ran = 0
    const run = (ch: ReceiveChannel<number>) => void ch.receive().then(() => ran++)
    const prevented = timer(10)
    run(prevented)
    expect(prevented.stop()).toBe(true)
    const started = timer(10)
    run(started)
    clock.advance(10)
    expect(started.stop()).toBe(false)
    await settle()
    expect(ran).toBe(1)
    expect(started.reset(10)).toBe(false)
    run(started)
    clock.advance(10)
    await settle()
    expect(ran).toBe(2)
  })

  test('api: J20 using stops timers and tickers', () => {
    const clock = virtualClock()
    const stopped: ReceiveChannel<number>[] = []
    {
      using one = timer(10)
      using many = ticker(10)
      stopped.push(one, many)
    }
    clock.busy(50)
    for (const ch of stopped) expect(ch.tryReceive()).toBeUndefined()
  })
})

describe('tickers', () => {
  test('T11 at most one tick is pending, its value is the first missed tick, the next keeps phase', async () => {
    const clock = virtualClock()
    const start = clock.epochMs
    const ch = ticker(10)
    clock.busy(55)
    expect(ch.tryReceive()).toEqual({ value: start + 10, ok: true })
    expect(ch.tryReceive()).toBeUndefined()
    const next = ch.receive()
    clock.advance(4)
    await expectPending(next)
    clock.advance(1)
    expect(await next).toEqual({ value: start + 60, ok: true })
    ch.stop()
  })

  test('T11 who keeps up gets every tick', async () => {
    const clock = virtualClock()
    const start = clock.epochMs
    const ch = ticker(10)
    const ticks: (number | undefined)[] = []
    for (let i = 0; i < 5; i++) {
      const tick = ch.receive()
      clock.advance(10)
      ticks.push((await tick).value)
    }
    expect(ticks).toEqual([10, 20, 30, 40, 50].map((ms) => start + ms))
    ch.stop()
  })

  test.each([0, -1, NaN])('T12 a period of %d is a RangeError at once', (ms) => {
    expect(() => ticker(ms)).toThrow(RangeError)
    const ch = ticker(10)
    expect(() => ch.reset(ms)).toThrow(RangeError)
    ch.stop()
  })

  test('T13 two receivers of one ticker share its ticks, each tick goes to one', async () => {
    const clock = virtualClock()
    const start = clock.epochMs
    const ch = ticker(10)
    const first = ch.receive()
    const second = ch.receive()
    clock.advance(10)
    expect(await first).toEqual({ value: start + 10, ok: true })
    await expectPending(second)
    clock.advance(10)
    expect(await second).toEqual({ value: start + 20, ok: true })
    ch.stop()
  })

  test('T8 stop of a ticker leaves receivers waiting, reset goes on for them with a new phase', async () => {
    const clock = virtualClock()
    const ch = ticker(10)
    const waiting = ch.receive()
    ch.stop()
    clock.advance(100)
    await expectPending(waiting)
    ch.reset(7)
    clock.advance(7)
    expect(await waiting).toEqual({ value: clock.epochMs, ok: true })
    clock.busy(7)
    ch.reset(20)
    expect(ch.tryReceive()).toBeUndefined()
    ch.stop()
  })

  test('api: for await over a ticker', async () => {
    const clock = virtualClock()
    const start = clock.epochMs
    const ch = ticker(10)
    const ticks: number[] = []
    const loop = (async () => {
      for await (const tick of ch) ticks.push(tick - start)
    })()
    for (let i = 0; i < 3; i++) {
      clock.advance(10)
      await settle()
    }
    expect(ticks).toEqual([10, 20, 30])
    ch.stop()
    await expectPending(loop)
  })
})

describe('host timers', () => {
  test('T10 J14 timers and tickers nobody waits for set no host timer', () => {
    const clock = virtualClock()
    const channels = Array.from({ length: 1_000 }, (_, i) => [after(i), timer(i + 1), ticker(i + 1)])
    for (const ch of channels.flat()) trySelect([ch])
    expect(clock.timersSet).toBe(0)
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
    const waits = [sleep(Infinity, ctx), after(Infinity).receive(ctx), endless.receive(ctx)]
    expect(clock.timersSet).toBe(0)
    clock.advance(1e15)
    await expectPending(...waits)
    const stopped = timer(5)
    expect(stopped.reset(Infinity)).toBe(true)
    expect(stopped.tryReceive()).toBeUndefined()
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

describe('sleep and yieldNow', () => {
  test('T16 sleep is cancelled with its context and removes its timer', async () => {
    const clock = virtualClock()
    const ctx = withCancel(background())
    const slept = sleep(50, ctx)
    expect(clock.timers.length).toBe(1)
    ctx.cancel('why')
    expect(clock.timers).toEqual([])
    expect(await rejectionOf(slept)).toBe(ctx.err)
    expect(await rejectionOf(sleep(0, ctx))).toBe(ctx.err)
  })

  test('api: sleep resolves to nothing; 0 or less is at once', async () => {
    expect(await sleep(0)).toBeUndefined()
    expect(await sleep(-1)).toBeUndefined()
    expect(await sleep(1)).toBeUndefined()
  })

  test('api: yieldNow lets timers and I/O run', async () => {
    const log: string[] = []
    setImmediate(() => log.push('the turn'))
    void Promise.resolve().then(() => log.push('a microtask'))
    await yieldNow()
    log.push('back')
    expect(log).toEqual(['a microtask', 'the turn', 'back'])
  })

  test('J7 a sleep that is over, then cancelled in the same turn, is over', async () => {
    const clock = virtualClock()
    const ctx = withCancel(background())
    const over = sleep(10, ctx)
    clock.advance(10)
    ctx.cancel()
    await over
    const other = withCancel(background())
    const cancelled = sleep(10, other)
    clock.busy(20)
    other.cancel()
    clock.advance(0)
    expect(await rejectionOf(cancelled)).toBe(other.err)
  })
})
