// Programs as they are written first: over unbuffered channels, in loops, with tries.

import { describe, expect, test } from 'vitest'
import { type ReceiveChannel, channel, select, trySelect } from 'chansel'
import { selector } from 'chansel/selector'
import { collect, fanOut, filter, from, map, merge, zip } from 'chansel/pipeline'
import { expectPending, rejectionOf, settle } from '../support/pending.ts'
import { Counting, failing } from './sources.ts'

test('a send that waits is served by a receive from a stage, and the other way round', async () => {
  const source = channel<number>()
  const out = map(source, (n) => 2 * n)
  const sent = source.send(1)
  await expectPending(sent)
  expect(await out.receive()).toEqual({ value: 2, ok: true })
  await sent
  const got = out.receive()
  await source.send(3)
  expect(await got).toEqual({ value: 6, ok: true })
})

describe('outputs in a select', () => {
  const drained = async (outs: ReceiveChannel<number>[]): Promise<number[]> => {
    const got: number[] = []
    const cases: (ReceiveChannel<number> | null)[] = [...outs]
    while (cases.some((one) => one !== null)) {
      const event = await select(cases)
      if (event.ok) got.push(event.value)
      else cases[event.case] = null
    }
    return got
  }

  test('in a loop lose no value, over channels', async () => {
    const [a, b] = [channel<number>(), channel<number>()]
    const feed = async (ch: typeof a, first: number) => {
      for (let n = first; n < 10; n += 2) await ch.send(n)
      ch.close()
    }
    const got = drained([map(a, (n) => n), filter(b, () => true)])
    await Promise.all([feed(a, 0), feed(b, 1)])
    expect((await got).toSorted((x, y) => x - y)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test.each([
    ['an array', (items: number[]) => items],
    [
      'a generator',
      (items: number[]) =>
        (async function* () {
          yield* items
        })(),
    ],
  ])('one over %s does not starve beside one over an array', async (_, source) => {
    const ones = Array.from({ length: 100 }, () => 1)
    const got = await drained([map(ones, (n) => n), map(source([2, 2, 2]), (n) => n)])
    expect(got.length).toBe(103)
    expect(got.lastIndexOf(2)).toBeLessThan(90)
  })

  test('that lost leaves nobody waiting at its channel', async () => {
    const ch = channel<number>()
    const out = from(map(ch, (n) => n))
    expect((await select({ out, ready: from([1]) })).case).toBe('ready')
    await settle()
    expect(ch.trySend(1)).toBe(false)
    const got = out.receive()
    await ch.send(2)
    expect(await got).toEqual({ value: 2, ok: true })
  })
})

describe('tries', () => {
  test.each([
    ['tryReceive', (out: ReceiveChannel<number>) => () => out.tryReceive()],
    ['trySelect', (out: ReceiveChannel<number>) => () => trySelect([out])],
    [
      'a selector',
      (out: ReceiveChannel<number>) => {
        const cases = selector([out])
        return () => cases.trySelect()
      },
    ],
  ])('%s in a loop finds value after value, and takes one ahead', async (_, tryOf) => {
    const source = new Counting(2)
    const tried = tryOf(from(source))
    const found: unknown[] = []
    for (let i = 0; i < 8; i++) {
      const got = tried()
      if (got !== undefined) found.push(got.value)
      await settle()
      expect(source.asked).toBeLessThanOrEqual(found.length + 1)
    }
    expect(found.slice(0, 3)).toEqual([0, 1, undefined])
  })

  test.each([
    ['select', (out: ReceiveChannel<number>) => select([out])],
    ['a round of a selector', (out: ReceiveChannel<number>) => selector([out]).select()],
  ])('%s, which waits, takes none ahead', async (_, selectOf) => {
    const source = new Counting(2)
    expect(await selectOf(from(source))).toEqual({ case: 0, value: 0, ok: true })
    await settle()
    expect(source.asked).toBe(1)
  })
})

test('fanOut: a slow consumer takes what it asks for, and the others the rest', async () => {
  const source = channel<number>()
  const [fast, slow] = fanOut(source, 2)
  const first = slow!.receive()
  await source.send(0)
  expect((await first).value).toBe(0)
  const rest = collect(fast!)
  for (let n = 1; n < 6; n++) await source.send(n)
  source.close()
  expect(await rest).toEqual([1, 2, 3, 4, 5])
})

test('zip: the longer source is released, a longer channel keeps what no row had', async () => {
  const longer = new Counting()
  expect(await collect(zip([longer, ['a', 'b']]))).toEqual([
    [0, 'a'],
    [1, 'b'],
  ])
  await settle()
  expect(longer.released).toBe(1)
  const ch = channel<number>(5)
  for (let n = 0; n < 5; n++) ch.trySend(n)
  expect(await collect(zip([['a', 'b'], ch]))).toEqual([
    ['a', 0],
    ['b', 1],
  ])
  expect(ch.length).toBe(2)
})

test('merge: stages that are always ready take turns; the error of one comes after what it gave', async () => {
  const ones = (value: string) => map([1, 2, 3, 4, 5, 6], () => value)
  const got = (await collect(merge([ones('a'), ones('b')]))).join('')
  expect(got.length).toBe(12)
  expect(got).toMatch(/^a{1,2}(ba)+b{1,2}$/)
  const merged = merge([failing([1], 'broken'), channel<number>()])
  expect((await merged.receive()).value).toBe(1)
  expect(await rejectionOf(merged.receive())).toBe('broken')
})

test('a row of stages: a call that waits, one that fails, one that ends its own stage', async () => {
  const row = (f: (n: number) => unknown) =>
    map(
      filter(map([1, 2, 3], f), () => true),
      (n) => n,
    )
  expect(await collect(row(async (n) => n * 2))).toEqual([2, 4, 6])
  for (const fails of [
    (): never => {
      throw 'f'
    },
    () => Promise.reject('f'),
  ]) {
    expect(await rejectionOf(collect(row((n) => (n === 2 ? fails() : n))))).toBe('f')
  }
  const controller = new AbortController()
  const out = map(
    map(
      [1],
      () => {
        controller.abort('over')
        return Promise.reject(new Error('nobody hears of it'))
      },
      {},
      controller,
    ),
    (n) => n,
  )
  expect(await rejectionOf(out.receive())).toBe('over')
  await settle()
})

test('J3 a filter that keeps nothing lets timers run', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort('late'), 1)
  const endless = function* () {
    for (;;) yield 1
  }
  const out = map(
    filter(
      map(endless(), (n) => n),
      () => false,
      controller,
    ),
    (n) => n,
  )
  expect(await rejectionOf(out.receive())).toBe('late')
})
