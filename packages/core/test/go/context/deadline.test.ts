// Go: src/context/x_test.go TestDeadline — a context ends at its deadline, the earliest of those above it,
//   also through a context of another make, and at once where it has passed.
// Go: src/context/x_test.go TestTimeout — the same for a time from now.
// Go: src/context/x_test.go TestCanceledTimeout — a cancel before the deadline is a cancel.
// Go: src/context/x_test.go TestDeadlineExceededSupportsTimeout — a deadline is told from a cancel.
import { describe, expect, test } from 'vitest'
import {
  type Context,
  background,
  channel,
  isCanceled,
  isDeadlineExceeded,
  never,
  select,
  timer,
  trySelect,
  withCancel,
  withDeadline,
  withTimeout,
} from 'chansel'
import { expectNothingLeft, rejectionOf } from '../../support/pending.ts'
import { inBubble } from '../time/bubble.ts'
import { wrapped } from './custom.ts'

expectNothingLeft()

const SHORT_MS = 50
const VERY_LONG_MS = 1_000 * 3_600_000
const print: (value: unknown) => string = String

interface Row {
  readonly name: string
  readonly endsAfterMs: number
  make(root: Context, nowMs: number): Context
}

/** Each context ends when the row says, by the clock, and its waits are told then and not earlier. */
function expectToEnd({ endsAfterMs, make }: Row): Promise<void> {
  return inBubble(async (clock) => {
    const start = clock.now
    const root = withCancel(background())
    const ctx = make(root, clock.epochMs)
    const guard = timer(2 * VERY_LONG_MS)
    expect(trySelect([ctx.done]) === undefined).toBe(endsAfterMs > 0)
    const [event, error] = await Promise.all([
      select({ done: ctx.done, overslept: guard }),
      rejectionOf(never.receive(ctx)),
    ])
    expect(event.case).toBe('done')
    expect(clock.now - start).toBe(endsAfterMs)
    expect(isDeadlineExceeded(ctx.err)).toBe(true)
    expect(error).toBe(ctx.err)
    root.cancel()
  })
}

describe('TestDeadline', () => {
  const rows: Row[] = [
    {
      name: 'withDeadline',
      endsAfterMs: SHORT_MS,
      make: (root, nowMs) => withDeadline(root, nowMs + SHORT_MS),
    },
    {
      name: 'of a Date',
      endsAfterMs: SHORT_MS,
      make: (root, nowMs) => withDeadline(root, new Date(nowMs + SHORT_MS)),
    },
    {
      name: 'around it one of another make',
      endsAfterMs: SHORT_MS,
      make: (root, nowMs) => wrapped(withDeadline(root, nowMs + SHORT_MS)),
    },
    {
      name: 'under a wrapped one that ends earlier',
      endsAfterMs: SHORT_MS,
      make: (root, nowMs) =>
        withDeadline(wrapped(withDeadline(root, nowMs + SHORT_MS)), nowMs + VERY_LONG_MS),
    },
    {
      name: 'under a wrapped one that ends later',
      endsAfterMs: SHORT_MS,
      make: (root, nowMs) =>
        withDeadline(wrapped(withDeadline(root, nowMs + VERY_LONG_MS)), nowMs + SHORT_MS),
    },
    {
      name: 'in the past',
      endsAfterMs: 0,
      make: (root, nowMs) => withDeadline(root, nowMs - SHORT_MS),
    },
    { name: 'now', endsAfterMs: 0, make: (root, nowMs) => withDeadline(root, nowMs) },
    {
      name: 'further away than a host timer counts',
      endsAfterMs: VERY_LONG_MS,
      make: (root, nowMs) => withDeadline(root, nowMs + VERY_LONG_MS),
    },
  ]

  test.each(rows)('$name: ends after $endsAfterMs ms', expectToEnd)

  test('says what it is', () =>
    inBubble(async (clock) => {
      const ctx = withDeadline(background(), clock.epochMs + 1)
      expect(print(ctx)).toBe(`background.withDeadline(${clock.epochMs + 1})`)
      expect(ctx.deadline).toBe(clock.epochMs + 1)
    }))
})

describe('TestTimeout', () => {
  const rows: Row[] = [
    { name: 'withTimeout', endsAfterMs: SHORT_MS, make: (root) => withTimeout(root, SHORT_MS) },
    {
      name: 'around it one of another make',
      endsAfterMs: SHORT_MS,
      make: (root) => wrapped(withTimeout(root, SHORT_MS)),
    },
    {
      name: 'under a wrapped one that ends earlier',
      endsAfterMs: SHORT_MS,
      make: (root) => withTimeout(wrapped(withTimeout(root, SHORT_MS)), VERY_LONG_MS),
    },
    {
      name: 'three of them, the shortest in the middle',
      endsAfterMs: SHORT_MS,
      make: (root) => withTimeout(withTimeout(withTimeout(root, 3_000), SHORT_MS), 2_000),
    },
    {
      name: 'under a cancel that nobody calls',
      endsAfterMs: SHORT_MS,
      make: (root) => withCancel(withTimeout(withCancel(root), SHORT_MS)),
    },
    { name: 'of nothing', endsAfterMs: 0, make: (root) => withTimeout(root, 0) },
  ]

  test.each(rows)('$name: ends after $endsAfterMs ms', expectToEnd)
})

test.each([
  ['withTimeout', (parent: Context) => withTimeout(parent, Infinity)],
  ['withDeadline', (parent: Context) => withDeadline(parent, Infinity)],
])('TestTimeout: %s that never comes sets no timer, and ends with its parent', (_, make) =>
  inBubble(async (clock) => {
    const parent = withCancel(background())
    const ctx = make(parent)
    const waiting = rejectionOf(never.receive(ctx))
    clock.advance(VERY_LONG_MS)
    expect([ctx.deadline, ctx.err, clock.timersSet]).toEqual([undefined, undefined, 0])
    // The deadline above it is its own.
    expect(make(withDeadline(parent, clock.epochMs + 1)).deadline).toBe(clock.epochMs + 1)
    parent.cancel()
    expect(await waiting).toBe(parent.err)
  }),
)

test('TestDeadline: whoever asks first is told that it has passed, before any timer fires', async () => {
  const asks: ((ctx: Context) => unknown)[] = [
    (ctx) => ctx.err === undefined,
    (ctx) => ctx.cause === undefined,
    (ctx) => ctx.done.tryReceive() === undefined,
    (ctx) => trySelect([ctx.done]) === undefined,
    (ctx) => !ctx.signal.aborted,
  ]
  await inBubble(async (clock) => {
    for (const isLive of asks) {
      const parent = withTimeout(background(), SHORT_MS)
      const ctx = withCancel(parent)
      clock.busy(SHORT_MS - 1)
      expect(isLive(ctx)).toBe(true)
      clock.busy(1)
      expect(isLive(ctx)).toBe(false)
    }
  })
})

test('TestDeadline: an operation that finds it passed runs no listener, which hears of it right after', () =>
  inBubble(async (clock) => {
    const ctx = withTimeout(background(), SHORT_MS)
    const ch = channel<string>(1)
    const heard: unknown[] = []
    ctx.signal.addEventListener('abort', () => heard.push(ctx.signal.reason))
    clock.busy(SHORT_MS)
    const sent = rejectionOf(ch.send('late', ctx))
    expect([heard, ch.length]).toEqual([[], 0])
    expect(await sent).toBe(ctx.err)
    expect(heard).toEqual([ctx.err])
  }))

test.each(['withTimeout', 'withDeadline'])('TestDeadline: %s takes no time that is none', (kind) => {
  const make = kind === 'withTimeout' ? withTimeout : withDeadline
  expect(() => make(background(), NaN)).toThrow(RangeError)
  expect(() => make(background(), '1' as never)).toThrow(TypeError)
})

test('TestCanceledTimeout: a cancel before the deadline is a cancel, in the same turn and for good', () =>
  inBubble(async (clock) => {
    const outer = withTimeout(background(), 1_000)
    const ctx = withTimeout(wrapped(outer), VERY_LONG_MS)
    const waiting = rejectionOf(never.receive(ctx))
    ctx.cancel()
    expect(trySelect([ctx.done])).toMatchObject({ ok: false })
    expect(isCanceled(ctx.err)).toBe(true)
    expect(await waiting).toBe(ctx.err)
    // What is left is the deadline of the outer one, which its signal waits for.
    expect(clock.timers.map((hostTimer) => hostTimer.delayMs)).toEqual([1_000])
    clock.advance(VERY_LONG_MS)
    expect([isCanceled(ctx.err), isDeadlineExceeded(outer.err)]).toEqual([true, true])
  }))

test('TestCanceledTimeout: a wait that is over does not keep the process alive for the timeout', () =>
  inBubble(async (clock) => {
    const ctx = withTimeout(background(), VERY_LONG_MS)
    const ch = channel<string>()
    const waits = [ch.receive(ctx), ch.receive(withCancel(ctx)), select({ ch, done: ctx.done })]
    expect(clock.timers.map((hostTimer) => hostTimer.holds)).toEqual([true])
    for (const _ of waits) expect(ch.trySend('in time')).toBe(true)
    expect(await Promise.all(waits)).toMatchObject(waits.map(() => ({ value: 'in time' })))
    expect(clock.timers.map((hostTimer) => hostTimer.holds)).toEqual([false])
    ctx.cancel()
    expect(clock.timers).toEqual([])
  }))

test('TestDeadlineExceededSupportsTimeout: a deadline says that it is one, and when', () =>
  inBubble(async (clock) => {
    const late = withTimeout(background(), SHORT_MS)
    const canceled = withTimeout(background(), SHORT_MS)
    canceled.cancel()
    clock.busy(SHORT_MS)
    expect([late, canceled].map((ctx) => isDeadlineExceeded(ctx.err))).toEqual([true, false])
    expect([late, canceled].map((ctx) => isCanceled(ctx.err))).toEqual([false, true])
    expect(late.err).toMatchObject({ deadline: clock.epochMs, code: 'ERR_DEADLINE_EXCEEDED' })
  }))
