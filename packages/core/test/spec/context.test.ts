import { describe, expect, test } from 'vitest'
import {
  type CancelContext,
  CanceledError,
  type Context,
  background,
  channel,
  contextKey,
  never,
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

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }
const FOREVER_MS = 1e9
const print: (value: unknown) => string = String

describe('background', () => {
  test('X1 is never cancelled, has no deadline, no values and no cancel, and can be printed', async () => {
    const ctx = background()
    expect(ctx).toMatchObject({ err: undefined, cause: undefined, deadline: undefined })
    expect(ctx.value(contextKey('any'))).toBeUndefined()
    expect(ctx.signal.aborted).toBe(false)
    expect('cancel' in ctx).toBe(false)
    expect(ctx.done.tryReceive()).toBeUndefined()
    expect(ctx.done).toBe(never)
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

  test("X3 may be taken off its context, as Go's is, and is the same each time", () => {
    const ctx = withCancel(background())
    const { cancel } = ctx
    expect(ctx.cancel).toBe(cancel)
    cancel('why')
    expect(ctx.cause).toBe('why')
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

  test('X4 J8 a thousand waits are told, of a context and of a signal', async () => {
    const ctx = withCancel(background())
    const controller = new AbortController()
    const waits = [ctx, controller].flatMap((cancel) =>
      Array.from({ length: 1_500 }, () => rejectionOf(channel<number>().receive(cancel))),
    )
    ctx.cancel()
    controller.abort()
    expect(new Set(await Promise.all(waits))).toEqual(new Set([ctx.err, controller.signal.reason]))
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

test.each<[string, () => Context]>([
  ['a cancel', () => canceled(withCancel(background()))],
  ['a deadline', () => withTimeout(background(), 0)],
  ['a foreign signal', () => withCancel({ signal: AbortSignal.abort() })],
])('J16 the error of %s has no stack, and later errors have theirs', (_, make) => {
  const limit = Error.stackTraceLimit
  expect(make().err!.stack).not.toContain('\n')
  expect(Error.stackTraceLimit).toBe(limit)
  expect(new Error('later').stack).toContain('\n')
})

function canceled(ctx: CancelContext): Context {
  ctx.cancel()
  return ctx
}

test('X30 a context nobody waits on makes no signal, no listener and no timer', () => {
  const clock = virtualClock()
  const before = process.memoryUsage().heapUsed
  const contexts: Context[] = []
  for (let i = 0; i < 10_000; i++) contexts.push(withTimeout(background(), FOREVER_MS))
  expect((process.memoryUsage().heapUsed - before) / 10_000).toBeLessThan(1_500)
  expect(clock.timersSet).toBe(0)
  expect(contexts[9_999]!.err).toBeUndefined()
})
