// What core.async promises of mult, mix, pub and their kin, said of `broadcast`, `merge`, `route` and theirs: written anew
// from the behaviour that its tests and its issues describe, whose names these carry.

import { describe, expect, test } from 'vitest'
import { channel } from 'chansel'
import {
  broadcast,
  collect,
  filter,
  forEach,
  from,
  map,
  merge,
  pipe,
  route,
  scan,
  take,
  zip,
} from 'chansel/pipeline'
import { expectNothingLeft, expectPending, settle } from '../support/pending.ts'

expectNothingLeft()

const range = (n: number) => Array.from({ length: n }, (_, i) => i)

describe('ops-tests', () => {
  test.each([
    { name: 'map<', made: () => map([1, 2, 3, 4], (n) => n + 1), items: [2, 3, 4, 5] },
    { name: 'filter<', made: () => filter([1, 2, 3, 4, 5, 6], (n) => n % 2 === 0), items: [2, 4, 6] },
    { name: 'to-chan, onto-chan', made: () => from(range(10)), items: range(10) },
    { name: 'pipe', made: () => pipe([1, 2, 3, 4, 5]), items: [1, 2, 3, 4, 5] },
    {
      name: 'map over several channels',
      made: () => map(zip([range(4), range(4), range(4), range(4)]), ([a, b, c, d]) => a + b + c + d),
      items: [0, 4, 8, 12],
    },
    {
      name: 'reduce, by the last of scan',
      made: () => scan(range(10), (sum, n) => sum + n, 0),
      items: [0, 1, 3, 6, 10, 15, 21, 28, 36, 45],
    },
    { name: 'reduce of nothing', made: () => scan([] as number[], (sum, n) => sum + n, 0), items: [] },
    { name: 'take', made: () => take(range(10), 3), items: [0, 1, 2] },
  ])('$name', async ({ made, items }) => {
    expect(await collect(made())).toEqual(items)
  })

  test('split: two topics of a route', async () => {
    const halves = route([1, 2, 3, 4, 5, 6], (n) => n % 2 === 0)
    const [even, odd] = [halves.subscribe(true), halves.subscribe(false)]
    expect([await collect(even), await collect(odd)]).toEqual([
      [2, 4, 6],
      [1, 3, 5],
    ])
  })

  test('B6 merge: every item of every source', async () => {
    const merged = await collect(merge([range(4), range(4), range(4), range(4)]))
    expect(merged.toSorted((a, b) => a - b)).toEqual(range(4).flatMap((n) => [n, n, n, n]))
  })

  test('B1 mult: both taps have everything, also one read after the other', async () => {
    const all = broadcast(range(4))
    const [a, b] = [all.subscribe({ capacity: 4 }), all.subscribe({ capacity: 4 })]
    expect([await collect(a), await collect(b)]).toEqual([range(4), range(4)])
  })

  test('B6 mix: as many of all as are taken', async () => {
    const mixed = await collect(
      take(
        merge([
          [1, 2, 3],
          [4, 5, 6],
        ]),
        6,
      ),
    )
    expect(new Set(mixed)).toEqual(new Set([1, 2, 3, 4, 5, 6]))
  })

  test('B8 pub-sub: two for each of two topics', async () => {
    const topics = route([1, 'a', 2, 'b', 3, 'c'], (item): string => typeof item)
    const subscriptions = ['string', 'string', 'number', 'number'].map((key) =>
      topics.subscribe(key, { capacity: 5 }),
    )
    const got = []
    for (const subscription of subscriptions) got.push(await collect(subscription))
    expect(got).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      [1, 2, 3],
      [1, 2, 3],
    ])
  })
})

describe('mult', () => {
  test('B2 without taps it drops, where that is asked for', async () => {
    const source = channel<number>()
    const all = broadcast(source, { idle: 'drop' })
    for (const n of range(3)) await source.send(n)
    const tap = all.subscribe()
    const got = tap.receive()
    await source.send(3)
    expect((await got).value).toBe(3)
    source.close()
  })

  // ASYNC-127: a tap that closed during a write to it held up the mult for ever.
  test('B3 B5 ASYNC-127 a tap that leaves while a value waits for it lets the others go on', async () => {
    const source = channel<number>()
    const all = broadcast(source)
    const [stays, leaves] = [all.subscribe(), all.subscribe()]
    const got = collect(stays)
    await source.send(1)
    const second = source.send(2)
    await expectPending(second)
    leaves[Symbol.dispose]()
    await second
    source.close()
    expect(await got).toEqual([1, 2])
  })

  test('B3 a tap twice left is left once; one that left is not written to', async () => {
    const source = channel<number>()
    const all = broadcast(source)
    const [tap, other] = [all.subscribe(), all.subscribe()]
    for (let i = 0; i < 2; i++) tap[Symbol.dispose]()
    const got = collect(other)
    await source.send(1)
    source.close()
    expect([await got, await collect(tap)]).toEqual([[1], []])
  })

  test('B4 who taps a mult whose source is closed gets the end', async () => {
    const source = channel<number>()
    const all = broadcast(source)
    const early = all.subscribe()
    source.close()
    expect([await collect(early), await collect(all.subscribe())]).toEqual([[], []])
  })

  test('B12 a tap that comes in the middle has the rest', async () => {
    const source = channel<number>()
    const all = broadcast(source)
    const early = collect(all.subscribe())
    await source.send(1)
    const late = collect(all.subscribe())
    await source.send(2)
    source.close()
    expect([await early, await late]).toEqual([[1, 2], [2]])
  })
})

describe('mix', () => {
  test('B6 a source that closes leaves, and the others go on; the last ends it', async () => {
    const [a, b] = [channel<number>(), channel<number>()]
    const out = merge([a, b])
    const got = out.receive()
    a.close()
    await expectPending(got)
    await b.send(1)
    expect((await got).value).toBe(1)
    b.close()
    expect((await out.receive()).ok).toBe(false)
  })

  // Unlike core.async, whose mix takes from its sources on its own: what nobody asks for stays in them.
  test('B6 takes nothing that nobody waits for', async () => {
    const [a, b] = [channel<number>(1), channel<number>(1)]
    const out = merge([a, b])
    await a.send(1)
    await b.send(2)
    expect((await out.receive()).value).toBe(1)
    await settle()
    expect([a.length, b.length]).toEqual([0, 1])
  })
})

describe('pub', () => {
  test('B8 a topic that has no room holds up its own, and with it what comes behind', async () => {
    const source = channel<string>()
    const topics = route(source, (word) => word[0])
    const [a, b] = [topics.subscribe('a', { capacity: 1 }), topics.subscribe('b', { capacity: 1 })]
    const seen: string[] = []
    const reading = forEach(b, (word) => void seen.push(word))
    await source.send('a1')
    await source.send('b1')
    await source.send('a2')
    await settle()
    expect(seen).toEqual(['b1'])
    expect([(await a.receive()).value, (await a.receive()).value]).toEqual(['a1', 'a2'])
    await source.send('b2')
    source.close()
    await reading
    expect(seen).toEqual(['b1', 'b2'])
  })

  test('B5 unsub-all: a topic whose subscribers left drops its items', async () => {
    const source = channel<string>()
    const topics = route(source, (word) => word[0])
    const [a, b] = [topics.subscribe('a'), collect(topics.subscribe('b'))]
    a[Symbol.dispose]()
    for (const word of ['a1', 'b1', 'a2']) await source.send(word)
    source.close()
    expect(await b).toEqual(['b1'])
  })
})

describe('limit-async-take!-put!', () => {
  test('B10 there is no 1,025th that fails', async () => {
    const c = channel<number>()
    const sends = range(2_048).map((n) => c.send(n))
    const got = []
    for (const _ of sends) got.push((await c.receive()).value)
    expect(got).toEqual(range(2_048))
    const receives = range(2_048).map(() => c.receive())
    for (const n of range(2_048)) await c.send(n)
    expect((await Promise.all(receives)).map(({ value }) => value)).toEqual(range(2_048))
    await Promise.all(sends)
  })
})
