import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import {
  type Cancel,
  type ReceiveChannel,
  after,
  background,
  channel,
  select,
  withCancel,
  withTimeout,
} from 'chansel'
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
  route,
  scan,
  skip,
  take,
  throttle,
  zip,
} from 'chansel/pipeline'
import { isCollected } from '../support/gc.ts'
import { expectNothingLeft, rejectionOf, settle } from '../support/pending.ts'
import { canceled } from '../spec/outcomes.ts'
import { Counting, failing, silent } from './sources.ts'

expectNothingLeft()

type Operator = (source: Source<number>, cancel?: Cancel) => ReceiveChannel<unknown>
const strict: { name: string; operator: Operator }[] = [
  { name: 'from', operator: (s, cancel) => from(s, cancel) },
  { name: 'map', operator: (s, cancel) => map(s, (n) => n, {}, cancel) },
  { name: 'filter', operator: (s, cancel) => filter(s, () => true, cancel) },
  { name: 'merge', operator: (s, cancel) => merge([s], cancel) },
  { name: 'zip', operator: (s, cancel) => zip([s], cancel) },
  { name: 'take', operator: (s, cancel) => take(s, 100, cancel) },
  { name: 'skip', operator: (s, cancel) => skip(s, 0, cancel) },
  { name: 'scan', operator: (s, cancel) => scan(s, (_, n: number) => n, 0, cancel) },
  { name: 'fanOut', operator: (s, cancel) => fanOut(s, 1, cancel)[0]! },
]
const ahead: { name: string; operator: Operator }[] = [
  { name: 'map, parallel', operator: (s, cancel) => map(s, (n) => n, { concurrency: 2 }, cancel) },
]
/** These read on their own: the first one batch, the other two without an end. */
const own: { name: string; operator: Operator }[] = [
  { name: 'batch', operator: (s, cancel) => batch(s, { size: 1 }, cancel) },
]
const endless: { name: string; operator: Operator }[] = [
  { name: 'throttle', operator: (s, cancel) => throttle(s, 1, cancel) },
  { name: 'debounce', operator: (s, cancel) => debounce(s, 0, cancel) },
]
/** These end only when the whole broadcast does, because others may subscribe. */
const shared: { name: string; operator: Operator }[] = [
  { name: 'broadcast', operator: (s, cancel) => broadcast(s, {}, cancel).subscribe() },
  { name: 'route', operator: (s, cancel) => route(s, () => 0, {}, cancel).subscribe(0) },
]

describe.each(strict)('$name takes what is waited for', ({ operator }) => {
  test('C22 the source is asked for one item for each receive, and not before', async () => {
    const source = new Counting()
    const out = operator(source)
    await settle()
    expect(source.asked).toBe(0)
    for (let i = 1; i <= 3; i++) {
      await out.receive()
      await settle()
      expect(source.asked).toBe(i)
    }
  })

  test('J10 a loop that is left takes no item of a channel that it did not see; the channel stays as it is', async () => {
    const ch = channel<number>(4)
    for (const n of [1, 2, 3, 4]) ch.trySend(n)
    for await (const _ of operator(ch)) break
    await settle()
    expect([ch.length, ch.closed]).toEqual([3, false])
    expect(await ch.receive()).toEqual({ value: 2, ok: true })
  })

  test('S6 a select that it loses leaves nothing behind: nobody waits at the source', async () => {
    const ch = channel<number>()
    const out = operator(ch)
    expect((await select({ out, late: after(0) })).case).toBe('late')
    await settle()
    expect(ch.trySend(1)).toBe(false)
    const next = out.receive()
    await settle()
    expect(ch.trySend(2)).toBe(true)
    expect([(await next).value].flat()).toEqual([2])
  })

  test('S6 one that waits, and is cancelled, takes nothing; the next goes on', async () => {
    const ch = channel<number>(1)
    const out = operator(ch)
    using ctx = withCancel(background())
    const waiting = rejectionOf(out.receive(ctx))
    await settle()
    ctx.cancel()
    expect(await waiting).toBe(ctx.err)
    ch.trySend(1)
    await settle()
    expect(ch.length).toBe(1)
    expect([(await out.receive()).value].flat()).toEqual([1])
  })

  test('a consumer that never comes costs nothing, and is collected', async () => {
    const ch = channel<number>()
    const ref = new WeakRef(operator(ch))
    expect(ch.trySend(1)).toBe(false)
    expect(await isCollected(ref)).toBe(true)
  })

  test('one that stops receiving leaves nothing at the source, and is collected', async () => {
    const ch = channel<number>(2)
    const ref = await (async () => {
      const out = operator(ch)
      ch.trySend(1)
      await out.receive()
      return new WeakRef(out)
    })()
    expect(await isCollected(ref)).toBe(true)
    expect(ch.trySend(2)).toBe(true)
    expect(ch.length).toBe(1)
  })
})

describe.each([...strict, ...ahead, ...own])(
  'J10 $name: a loop over a result ends what it is made of',
  ({ operator }) => {
    const leaving: { how: string; leave: (out: ReceiveChannel<unknown>) => Promise<unknown> }[] = [
      {
        how: 'break',
        leave: async (out) => {
          for await (const _ of out) break
        },
      },
      {
        how: 'return',
        leave: async (out) => {
          for await (const item of out) return item
          return undefined
        },
      },
      {
        how: 'throw',
        leave: (out) =>
          rejectionOf(
            (async () => {
              for await (const _ of out) throw new Error('mine')
            })(),
          ),
      },
    ]
    test.each(leaving)('$how', async ({ leave }) => {
      const source = new Counting()
      const out = operator(operator(source) as ReceiveChannel<number>)
      await leave(out)
      await settle()
      expect(source.released).toBe(1)
      const asked = source.asked
      await settle()
      expect(source.asked).toBe(asked)
      expect(await out.receive()).toEqual({ value: undefined, ok: false })
    })

    test('K11 the last of several loops does it, not the first', async () => {
      const source = new Counting()
      const out = operator(source)
      const [one, two] = [out[Symbol.asyncIterator](), out[Symbol.asyncIterator]()]
      await one.next()
      await two.next()
      await one.return!()
      expect(source.released).toBe(0)
      expect((await two.next()).done).toBe(false)
      await two.return!()
      await one.return!()
      await settle()
      expect(source.released).toBe(1)
    })

    test('who still waits gets the rest', async () => {
      const source = new Counting()
      const out = operator(source)
      const loop = out[Symbol.asyncIterator]()
      const got = out.receive()
      await loop.return!()
      expect((await got).ok).toBe(true)
      expect(source.released).toBe(0)
    })
  },
)

describe('release', () => {
  test('leaving a loop waits until the source has cleaned up, and tells how that failed', async () => {
    const log: string[] = []
    async function* numbers(cleanUp: () => unknown) {
      try {
        for (let n = 0; ; n++) yield n
      } finally {
        await settle()
        await cleanUp()
      }
    }
    for await (const n of map(
      filter(
        numbers(() => log.push('cleaned up')),
        (n) => n > 1,
      ),
      (n) => n,
    ))
      if (n === 3) break
    log.push('after the loop')
    expect(log).toEqual(['cleaned up', 'after the loop'])
    const breaking = async () => {
      for await (const _ of map(
        numbers(() => Promise.reject(new Error('broken'))),
        (n) => n,
      ))
        break
    }
    expect(await rejectionOf(breaking())).toEqual(new Error('broken'))
  })

  test('take ends its source with the last item, before anybody asks for more', async () => {
    const source = new Counting()
    const out = take(
      map(source, (n) => n),
      2,
    )
    await out.receive()
    expect(source.released).toBe(0)
    await out.receive()
    await settle()
    expect([source.asked, source.released]).toEqual([2, 1])
    expect((await out.receive()).ok).toBe(false)
  })

  test.each([...own, ...endless])(
    'take of nothing ends $name, which reads on its own',
    async ({ operator }) => {
      const source = new Counting()
      const out = take(operator(source) as ReceiveChannel<number>, 0)
      await settle()
      expect([source.asked > 0, source.released]).toEqual([true, 0])
      expect(await out.receive()).toEqual({ value: undefined, ok: false })
      await settle()
      expect(source.released).toBe(1)
    },
  )

  /** Ways to end before an operator has read anything of what is above it. */
  const early: [string, (operator: Operator, source: ReceiveChannel<number>) => unknown][] = [
    [
      'by a cancel before the first receive',
      (operator, source) => {
        const ctx = withCancel(background())
        const out = operator(source, ctx)
        ctx.cancel()
        return out.receive()
      },
    ],
    [
      'by a cancel in the turn of the first receive',
      (operator, source) => {
        const ctx = withCancel(background())
        const received = operator(source, ctx).receive()
        ctx.cancel()
        return received
      },
    ],
    ['by a cancel that fired before', (operator, source) => operator(source, canceled()).receive()],
    [
      'by a loop that is left before its first item',
      (operator, source) => operator(source)[Symbol.asyncIterator]().return!(),
    ],
    ['by a take of nothing', (operator, source) => collect(take(operator(source) as never, 0))],
    ['by a collect that is cancelled', (operator, source) => collect(operator(source), canceled())],
  ]

  describe.each(early)('K11 that comes %s', (_, end) => {
    test.each([...strict, ...ahead])('releases what is above $name', async ({ operator }) => {
      const source = new Counting()
      const above = from(source)
      await above.receive()
      await Promise.resolve(end(operator, above)).catch(() => {})
      await settle()
      expect(source.released).toBe(1)
    })
  })

  test('B13 K11 a subscriber whose stage ends before it reads holds up nobody', async () => {
    const prices = channel<number>()
    const feed = broadcast(prices)
    const seen = collect(feed.subscribe())
    const request = withCancel(background())
    const mine = map(feed.subscribe(), (n) => n, {}, request)
    request.cancel()
    await rejectionOf(mine.receive())
    for (const n of [1, 2, 3]) await prices.send(n)
    prices.close()
    expect(await seen).toEqual([1, 2, 3])
  })

  test.each(strict)('K11 a stream is cancelled while a read is under way, by $name', async ({ operator }) => {
    let reason: unknown
    const stream = new ReadableStream<number>({
      start: (controller) => controller.enqueue(1),
      cancel: (why) => void (reason = [why]),
    })
    const ctx = withCancel(background())
    const out = operator(stream, ctx)
    await out.receive()
    const waits = rejectionOf(out.receive())
    await settle()
    ctx.cancel()
    expect(await waits).toBe(ctx.err)
    await settle()
    expect([reason, stream.locked]).toEqual([[undefined], false])
  })

  test('K11 a stream is cancelled between two reads, and unlocked', async () => {
    let hasEnded = false
    const stream = new ReadableStream<number>({
      pull: (controller) => controller.enqueue(1),
      cancel: () => void (hasEnded = true),
    })
    for await (const _ of from(stream)) break
    expect([hasEnded, stream.locked]).toEqual([true, false])
  })

  test('a stream that ends, or fails, is unlocked', async () => {
    const ends = new ReadableStream<number>({ start: (controller) => controller.close() })
    expect(await collect(ends)).toEqual([])
    const broken = new ReadableStream<number>({ start: (controller) => controller.error('broken') })
    expect(await rejectionOf(collect(broken))).toBe('broken')
    expect([ends.locked, broken.locked]).toEqual([false, false])
  })

  test('take leaves a channel as it is', async () => {
    const ch = channel<number>(3)
    for (const n of [1, 2, 3]) ch.trySend(n)
    expect(await collect(take(ch, 2))).toEqual([1, 2])
    expect([ch.length, ch.closed]).toEqual([1, false])
  })

  test('a source that cannot be released fails the end, and not a failure', async () => {
    const source = (): AsyncIterable<number> => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ value: 1, done: false }),
        return: () => Promise.reject(new Error('stuck')),
      }),
    })
    expect(await rejectionOf(collect(take(source(), 1)))).toEqual(new Error('stuck'))
    expect(await rejectionOf(collect(map(source(), () => Promise.reject(new Error('f')))))).toEqual(
      new Error('f'),
    )
  })

  test('a source that ended or failed by itself is not released again, one never asked not at all', async () => {
    const ended = new Counting(1)
    await collect(from(ended))
    const untouched = new Counting()
    await from(untouched)[Symbol.asyncIterator]().return!()
    await settle()
    expect([ended.released, untouched.asked, untouched.released]).toEqual([0, 0, 0])
  })

  test('a failing stage releases its source', async () => {
    const source = new Counting()
    await rejectionOf(
      collect(
        filter(source, () => {
          throw 'f'
        }),
      ),
    )
    await settle()
    expect(source.released).toBe(1)
  })

  test('merge and zip release the others when one fails, also those that are silent', async () => {
    for (const operator of [merge, zip] as ((s: Source<number>[]) => ReceiveChannel<unknown>)[]) {
      const source = new Counting()
      let released = 0
      const quiet: AsyncIterable<never> = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise<never>(() => {}),
          return: () => (released++, new Promise<never>(() => {})),
        }),
      }
      expect(await rejectionOf(collect(operator([source, quiet, failing([], 'broken')])))).toBe('broken')
      await settle()
      expect([source.released, released]).toEqual([1, 1])
    }
  })

  test('fanOut releases its source when all outputs were left, also one that was never used', async () => {
    const source = new Counting()
    const [a, b] = fanOut(source, 2)
    for await (const _ of a!) break
    await settle()
    expect(source.released).toBe(0)
    for await (const _ of b!) break
    await settle()
    expect(source.released).toBe(1)
  })
})

describe.each([...strict, ...ahead, ...own, ...endless, ...shared])('$name: a cancel', ({ operator }) => {
  test.each([new Error('why'), 'a text', null])(
    'J9 before anything: nothing is asked for (%s)',
    async (reason) => {
      const controller = new AbortController()
      controller.abort(reason)
      const source = new Counting()
      const out = operator(source, controller)
      expect(await rejectionOf(out.receive())).toBe(reason)
      expect(await rejectionOf(select([out]))).toBe(reason)
      expect(() => out.tryReceive()).toThrow()
      await settle()
      expect([source.asked, source.released]).toEqual([0, 0])
    },
  )

  test('while somebody waits: the reason, at once, though the source is silent', async () => {
    using ctx = withCancel(background())
    const out = operator(silent, ctx)
    const waiting = [out.receive(), out.receive(), select([out])].map(rejectionOf)
    await settle()
    ctx.cancel('why')
    expect(await Promise.all(waiting)).toEqual([ctx.err, ctx.err, ctx.err])
    expect(await rejectionOf(out.receive())).toBe(ctx.err)
  })

  test('between two receives: the source is released though nobody asks', async () => {
    using ctx = withCancel(background())
    const source = new Counting()
    const out = operator(operator(source, ctx) as ReceiveChannel<number>, ctx)
    expect((await out.receive()).ok).toBe(true)
    ctx.cancel()
    await settle()
    expect(source.released).toBe(1)
    expect(await rejectionOf(out.receive())).toBe(ctx.err)
  })

  test('while the last results are held, though the source has ended: they are dropped', async () => {
    using ctx = withCancel(background())
    const out = operator([1, 2, 3], ctx)
    expect((await out.receive()).ok).toBe(true)
    await settle()
    ctx.cancel('why')
    expect(await rejectionOf(out.receive())).toBe(ctx.err)
    expect(await rejectionOf(out.receive())).toBe(ctx.err)
  })

  test('R3 after the end changes nothing', async () => {
    using ctx = withCancel(background())
    const out = operator([], ctx)
    expect((await out.receive()).ok).toBe(false)
    ctx.cancel()
    expect((await out.receive()).ok).toBe(false)
  })

  test('J8 X32 a deadline that passed counts, and the one listener of a signal is gone at the end', async () => {
    using late = withTimeout(background(), 0)
    expect(await rejectionOf(operator([1], late).receive())).toBe(late.err)
    const controller = new AbortController()
    let listeners = 0
    const { signal } = controller
    const add = signal.addEventListener.bind(signal) as (...given: unknown[]) => void
    const remove = signal.removeEventListener.bind(signal) as (...given: unknown[]) => void
    Object.assign(signal, {
      addEventListener: (...given: unknown[]) => (listeners++, add(...given)),
      removeEventListener: (...given: unknown[]) => (listeners--, remove(...given)),
    })
    const out = operator([1, 2], controller)
    await out.receive()
    expect(listeners).toBe(1)
    while ((await out.receive()).ok);
    await settle()
    expect(listeners).toBe(0)
  })
})

describe('a stage', () => {
  test('J12 runs the functions of the user in the context in which it was made, never inside a call', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const out = storage.run('maker', () => map([1], () => void seen.push(storage.getStore())))
    const got = storage.run('receiver', () => out.receive())
    expect(seen).toEqual([])
    await got
    expect(seen).toEqual(['maker'])
  })

  test('a tryReceive that is not followed by another holds one item, and no more', async () => {
    const source = new Counting()
    const out = from(source)
    for (let i = 0; i < 3; i++) out.tryReceive()
    await settle()
    expect(source.asked).toBe(1)
    expect(await out.receive()).toEqual({ value: 0, ok: true })
  })

  test('R3 an item that came for a receive that a cancel took back is kept for the next', async () => {
    using ctx = withCancel(background())
    const out = map([1, 2], (n) => n)
    const first = out.receive(ctx)
    ctx.cancel()
    await rejectionOf(first)
    await settle()
    expect(await out.receive()).toEqual({ value: 1, ok: true })
  })
})

test('the error that is thrown into an iteration counts, not that of a source which fails at its release', async () => {
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ value: 1, done: false }),
      return: () => Promise.reject(new Error('at the release')),
    }),
  }
  const values = from(source)[Symbol.asyncIterator]()
  await values.next()
  const error = new Error('thrown')
  expect(await rejectionOf(values.throw!(error))).toBe(error)
})
