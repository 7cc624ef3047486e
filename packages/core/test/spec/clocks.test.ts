// The clock that counts is the monotonic one. The wall clock is for display, and is read where a point in time is given.

import { describe, expect, test, vi } from 'vitest'
import {
  DeadlineExceededError,
  after,
  background,
  channel,
  select,
  sleep,
  ticker,
  timer,
  trySelect,
  withCancel,
  withDeadline,
  withTimeout,
} from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, expectPending, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

const HOUR_MS = 3_600_000

describe('T18 a jump of the wall clock', () => {
  test.each([HOUR_MS, -HOUR_MS])('T18 X33 by %d ms moves no deadline', async (jumpMs) => {
    const clock = virtualClock()
    const contexts = [
      withTimeout(background(), 10),
      withDeadline(background(), clock.epochMs + 10),
      withDeadline(background(), new Date(clock.epochMs + 10)),
    ]
    const deadlines = contexts.map((ctx) => ctx.deadline)
    const waits = contexts.map((ctx) => ctx.done.receive())
    const { epochMs } = clock
    vi.spyOn(Date, 'now').mockImplementation(() => epochMs + jumpMs)
    clock.advance(9)
    expect(contexts.map((ctx) => ctx.err)).toEqual([undefined, undefined, undefined])
    await expectPending(...waits)
    clock.advance(1)
    for (const ctx of contexts) expect(ctx.err).toBeInstanceOf(DeadlineExceededError)
    expect(contexts.map((ctx) => ctx.deadline)).toEqual(deadlines)
    await Promise.all(waits)
  })

  test('T18 a deadline that is given as a point in time is measured against the wall clock of that moment', () => {
    const clock = virtualClock()
    vi.spyOn(Date, 'now').mockImplementation(() => clock.epochMs + HOUR_MS)
    const ctx = withDeadline(background(), clock.epochMs + HOUR_MS + 10)
    clock.busy(9)
    expect(ctx.err).toBeUndefined()
    clock.busy(1)
    expect(ctx.err).toBeInstanceOf(DeadlineExceededError)
  })
})

describe('T17 J15 unusual durations', () => {
  test.each([0.25, 0.5, 1.5, 1e-9, Number.MIN_VALUE])(
    'T17 J15 %d ms: a fraction counts, and is never early',
    async (ms) => {
      const clock = virtualClock()
      const ctx = withTimeout(background(), ms)
      const ch = after(ms)
      // The clock of this test stands at a million, where the smallest fractions are nothing.
      const isNothing = clock.now + ms === clock.now
      expect([ctx.err === undefined, ch.tryReceive() === undefined]).toEqual([!isNothing, !isNothing])
      const slept = sleep(ms)
      clock.busy(ms)
      expect(ctx.err).toBeInstanceOf(DeadlineExceededError)
      clock.advance(1)
      await slept
    },
  )

  test.each([1e15, 1e300, Number.MAX_VALUE])(
    'T17 J15 X33 %d ms: as good as never, and no error',
    async (ms) => {
      const clock = virtualClock()
      const ctx = withTimeout(background(), ms)
      const stop = withCancel(background())
      const waits = [
        sleep(ms, stop),
        after(ms).receive(stop),
        ticker(ms).receive(stop),
        channel().receive(ctx),
      ]
      expect(clock.timers.map(({ delayMs }) => delayMs)).toEqual([2 ** 31 - 1])
      await expectPending(...waits)
      const told = waits.map(rejectionOf)
      ctx.cancel()
      stop.cancel()
      expect(await Promise.all(told)).toEqual([stop.err, stop.err, stop.err, ctx.err])
    },
  )

  test('T3 J15 X9 minus infinity is long past', () => {
    const clock = virtualClock()
    expect(withTimeout(background(), -Infinity).err).toBeInstanceOf(DeadlineExceededError)
    expect(withDeadline(background(), -Infinity).err).toMatchObject({ deadline: -Infinity })
    expect(trySelect([after(-Infinity)])).toEqual({ case: 0, value: clock.epochMs, ok: true })
    expect(timer(50).reset(-Infinity)).toBe(true)
  })

  test.each([1e-9, 1e-300, Number.MIN_VALUE])(
    'T11 a ticker of %d ms, below the precision of the clock, ticks at each look',
    async (ms) => {
      const clock = virtualClock()
      const fast = ticker(ms)
      for (let i = 0; i < 3; i++) {
        clock.busy(1)
        expect((await select([fast])).ok).toBe(true)
      }
    },
  )

  test('T11 a ticker of a fraction keeps its phase', () => {
    const clock = virtualClock()
    const start = clock.now
    const fast = ticker(2.5)
    let ticks = 0
    while (clock.now < start + 25) {
      clock.busy(0.5)
      ticks += fast.tryReceive()?.ok === true ? 1 : 0
    }
    expect(ticks).toBe(10)
  })
})

describe('T4 X32 a program that was busy', () => {
  test('T4 R3 a due value whose receiver left is still there', async () => {
    const clock = virtualClock()
    const ch = after(10)
    const controller = new AbortController()
    const left = rejectionOf(ch.receive(controller))
    clock.busy(10)
    controller.abort('enough')
    expect(await left).toBe('enough')
    expect(ch.tryReceive()).toEqual({ value: clock.epochMs, ok: true })
    expect(clock.timers).toEqual([])
  })

  test('T4 S1 two timers that are due are both ready, whichever is older', async () => {
    const clock = virtualClock()
    const chosen = new Set<string>()
    for (let i = 0; i < 60; i++) {
      const cases = { old: after(5), young: after(10) }
      clock.busy(20)
      chosen.add((await select(cases)).case)
    }
    expect(chosen).toEqual(new Set(['old', 'young']))
  })

  test('X32 a deadline in the way of a due timer wins: the wait is refused and the value stays', async () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 5)
    const ch = timer(1)
    clock.busy(10)
    expect(await rejectionOf(ch.receive(ctx))).toBe(ctx.err)
    expect(ch.stop()).toBe(true)
  })

  test('T8 T6 a timer that was stopped while it was due and waited for goes to nobody', async () => {
    const clock = virtualClock()
    const ch = timer(5)
    const waiting = ch.receive()
    clock.busy(10)
    expect(ch.stop()).toBe(true)
    clock.advance(100)
    await expectPending(waiting)
    expect(ch.reset(0)).toBe(false)
    expect(await waiting).toEqual({ value: clock.epochMs, ok: true })
  })
})
