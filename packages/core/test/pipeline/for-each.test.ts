import { describe, expect, test } from 'vitest'
import { background, channel, withCancel } from 'chansel'
import { type Source, batch, broadcast, collect, filter, forEach, from, map, merge } from 'chansel/pipeline'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { awkwardValues } from '../support/values.ts'
import { Counting, failing, silent } from './sources.ts'

expectNothingLeft()

async function seen<T>(source: Source<T>): Promise<T[]> {
  const items: T[] = []
  await forEach(source, (item) => void items.push(item))
  return items
}

test.each([
  { kind: 'an array', source: () => [1, 2, 3] },
  { kind: 'an async generator', source: () => failing([1, 2, 3], undefined) },
  {
    kind: 'a stage',
    source: () =>
      map(
        filter([0, 1, 2], () => true),
        (n) => n + 1,
      ),
  },
  { kind: 'a stage that reads on its own', source: () => map(batch([1, 2, 3], { size: 1 }), ([n]) => n!) },
  { kind: 'several sources', source: () => merge([[1, 2, 3]]) },
])('every item of $kind, in order', async ({ source }) => {
  const items: number[] = []
  await forEach(source(), (n) => void items.push(n)).catch(() => {})
  expect(items).toEqual([1, 2, 3])
})

test('resolves to nothing when a channel ends, and not before', async () => {
  const ch = channel<number>(1)
  const items: number[] = []
  const all = forEach(ch, (n) => items.push(n))
  await ch.send(1)
  await ch.send(2)
  await expectPending(all)
  expect(items).toEqual([1, 2])
  ch.close()
  expect(await all).toBe(undefined)
})

test('J1 R5 items are handed over as they are; collect has them, too', async () => {
  const values = awkwardValues().map(({ value }) => value)
  const all = await seen(values)
  expect(all.every((value, i) => Object.is(value, values[i]))).toBe(true)
  expect((await collect(values)).every((value, i) => Object.is(value, values[i]))).toBe(true)
})

test('C22 the next item is taken when the promise of f has settled, and not before', async () => {
  const source = new Counting(3)
  const calls = channel<number>()
  const all = forEach(source, (n) => calls.send(n))
  for (let n = 0; n < 3; n++) {
    await settle()
    expect(source.asked).toBe(n + 1)
    expect(await calls.receive()).toEqual({ value: n, ok: true })
  }
  await all
})

describe('ends', () => {
  test('K3 K9 with the error of its source, after the items before', async () => {
    for (const error of [new Error('broken'), null, undefined]) {
      const items: number[] = []
      const failed = forEach(failing([1, 2], error), (n) => void items.push(n))
      expect([await rejectionOf(failed), items]).toEqual([error, [1, 2]])
    }
  })

  test.each([
    {
      how: 'throws',
      f: (): never => {
        throw 'mine'
      },
    },
    { how: 'rejects', f: () => Promise.reject('mine') },
  ])('J10 with what f $how: nothing more is taken, and the source is released', async ({ f }) => {
    const source = new Counting()
    expect(await rejectionOf(forEach(source, f))).toBe('mine')
    await settle()
    expect([source.asked, source.released]).toEqual([1, 1])

    const ch = channel<number>(2)
    for (const n of [1, 2]) ch.trySend(n)
    expect(await rejectionOf(forEach(ch, f))).toBe('mine')
    expect(await ch.receive()).toEqual({ value: 2, ok: true })
  })

  test('J10 once its source has cleaned up; how that failed is not told', async () => {
    const log: string[] = []
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ value: 1, done: false }),
        return: async () => {
          await settle()
          log.push('cleaned up')
          throw new Error('not told')
        },
      }),
    }
    expect(await rejectionOf(forEach(source, () => Promise.reject('mine')))).toBe('mine')
    expect(log).toEqual(['cleaned up'])
  })

  test('J9 with the reason of a cancel, at once, also while f is under way; f is not called again', async () => {
    using ctx = withCancel(background())
    const gate = channel<void>()
    let calls = 0
    const source = new Counting()
    const all = rejectionOf(forEach(source, () => (calls++, gate.receive()), ctx))
    await settle()
    ctx.cancel()
    expect(await all).toBe(ctx.err)
    gate.close()
    await settle()
    expect([calls, source.asked, source.released]).toEqual([1, 1, 1])
  })

  test('J9 a cancel of f itself is the last that f does', async () => {
    using ctx = withCancel(background())
    const items: number[] = []
    const all = forEach(
      [1, 2, 3],
      (n) => {
        items.push(n)
        if (n === 2) ctx.cancel()
      },
      ctx,
    )
    expect([await rejectionOf(all), items]).toEqual([ctx.err, [1, 2]])
  })

  test('J9 one that happened before: nothing is asked for', async () => {
    using ctx = withCancel(background())
    ctx.cancel()
    const source = new Counting()
    expect(await rejectionOf(forEach(source, () => {}, ctx))).toBe(ctx.err)
    await settle()
    expect([source.asked, source.released]).toEqual([0, 0])
  })

  test('J9 one that comes while a source is silent', async () => {
    using ctx = withCancel(background())
    const all = forEach(silent, () => {}, ctx)
    await expectPending(all)
    ctx.cancel()
    expect(await rejectionOf(all)).toBe(ctx.err)
  })

  test('J9 R3 a value that came in the turn of the cancel is not handed over after the rejection', async () => {
    using ctx = withCancel(background())
    const ch = channel<number>()
    const told: string[] = []
    const all = forEach(ch, () => told.push('f'), ctx).catch(() => told.push('rejected'))
    await settle()
    ctx.cancel()
    ch.trySend(1)
    await all
    await settle()
    expect(told).toEqual(['rejected'])
  })
})

test('J3 a source that has all at hand, and an f that never waits, leave others their turn', async () => {
  let turns = 0
  let isOver = false
  const others = (async () => {
    for (; !isOver; turns++) await Promise.resolve()
  })()
  await forEach(Array(1_000).fill(0), () => {})
  isOver = true
  await others
  expect(turns).toBeGreaterThan(50)
})

test('J3 timers fire while it goes on', async () => {
  let isLate = false
  setTimeout(() => (isLate = true), 0)
  const endless = (function* () {
    for (let n = 0; ; n++) yield n
  })()
  expect(
    await rejectionOf(
      forEach(endless, () => {
        if (isLate) throw 'fired'
      }),
    ),
  ).toBe('fired')
})

test('K11 several may share an output: each item goes to one, and the last of them ends it', async () => {
  const source = new Counting()
  const numbers = from(source)
  const one: number[] = []
  const stop = (n: number) => {
    one.push(n)
    if (one.length === 2) throw 'enough'
  }
  const rest = numbers[Symbol.asyncIterator]()
  expect(await rejectionOf(forEach(numbers, stop))).toBe('enough')
  await settle()
  expect([one.length, source.released]).toEqual([2, 0])
  expect((await rest.next()).value).toBe(2)
  await rest.return!()
  expect(source.released).toBe(1)
})

test('B1 the slowest of its kind sets the pace of a broadcast', async () => {
  const source = channel<number>()
  const numbers = broadcast(source)
  const gate = channel<number>()
  const fast: number[] = []
  const all = [
    forEach(numbers.subscribe(), (n) => void fast.push(n)),
    forEach(numbers.subscribe(), (n) => gate.send(n)),
  ]
  await source.send(1)
  await source.send(2)
  const third = source.send(3)
  await expectPending(third)
  expect(fast).toEqual([1, 2])
  for (const n of [1, 2, 3]) expect((await gate.receive()).value).toBe(n)
  await third
  source.close()
  await Promise.all(all)
  expect(fast).toEqual([1, 2, 3])
})

test('J13 wrong arguments are told at once', () => {
  expect(() => forEach(5 as never, () => {})).toThrow(
    new TypeError('Cannot read a source: expected a channel, an async iterable or an iterable, got 5'),
  )
  expect(() => forEach([], 5 as never)).toThrow(
    new TypeError('Cannot read a source: f must be a function, got 5'),
  )
  expect(() => forEach([], () => {}, 5 as never)).toThrow(TypeError)
})

test.each([5, null, undefined, 'text'])(
  'an iterator that gives %s in the place of a result fails, as in a loop',
  async (wrong) => {
    const given = { next: () => wrong } as unknown as Iterator<number>
    const sync = { [Symbol.iterator]: () => given }
    const async = { [Symbol.asyncIterator]: () => given as unknown as AsyncIterator<number> }
    for (const source of [sync, async]) {
      const error = await rejectionOf(forEach(source, () => {}))
      expect(error).toBeInstanceOf(TypeError)
      expect(error).toHaveProperty(
        'message',
        `Cannot read a source: expected the result of an iterator, got ${JSON.stringify(wrong)}`,
      )
    }
  },
)

test.each([5, null, undefined, {}])(
  'a source that gives %s in the place of an iterator fails',
  async (wrong) => {
    const sync = { [Symbol.iterator]: () => wrong } as unknown as Iterable<number>
    const async = { [Symbol.asyncIterator]: () => wrong } as unknown as AsyncIterable<number>
    for (const source of [sync, async]) {
      const error = await rejectionOf(forEach(source, () => {}))
      expect(error).toBeInstanceOf(TypeError)
      expect(error).toHaveProperty(
        'message',
        expect.stringContaining('expected an iterator with a next, got'),
      )
    }
  },
)
