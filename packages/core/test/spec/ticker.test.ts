import { describe, expect, test } from 'vitest'
import { background, ticker, withCancel } from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'

expectNothingLeft()

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

  test.each([
    [2.5, [3, 5, 8, 10, 13]],
    [0.25, [1, 1, 1, 1, 2]],
  ])(
    'T1 T11 T17 a period of %d keeps its phase, and tells whole milliseconds, none too early',
    (periodMs, moments) => {
      const clock = virtualClock()
      const start = clock.epochMs
      const ch = ticker(periodMs)
      for (const ms of moments) {
        expect(ch.tryReceive()).toBeUndefined()
        clock.busy(periodMs)
        expect(ch.tryReceive()).toEqual({ value: start + ms, ok: true })
      }
      ch.stop()
    },
  )

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

  test.each([
    ['first', 0],
    ['second', 1],
    ['last', 2],
  ])('T8 T13 J14 when the %s of those who wait leaves the others get their ticks', async (_, leaver) => {
    const clock = virtualClock()
    const ch = ticker(10)
    const ctx = withCancel(background())
    const received = [0, 1, 2].map((i) => ch.receive(i === leaver ? ctx : undefined))
    ctx.cancel()
    expect(await rejectionOf(received[leaver]!)).toBe(ctx.err)
    expect(clock.timers).toMatchObject([{ holds: true }])
    for (const other of received.filter((_, i) => i !== leaver)) {
      await expectPending(other)
      clock.advance(10)
      expect(await other).toEqual({ value: clock.epochMs, ok: true })
    }
    expect(clock.timers).toEqual([])
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
