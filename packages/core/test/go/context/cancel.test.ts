// Go: src/context/x_test.go TestBackground — the root never ends, and says what it is.
// Go: src/context/x_test.go TestWithCancel — cancel reaches a context, one of another make around it and a
//   child of that one before it returns.
// Go: src/context/context_test.go TestParentFinishesChild — a parent ends its children, also through a
//   context with a value, and a context made afterwards is born ended.
// Go: src/context/context_test.go TestChildFinishesFirst — a child that ends leaves its parent untouched and
//   unlinked.
// Go: src/context/context_test.go TestCancelRemoves — a cancelled child is gone from its parent, whatever its
//   kind.
// Go: src/context/x_test.go TestWithCancelCanceledParent — a child of a cancelled parent is born cancelled.
// Go: src/context/x_test.go TestInvalidDerivedFail — there is no context without a parent.
import { describe, expect, test } from 'vitest'
import {
  type CancelContext,
  type Context,
  background,
  contextKey,
  isCanceled,
  never,
  trySelect,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
} from 'chansel'
import { isCollected } from '../../support/gc.ts'
import { cancellationOf } from '../../../src/internal/foreign.ts'
import { expectNothingLeft, expectPending, rejectionOf } from '../../support/pending.ts'
import { wrapped } from './custom.ts'

expectNothingLeft()

const VERY_LONG_MS = 1_000 * 3_600_000
const print: (value: unknown) => string = String

function expectLive(...contexts: Context[]): void {
  for (const ctx of contexts) {
    expect(trySelect([ctx.done])).toBeUndefined()
    expect([ctx.err, ctx.cause, ctx.signal.aborted]).toEqual([undefined, undefined, false])
    // A program may keep it: it is the same for ever.
    expect(ctx.done).toBe(ctx.done)
  }
}

function expectCanceled(...contexts: Context[]): void {
  for (const ctx of contexts) {
    expect(trySelect([ctx.done])).toEqual({ case: 0, value: undefined, ok: false })
    expect(isCanceled(ctx.err)).toBe(true)
    expect(ctx.signal.aborted && ctx.signal.reason).toBe(ctx.err)
  }
}

test('TestBackground: the root never ends, and says what it is', async () => {
  const ctx = background()
  expectLive(ctx)
  await expectPending(ctx.done.receive())
  expect(print(ctx)).toBe('background')
  expect(background()).toBe(ctx)
})

test('TestWithCancel: cancel reaches its own context, a wrapped one and the child of that before it returns', () => {
  const first = withCancel(background())
  expect(print(first)).toBe('background.withCancel')
  const other = wrapped(first)
  const second = withCancel(other)
  expectLive(first, other, second)
  first.cancel()
  expectCanceled(first, other, second)
})

test('TestParentFinishesChild: all below end with the parent, and a context made afterwards is born ended', () => {
  const key = contextKey<string>('key')
  const parent = withCancel(background())
  const cancelChild = withCancel(parent)
  const valueChild = withValue(parent, key, 'value')
  const timerChild = withTimeout(valueChild, VERY_LONG_MS)
  expectLive(parent, cancelChild, valueChild, timerChild)
  parent.cancel()
  expectCanceled(parent, cancelChild, valueChild, timerChild)
  expectCanceled(withValue(parent, key, 'late'), withCancel(valueChild), withTimeout(parent, VERY_LONG_MS))
  // One end for all of them: a program may compare errors by identity.
  expect(new Set([parent, cancelChild, valueChild, timerChild].map((ctx) => ctx.err)).size).toBe(1)
})

describe('TestChildFinishesFirst', () => {
  test.each<[string, (root: Context) => Context]>([
    ['the root', background],
    ['a parent that can be cancelled', withCancel],
    ['one with a deadline', (root) => withTimeout(root, VERY_LONG_MS)],
    ['one with a value', (root) => withValue(root, contextKey('k'), 1)],
  ])('a child that ends leaves %s as it was', (_, make) => {
    const root = withCancel(background())
    const parent = make(root)
    const [elder, child, younger] = [withCancel(parent), withCancel(parent), withCancel(parent)]
    expectLive(parent, elder, child, younger)
    child.cancel()
    expectCanceled(child)
    expectLive(parent, elder, younger)
    elder.cancel()
    expectCanceled(elder)
    expectLive(parent, younger)
    root.cancel()
  })

  test('and those on both sides of the gap still end with the parent', () => {
    const parent = withCancel(background())
    const children = Array.from({ length: 5 }, () => withCancel(parent))
    for (const i of [2, 0, 4]) children[i]!.cancel(i)
    expectLive(parent, children[1]!, children[3]!)
    parent.cancel('parent')
    expectCanceled(...children)
    expect(children.map((child) => child.cause)).toEqual([0, 'parent', 2, 'parent', 4])
  })
})

describe('TestCancelRemoves', () => {
  const kinds: { name: string; make: (parent: Context) => CancelContext }[] = [
    { name: 'withCancel', make: (parent) => withCancel(parent) },
    { name: 'withTimeout', make: (parent) => withTimeout(parent, VERY_LONG_MS) },
    { name: 'withDeadline', make: (parent) => withDeadline(parent, Date.now() + VERY_LONG_MS) },
    { name: 'below a value', make: (parent) => withCancel(withValue(parent, contextKey('k'), 1)) },
  ]

  /** In a frame of its own, and another wait begins after it: nothing of either keeps the child. */
  async function knownOnlyToItsParent(child: CancelContext, isCancelled: boolean): Promise<WeakRef<object>> {
    if (isCancelled) {
      const waiting = rejectionOf(never.receive(child))
      child.cancel()
      expect(await waiting).toBe(child.err)
    }
    void never.receive()
    return new WeakRef(cancellationOf(child)!)
  }

  test.each(kinds)('$name: the parent knows its child until that is cancelled', async ({ make }) => {
    const parent = withCancel(background())
    const live = await knownOnlyToItsParent(make(parent), false)
    const cancelled = await knownOnlyToItsParent(make(parent), true)
    expect([await isCollected(cancelled), await isCollected(live)]).toEqual([true, false])
    expectLive(parent)
    parent.cancel()
    expect(await isCollected(live)).toBe(true)
  })
})

test('TestWithCancelCanceledParent: the child is done at once', async () => {
  const parent = withCancel(background())
  parent.cancel('early')
  const child = withCancel(parent)
  expectCanceled(child)
  expect([child.err, child.cause]).toEqual([parent.err, 'early'])
  expect(await child.done.receive()).toEqual({ value: undefined, ok: false })
})

test.each<[string, (parent: never) => Context]>([
  ['withCancel', (parent) => withCancel(parent)],
  ['withDeadline', (parent) => withDeadline(parent, Date.now())],
  ['withTimeout', (parent) => withTimeout(parent, 1)],
  ['withValue', (parent) => withValue(parent, contextKey('foo'), 'bar')],
])('TestInvalidDerivedFail: %s without a parent is an error at once', (_, derive) => {
  for (const nobody of [undefined, null]) expect(() => derive(nobody as never)).toThrow(TypeError)
})
