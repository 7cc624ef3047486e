import { describe, expect, test } from 'vitest'
import { background, channel, withCancel } from 'chansel'
import { collect, from, map } from 'chansel/pipeline'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { Random } from '../support/random.ts'
import { Counting, failing } from './sources.ts'

expectNothingLeft()

/** A function whose calls are ended by hand. */
function controlled() {
  const calls: { item: number; resolve(value: unknown): void; reject(error: unknown): void }[] = []
  const f = (item: number) =>
    new Promise<unknown>((resolve, reject) => void calls.push({ item, resolve, reject }))
  return { calls, f }
}

test('K8 one call at a time, also where a receiver and a stage ask for values at once', async () => {
  let running = 0
  let most = 0
  const numbers = map([1, 2, 3, 4], async (n) => {
    most = Math.max(most, ++running)
    for (let i = 0; i < 5; i++) await Promise.resolve()
    running--
    return n
  })
  const first = numbers.receive()
  await Promise.resolve()
  await Promise.resolve()
  const rest = collect(map(numbers, (n) => n))
  expect([(await first).value, await rest, most]).toEqual([1, [2, 3, 4], 1])
})

describe('map with concurrency', () => {
  test('J9 a call that cancels is the last; one whose item came with a cancel is not begun', async () => {
    using ctx = withCancel(background())
    const called: number[] = []
    const f = async (n: number) => (called.push(n), ctx.cancel())
    const out = map([1, 2, 3], f, { concurrency: 8 }, ctx)
    expect(await rejectionOf(out.receive())).toBe(ctx.err)
    await settle()
    expect(called).toEqual([1])

    using later = withCancel(background())
    const source = channel<number>()
    const waiting = rejectionOf(map(source, (n) => called.push(n), { concurrency: 8 }, later).receive())
    await settle()
    later.cancel()
    source.trySend(2)
    expect(await waiting).toBe(later.err)
    await settle()
    expect(called).toEqual([1])
  })

  test('J3 a source that has all at hand leaves others their turn, also without a bound', async () => {
    using ctx = withCancel(background())
    let begun = 0
    const endless = () => (begun++, new Promise(() => {}))
    const waiting = rejectionOf(map(Array(1_000).fill(0), endless, { concurrency: Infinity }, ctx).receive())
    let turns = 0
    for (; begun < 1_000; turns++) await Promise.resolve()
    expect(turns).toBeGreaterThan(50)
    ctx.cancel()
    await waiting
  })

  test.each([1, 2, 5])('never more than %d calls are under way, and as many as that', async (concurrency) => {
    let underWay = 0
    let most = 0
    const f = async (n: number) => {
      most = Math.max(most, ++underWay)
      await settle()
      underWay--
      return n
    }
    const items = Array.from({ length: 20 }, (_, i) => i)
    for (const ordered of [true, false]) {
      expect((await collect(map(items, f, { concurrency, ordered }))).sort((a, b) => a - b)).toEqual(items)
    }
    expect(most).toBe(concurrency)
  })

  test('Infinity calls all at once', async () => {
    const { calls, f } = controlled()
    const all = collect(map([0, 1, 2, 3], f, { concurrency: Infinity }))
    await settle()
    expect(calls.length).toBe(4)
    for (const call of calls) call.resolve(call.item)
    expect(await all).toEqual([0, 1, 2, 3])
  })

  test('ordered: results wait for their turn; unordered: they come as they are there', async () => {
    for (const { ordered, expected } of [
      { ordered: true, expected: [0, 1, 2] },
      { ordered: false, expected: [2, 0, 1] },
    ]) {
      const { calls, f } = controlled()
      const all = collect(map([0, 1, 2], f, { concurrency: 3, ordered }))
      await settle()
      for (const i of [2, 0, 1]) {
        calls[i]!.resolve(i)
        await settle()
      }
      expect(await all).toEqual(expected)
    }
  })

  test.each([true, false])(
    'calls and results that nobody received are `concurrency` at most (ordered: %s)',
    async (ordered) => {
      const source = new Counting()
      const out = map(source, (n) => n, { concurrency: 3, ordered })
      for (let i = 0; i < 4; i++) {
        expect((await out.receive()).value).toBe(i)
        await settle()
        expect(source.asked).toBe(i + 1 + 3)
      }
    },
  )

  test('ordered: one slow call holds back no more than `concurrency` results', async () => {
    const { calls, f } = controlled()
    const out = map(new Counting(), f, { concurrency: 3 })
    const first = out.receive()
    await settle()
    for (const call of calls.slice(1)) call.resolve(call.item)
    await settle()
    expect(calls.length).toBe(3)
    await expectPending(first)
    calls[0]!.resolve(0)
    expect((await first).value).toBe(0)
  })

  test('ordered: the results before a failure are told, those after it are dropped, nothing more is called', async () => {
    const { calls, f } = controlled()
    const source = new Counting()
    const out = map(source, f, { concurrency: 3 })
    const first = out.receive()
    await settle()
    calls[2]!.resolve(2)
    calls[1]!.reject('broken')
    await settle()
    await expectPending(first)
    calls[0]!.resolve(0)
    expect((await first).value).toBe(0)
    for (let i = 0; i < 2; i++) expect(await rejectionOf(out.receive())).toBe('broken')
    await settle()
    expect([calls.length, source.released]).toEqual([3, 1])
  })

  test('unordered: a failure comes at once, after the results that are there', async () => {
    const { calls, f } = controlled()
    const out = map([0, 1, 2], f, { concurrency: 3, ordered: false })
    out.tryReceive()
    await settle()
    calls[2]!.resolve(2)
    await settle()
    calls[1]!.reject(undefined)
    await settle()
    expect((await out.receive()).value).toBe(2)
    expect(await rejectionOf(out.receive())).toBe(undefined)
    calls[0]!.resolve(0)
    await settle()
    expect(await rejectionOf(out.receive())).toBe(undefined)
  })

  test.each([true, false])(
    'a source that fails: the results of the items before come first (ordered: %s)',
    async (ordered) => {
      const { calls, f } = controlled()
      const out = map(failing([0, 1], 'source'), f, { concurrency: 4, ordered })
      const first = out.receive()
      await settle()
      await expectPending(first)
      calls[0]!.resolve(0)
      calls[1]!.resolve(1)
      expect([(await first).value, (await out.receive()).value]).toEqual([0, 1])
      expect(await rejectionOf(out.receive())).toBe('source')
    },
  )

  test('a cancel: the output fails at once; late results, and late failures, are dropped', async () => {
    const { calls, f } = controlled()
    using ctx = withCancel(background())
    const out = map([0, 1, 2], f, { concurrency: 2 }, ctx)
    const first = rejectionOf(out.receive())
    await settle()
    ctx.cancel()
    expect(await first).toBe(ctx.err)
    calls[0]!.resolve(0)
    calls[1]!.reject('late')
    await settle()
    expect(await rejectionOf(out.receive())).toBe(ctx.err)
    expect(calls.length).toBe(2)
  })

  test('thenables are awaited, like any result', async () => {
    const thenable = (n: number) => ({ then: (resolve: (n: number) => void) => resolve(n * 2) })
    for (const concurrency of [1, 2]) {
      expect(await collect(map([1, 2], thenable, { concurrency }))).toEqual([2, 4])
      const throwing = () =>
        Object.defineProperty({}, 'then', {
          get: () => {
            throw 'getter'
          },
        })
      expect(await rejectionOf(collect(map([1], throwing, { concurrency })))).toBe('getter')
    }
  })

  test('a select that it loses leaves nobody at the source', async () => {
    const ch = channel<number>()
    const out = map(ch, (n) => n, { concurrency: 4 })
    const loop = out[Symbol.asyncIterator]()
    const next = loop.next()
    await settle()
    await loop.return!()
    expect((await next).done).toBe(true)
    expect(ch.trySend(1)).toBe(false)
  })

  test('random delays: order, bound and conservation', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = new Random(seed)
      const concurrency = 1 + random.below(5)
      const items = Array.from({ length: random.below(40) }, (_, i) => i)
      const f = async (n: number) => {
        for (let i = random.below(6); i > 0; i--) await Promise.resolve()
        return n
      }
      expect(await collect(map(from(items), f, { concurrency })), `seed ${seed}`).toEqual(items)
      const unordered = await collect(map(items, f, { concurrency, ordered: false }))
      expect(
        unordered.sort((a, b) => a - b),
        `seed ${seed}`,
      ).toEqual(items)
    }
  })
})
