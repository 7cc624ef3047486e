import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { type ReceiveChannel, after, channel, never, select, trySelect } from 'chansel'
import {
  type Source,
  batch,
  broadcast,
  collect,
  debounce,
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
  throttle,
  zip,
} from 'chansel/pipeline'
import { expectNothingLeft, expectPending, rejectionOf, settle, thrownBy } from '../support/pending.ts'
import { awkwardValues } from '../support/values.ts'
import { failing } from './sources.ts'

expectNothingLeft()

/** Each operator as a stage that passes on what it is given. */
const stages: { name: string; stage: <T>(source: Source<T>) => ReceiveChannel<T> }[] = [
  { name: 'from', stage: (s) => from(s) },
  { name: 'filter', stage: (s) => filter(s, () => true) },
  { name: 'merge', stage: (s) => merge([s]) },
  { name: 'take', stage: (s) => take(s, Infinity) },
  { name: 'skip', stage: (s) => skip(s, 0) },
  { name: 'fanOut', stage: (s) => fanOut(s, 1)[0]! },
  { name: 'broadcast', stage: (s) => broadcast(s).subscribe() },
  { name: 'route', stage: (s) => route(s, () => 0).subscribe(0) },
  { name: 'pipe', stage: (s) => pipe(s) },
]

/** And those that box it, unboxed. */
const boxing: { name: string; stage: (source: Source<number>) => ReceiveChannel<unknown> }[] = [
  { name: 'map', stage: (s) => map(s, (n) => n) },
  { name: 'map, parallel', stage: (s) => map(s, (n) => n, { concurrency: 3 }) },
  { name: 'map, unordered', stage: (s) => map(s, (n) => n, { concurrency: 3, ordered: false }) },
  { name: 'scan', stage: (s) => scan(s, (_, n: number) => n, 0) },
  { name: 'zip', stage: (s) => zip([s]) },
  { name: 'batch', stage: (s) => batch(s, { size: 1 }) },
  { name: 'throttle', stage: (s) => throttle(s, 0) },
]
const all = [...stages, ...boxing]

async function received(ch: ReceiveChannel<unknown>): Promise<{ items: unknown[]; error: unknown }> {
  const items: unknown[] = []
  try {
    for await (const item of ch) items.push(item)
  } catch (error) {
    return { items: items.flat(), error }
  }
  return { items: items.flat(), error: undefined }
}

describe.each(all)('$name', ({ stage }) => {
  test.each([
    { kind: 'an array', source: () => [1, 2, 3] },
    { kind: 'a set', source: () => new Set([1, 2, 3]) },
    { kind: 'an async generator', source: () => generated([1, 2, 3]) },
    { kind: 'a Node stream', source: () => Readable.from([1, 2, 3]) as AsyncIterable<number> },
    { kind: 'a ReadableStream', source: () => streamed([1, 2, 3]) },
    { kind: 'a channel', source: () => filled([1, 2, 3]) },
    { kind: 'a stage', source: () => from([1, 2, 3]) },
  ])('reads $kind in order, and ends', async ({ source }) => {
    const ch = stage(source())
    expect(await received(ch)).toEqual({ items: [1, 2, 3], error: undefined })
    expect(await ch.receive()).toEqual({ value: undefined, ok: false })
    expect(ch.tryReceive()).toEqual({ value: undefined, ok: false })
  })

  test('ends at once after an empty source', async () => {
    expect(await received(stage([]))).toEqual({ items: [], error: undefined })
  })

  test.each([new Error('broken'), 'a text', null, undefined, 0])(
    'K3 K9 tells the items before an error, then the same error, for ever: %s',
    async (error) => {
      const ch = stage(failing([1, 2], error))
      expect((await received(ch)).items).toEqual([1, 2])
      for (let i = 0; i < 2; i++) expect(await rejectionOf(ch.receive())).toBe(error)
      expect(thrownBy(() => ch.tryReceive())).toBe(error)
      expect(await rejectionOf(select([ch]))).toBe(error)
    },
  )

  test('is a case of a select', async () => {
    const ch = stage([1])
    const event = await select({ late: after(10_000), item: ch })
    expect([event.case, [event.value].flat()]).toEqual(['item', [1]])
    expect(await select([ch])).toEqual({ case: 0, value: undefined, ok: false })
  })

  test('tryReceive that finds nothing asks: the next finds it', async () => {
    const ch = stage([7])
    expect(ch.tryReceive()).toBeUndefined()
    await settle()
    expect(trySelect([ch])?.ok).toBe(true)
  })

  test('serves those who wait in the order in which they came', async () => {
    const ch = stage([1, 2, 3])
    const got = await Promise.all([ch.receive(), ch.receive(), ch.receive(), ch.receive()])
    expect(got.map(({ value }) => value).flat()).toEqual([1, 2, 3, undefined])
  })

  test('is a read channel without a buffer, which cannot be sent to or copied', () => {
    const ch = stage([1])
    expect(ch.length).toBe(0)
    expect('send' in ch || 'close' in ch).toBe(false)
    expect(() => structuredClone(ch)).toThrow()
  })
})

describe.each(stages)('J1 J2 R5 $name', ({ stage }) => {
  test.each(awkwardValues())('hands on $name by identity', async ({ value }) => {
    const ch = stage([value])
    const got = await ch.receive()
    expect(got.ok && Object.is(got.value, value)).toBe(true)
    expect((await ch.receive()).ok).toBe(false)
  })
})

test('J1 an array, a batch and a row of promises are not unwrapped', async () => {
  const promise = Promise.resolve(1)
  expect((await collect([promise]))[0]).toBe(promise)
  expect((await collect(batch([promise], { size: 1 })))[0]![0]).toBe(promise)
  expect((await collect(zip([[promise]])))[0]![0]).toBe(promise)
  for await (const item of from([promise]) as AsyncIterable<unknown>) expect(item).toBe(promise)
})

describe('map', () => {
  test('awaits what f returns: a promise means its value, its rejection is a failure', async () => {
    expect(await collect(map([1, 2], (n) => Promise.resolve(n * 2)))).toEqual([2, 4])
    expect(await collect(map([1, 2], (n) => n * 2))).toEqual([2, 4])
    const error = new Error('f')
    expect(await rejectionOf(collect(map([1], () => Promise.reject(error))))).toBe(error)
    expect(
      await rejectionOf(
        collect(
          map([1], () => {
            throw error
          }),
        ),
      ),
    ).toBe(error)
  })
})

describe('filter, scan, skip, take', () => {
  test('filter keeps what f says true of, also in a promise; fails with what it throws', async () => {
    expect(await collect(filter([1, 2, 3, 4], (n) => Promise.resolve(n > 2)))).toEqual([3, 4])
    expect(
      await rejectionOf(
        collect(
          filter([1], () => {
            throw 'f'
          }),
        ),
      ),
    ).toBe('f')
  })

  test('scan gives each result, and not the initial one; awaits promises', async () => {
    expect(await collect(scan([1, 2, 3], (sum, n) => Promise.resolve(sum + n), 10))).toEqual([11, 13, 16])
    expect(
      await rejectionOf(
        collect(
          scan(
            [1],
            () => {
              throw 'f'
            },
            0,
          ),
        ),
      ),
    ).toBe('f')
  })

  test('take of 0 ends without asking, of more than there is ends with the source', async () => {
    expect(await collect(take(failing([], 'asked'), 0))).toEqual([])
    expect(await collect(take([1, 2], 5))).toEqual([1, 2])
  })

  test('skip of more than there is gives nothing', async () => {
    expect(await collect(skip([1, 2], 5))).toEqual([])
    expect(await collect(skip([1, 2, 3], 1))).toEqual([2, 3])
  })
})

describe('merge', () => {
  test('each source that is ready has its turn; one that is silent holds up nobody', async () => {
    const always = filled(Array.from({ length: 20 }, () => 10))
    const first = await collect(take(merge([never, [1, 2], always]), 6))
    expect(first.filter((item) => item !== 10)).toEqual([1, 2])
  })

  test('no sources end at once; ends when all have', async () => {
    expect(await collect(merge([]))).toEqual([])
    const ch = channel<number>(1)
    const out = merge([[1], ch])
    expect(await out.receive()).toEqual({ value: 1, ok: true })
    const next = out.receive()
    await expectPending(next)
    ch.close()
    expect((await next).ok).toBe(false)
  })

  test('C20 takes nothing that is not waited for: of two channels that are ready in one turn only one is read', async () => {
    const [a, b] = [channel<string>(1), channel<string>(1)]
    const out = merge([a, b])
    const got = out.receive()
    await settle()
    expect([a.trySend('a'), b.trySend('b')]).toEqual([true, true])
    expect(await got).toEqual({ value: 'a', ok: true })
    await settle()
    expect([a.length, b.length]).toEqual([0, 1])
  })

  test('B7 2,048 sources at once', async () => {
    const sources = Array.from({ length: 2_048 }, (_, i) => filled([i]))
    const items = await collect(merge(sources))
    expect(items.sort((a, b) => a - b)).toEqual(Array.from({ length: 2_048 }, (_, i) => i))
  })

  test('B6 a source that ends leaves the mix, and is not looked at again', async () => {
    const [a, b] = [channel<number>(1), channel<number>(1)]
    const out = merge([a, b])
    const first = out.receive()
    a.close()
    await expectPending(first)
    b.trySend(1)
    expect(await first).toEqual({ value: 1, ok: true })
  })
})

describe('zip', () => {
  test('rows as long as all sources last; none of no sources', async () => {
    expect(await collect(zip([[1, 2, 3], 'ab', from([true, false])]))).toEqual([
      [1, 'a', true],
      [2, 'b', false],
    ])
    expect(await collect(zip([]))).toEqual([])
  })

  test('ends as soon as one has ended, though another is silent', async () => {
    expect(await collect(zip([never, []]))).toEqual([])
    expect(await collect(zip([[], never]))).toEqual([])
  })
})

describe('batch', () => {
  test('full batches, and what is left; a failure comes after what is left', async () => {
    expect(await collect(batch([1, 2, 3, 4, 5], { size: 2 }))).toEqual([[1, 2], [3, 4], [5]])
    const ch = batch(failing([1], 'broken'), { size: 2 })
    expect(await ch.receive()).toEqual({ value: [1], ok: true })
    expect(await rejectionOf(ch.receive())).toBe('broken')
  })
})

describe('fanOut', () => {
  test('each item goes to one, who waits longest; all end', async () => {
    const [a, b] = fanOut([1, 2, 3], 2)
    const gots = [b!.receive(), a!.receive(), a!.receive(), b!.receive()]
    const values = (await Promise.all(gots)).map(({ value }) => value)
    expect(new Set(values)).toEqual(new Set([1, 2, 3, undefined]))
    expect([(await a!.receive()).ok, (await b!.receive()).ok]).toEqual([false, false])
  })

  test('an output that nobody reads holds up nobody', async () => {
    const [a] = fanOut([1, 2, 3], 3)
    expect(await collect(a!)).toEqual([1, 2, 3])
  })

  test('all fail with the error of the source', async () => {
    const outs = fanOut(failing([], 'broken'), 2)
    expect(await Promise.all(outs.map((out) => rejectionOf(out.receive())))).toEqual(['broken', 'broken'])
  })
})

test('pipe runs its stages in their order; the last may be any function', async () => {
  const squares = await pipe(
    [1, 2, 3, 4],
    (s) => filter(s, (n) => n % 2 === 0),
    (s) => map(s, (n) => n * n),
    (s) => collect(s),
  )
  expect(squares).toEqual([4, 16])
})

describe('J13 wrong arguments are told at once', () => {
  const f = (): never => {
    throw new Error('not called')
  }
  const wrong: { name: string; call: () => unknown; error: typeof TypeError; text: string }[] = [
    ...[undefined, null, 5, {}].flatMap((source) =>
      ([from, collect, merge, zip, pipe, broadcast] as ((s: never) => unknown)[]).map((operator) => ({
        name: `${operator.name} of ${JSON.stringify(source)}`,
        call: () => operator(source as never),
        error: TypeError,
        text: 'Cannot ',
      })),
    ),
    ...(
      [
        ['map', () => map(5 as never, f)],
        ['map without f', () => map([], 5 as never)],
        ['map with options that are none', () => map([], f, 5 as never)],
        ['map ordered', () => map([], f, { ordered: 1 as never })],
        ['map concurrency', () => map([], f, { concurrency: '2' as never })],
        ['filter', () => filter([], 5 as never)],
        ['scan', () => scan([], null as never, 0)],
        ['take', () => take([], '1' as never)],
        ['skip', () => skip(null as never, 1)],
        ['batch', () => batch([], 5 as never)],
        ['batch size', () => batch([], {} as never)],
        ['debounce', () => debounce([], '1' as never)],
        ['throttle', () => throttle([], null as never)],
        ['fanOut', () => fanOut([], '1' as never)],
        ['a source among those to merge', () => merge([[], 5 as never])],
        ['a source among those to zip', () => zip([[], 5 as never])],
        ['route', () => route([], 5 as never)],
        ['subscribe', () => broadcast([]).subscribe({ slow: 'never' as never })],
        ['broadcast idle', () => broadcast([], { idle: 'sleep' as never })],
        ['a stage of pipe', () => pipe([], 5 as never)],
        ['a cancel', () => from([], 5 as never)],
        ['a cancel of route', () => route([], f, {}, {} as never)],
      ] as const
    ).map(([name, call]) => ({ name, call, error: TypeError, text: 'Cannot ' })),
    ...(
      [
        ['map concurrency 0', () => map([], f, { concurrency: 0 })],
        ['map concurrency 1.5', () => map([], f, { concurrency: 1.5 })],
        ['take -1', () => take([], -1)],
        ['take NaN', () => take([], NaN)],
        ['skip 0.5', () => skip([], 0.5)],
        ['batch size 0', () => batch([], { size: 0 })],
        ['batch ms', () => batch([], { size: 1, ms: -1 })],
        ['debounce', () => debounce([], NaN)],
        ['throttle', () => throttle([], -1)],
        ['fanOut 0', () => fanOut([], 0)],
        ['fanOut Infinity', () => fanOut([], Infinity)],
        ['a capacity of no room', () => broadcast([]).subscribe({ slow: 'drop-oldest', capacity: 0 })],
        ['a capacity below 0', () => route([], () => 0).subscribe(0, { capacity: -1 })],
      ] as const
    ).map(([name, call]) => ({ name, call, error: RangeError, text: 'Cannot ' })),
  ]
  test.each(wrong)('$name', ({ call, error, text }) => {
    expect(call).toThrow(error)
    expect(call).toThrow(text)
  })
})

function filled<T>(items: readonly T[]): ReceiveChannel<T> {
  const ch = channel<T>(items.length)
  for (const item of items) ch.trySend(item)
  ch.close()
  return ch
}

async function* generated<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

function streamed<T>(items: readonly T[]): AsyncIterable<T> {
  return new ReadableStream<T>({
    start(controller) {
      for (const item of items) controller.enqueue(item)
      controller.close()
    },
  })
}
