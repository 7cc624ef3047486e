// A parent that is a foreign context: from another copy of the package, or of a class of the program. What it says about
// itself counts as much as what one of our contexts would say.

import { beforeAll, expect, test, vi } from 'vitest'
import * as ours from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

let theirs: typeof ours

beforeAll(async () => {
  vi.resetModules()
  theirs = await import('chansel')
})

/** A context of the program's own class: it wraps one of ours and hides that it does. */
class Wrapped implements ours.Context {
  readonly #inner: ours.Context

  constructor(inner: ours.Context) {
    this.#inner = inner
  }

  get done() {
    return this.#inner.done
  }

  get err() {
    return this.#inner.err
  }

  get cause() {
    return this.#inner.cause
  }

  get deadline() {
    return this.#inner.deadline
  }

  get signal() {
    return this.#inner.signal
  }

  value<T>(key: ours.ContextKey<T>): T | undefined {
    return this.#inner.value(key)
  }
}

const makes: [string, (ms: number) => { ctx: ours.Context; cancel: (cause?: unknown) => void }][] = [
  [
    'another copy of the package',
    (ms) => {
      const ctx = theirs.withTimeout(theirs.background(), ms)
      return { ctx, cancel: (cause) => ctx.cancel(cause) }
    },
  ],
  [
    'a class of the program',
    (ms) => {
      const inner = ours.withTimeout(ours.background(), ms)
      return { ctx: new Wrapped(inner), cancel: (cause) => inner.cancel(cause) }
    },
  ],
]

test.each(makes)('X8 X22 the deadline of a parent of %s counts where it is the earlier', (_, make) => {
  const clock = virtualClock()
  const { ctx: parent, cancel } = make(50)
  const at = clock.epochMs + 50
  const key = ours.contextKey<number>('k')
  expect(ours.withCancel(parent).deadline).toBe(at)
  expect(ours.withValue(ours.withCancel(parent), key, 1).deadline).toBe(at)
  expect(ours.withTimeout(parent, 80).deadline).toBe(at)
  expect(ours.withTimeout(parent, 20).deadline).toBe(at - 30)
  expect(ours.withoutCancel(parent).deadline).toBeUndefined()
  expect(ours.withCancel(ours.withoutCancel(parent)).deadline).toBeUndefined()
  cancel()
  expect(ours.withCancel(parent).deadline).toBe(at)
})

test.each(makes)('X7 X15 X22 the cause of a parent of %s is that of its children', async (_, make) => {
  virtualClock()
  const { ctx: parent, cancel } = make(50)
  const child = ours.withCancel(parent)
  const grandchild = ours.withCancel(child)
  const first = ours.withCancel(parent)
  const waiting = rejectionOf(ours.channel().receive(child))
  first.cancel('first')
  cancel('why')
  expect([child.cause, grandchild.cause, ours.withCancel(parent).cause]).toEqual(['why', 'why', 'why'])
  expect(first.cause).toBe('first')
  expect(ours.isCanceled(child.err)).toBe(true)
  expect(await waiting).toBe(child.err)
})

test.each(makes)('X15 X22 without a cause, the cause is the err of the parent of %s', (_, make) => {
  virtualClock()
  const { ctx: parent, cancel } = make(50)
  const child = ours.withCancel(parent)
  cancel()
  expect(child.cause).toBe(parent.err)
})

test.each(makes)('X9 X22 the deadline of a parent of %s passes for its children', async (_, make) => {
  const clock = virtualClock()
  const { ctx: parent } = make(50)
  const child = ours.withTimeout(parent, 3_600_000, 'never')
  const waiting = child.done.receive()
  clock.advance(50)
  expect((await waiting).ok).toBe(false)
  expect(ours.isDeadlineExceeded(child.err)).toBe(true)
  expect(child.cause).toBe(parent.err)
})
