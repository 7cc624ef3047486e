import { describe, expect, test } from 'vitest'
import { type CancelContext, type Context, background, withCancel, withTimeout, withoutCancel } from 'chansel'
import { expectNothingLeft } from '../support/pending.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }
const FOREVER_MS = 1e9

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
