// Go: src/context/context_test.go TestCustomContextGoroutines — following a context of another make costs one
//   watcher, however many contexts and waits hang on it, and none once they are over.
// Go: src/context/x_test.go TestCustomContextPropagation — a custom context is followed through its own end,
//   and not through that of a context inside it.
// Go: src/context/x_test.go TestCustomContextCause — a cancel below a custom context leaves it alone, and
//   keeps its own cause when that one ends later.
// Go: src/context/afterfunc_test.go TestCustomContextAfterFuncCancel — withCancel below it ends with it.
// Go: src/context/afterfunc_test.go TestCustomContextAfterFuncTimeout — so does withTimeout.
// Go: src/context/afterfunc_test.go TestCustomContextAfterFuncAfterFunc — afterFunc on it runs.
// Go: src/context/afterfunc_test.go TestCustomContextAfterFuncUnregisterCancel — cancelled children watch it
//   no longer.
// Go: src/context/afterfunc_test.go TestCustomContextAfterFuncUnregisterTimeout — nor does a cancelled
//   timeout.
// Go: src/context/afterfunc_test.go TestCustomContextAfterFuncUnregisterAfterFunc — nor a stopped afterFunc.
import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import {
  type CancelContext,
  type Context,
  afterFunc,
  background,
  channel,
  contextKey,
  isCanceled,
  never,
  trySelect,
  withCancel,
  withTimeout,
  withValue,
} from 'chansel'
import { expectNothingLeft, expectPending, rejectionOf } from '../../support/pending.ts'
import { CustomContext, wrapped } from './custom.ts'

expectNothingLeft()

const VERY_LONG_MS = 1_000 * 3_600_000
const watchersOf = (ctx: Context) => getEventListeners(ctx.signal, 'abort').length

describe('TestCustomContextGoroutines', () => {
  test('contexts of the package need no watcher, however deep', () => {
    const ctx1 = withCancel(background())
    const ctx2 = withValue(ctx1, contextKey('key'), 1)
    const ctx4 = withTimeout(withCancel(ctx2), VERY_LONG_MS)
    const ctx5 = withCancel(ctx4)
    expect([ctx1, ctx2, ctx4, ctx5].map(watchersOf)).toEqual([0, 0, 0, 0])
    ctx1.cancel()
    expect(ctx5.err).toBe(ctx1.err)
  })

  test('a custom context gets one, with the first child and until the last has gone', async () => {
    const custom = new CustomContext()
    const children = [withCancel(custom), withTimeout(custom, VERY_LONG_MS), withCancel(wrapped(custom))]
    const grandchild = withTimeout(withCancel(children[0]!), VERY_LONG_MS)
    const underCustom = rejectionOf(never.receive(custom))
    const underChildren = [
      rejectionOf(channel().send(1, grandchild)),
      rejectionOf(custom.done.receive(children[2])),
    ]
    expect(watchersOf(custom)).toBe(1)
    for (const child of children) child.cancel()
    expect((await Promise.all(underChildren)).map(isCanceled)).toEqual([true, true])
    expect(watchersOf(custom)).toBe(1)
    await expectPending(underCustom)
    custom.cancel()
    expect(watchersOf(custom)).toBe(0)
    expect(await underCustom).toBe(custom.err)
  })

  test('below a cancelled custom context nothing watches', () => {
    const custom = new CustomContext()
    custom.cancel()
    const child = withCancel(custom)
    expect([watchersOf(custom), isCanceled(child.err)]).toEqual([0, true])
  })
})

describe('TestCustomContextPropagation', () => {
  test('its own end counts, and not that of the context inside', async () => {
    const key = contextKey<string>('key')
    const inside = withCancel(withValue(background(), key, 'of the one inside'))
    const custom = new CustomContext(inside)
    const child = withCancel(custom)
    const waiting = child.done.receive()
    inside.cancel('not for the child')
    expect([trySelect([child.done]), child.err, child.cause]).toEqual([undefined, undefined, undefined])
    await expectPending(waiting)
    custom.cancel('for the child')
    expect(await waiting).toEqual({ value: undefined, ok: false })
    expect([isCanceled(child.err), child.value(key)]).toEqual([true, 'of the one inside'])
  })

  test('one that passes on the end of the one inside passes on its cause', async () => {
    const cause = new Error('why')
    const inside = withCancel(background())
    const child = withCancel(wrapped(inside))
    const waiting = rejectionOf(never.receive(child))
    inside.cancel(cause)
    expect(isCanceled(child.err)).toBe(true)
    expect(await waiting).toBe(child.err)
    expect(causesOf(child.err)).toContain(cause)
  })
})

/** The causes of an error, one behind the other. */
function causesOf(error: unknown): unknown[] {
  return error instanceof Error ? [error.cause, ...causesOf(error.cause)] : []
}

test('TestCustomContextPropagation: contexts with a value right below it end with it, early and late', async () => {
  const custom = new CustomContext()
  const early = withValue(custom, contextKey('key'), 1)
  const waiting = rejectionOf(never.receive(early))
  const quiet = withValue(early, contextKey('key'), 2)
  expect(watchersOf(custom)).toBe(1)
  custom.cancel()
  const late = withValue(custom, contextKey('key'), 3)
  for (const ctx of [early, quiet, late]) {
    expect(isCanceled(ctx.err)).toBe(true)
    expect(trySelect([ctx.done])).toMatchObject({ ok: false })
  }
  expect(await waiting).toBe(early.err)
  // The same where nothing waited, and where nothing was there before the end.
  const [unwatched, unseen] = [new CustomContext(), new CustomContext()]
  const below = withValue(unwatched, contextKey('key'), 1)
  for (const other of [unwatched, unseen]) other.cancel()
  expect([below, withValue(unseen, contextKey('key'), 1)].map((ctx) => isCanceled(ctx.err))).toEqual([
    true,
    true,
  ])
})

describe('TestCustomContextCause', () => {
  test('a cancel below it has its own cause, and leaves it alone', () => {
    const custom = new CustomContext()
    const child = withCancel(custom)
    const cause = new Error('own')
    child.cancel(cause)
    expect([isCanceled(child.err), child.cause]).toEqual([true, cause])
    expect([custom.err, custom.cause]).toEqual([undefined, undefined])
    custom.cancel('later')
    expect([isCanceled(child.err), child.cause]).toEqual([true, cause])
    expect([isCanceled(custom.err), custom.cause]).toEqual([true, 'later'])
  })

  test('one whose cancel cancels the child itself, too, ends it once', () => {
    const custom = new CustomContext()
    const child = withCancel(custom)
    custom.signal.addEventListener('abort', () => child.cancel('by hand'))
    custom.cancel()
    expect(isCanceled(child.err)).toBe(true)
    expect(child.cause).toBe(custom.err)
  })
})

describe('a custom context is watched only while somebody depends on it', () => {
  const kinds: { name: string; make: (parent: Context) => CancelContext }[] = [
    { name: 'TestCustomContextAfterFuncCancel', make: withCancel },
    { name: 'TestCustomContextAfterFuncTimeout', make: (parent) => withTimeout(parent, VERY_LONG_MS) },
  ]

  test.each(kinds)('$name: the child ends with it', async ({ make }) => {
    const custom = new CustomContext()
    const child = make(custom)
    const waiting = child.done.receive()
    custom.cancel()
    expect(await waiting).toEqual({ value: undefined, ok: false })
    expect(isCanceled(child.err)).toBe(true)
  })

  test('TestCustomContextAfterFuncAfterFunc: the function runs', async () => {
    const custom = new CustomContext()
    const ran = channel<void>()
    const stop = afterFunc(custom, () => ran.close())
    await expectPending(ran.receive())
    custom.cancel()
    expect(await ran.receive()).toMatchObject({ ok: false })
    expect(stop()).toBe(false)
  })

  test.each([
    { ...kinds[0]!, name: 'TestCustomContextAfterFuncUnregisterCancel' },
    { ...kinds[1]!, name: 'TestCustomContextAfterFuncUnregisterTimeout' },
  ])('$name: a cancelled child watches no longer', ({ make }) => {
    const custom = new CustomContext()
    const [first, second] = [make(custom), make(custom)]
    expect(watchersOf(custom)).toBe(1)
    first.cancel()
    expect(watchersOf(custom)).toBe(1)
    second.cancel()
    expect(watchersOf(custom)).toBe(0)
  })

  test('TestCustomContextAfterFuncUnregisterAfterFunc: nor does a stopped function', async () => {
    const custom = new CustomContext()
    let runs = 0
    const stop = afterFunc(custom, () => runs++)
    expect(watchersOf(custom)).toBe(1)
    expect([stop(), stop()]).toEqual([true, false])
    expect(watchersOf(custom)).toBe(0)
    custom.cancel()
    await expectPending(never.receive())
    expect(runs).toBe(0)
  })
})
