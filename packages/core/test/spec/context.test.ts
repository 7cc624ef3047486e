import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import {
  type CancelContext,
  CanceledError,
  type Context,
  type ContextKey,
  DeadlineExceededError,
  afterFunc,
  background,
  channel,
  contextKey,
  isCanceled,
  isDeadlineExceeded,
  select,
  sendCase,
  sleep,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
  withoutCancel,
} from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { Random } from '../support/random.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }
const FOREVER_MS = 1e9
const print: (value: unknown) => string = String
const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

describe('background', () => {
  test('X1 is never cancelled, has no deadline, no values and no cancel, and can be printed', async () => {
    const ctx = background()
    expect(ctx).toMatchObject({ err: undefined, cause: undefined, deadline: undefined })
    expect(ctx.value(contextKey('any'))).toBeUndefined()
    expect(ctx.signal.aborted).toBe(false)
    expect('cancel' in ctx).toBe(false)
    expect(ctx.done.tryReceive()).toBeUndefined()
    await expectPending(ctx.done.receive(), select([ctx.done]))
    expect(print(ctx)).toBe('background')
    expect(print(withValue(withTimeout(withCancel(ctx), 5_000), contextKey('user'), 1))).toBe(
      'background.withCancel.withTimeout(5000 ms).withValue(user)',
    )
  })

  test('X16 the cause of a live context is undefined', () => {
    for (const ctx of [background(), withCancel(background()), withoutCancel(background())]) {
      expect([ctx.err, ctx.cause]).toEqual([undefined, undefined])
    }
  })
})

describe('cancel', () => {
  test('X2 done closes when the own cancel is called', async () => {
    const ctx = withCancel(background())
    const waiting = ctx.done.receive()
    await expectPending(waiting)
    ctx.cancel()
    expect(await waiting).toStrictEqual(CLOSED)
  })

  test('X2 done closes when the parent is done', async () => {
    const parent = withCancel(background())
    const ctx = withCancel(parent)
    const waiting = ctx.done.receive()
    parent.cancel()
    expect(await waiting).toStrictEqual(CLOSED)
    expect(ctx.err).toBe(parent.err)
  })

  test('X3 cancel is idempotent and may be called from inside an observer', async () => {
    const parent = withCancel(background())
    const child = withCancel(parent)
    const calls: string[] = []
    parent.signal.addEventListener('abort', () => {
      parent.cancel('again')
      child.cancel('again')
      calls.push('parent')
    })
    child.signal.addEventListener('abort', () => {
      parent.cancel('again')
      calls.push('child')
    })
    const cancelling = child.done.receive().then(() => parent.cancel('later'))
    parent.cancel('first')
    child.cancel('second')
    await cancelling
    expect(calls).toEqual(['parent', 'child'])
    expect([parent.cause, child.cause]).toEqual(['first', 'first'])
  })

  test('X4 cancellation reaches the whole subtree before cancel() returns', () => {
    const root = withCancel(background())
    const contexts: Context[] = [root]
    for (let i = 0; i < 50; i++) {
      const parent = contexts[Math.floor(i / 2)]!
      contexts.push(i % 3 === 0 ? withValue(parent, contextKey('i'), i) : withCancel(parent))
    }
    const signals = contexts.slice(0, 10).map((ctx) => ctx.signal)
    root.cancel('why')
    expect(contexts.every((ctx) => ctx.err === root.err && ctx.cause === 'why')).toBe(true)
    expect(contexts.every((ctx) => ctx.done.tryReceive()?.ok === false)).toBe(true)
    expect(signals.every((signal) => signal.aborted && signal.reason === root.err)).toBe(true)
  })

  test('X4 a tree deeper than the stack is cancelled', () => {
    const root = withCancel(background())
    let leaf: Context = root
    for (let i = 0; i < 50_000; i++) leaf = withCancel(leaf)
    root.cancel()
    expect(leaf.err).toBe(root.err)
    expect(leaf.value(contextKey('none'))).toBeUndefined()
  })

  test('X5 err is undefined until done is closed, then constant', () => {
    const ctx = withCancel(background())
    expect([ctx.err, ctx.done.tryReceive()]).toEqual([undefined, undefined])
    ctx.cancel()
    const { err } = ctx
    expect(err).toBeInstanceOf(CanceledError)
    expect(ctx.done.tryReceive()).toStrictEqual(CLOSED)
    ctx.cancel('late')
    expect(ctx.err).toBe(err)
  })

  test('X6 the cancel of a child never touches parent or siblings', async () => {
    const parent = withCancel(background())
    const child = withCancel(parent)
    const sibling = withCancel(parent)
    const waiting = [parent.done.receive(), sibling.done.receive()]
    child.cancel()
    expect([parent.err, sibling.err]).toEqual([undefined, undefined])
    expect(child.err).toBeDefined()
    await expectPending(...waiting)
  })

  test('X7 a child of a cancelled parent is born cancelled, with its err and cause', async () => {
    const parent = withCancel(background())
    parent.cancel('why')
    const children = [
      withCancel(parent),
      withTimeout(parent, FOREVER_MS, 'late'),
      withDeadline(parent, 0, 'long past'),
      withValue(parent, contextKey('k'), 1),
    ]
    for (const child of children) {
      expect(child.err).toBe(parent.err)
      expect(child.cause).toBe('why')
      expect(await child.done.receive()).toStrictEqual(CLOSED)
      expect(child.signal.aborted).toBe(true)
    }
  })

  test('X24 no observer sees a half-cancelled tree', async () => {
    const root = withCancel(background())
    const contexts = [root, withCancel(root)]
    contexts.push(withCancel(contexts[1]!), withCancel(root))
    const seen: boolean[][] = []
    const observe = () => seen.push(contexts.map((ctx) => ctx.err !== undefined && ctx.signal.aborted))
    const marked: boolean[][] = []
    for (const ctx of contexts) {
      ctx.signal.addEventListener('abort', () =>
        marked.push(contexts.map((other) => other.err !== undefined)),
      )
      void ctx.done.receive().then(observe)
    }
    root.cancel()
    await settle()
    const all = [true, true, true, true]
    expect(marked).toEqual([all, all, all, all])
    expect(seen).toEqual([all, all, all, all])
  })

  test('X24 where a listener reads a context, all waits of the tree have their outcome already', async () => {
    const root = withCancel(background())
    const child = withCancel(root)
    const ch = channel<number>()
    const waiting = rejectionOf(ch.receive(child))
    let taken: boolean | undefined
    root.signal.addEventListener('abort', () => (taken = ch.trySend(1)))
    root.cancel()
    expect(taken).toBe(false)
    expect(await waiting).toBe(root.err)
  })

  test('X25 siblings are told in insertion order', async () => {
    const root = withCancel(background())
    const log: number[] = []
    const children = [0, 1, 2, 3].map(() => withCancel(root))
    for (const i of [2, 0, 3, 1]) void children[i]!.done.receive().then(() => log.push(i))
    root.cancel()
    await settle()
    expect(log).toEqual([0, 1, 2, 3])
  })

  test('X26 done is the same object at every call and says ok: false for ever', async () => {
    const ctx = withCancel(background())
    const { done } = ctx
    expect(ctx.done).toBe(done)
    ctx.cancel()
    expect(ctx.done).toBe(done)
    for (let i = 0; i < 3; i++) expect(await done.receive()).toStrictEqual(CLOSED)
    for (let i = 0; i < 3; i++) expect(done.tryReceive()).toStrictEqual(CLOSED)
    for await (const value of done) expect.unreachable(`done gave ${String(value)}`)
    expect(await select({ done })).toStrictEqual({ case: 'done', value: undefined, ok: false })
  })

  test('X3 a wait on done can be cancelled by another context', async () => {
    const ctx = withCancel(background())
    const other = withCancel(background())
    const waiting = ctx.done.receive(other)
    other.cancel()
    expect(await rejectionOf(waiting)).toBe(other.err)
    expect(ctx.err).toBeUndefined()
  })

  test('api: J20 using cancels at the end of the block', () => {
    let leaked: CancelContext
    {
      using ctx = withTimeout(background(), 5_000)
      leaked = ctx
      expect(ctx.err).toBeUndefined()
    }
    expect(leaked.err).toBeInstanceOf(CanceledError)
    expect(leaked.cause).toBe(leaked.err)
  })

  test.each([
    ['an error', new Error('why')],
    ['null', null],
    ['false', false],
    ['a string', 'why'],
  ])('api: cancel(cause) keeps %s as it is', (_, cause) => {
    const ctx = withCancel(background())
    ctx.cancel(cause)
    expect(ctx.cause).toBe(cause)
    expect(ctx.err).toHaveProperty('cause', cause)
    expect(ctx.signal.reason).toBe(ctx.err)
  })

  test.each([
    ['cancel()', (ctx: CancelContext) => ctx.cancel()],
    ['cancel(undefined)', (ctx: CancelContext) => ctx.cancel(undefined)],
    ['dispose', (ctx: CancelContext) => ctx[Symbol.dispose]()],
  ])('api: %s leaves cause === err and err.cause undefined', (_, cancel) => {
    const ctx = withCancel(background())
    cancel(ctx)
    expect(ctx.cause).toBe(ctx.err)
    expect(ctx.err).toBeInstanceOf(CanceledError)
    expect(ctx.err!.cause).toBeUndefined()
    expect('cause' in ctx.err!).toBe(false)
  })

  test('J16 waits of one context reject with its err, and err.cause is the cause', async () => {
    const ctx = withCancel(background())
    const ch = channel<number>()
    const waits = [
      ch.receive(ctx),
      select([ch], ctx),
      sleep(FOREVER_MS, ctx),
      channel<number>().send(1, ctx),
      select([sendCase(channel<number>(), 1)], ctx),
    ]
    ctx.cancel('why')
    const errors = await Promise.all(waits.map(rejectionOf))
    expect(errors.every((error) => error === ctx.err)).toBe(true)
    expect(errors[0]).toMatchObject({ code: 'ERR_CANCELED', cause: 'why' })
    for (const late of [ch.receive(ctx), select([], ctx), sleep(0, ctx)]) {
      expect(await rejectionOf(late)).toBe(ctx.err)
    }
  })
})

describe('deadlines', () => {
  test('X8 the deadline is the earlier of own and parent', () => {
    const clock = virtualClock()
    const parent = withTimeout(background(), 50)
    expect(withTimeout(parent, 20).deadline).toBe(clock.epochMs + 20)
    expect(withTimeout(parent, 80).deadline).toBe(clock.epochMs + 50)
    expect(withCancel(withTimeout(parent, 20)).deadline).toBe(clock.epochMs + 20)
    expect(withDeadline(parent, new Date(clock.epochMs + 10)).deadline).toBe(clock.epochMs + 10)
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

  test('X15 a deadline that passed before a cancel came first', () => {
    const clock = virtualClock()
    const parent = withCancel(background())
    const child = withTimeout(parent, 20, 'child')
    clock.busy(30)
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

describe('X15 the first cancellation of the context or an ancestor sets both err and cause', () => {
  const parentCause = new Error('parentCause')
  const childCause = new Error('childCause')
  const tooSlow = new Error('tooSlow')
  const finishedEarly = new Error('finishedEarly')

  /** `'err'`: the cause is the err itself. */
  interface Row {
    name: string
    ctx(): Context
    code?: string
    cause?: Error | 'err'
  }

  // Source: Go, context/x_test.go, TestCause. Go's second root is background() here.
  const rows: Row[] = [
    { name: 'Background', ctx: () => background() },
    { name: 'the other root', ctx: () => background() },
    {
      name: 'WithCancel',
      ctx: () => tap(withCancel(background()), (ctx) => ctx.cancel()),
      code: 'ERR_CANCELED',
      cause: 'err',
    },
    {
      name: 'WithCancelCause',
      ctx: () => tap(withCancel(background()), (ctx) => ctx.cancel(parentCause)),
      code: 'ERR_CANCELED',
      cause: parentCause,
    },
    {
      name: 'WithCancelCause nil',
      ctx: () => tap(withCancel(background()), (ctx) => ctx.cancel(undefined)),
      code: 'ERR_CANCELED',
      cause: 'err',
    },
    {
      name: 'WithCancelCause: parent cause before child',
      ctx: () => family((parent, child) => (parent.cancel(parentCause), child.cancel(childCause))),
      code: 'ERR_CANCELED',
      cause: parentCause,
    },
    {
      name: 'WithCancelCause: parent cause after child',
      ctx: () => family((parent, child) => (child.cancel(childCause), parent.cancel(parentCause))),
      code: 'ERR_CANCELED',
      cause: childCause,
    },
    {
      name: 'WithCancelCause: parent cause before nil',
      ctx: () => family((parent, child) => (parent.cancel(parentCause), child.cancel())),
      code: 'ERR_CANCELED',
      cause: parentCause,
    },
    {
      name: 'WithCancelCause: parent cause after nil',
      ctx: () => family((parent, child) => (child.cancel(), parent.cancel(parentCause))),
      code: 'ERR_CANCELED',
      cause: 'err',
    },
    {
      name: 'WithCancelCause: child cause after nil',
      ctx: () => family((parent, child) => (parent.cancel(), child.cancel(childCause))),
      code: 'ERR_CANCELED',
      cause: 'err',
    },
    {
      name: 'WithCancelCause: child cause before nil',
      ctx: () => family((parent, child) => (child.cancel(childCause), parent.cancel())),
      code: 'ERR_CANCELED',
      cause: childCause,
    },
    {
      name: 'WithTimeout',
      ctx: () => tap(withTimeout(background(), 0), (ctx) => ctx.cancel()),
      code: 'ERR_DEADLINE_EXCEEDED',
      cause: 'err',
    },
    {
      name: 'WithTimeout canceled',
      ctx: () => tap(withTimeout(background(), FOREVER_MS), (ctx) => ctx.cancel()),
      code: 'ERR_CANCELED',
      cause: 'err',
    },
    {
      name: 'WithTimeoutCause',
      ctx: () => tap(withTimeout(background(), 0, tooSlow), (ctx) => ctx.cancel()),
      code: 'ERR_DEADLINE_EXCEEDED',
      cause: tooSlow,
    },
    {
      name: 'WithTimeoutCause canceled',
      ctx: () => tap(withTimeout(background(), FOREVER_MS, tooSlow), (ctx) => ctx.cancel()),
      code: 'ERR_CANCELED',
      cause: 'err',
    },
    {
      name: 'WithTimeoutCause stacked',
      ctx() {
        const parent = withCancel(background())
        return tap(withTimeout(parent, 0, tooSlow), () => parent.cancel(finishedEarly))
      },
      code: 'ERR_DEADLINE_EXCEEDED',
      cause: tooSlow,
    },
    {
      name: 'WithTimeoutCause stacked canceled',
      ctx() {
        const parent = withCancel(background())
        return tap(withTimeout(parent, FOREVER_MS, tooSlow), () => parent.cancel(finishedEarly))
      },
      code: 'ERR_CANCELED',
      cause: finishedEarly,
    },
    { name: 'WithoutCancel', ctx: () => withoutCancel(background()) },
    {
      name: 'WithoutCancel canceled',
      ctx() {
        const parent = withCancel(background())
        return tap(withoutCancel(parent), () => parent.cancel(finishedEarly))
      },
    },
    {
      name: 'WithoutCancel timeout',
      ctx() {
        const parent = withTimeout(background(), 0, tooSlow)
        return tap(withoutCancel(parent), () => parent.cancel())
      },
    },
  ]

  function tap<C extends Context>(ctx: C, f: (ctx: C) => void): C {
    f(ctx)
    return ctx
  }

  function family(f: (parent: CancelContext, child: CancelContext) => void): Context {
    const parent = withCancel(background())
    const child = withCancel(parent)
    f(parent, child)
    return child
  }

  test('has the 20 rows of Go', () => expect(rows.length).toBe(20))

  test.each(rows)('$name', ({ ctx: make, code, cause }) => {
    const ctx = make()
    expect(ctx.err?.code).toBe(code)
    expect(ctx.cause).toBe(cause === 'err' ? ctx.err : cause)
    expect(ctx.done.tryReceive()).toStrictEqual(code === undefined ? undefined : CLOSED)
    expect(ctx.signal.aborted).toBe(code !== undefined)
  })
})

describe('values', () => {
  test('X12 value gives the nearest, keys compare by identity', () => {
    const name = contextKey<string>('name')
    const sameName = contextKey<string>('name')
    const size = contextKey<number>('size')
    const outer = withValue(withValue(background(), name, 'outer'), size, 1)
    const inner = withValue(withTimeout(withCancel(outer), FOREVER_MS), name, 'inner')
    expect([outer.value(name), outer.value(size), outer.value(sameName)]).toEqual(['outer', 1, undefined])
    expect([inner.value(name), inner.value(size), inner.value(sameName)]).toEqual(['inner', 1, undefined])
  })

  test('X12 an undefined value hides an outer one', () => {
    const key = contextKey<string | undefined>('key')
    const outer = withValue(background(), key, 'outer')
    expect(withValue(outer, key, undefined).value(key)).toBeUndefined()
    expect(outer.value(key)).toBe('outer')
  })

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'key'],
    ['a plain object', {}],
  ])('X12 thrown at once: a key that is %s is a TypeError', (_, key) => {
    expect(() => withValue(background(), key as never, 1)).toThrow(TypeError)
  })

  test('api: a key has a name, which is a string', () => {
    expect(contextKey('user').name).toBe('user')
    expect(() => contextKey(1 as never)).toThrow(TypeError)
  })

  test('X13 values survive cancellation', () => {
    const key = contextKey<string>('key')
    const parent = withCancel(background())
    const ctx = withValue(parent, key, 'kept')
    parent.cancel()
    expect(ctx.value(key)).toBe('kept')
    expect(withCancel(ctx).value(key)).toBe('kept')
  })

  test('X21 withoutCancel keeps values and drops the rest, also where the parent is cancelled already', async () => {
    const key = contextKey<string>('key')
    const parent = withTimeout(withValue(background(), key, 'kept'), FOREVER_MS)
    const controller = new AbortController()
    controller.abort()
    parent.cancel('why')
    for (const ctx of [withoutCancel(parent), withoutCancel(withCancel(controller))]) {
      expect(ctx).toMatchObject({ err: undefined, cause: undefined, deadline: undefined })
      expect(ctx.signal.aborted).toBe(false)
      await expectPending(ctx.done.receive())
      expect(withCancel(ctx).err).toBeUndefined()
    }
    expect(withoutCancel(parent).value(key)).toBe('kept')
  })

  test('X14 thrown at once: a parent that is none is a TypeError', () => {
    const key: ContextKey<number> = contextKey('key')
    for (const parent of [undefined, null, {}, new AbortController().signal] as never[]) {
      for (const make of [
        () => withCancel(parent),
        () => withTimeout(parent, 5),
        () => withDeadline(parent, 5),
        () => withValue(parent, key, 1),
        () => withoutCancel(parent),
        () => afterFunc(parent, () => {}),
      ]) {
        expect(make).toThrow(TypeError)
      }
    }
  })

  // Source: Go, context/context_test.go, testLayers.
  test.each([1, 2, 3, 4, 5, 6])(
    'X31 a tower of values, cancels and timeouts works as one (seed %i)',
    (seed) => {
      const random = new Random(seed)
      const values: { key: ContextKey<number>; value: number }[] = []
      const cancels: CancelContext[] = []
      let timers = 0
      let top: Context = background()
      for (let i = 0; i < 30 + random.below(30); i++) {
        const layer = random.below(3)
        const [next, key] = [
          () => [withCancel(top), undefined] as const,
          () => [withTimeout(top, FOREVER_MS + i), undefined] as const,
          () => {
            const made = contextKey<number>(`key ${i}`)
            return [withValue(top, made, i), made] as const
          },
        ][layer]!()
        timers += layer === 1 ? 1 : 0
        cancels.push(...('cancel' in next ? [next as CancelContext] : []))
        values.push(...(key === undefined ? [] : [{ key, value: i }]))
        top = next
      }
      const checkValues = () => {
        for (const { key, value } of values) expect(top.value(key)).toBe(value)
      }
      expect(top.err).toBeUndefined()
      expect(top.deadline === undefined).toBe(timers === 0)
      checkValues()
      random.pick(cancels).cancel(`seed ${seed}`)
      expect(top.cause).toBe(`seed ${seed}`)
      expect(top.done.tryReceive()).toStrictEqual(CLOSED)
      checkValues()
    },
  )
})

describe('afterFunc', () => {
  test('X17 runs in a task of its own after done, never inside cancel()', async () => {
    const ctx = withCancel(background())
    let ran = 0
    afterFunc(ctx, () => ran++)
    ctx.cancel()
    expect(ran).toBe(0)
    await settle()
    expect(ran).toBe(1)
  })

  test('X17 of a context that is done already, it does not run inside afterFunc', async () => {
    const ctx = withCancel(background())
    ctx.cancel()
    let ran = 0
    const stop = afterFunc(ctx, () => ran++)
    expect(ran).toBe(0)
    await settle()
    expect(ran).toBe(1)
    expect(stop()).toBe(false)
  })

  test('X17 of a context that is never cancelled, it never runs', async () => {
    let ran = 0
    const stop = afterFunc(background(), () => ran++)
    await settle()
    expect([ran, stop(), stop()]).toEqual([0, true, false])
  })

  test('X18 stop says true if and only if this call prevented it', async () => {
    const ctx = withCancel(background())
    let ran = 0
    const stop = afterFunc(ctx, () => ran++)
    expect([stop(), stop()]).toEqual([true, false])
    const tooLate = afterFunc(ctx, () => ran++)
    ctx.cancel()
    expect([stop(), tooLate()]).toEqual([false, false])
    await settle()
    expect(ran).toBe(1)
    expect(tooLate()).toBe(false)
  })

  test('X19 several are independent, in order, and each runs at most once', async () => {
    const ctx = withCancel(background())
    const log: string[] = []
    const once = () => log.push('twice given')
    afterFunc(ctx, once)
    const stop = afterFunc(ctx, () => log.push('stopped'))
    afterFunc(ctx, once)
    afterFunc(ctx, () => log.push('last'))
    expect(stop()).toBe(true)
    ctx.cancel()
    ctx.cancel()
    await settle()
    expect(log).toEqual(['twice given', 'twice given', 'last'])
  })

  test('X17 runs when the deadline passes, and holds a timer only while it may', async () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 50)
    let ran = 0
    const stop = afterFunc(ctx, () => ran++)
    afterFunc(ctx, () => ran++)
    expect(stop()).toBe(true)
    clock.advance(50)
    await settle()
    expect(ran).toBe(1)
    const other = withTimeout(background(), 50)
    expect(afterFunc(other, () => ran++)()).toBe(true)
    expect(clock.timers.filter((timer) => timer.holds)).toEqual([])
    other.cancel()
  })

  test('J12 runs in the async context of whoever registered it', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const ctx = withCancel(background())
    storage.run('registrant', () => afterFunc(ctx, () => seen.push(storage.getStore())))
    storage.run('canceller', () => ctx.cancel())
    storage.run('late registrant', () => afterFunc(ctx, () => seen.push(storage.getStore())))
    await settle()
    expect(seen).toEqual(['registrant', 'late registrant'])
  })

  test('J12 R1 one that cancels, registers and throws does no harm to the others', async () => {
    const ctx = withCancel(background())
    const child = withCancel(background())
    const log: string[] = []
    afterFunc(ctx, () => {
      child.cancel()
      afterFunc(ctx, () => log.push('registered late'))
      log.push('first')
    })
    afterFunc(child, () => log.push('child'))
    afterFunc(ctx, () => log.push('second'))
    ctx.cancel()
    await settle()
    expect(log.sort()).toEqual(['child', 'first', 'registered late', 'second'])
  })

  test('api: thrown at once: what is no function is a TypeError', () => {
    expect(() => afterFunc(background(), undefined as never)).toThrow(TypeError)
  })
})

describe('foreign signals', () => {
  test('X22 api: a context under a bare signal follows it', async () => {
    const controller = new AbortController()
    const ctx = withCancel(controller)
    const child = withTimeout(ctx, FOREVER_MS)
    const waiting = child.done.receive()
    expect([ctx.err, ctx.deadline]).toEqual([undefined, undefined])
    controller.abort('why')
    expect(ctx.err).toBeInstanceOf(CanceledError)
    expect(ctx.err).toHaveProperty('cause', 'why')
    expect([ctx.cause, child.cause]).toEqual(['why', 'why'])
    expect(child.err).toBe(ctx.err)
    expect(await waiting).toStrictEqual(CLOSED)
  })

  test.each([
    ['withCancel', (signal: AbortSignal) => withCancel({ signal })],
    ['withTimeout', (signal: AbortSignal) => withTimeout({ signal }, FOREVER_MS)],
    ['withValue', (signal: AbortSignal) => withValue({ signal }, contextKey<number>('k'), 1)],
  ])('J8 a listener added after the abort never fires: %s is born cancelled', (_, make) => {
    const ctx = make(AbortSignal.abort('why'))
    expect(ctx.err).toBeInstanceOf(CanceledError)
    expect(ctx.cause).toBe('why')
  })

  test('X22 a context of another make is followed through its own signal, never bypassed', () => {
    const key = contextKey<string>('key')
    const inner = withCancel(withValue(background(), key, 'inner'))
    const controller = new AbortController()
    const custom = {
      signal: controller.signal,
      value: <T>(asked: ContextKey<T>) => inner.value(asked),
      inner,
    }
    const child = withCancel(custom)
    inner.cancel()
    expect(child.err).toBeUndefined()
    expect(child.value(key)).toBe('inner')
    controller.abort('outer')
    expect(child.cause).toBe('outer')
  })

  test('X23 following a foreign signal costs one listener, released when the last child is done', () => {
    const { signal, abort } = foreign()
    const children = Array.from({ length: 10 }, () => withCancel({ signal }))
    expect(listenersOf(signal)).toBe(1)
    for (const child of children.slice(1)) child.cancel()
    expect(listenersOf(signal)).toBe(1)
    children[0]!.cancel()
    expect(listenersOf(signal)).toBe(0)
    const last = withCancel({ signal })
    expect(listenersOf(signal)).toBe(1)
    abort('why')
    expect(last.cause).toBe('why')
    expect(listenersOf(signal)).toBe(0)
  })

  function foreign() {
    const controller = new AbortController()
    return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) }
  }

  test('api: where the reason is a TimeoutError, err is a DeadlineExceededError', async () => {
    const controller = new AbortController()
    const reason = new DOMException('too slow', 'TimeoutError')
    const ctx = withCancel(controller)
    controller.abort(reason)
    expect(ctx.err).toBeInstanceOf(DeadlineExceededError)
    expect(ctx.err).toHaveProperty('cause', reason)
    expect(ctx.cause).toBe(reason)
    expect(isDeadlineExceeded(ctx.err)).toBe(true)
    expect(ctx.signal.reason).toBe(ctx.err)
  })

  test('J8 abort(null) is an abort: the cause is null', async () => {
    const controller = new AbortController()
    const ctx = withCancel(controller)
    const received = rejectionOf(channel().receive(controller))
    controller.abort(null)
    expect(ctx.err).toBeInstanceOf(CanceledError)
    expect(ctx.cause).toBeNull()
    expect(await received).toBeNull()
    expect(withCancel(controller).cause).toBeNull()
  })

  test('api: waits right under a signal reject with its reason, waits under a context with its err', async () => {
    const controller = new AbortController()
    const ctx = withCancel(controller)
    const right = rejectionOf(channel().receive(controller))
    const under = rejectionOf(channel().receive(ctx))
    const value = withValue(controller, contextKey('k'), 1)
    const underValue = rejectionOf(channel().receive(value))
    controller.abort('why')
    expect([await right, await under, await underValue]).toEqual(['why', ctx.err, value.err])
    expect(value.signal.reason).toBe(value.err)
    const plain = new AbortController()
    const refused = rejectionOf(channel().receive(plain))
    plain.abort()
    expect(await refused).toBe(plain.signal.reason)
    expect(isCanceled(await refused)).toBe(true)
  })

  test('J8 the signal counts, not the delivery of its event', async () => {
    const controller = new AbortController()
    const seen: unknown[] = []
    const late: { ctx?: Context } = {}
    controller.signal.addEventListener('abort', () => seen.push(late.ctx?.err !== undefined, late.ctx?.cause))
    late.ctx = withCancel(controller)
    controller.abort('why')
    expect(seen).toEqual([true, 'why'])
  })

  test('J8 a throwing listener of somebody else does not stop ours', async () => {
    const target = new EventTarget()
    const signal = Object.assign(target, { aborted: false, reason: undefined as unknown })
    const ctx = withCancel({ signal: signal as unknown as AbortSignal })
    Object.assign(signal, { aborted: true, reason: 'why' })
    target.dispatchEvent(new Event('abort'))
    expect(ctx.cause).toBe('why')
  })

  test('api: a context goes wherever the platform takes { signal }', () => {
    const ctx = withCancel(background())
    const target = new EventTarget()
    let heard = 0
    target.addEventListener('ping', () => heard++, ctx)
    target.dispatchEvent(new Event('ping'))
    ctx.cancel()
    target.dispatchEvent(new Event('ping'))
    expect(heard).toBe(1)
    const any = AbortSignal.any([ctx.signal])
    expect(any.reason).toBe(ctx.err)
  })

  test('api: signal is made on first use and stays the same', () => {
    const ctx = withCancel(background())
    const { signal } = ctx
    expect(ctx.signal).toBe(signal)
    const cancelled = withCancel(background())
    cancelled.cancel()
    expect(cancelled.signal.reason).toBe(cancelled.err)
    expect(cancelled.signal).toBe(cancelled.signal)
    expect(background().signal).toBe(background().signal)
  })

  test('api: a signal that was made is aborted in time by a deadline', () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 50)
    const { signal } = ctx
    expect(clock.timers.length).toBe(1)
    clock.advance(50)
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toBe(ctx.err)
  })
})

test('X30 a context nobody waits on makes no signal, no listener and no timer', () => {
  const clock = virtualClock()
  const before = process.memoryUsage().heapUsed
  const contexts: Context[] = []
  for (let i = 0; i < 10_000; i++) contexts.push(withTimeout(background(), FOREVER_MS))
  expect((process.memoryUsage().heapUsed - before) / 10_000).toBeLessThan(1_500)
  expect(clock.timersSet).toBe(0)
  expect(contexts[9_999]!.err).toBeUndefined()
})
