import { describe, expect, test } from 'vitest'
import {
  CanceledError,
  type Context,
  DeadlineExceededError,
  background,
  channel,
  contextKey,
  isCanceled,
  isDeadlineExceeded,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
} from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { isCollected } from '../support/gc.ts'
import { expectNothingLeft, expectPending, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }

describe('deadlines', () => {
  test('X8 the deadline is the earlier of own and parent', () => {
    const clock = virtualClock()
    const parent = withTimeout(background(), 50)
    expect(withTimeout(parent, 20).deadline).toBe(clock.epochMs + 20)
    expect(withTimeout(parent, 80).deadline).toBe(clock.epochMs + 50)
    expect(withCancel(withTimeout(parent, 20)).deadline).toBe(clock.epochMs + 20)
    expect(withDeadline(parent, new Date(clock.epochMs + 10)).deadline).toBe(clock.epochMs + 10)
  })

  test('X9 X10 T17 the deadline of a timeout below 0 lies behind, and fractions count', () => {
    const clock = virtualClock()
    for (const ms of [-5, -0.5, 0, 0.25, 5.5]) {
      expect(withTimeout(background(), ms).deadline).toBe(clock.epochMs + ms)
    }
    const ctx = withDeadline(background(), clock.epochMs + 0.5)
    expect(ctx.err).toBeUndefined()
    clock.busy(0.5)
    expect(ctx.err).toBeDefined()
  })

  test('X11 timeouts that were neither waited under nor cancelled leave their parent after their deadlines', async () => {
    const clock = virtualClock()
    const parent = withCancel(background())
    using _elder = withCancel(parent)
    // Each is known by its cause, which it has as long as it is there.
    const timeouts = (count: number): WeakRef<object>[] =>
      Array.from({ length: count }, () => {
        const cause = {}
        withTimeout(parent, 5, cause)
        return new WeakRef(cause)
      })
    const over = timeouts(100)
    clock.busy(5)
    // With each that comes two are looked at, in turn, of those that came meanwhile, too.
    timeouts(200)
    for (const cause of over) expect(await isCollected(cause)).toBe(true)
  })

  test('X11 a parent keeps nothing of a child that was cancelled', async () => {
    const parent = withCancel(background())
    const cancelChildren = (): WeakRef<object>[] => {
      const children = Array.from({ length: 5 }, () => withCancel(parent))
      return children.map((child) => {
        const cause = {}
        child.cancel(cause)
        return new WeakRef(cause)
      })
    }
    for (const cause of cancelChildren()) expect(await isCollected(cause)).toBe(true)
    expect(parent.err).toBeUndefined()
  })

  test('X11 a sibling that comes does not end waits whose timers are about to', async () => {
    const clock = virtualClock()
    const parent = withCancel(background())
    const [late, early] = [withTimeout(parent, 6), withTimeout(parent, 5)]
    const told: string[] = []
    const waiting = [
      late.done.receive().then(() => told.push('late')),
      early.done.receive().then(() => told.push('early')),
    ]
    clock.busy(6)
    withCancel(parent).cancel()
    clock.advance(0)
    await Promise.all(waiting)
    expect(told).toEqual(['early', 'late'])
  })

  test('T15 deadlines of one moment pass in the order in which they were set, whoever waits first', async () => {
    const clock = virtualClock()
    const [first, second] = [withTimeout(background(), 5), withTimeout(background(), 5)]
    const told: string[] = []
    const waiting = [
      second.done.receive().then(() => told.push('second')),
      first.done.receive().then(() => told.push('first')),
    ]
    clock.advance(5)
    await Promise.all(waiting)
    expect(told).toEqual(['first', 'second'])
  })

  test('X8 where the deadline of the parent is earlier the own cause is dropped, and there is one timer', async () => {
    const clock = virtualClock()
    const parent = withTimeout(background(), 20, 'parent')
    const child = withTimeout(parent, 50, 'child')
    const waiting = child.done.receive()
    expect(clock.timers.map((timer) => timer.delayMs)).toEqual([20])
    clock.advance(20)
    expect(await waiting).toStrictEqual(CLOSED)
    expect([child.cause, child.err]).toEqual(['parent', parent.err])
  })

  test('X8 who has the deadline of the parent ends with the error of the parent', async () => {
    const clock = virtualClock()
    const parent = withTimeout(background(), 10)
    const child = withCancel(parent)
    const waiting = rejectionOf(channel<number>().receive(child))
    clock.advance(10)
    expect(await waiting).toBe(parent.err)
    expect(child.err).toBe(parent.err)
  })

  test('X8 where the own deadline is earlier the own cause counts', () => {
    const clock = virtualClock()
    const parent = withTimeout(background(), 50, 'parent')
    const child = withTimeout(parent, 20, 'child')
    clock.busy(20)
    expect([child.cause, parent.err]).toEqual(['child', undefined])
    clock.busy(30)
    expect([child.cause, parent.cause]).toEqual(['child', 'parent'])
  })

  test('X8 of two deadlines that passed unnoticed the earlier counts, whoever is asked first', () => {
    const clock = virtualClock()
    const parent = withTimeout(background(), 50, 'parent')
    const child = withTimeout(parent, 20, 'child')
    const grandchild = withCancel(child)
    const sibling = withCancel(parent)
    clock.busy(100)
    expect(parent.cause).toBe('parent')
    expect([child.cause, grandchild.cause, sibling.cause]).toEqual(['child', 'child', 'parent'])
  })

  test.each([20, 30])('X15 a deadline of 20 ms came before a cancel after %i ms', (ms) => {
    const clock = virtualClock()
    const parent = withCancel(background())
    const child = withTimeout(parent, 20, 'child')
    clock.busy(ms)
    parent.cancel('parent')
    expect([parent.cause, child.cause]).toEqual(['parent', 'child'])
    expect(child.err).toBeInstanceOf(DeadlineExceededError)
  })

  test.each([
    ['withTimeout 0', (parent: Context) => withTimeout(parent, 0, 'late')],
    ['withTimeout -5', (parent: Context) => withTimeout(parent, -5, 'late')],
    ['withDeadline in the past', (parent: Context) => withDeadline(parent, new Date(0), 'late')],
    ['withDeadline -Infinity', (parent: Context) => withDeadline(parent, -Infinity, 'late')],
  ])('X9 a deadline already passed cancels at once, a later cancel does nothing: %s', (_, make) => {
    const ctx = make(background())
    expect(ctx.err).toBeInstanceOf(DeadlineExceededError)
    expect(ctx.done.tryReceive()).toStrictEqual(CLOSED)
    expect(ctx.signal.aborted).toBe(true)
    ctx.cancel('too late')
    expect(ctx.cause).toBe('late')
  })

  test('X10 withTimeout(d) is withDeadline(now + d)', () => {
    const clock = virtualClock()
    const timeout = withTimeout(background(), 30)
    const deadline = withDeadline(background(), clock.epochMs + 30)
    expect(timeout.deadline).toBe(deadline.deadline)
    clock.busy(29)
    expect([timeout.err, deadline.err]).toEqual([undefined, undefined])
    clock.busy(1)
    expect(timeout.err).toMatchObject({ name: 'DeadlineExceededError', deadline: timeout.deadline })
    expect(deadline.err).toMatchObject({ name: 'DeadlineExceededError', deadline: timeout.deadline })
  })

  test('X11 cancelling stops the timer', async () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 50)
    const waiting = ctx.done.receive()
    expect(clock.timers.length).toBe(1)
    ctx.cancel()
    expect(clock.timers).toEqual([])
    expect(await waiting).toStrictEqual(CLOSED)
  })

  test('X11 J14 a deadline nobody waits under sets no timer; one somebody waited under holds no process', async () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 50)
    expect(withCancel(ctx).err).toBeUndefined()
    expect(clock.timers).toEqual([])
    const ch = channel<number>()
    const waiting = ch.receive(ctx)
    expect(clock.timers.map((timer) => timer.holds)).toEqual([true])
    ch.trySend(1)
    await waiting
    expect(clock.timers.filter((timer) => timer.holds)).toEqual([])
    const again = rejectionOf(ch.receive(ctx))
    expect(clock.timers.map((timer) => timer.holds)).toEqual([true])
    clock.advance(50)
    expect(await again).toBe(ctx.err)
  })

  test('X28 the deadline is stable and survives cancellation', () => {
    const clock = virtualClock()
    const at = clock.epochMs + 50
    const ctx = withDeadline(background(), at)
    expect(ctx.deadline).toBe(at)
    clock.busy(10)
    ctx.cancel()
    expect(ctx.deadline).toBe(at)
    clock.busy(100)
    expect(ctx.deadline).toBe(at)
  })

  test('X32 err is right the moment the deadline has passed, even if the program was busy', () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 50)
    const child = withValue(withCancel(ctx), contextKey('k'), 1)
    clock.busy(49)
    expect(ctx.err).toBeUndefined()
    clock.busy(51)
    expect(child.err).toBeInstanceOf(DeadlineExceededError)
    expect(ctx.done.tryReceive()).toStrictEqual(CLOSED)
    expect(child.signal.aborted).toBe(true)
  })

  test('X32 a deadline that has passed wins over a ready channel, before any timer fired', async () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 50)
    const ch = channel<number>(1)
    ch.trySend(1)
    clock.busy(50)
    expect(await rejectionOf(ch.receive(ctx))).toBeInstanceOf(DeadlineExceededError)
    expect(ch.length).toBe(1)
  })

  test('X32 a signal made after the deadline passed unnoticed is aborted', () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 50)
    clock.busy(60)
    expect(ctx.signal.aborted).toBe(true)
    expect(ctx.signal.reason).toBe(ctx.err)
  })

  test('X33 J15 deadlines beyond 2 ** 31 - 1 ms work', async () => {
    const clock = virtualClock()
    const longMs = 2 ** 31 + 1_000_000
    const ctx = withTimeout(background(), longMs)
    const waiting = ctx.done.receive()
    clock.advance(longMs - 1)
    expect(clock.timersSet).toBe(2)
    await expectPending(waiting)
    clock.advance(1)
    expect(await waiting).toStrictEqual(CLOSED)
  })

  test('J15 a timeout of Infinity has no deadline but that of the parent', async () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), Infinity)
    expect(ctx.deadline).toBeUndefined()
    expect(withTimeout(background(), Infinity, 'late').deadline).toBeUndefined()
    const waiting = ctx.done.receive()
    expect(clock.timers).toEqual([])
    expect(withDeadline(withTimeout(background(), 5), Infinity).deadline).toBe(clock.epochMs + 5)
    ctx.cancel()
    expect(await waiting).toStrictEqual(CLOSED)
  })

  test('J15 thrown at once: a time that is none', () => {
    expect(() => withTimeout(background(), NaN)).toThrow(RangeError)
    expect(() => withDeadline(background(), NaN)).toThrow(RangeError)
    expect(() => withDeadline(background(), new Date(NaN))).toThrow(RangeError)
    expect(() => withTimeout(background(), '5' as never)).toThrow(TypeError)
    expect(() => withDeadline(background(), '2030-01-01' as never)).toThrow(TypeError)
  })

  test('X27 canceled and deadline exceeded are distinct', () => {
    const cancelled = withCancel(background())
    cancelled.cancel()
    const late = withTimeout(background(), 0)
    expect([isCanceled(cancelled.err), isDeadlineExceeded(cancelled.err)]).toEqual([true, false])
    expect([isCanceled(late.err), isDeadlineExceeded(late.err)]).toEqual([false, true])
    expect(late.err).toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED', deadline: late.deadline })
    expect(late.err).not.toBeInstanceOf(CanceledError)
    expect(cancelled.err).not.toBeInstanceOf(DeadlineExceededError)
  })
})
