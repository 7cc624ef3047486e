import { describe, expect, test } from 'vitest'
import {
  type ReceiveChannel,
  type Ticker,
  type Timer,
  after,
  background,
  select,
  sleep,
  ticker,
  timer,
  trySelect,
  withCancel,
} from 'chansel'
import { busyFor, virtualClock } from '../support/clock.ts'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'

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

  test('T2 T17 a host timer is set for the next whole millisecond: earlier it would only be set again', async () => {
    const clock = virtualClock()
    const ctx = withCancel(background())
    const slept = [10.25, 0.5].map((ms) => rejectionOf(sleep(ms, ctx)))
    expect(clock.timers).toMatchObject([{ delayMs: 1 }])
    ctx.cancel()
    expect(await Promise.all(slept)).toEqual([ctx.err, ctx.err])
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
    const ch = after(100)
    expect(trySelect([ch])).toBeUndefined()
    busyFor(101)
    expect(trySelect([ch])).toMatchObject({ case: 0, ok: true })
    const again = timer(100)
    busyFor(101)
    expect(again.tryReceive()).toMatchObject({ ok: true })
  })

  test('T5 length and capacity of timer channels are 0', () => {
    const clock = virtualClock()
    for (const ch of [after(5), timer(5), ticker(5)]) {
      expect([ch.length, ch.capacity, ch.name]).toEqual([0, 0, undefined])
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
    const stopped: (Timer | Ticker)[] = []
    {
      using one = timer(10)
      using many = ticker(10)
      stopped.push(one, many)
    }
    clock.busy(50)
    for (const ch of stopped) expect(ch.tryReceive()).toBeUndefined()
    for (const ch of stopped) ch.reset(5)
    clock.busy(5)
    for (const ch of stopped) expect(ch.tryReceive()).toEqual({ value: clock.epochMs, ok: true })
  })
})
