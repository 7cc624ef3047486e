// Go: src/context/x_test.go TestCause — the first end that reaches a context, its own or one above it,
//   decides both err and cause; what is without cancel has neither.
import { describe, expect, test } from 'vitest'
import {
  type CancelContext,
  type Context,
  background,
  isCanceled,
  isDeadlineExceeded,
  withCancel,
  withTimeout,
  withoutCancel,
} from 'chansel'
import { virtualClock } from '../../support/clock.ts'
import { expectNothingLeft } from '../../support/pending.ts'

expectNothingLeft()

const CHILD_MS = 10
const PARENT_MS = 20
const tooSlow = { child: new Error('child too slow'), parent: new Error('parent too slow') }
const causes = { child: new Error('child cause'), parent: new Error('parent cause') }

interface Family {
  readonly parent: CancelContext
  readonly child: CancelContext
}

/** How a context should have ended; if `cause` is undefined, the err itself is the cause. */
type End = { readonly isLate: boolean; readonly cause: Error | undefined } | undefined

interface Event {
  readonly reaches: 'child' | 'both'
  readonly end: End
  happen(family: Family): void
}

/** What may happen to a parent and its child. Go's rows are some of the sequences of these. */
const events: Record<string, Event> = {
  'cancelParent(cause)': {
    reaches: 'both',
    end: { isLate: false, cause: causes.parent },
    happen: ({ parent }) => parent.cancel(causes.parent),
  },
  'cancelParent()': {
    reaches: 'both',
    end: { isLate: false, cause: undefined },
    happen: ({ parent }) => parent.cancel(),
  },
  'cancelChild(cause)': {
    reaches: 'child',
    end: { isLate: false, cause: causes.child },
    happen: ({ child }) => child.cancel(causes.child),
  },
  'cancelChild(undefined)': {
    reaches: 'child',
    end: { isLate: false, cause: undefined },
    happen: ({ child }) => child.cancel(undefined),
  },
}

/** All sequences of up to two events. */
const names = Object.keys(events)
const sequences = [[], ...names.map((name) => [name]), ...names.flatMap((a) => names.map((b) => [a, b]))]
const rows = sequences.map((sequence) => ({ sequence, title: sequence.join(', ') || 'nothing' }))

function expectEnd(ctx: Context, end: End): void {
  expect(isDeadlineExceeded(ctx.err)).toBe(end?.isLate === true)
  expect(isCanceled(ctx.err)).toBe(end?.isLate === false)
  expect(ctx.cause).toBe(end === undefined ? undefined : (end.cause ?? ctx.err))
  expect(ctx.err?.cause).toBe(end?.cause)
  expect(ctx.done.tryReceive()).toEqual(end && { value: undefined, ok: false })
  // Without cancel there is no end, whatever happens to the parent.
  const free = withoutCancel(ctx)
  expect([free.err, free.cause]).toEqual([undefined, undefined])
}

/** The end that the first event to reach it brings; otherwise that of the deadline, if it has passed. */
function endOf(who: 'parent' | 'child', sequence: string[], deadline: End): End {
  const first = sequence.find((name) => who === 'child' || events[name]!.reaches === 'both')
  return first === undefined ? deadline : events[first]!.end
}

describe.each([
  { name: 'no deadline', hasChildDeadline: false, hasParentDeadline: false },
  { name: 'a deadline of the child', hasChildDeadline: true, hasParentDeadline: false },
  { name: 'a deadline of the parent', hasChildDeadline: false, hasParentDeadline: true },
  { name: 'two, the earlier below', hasChildDeadline: true, hasParentDeadline: true },
])('TestCause, $name', ({ hasChildDeadline, hasParentDeadline }) => {
  function family(): Family {
    const parent = hasParentDeadline
      ? withTimeout(background(), PARENT_MS, tooSlow.parent)
      : withCancel(background())
    return {
      parent,
      child: hasChildDeadline ? withTimeout(parent, CHILD_MS, tooSlow.child) : withCancel(parent),
    }
  }

  const parentEnd: End = hasParentDeadline ? { isLate: true, cause: tooSlow.parent } : undefined
  const childEnd: End = hasChildDeadline ? { isLate: true, cause: tooSlow.child } : parentEnd

  test.each(rows)('$title, then time passes: the first one counts', ({ sequence }) => {
    const clock = virtualClock()
    const contexts = family()
    for (const name of sequence) events[name]!.happen(contexts)
    expectEnd(contexts.parent, endOf('parent', sequence, undefined))
    expectEnd(contexts.child, endOf('child', sequence, undefined))
    clock.busy(PARENT_MS)
    expectEnd(contexts.child, endOf('child', sequence, childEnd))
    expectEnd(contexts.parent, endOf('parent', sequence, parentEnd))
  })

  test.each(rows)('time passes unnoticed, then $title: the deadline counts', ({ sequence }) => {
    const clock = virtualClock()
    const contexts = family()
    clock.busy(PARENT_MS)
    for (const name of sequence) events[name]!.happen(contexts)
    expectEnd(contexts.child, childEnd ?? endOf('child', sequence, undefined))
    expectEnd(contexts.parent, parentEnd ?? endOf('parent', sequence, undefined))
  })
})

test('TestCause: where the parent ends earlier, the cause of the child is void', () => {
  const clock = virtualClock()
  const parent = withTimeout(background(), CHILD_MS, tooSlow.parent)
  const child = withTimeout(parent, PARENT_MS, tooSlow.child)
  clock.busy(PARENT_MS)
  expectEnd(child, { isLate: true, cause: tooSlow.parent })
  expect(child.err).toBe(parent.err)
})

test('TestCause: a deadline without a cause is its own', () => {
  const clock = virtualClock()
  const contexts = [withTimeout(background(), 0), withTimeout(background(), CHILD_MS)]
  clock.busy(CHILD_MS)
  for (const ctx of contexts) expectEnd(ctx, { isLate: true, cause: undefined })
})

test('TestCause: unlike in Go, null is a cause like any other', () => {
  const clock = virtualClock()
  const canceled = withCancel(background())
  canceled.cancel(null)
  const late = withTimeout(background(), CHILD_MS, null)
  clock.busy(CHILD_MS)
  for (const ctx of [canceled, withCancel(canceled), late, withCancel(late)]) {
    expect([ctx.cause, ctx.err!.cause]).toEqual([null, null])
  }
})

test.each([0, -1])('TestCause: where %d ms are left at the start, a cancel comes too late', (ms) => {
  virtualClock()
  const parent = withCancel(background())
  const ctx = withTimeout(parent, ms, tooSlow.child)
  ctx.cancel(causes.child)
  parent.cancel(causes.parent)
  expectEnd(ctx, { isLate: true, cause: tooSlow.child })
  expectEnd(parent, { isLate: false, cause: causes.parent })
})

test('TestCause: roots have neither err nor cause', () => {
  for (const root of [background(), withoutCancel(background())]) expectEnd(root, undefined)
})
