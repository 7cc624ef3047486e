// Go: src/context/benchmark_test.go BenchmarkCommonParentCancel — a child costs the same, however many
//   siblings it has.
// Go: src/context/benchmark_test.go BenchmarkWithTimeout — a timeout costs about the same, however many there
//   are.
// Go: src/context/benchmark_test.go BenchmarkCancelTree — a chain costs what it is long, under the root,
//   under a live and under a cancelled context.
// Go: src/context/benchmark_test.go BenchmarkDeepValueSameGoRoutine — a value is looked for in time linear in
//   the depth.
import { afterAll, beforeAll, test } from 'vitest'
import { type Context, background, contextKey, never, withCancel, withTimeout, withValue } from 'chansel'
import { virtualClock } from '../../support/clock.ts'
import { expectLinear } from '../../support/cost.ts'
import { expectNothingLeft } from '../../support/pending.ts'

expectNothingLeft()

const SLOW = 30_000
const HOUR_MS = 3_600_000

// An error with a stack costs more than the context that ends with it.
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

test('BenchmarkCommonParentCancel: children of one parent, the middle ones first', { timeout: SLOW }, () =>
  expectLinear(1_600, (n) => {
    const shared = withCancel(withValue(background(), contextKey('key'), 'value'))
    const children = Array.from({ length: n }, () => withCancel(shared))
    for (let i = 0; i < n; i++) children[(i * 3 + n / 2) % n]!.cancel()
    shared.cancel()
  }),
)

test('BenchmarkWithTimeout: timeouts that are waited under, cancelled long before', { timeout: SLOW }, () => {
  virtualClock()
  return expectLinear(1_600, async (n) => {
    const contexts = Array.from({ length: n }, (_, i) => withTimeout(background(), HOUR_MS + ((i * 7) % n)))
    const waits = contexts.map((ctx) => never.receive(ctx).catch(() => {}))
    for (const ctx of contexts) ctx.cancel()
    await Promise.all(waits)
  })
})

const roots: { name: string; make(): Context }[] = [
  { name: 'the root', make: background },
  { name: 'a live context', make: () => withCancel(background()) },
  {
    name: 'a cancelled context',
    make() {
      const ctx = withCancel(background())
      ctx.cancel()
      return ctx
    },
  },
]

test.each(roots)('BenchmarkCancelTree: a chain under $name', { timeout: SLOW }, ({ make }) =>
  expectLinear(1_600, (depth) => {
    const first = withCancel(make())
    let leaf: Context = first
    for (let i = 0; i < depth; i++) leaf = withCancel(leaf)
    first.cancel()
    if (leaf.err === undefined) throw new Error('The leaf lives on')
  }),
)

test('BenchmarkDeepValueSameGoRoutine: the key that is nowhere', { timeout: SLOW }, () => {
  const towers = new Map<number, Context>()
  const missing = contextKey('missing')
  return expectLinear(8_000, (depth) => {
    let top = towers.get(depth) ?? background()
    if (!towers.has(depth)) for (let i = 0; i < depth; i++) top = withValue(top, contextKey('layer'), i)
    towers.set(depth, top)
    top.value(missing)
  })
})
