import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Cancel, type ReceiveChannel, background, channel, withCancel } from 'chansel'
import {
  type Source,
  batch,
  broadcast,
  collect,
  fanOut,
  filter,
  from,
  map,
  merge,
  pipe,
  route,
  scan,
  skip,
  take,
  zip,
} from 'chansel/pipeline'
import { expectFlatHeap } from '../support/gc.ts'
import { expectLinear } from '../support/cost.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

/** The items in one of the forms that a source has, with delays of some microtasks. */
function sourceOf(items: readonly number[], form: number, delays: readonly number[]): Source<number> {
  if (form === 0) return items
  if (form === 1) return from(items)
  const delay = async (i: number) => {
    for (let left = delays[i % delays.length]!; left > 0; left--) await Promise.resolve()
  }
  if (form === 2) {
    return (async function* () {
      for (const [i, item] of items.entries()) {
        await delay(i)
        yield item
      }
    })()
  }
  const ch = channel<number>(form - 3)
  void (async () => {
    for (const [i, item] of items.entries()) {
      await delay(i)
      await ch.send(item)
    }
    ch.close()
  })()
  return ch
}

const items = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 12 })
const forms = fc.nat({ max: 5 })
const delays = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 4 })
const counts = fc.nat({ max: 6 })

describe('each operator does to a source what its array function does to an array', () => {
  const laws: {
    name: string
    stage: (source: Source<number>, n: number) => ReceiveChannel<unknown>
    array: (items: readonly number[], n: number) => unknown[]
  }[] = [
    { name: 'from', stage: (s) => from(s), array: (a) => [...a] },
    { name: 'map', stage: (s, n) => map(s, async (x) => x + n), array: (a, n) => a.map((x) => x + n) },
    {
      name: 'map, parallel',
      stage: (s, n) => map(s, async (x) => (await Promise.resolve(), x), { concurrency: n + 1 }),
      array: (a) => [...a],
    },
    { name: 'filter', stage: (s, n) => filter(s, (x) => x > n), array: (a, n) => a.filter((x) => x > n) },
    { name: 'take', stage: (s, n) => take(s, n), array: (a, n) => a.slice(0, n) },
    { name: 'skip', stage: (s, n) => skip(s, n), array: (a, n) => a.slice(n) },
    {
      name: 'scan',
      stage: (s, n) => scan(s, (sum, x) => sum + x, n),
      array: (a, n) => a.map((_, i) => a.slice(0, i + 1).reduce((sum, x) => sum + x, n)),
    },
    {
      name: 'batch',
      stage: (s, n) => batch(s, { size: n + 1 }),
      array: (a, n) =>
        Array.from({ length: Math.ceil(a.length / (n + 1)) }, (_, i) =>
          a.slice(i * (n + 1), (i + 1) * (n + 1)),
        ),
    },
    {
      name: 'zip',
      stage: (s, n) => zip([s, Array(n).fill(n)]),
      array: (a, n) => a.slice(0, n).map((x) => [x, n]),
    },
    { name: 'broadcast', stage: (s) => broadcast(s).subscribe(), array: (a) => [...a] },
    {
      name: 'route',
      stage: (s, n) => route(s, (x) => x % 3).subscribe(n % 3),
      array: (a, n) => a.filter((x) => x % 3 === n % 3),
    },
  ]
  test.each(laws)('$name', async ({ stage, array }) => {
    await fc.assert(
      fc.asyncProperty(items, forms, delays, counts, async (given, form, waits, n) => {
        expect(await collect(stage(sourceOf(given, form, waits), n))).toEqual(array(given, n))
      }),
      { numRuns: 60 },
    )
  })

  test('merge: all items, each source in its order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(items, forms, delays), { maxLength: 4 }), async (given) => {
        const tagged = given.map(([list, form, waits], i) =>
          map(sourceOf(list, form, waits), (item) => ({ i, item })),
        )
        const merged = await collect(merge(tagged))
        const bySource = given.map((_, i) => merged.filter((one) => one.i === i).map(({ item }) => item))
        expect(bySource).toEqual(given.map(([list]) => list))
      }),
      { numRuns: 60 },
    )
  })

  test('fanOut: each item at one output, each output in order', async () => {
    await fc.assert(
      fc.asyncProperty(items, forms, delays, counts, async (given, form, waits, n) => {
        const outs = await Promise.all(
          fanOut(
            sourceOf(
              given.map((_, i) => i),
              form,
              waits,
            ),
            n + 1,
          ).map((o) => collect(o)),
        )
        for (const out of outs) expect(out).toEqual(out.toSorted((a, b) => a - b))
        expect(outs.flat().toSorted((a, b) => a - b)).toEqual(given.map((_, i) => i))
      }),
      { numRuns: 60 },
    )
  })
})

describe('K6 K8 conservation, with a cancel at every step', () => {
  /** What a stage may have in hand when it is cancelled: that item is lost, and no other. */
  const operators: {
    name: string
    inHand: number
    operator: (s: Source<number>, cancel: Cancel) => ReceiveChannel<unknown>
  }[] = [
    { name: 'from', inHand: 1, operator: (s, cancel) => from(s, cancel) },
    { name: 'map', inHand: 1, operator: (s, cancel) => map(s, async (n) => n, {}, cancel) },
    {
      name: 'map, parallel',
      inHand: 3,
      operator: (s, cancel) => map(s, async (n) => n, { concurrency: 3 }, cancel),
    },
    { name: 'filter', inHand: 1, operator: (s, cancel) => filter(s, async () => true, cancel) },
    { name: 'scan', inHand: 1, operator: (s, cancel) => scan(s, (_, n: number) => n, 0, cancel) },
    { name: 'merge', inHand: 1, operator: (s, cancel) => merge([s], cancel) },
    { name: 'zip', inHand: 1, operator: (s, cancel) => zip([s], cancel) },
    { name: 'take', inHand: 1, operator: (s, cancel) => take(s, 99, cancel) },
    { name: 'batch', inHand: 1, operator: (s, cancel) => batch(s, { size: 1, ms: 60_000 }, cancel) },
    { name: 'fanOut', inHand: 2, operator: (s, cancel) => fanOut(s, 2, cancel)[0]! },
    { name: 'broadcast', inHand: 1, operator: (s, cancel) => broadcast(s, {}, cancel).subscribe() },
    {
      name: 'route',
      inHand: 1,
      operator: (s, cancel) => route(s, () => 1, { capacity: 0 }, cancel).subscribe(1),
    },
  ]
  test.each(operators)('$name', async ({ operator, inHand }) => {
    for (let step = 0; step < 40; step++) {
      using ctx = withCancel(background())
      const source = channel<number>(1)
      const sent: number[] = []
      const received: unknown[] = []
      using sender = withCancel(background())
      const sending = (async () => {
        for (let n = 0; n < 4; n++) {
          await source.send(n, sender)
          sent.push(n)
        }
      })().catch((error: unknown) => expect(error).toBe(sender.err))
      const receiving = (async () => {
        for await (const item of operator(source, ctx)) received.push(...[item].flat())
      })().catch((error: unknown) => expect(error).toBe(ctx.err))
      for (let i = 0; i < step; i++) await Promise.resolve()
      ctx.cancel()
      await receiving
      await settle()
      sender.cancel()
      await sending
      const left: unknown[] = []
      for (let got = source.tryReceive(); got?.ok; got = source.tryReceive()) left.push(got.value)
      const lost = sent.filter((n) => !received.includes(n) && !left.includes(n))
      expect(lost.length, `step ${step}`).toBeLessThanOrEqual(inHand)
      expect(new Set([...received, ...left]).size, `step ${step}`).toBe(received.length + left.length)
      expect([...received, ...lost, ...left], `step ${step}`).toEqual(sent)
      // Nobody waits at the source any more.
      expect(source.length).toBe(0)
      expect([source.trySend(7), source.length]).toEqual([true, 1])
    }
  })

  test('K2 K6 a dropping subscriber: what was sent is received, dropped or still held', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 30 }),
        fc.integer({ min: 1, max: 4 }),
        async (program, capacity) => {
          const source = channel<number>()
          const slow = broadcast(source).subscribe({ slow: 'drop-oldest', capacity })
          let sent = 0
          let received = 0
          for (const isSend of program) {
            if (isSend) await source.send(sent++)
            else if (slow.tryReceive()?.ok) received++
            await settle()
          }
          expect(received + slow.dropped + slow.length).toBe(sent)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('cost', () => {
  const ten = (n: number) => {
    let stage: Source<number> = Array.from({ length: n }, (_, i) => i)
    for (let i = 0; i < 10; i++) stage = i % 2 === 0 ? map(stage, (x) => x + 1) : filter(stage, () => true)
    return stage
  }

  test('ten stages take linear time', { timeout: 30_000 }, async () => {
    await expectLinear(800, async (n) => {
      for await (const _ of ten(n));
    })
  })

  test('ten stages keep the heap flat', { timeout: 30_000 }, async () => {
    const numbers = (function* () {
      for (let n = 0; ; n++) yield n
    })()
    let stage: Source<number> = numbers
    for (let i = 0; i < 10; i++) stage = map(stage, (x) => x)
    const iterator = (stage as AsyncIterable<number>)[Symbol.asyncIterator]()
    const run = async () => {
      for (let i = 0; i < 30_000; i++) await iterator.next()
    }
    await expectFlatHeap(run, 1_000_000)
    await iterator.return!()
  })
})

test('pipe composes as functions do', async () => {
  await fc.assert(
    fc.asyncProperty(items, counts, async (given, n) => {
      const piped = pipe(
        given,
        (s) => map(s, (x) => x + n),
        (s) => filter(s, (x) => x % 2 === 0),
        (s) => take(s, n),
      )
      expect(await collect(piped)).toEqual(
        given
          .map((x) => x + n)
          .filter((x) => x % 2 === 0)
          .slice(0, n),
      )
    }),
  )
})
