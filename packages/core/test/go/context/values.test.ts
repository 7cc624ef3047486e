// Go: src/context/x_test.go TestValues — the nearest value of a key counts, keys are told apart by identity,
//   an undefined value hides an outer one; contexts of another make in between change nothing.
// Go: src/context/x_test.go TestWithValueChecksKey — what is no key is refused.
// Go: src/context/x_test.go TestWithoutCancel — values go on without deadline, done and err.
// Go: src/context/x_test.go TestLayersCancel — a random tower of values, cancels and timeouts ends as one
//   with any of its cancels, and keeps its values.
// Go: src/context/x_test.go TestLayersTimeout — the same with a timeout.
import { describe, expect, test } from 'vitest'
import {
  type CancelContext,
  type Context,
  type ContextKey,
  background,
  contextKey,
  isCanceled,
  isDeadlineExceeded,
  select,
  timer,
  trySelect,
  withCancel,
  withTimeout,
  withValue,
  withoutCancel,
} from 'chansel'
import { expectNothingLeft, expectPending } from '../../support/pending.ts'
import { Random } from '../../support/random.ts'
import { inBubble } from '../time/bubble.ts'
import { wrapped } from './custom.ts'

expectNothingLeft()

const VERY_LONG_MS = 1_000 * 3_600_000
const SHORT_MS = 1
const print: (value: unknown) => string = String

test('TestValues: the nearest counts, by the identity of the key', () => {
  // The same name twice: a name is for people.
  const [k1, k2, k3] = [contextKey<string>('1'), contextKey<string>('1'), contextKey<string>('3')] as const
  const valuesOf = (ctx: Context) => [k1, k2, k3].map((key) => ctx.value(key))

  const c0 = background()
  const c1 = withValue(c0, k1, 'c1k1')
  const c2 = withValue(c1, k2, 'c2k2')
  const c3 = withValue(c2, k3, 'c3k3')
  const c4 = withValue(c3, k1, undefined!)
  const o1 = wrapped(c1)
  const o2 = withValue(o1, k2, 'o2k2')
  const o3 = wrapped(c4)
  const o4 = withValue(o3, k3, undefined!)
  const o5 = withCancel(wrapped(withTimeout(wrapped(c3), 0)))

  expect(print(c1)).toBe('background.withValue(1)')
  expect([c0, c1, c2, c3, c4].map(valuesOf)).toEqual([
    [undefined, undefined, undefined],
    ['c1k1', undefined, undefined],
    ['c1k1', 'c2k2', undefined],
    ['c1k1', 'c2k2', 'c3k3'],
    [undefined, 'c2k2', 'c3k3'],
  ])
  expect([wrapped(c0), o1, o2, o3, o4, o5].map(valuesOf)).toEqual([
    [undefined, undefined, undefined],
    ['c1k1', undefined, undefined],
    ['c1k1', 'o2k2', undefined],
    [undefined, 'c2k2', 'c3k3'],
    [undefined, 'c2k2', undefined],
    ['c1k1', 'c2k2', 'c3k3'],
  ])
})

test.each([[undefined], [null], ['foo'], [7], [Symbol('foo')], [[]], [{}], [() => 'foo']])(
  'TestWithValueChecksKey: %s is no key',
  (key) => expect(() => withValue(background(), key as never, 'bar')).toThrow(TypeError),
)

test('TestWithoutCancel: there is none without a parent', () => {
  for (const nobody of [undefined, null, {}]) expect(() => withoutCancel(nobody as never)).toThrow(TypeError)
})

test('TestWithoutCancel: values go on, the end does not', async () => {
  const key = contextKey<string>('key')
  const parent = withTimeout(withValue(background(), key, 'value'), VERY_LONG_MS)
  const ctx = withoutCancel(parent)
  const below = withCancel(ctx)
  for (const end of [() => {}, () => parent.cancel('the end')]) {
    end()
    for (const survivor of [ctx, below, withoutCancel(parent)]) {
      expect([survivor.deadline, survivor.err, survivor.cause]).toEqual([undefined, undefined, undefined])
      expect([survivor.value(key), survivor.signal.aborted]).toEqual(['value', false])
      expect(trySelect([survivor.done])).toBeUndefined()
      await expectPending(survivor.done.receive())
    }
  }
  below.cancel()
  expect([ctx.err, below.value(key)]).toEqual([undefined, 'value'])
})

interface Tower {
  readonly top: Context
  readonly keys: ContextKey<object>[]
  readonly cancels: CancelContext[]
}

/** At least sixty layers, of each of the three kinds at least one. */
function tower(random: Random, timeoutMs: number): Tower {
  const keys: ContextKey<object>[] = []
  const cancels: CancelContext[] = []
  let top = background()
  let timeouts = 0
  for (let i = 0; i < 60 || keys.length === 0 || timeouts === 0 || cancels.length === timeouts; i++) {
    const layer = random.below(3)
    if (layer === 0) {
      const key = contextKey<object>(`layer ${i}`)
      top = withValue(top, key, key)
      keys.push(key)
      continue
    }
    if (layer === 2) timeouts++
    const ctx: CancelContext = layer === 1 ? withCancel(top) : withTimeout(top, timeoutMs)
    cancels.push(ctx)
    top = ctx
  }
  return { top, keys, cancels }
}

const valuesKept = ({ top, keys }: Tower) => keys.every((key) => top.value(key) === key)

describe.each(Array.from({ length: 20 }, (_, i) => ({ seed: 4_711 + i })))('seed $seed', ({ seed }) => {
  test('TestLayersCancel: any cancel ends all above it, and all values stay', () => {
    const random = new Random(seed)
    const layers = tower(random, VERY_LONG_MS)
    expect([trySelect([layers.top.done]), layers.top.err]).toEqual([undefined, undefined])
    expect(print(layers.top)).toMatch(/^background\./)
    expect(valuesKept(layers)).toBe(true)

    const at = random.below(layers.cancels.length)
    layers.cancels[at]!.cancel(seed)
    expect(trySelect([layers.top.done])).toMatchObject({ ok: false })
    expect([isCanceled(layers.top.err), layers.top.cause]).toEqual([true, seed])
    expect(layers.cancels.map((ctx) => ctx.err !== undefined)).toEqual(layers.cancels.map((_, i) => i >= at))
    expect(valuesKept(layers)).toBe(true)
    layers.cancels[0]!.cancel()
  })

  test('TestLayersTimeout: the first timeout ends it, and all values stay', () =>
    inBubble(async (clock) => {
      const layers = tower(new Random(seed), SHORT_MS)
      const start = clock.now
      expect(valuesKept(layers)).toBe(true)
      expect(await select({ done: layers.top.done, overslept: timer(1_000) })).toMatchObject({ case: 'done' })
      expect([clock.now - start, isDeadlineExceeded(layers.top.err)]).toEqual([SHORT_MS, true])
      expect(valuesKept(layers)).toBe(true)
      layers.cancels[0]!.cancel()
    }))
})
