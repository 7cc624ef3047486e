import { describe, expect, test } from 'vitest'
import { background, channel, select, withCancel } from 'chansel'
import { SlowSubscriberError, broadcast, collect, route } from 'chansel/pipeline'
import { isCollected } from '../support/gc.ts'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { Counting, failing } from './sources.ts'

expectNothingLeft()

describe('broadcast', () => {
  test('B1 each value goes to all; the next is taken when every subscriber accepted the one before', async () => {
    const source = channel<number>()
    const letters = broadcast(source)
    const [one, two] = [letters.subscribe(), letters.subscribe()]
    const first = one.receive()
    await source.send(1)
    expect((await first).value).toBe(1)
    const second = one.receive()
    const sent = source.send(2)
    await expectPending(second, sent)
    expect((await two.receive()).value).toBe(1)
    await sent
    expect([(await second).value, (await two.receive()).value]).toEqual([2, 2])
  })

  test('B1 a value waits at the source until somebody wants it', async () => {
    const source = new Counting()
    const one = broadcast(source).subscribe()
    await settle()
    expect(source.asked).toBe(0)
    await one.receive()
    await settle()
    expect(source.asked).toBe(1)
  })

  test('a subscriber with a capacity is that much behind at most', async () => {
    const source = new Counting()
    const numbers = broadcast(source)
    const [fast, slow] = [numbers.subscribe(), numbers.subscribe({ capacity: 2 })]
    await settle()
    expect([source.asked, slow.length, slow.capacity]).toEqual([0 + 1, 1, 2])
    expect([(await fast.receive()).value, (await fast.receive()).value]).toEqual([0, 1])
    expect((await fast.receive()).value).toBe(2)
    const blocked = fast.receive()
    await expectPending(blocked)
    expect(slow.length).toBe(2)
    for (let i = 0; i < 3; i++) expect((await slow.receive()).value).toBe(i)
    expect((await blocked).value).toBe(3)
  })

  test('B2 while nobody subscribes the source waits: nothing is lost before the first subscriber', async () => {
    const source = channel<number>()
    const numbers = broadcast(source)
    const sent = source.send(1)
    await expectPending(sent)
    const one = numbers.subscribe()
    expect((await one.receive()).value).toBe(1)
    await sent
    one[Symbol.dispose]()
    await expectPending(source.send(2))
    source.close('over')
  })

  test("B2 idle: 'drop' drops what comes while nobody subscribes", async () => {
    const source = channel<number>()
    const numbers = broadcast(source, { idle: 'drop' })
    await source.send(1)
    const one = numbers.subscribe()
    const got = one.receive()
    await source.send(2)
    expect((await got).value).toBe(2)
    one[Symbol.dispose]()
    await source.send(3)
    source.close()
    expect((await numbers.subscribe().receive()).ok).toBe(false)
  })

  test('B3 B5 a disposed subscriber never holds the others up, nor the value that waits for it', async () => {
    const numbers = broadcast([1, 2])
    const [one, two] = [numbers.subscribe(), numbers.subscribe()]
    expect((await one.receive()).value).toBe(1)
    const next = one.receive()
    await expectPending(next)
    two[Symbol.dispose]()
    two[Symbol.dispose]()
    expect((await next).value).toBe(2)
    expect(await two.receive()).toEqual({ value: undefined, ok: false })
  })

  test('B5 J10 so does one whose loop is left', async () => {
    const numbers = broadcast([1, 2, 3])
    const [one, two] = [numbers.subscribe(), numbers.subscribe()]
    const all = collect(one)
    for await (const _ of two) break
    expect(await all).toEqual([1, 2, 3])
  })

  test('B4 the end reaches all, after what they hold; who subscribes later gets it at once', async () => {
    const numbers = broadcast([1])
    const [one, two] = [numbers.subscribe({ capacity: 4 }), numbers.subscribe({ capacity: 4 })]
    await settle()
    expect([await collect(one), await collect(two), await collect(numbers.subscribe())]).toEqual([
      [1],
      [1],
      [],
    ])
  })

  test('B4 so does a failure', async () => {
    const numbers = broadcast(failing([1], undefined))
    const [one, two] = [numbers.subscribe({ capacity: 4 }), numbers.subscribe({ capacity: 4 })]
    await settle()
    for (const subscription of [one, two]) expect((await subscription.receive()).value).toBe(1)
    for (const subscription of [one, two, numbers.subscribe()]) {
      expect(await rejectionOf(subscription.receive())).toBe(undefined)
    }
  })

  test("K1 K2 B11 'drop-oldest' holds up nobody, keeps the latest and counts what it dropped", async () => {
    const source = channel<number>()
    const numbers = broadcast(source)
    const slow = numbers.subscribe({ slow: 'drop-oldest', capacity: 2 })
    for (const n of [1, 2, 3, 4, 5]) await source.send(n)
    source.close()
    await settle()
    expect(slow.dropped).toBe(3)
    expect(await collect(slow)).toEqual([4, 5])
  })

  test("K2 K13 a loop of sends over a 'drop-oldest' subscriber, closed, collected: it has the last", async () => {
    const source = channel<number>()
    const slow = broadcast(source).subscribe({ capacity: 2, slow: 'drop-oldest' })
    for (let i = 0; i < 5; i++) await source.send(i)
    source.close()
    expect(await collect(slow)).toEqual([3, 4])
  })

  test("B2 K13 the same with 'disconnect', and by topic", async () => {
    const source = channel<number>()
    const slow = broadcast(source).subscribe({ capacity: 2, slow: 'disconnect' })
    for (let i = 0; i < 5; i++) await source.send(i)
    source.close()
    for (const n of [0, 1]) expect(await slow.receive()).toEqual({ value: n, ok: true })
    expect(await rejectionOf(slow.receive())).toBeInstanceOf(SlowSubscriberError)
    expect(await collect(slow).catch((error: unknown) => error)).toBeInstanceOf(SlowSubscriberError)

    const keyed = channel<number>()
    const topics = route(keyed, (n) => n % 2)
    const even = topics.subscribe(0, { capacity: 2, slow: 'drop-oldest' })
    const odd = topics.subscribe(1, { capacity: 1, slow: 'disconnect' })
    for (let i = 0; i < 8; i++) await keyed.send(i)
    keyed.close()
    expect(await collect(even)).toEqual([4, 6])
    expect(await odd.receive()).toEqual({ value: 1, ok: true })
    expect(await rejectionOf(odd.receive())).toBeInstanceOf(SlowSubscriberError)
  })

  test("'wait' makes the source wait once its capacity is full; with 0 until it receives", async () => {
    const source = channel<number>()
    const one = broadcast(source).subscribe({ capacity: 2 })
    for (const n of [0, 1]) await source.send(n)
    const third = source.send(2)
    await expectPending(third)
    expect((await one.receive()).value).toBe(0)
    await third

    const unbuffered = channel<number>()
    const strict = broadcast(unbuffered).subscribe()
    const sent = unbuffered.send(7)
    await expectPending(sent)
    expect((await strict.receive()).value).toBe(7)
    await sent
  })

  test('who receives as fast as an array gives loses nothing of it', async () => {
    const numbers = broadcast(Array.from({ length: 200 }, (_, i) => i))
    const countOf = async (subscription: AsyncIterable<number>) => {
      let count = 0
      for await (const _ of subscription) count++
      return count
    }
    const all = (['drop-oldest', 'disconnect'] as const).map((slow) =>
      countOf(numbers.subscribe({ slow, capacity: 1 })),
    )
    expect(await Promise.all(all)).toEqual([200, 200])
  })

  test('K1 a value goes to a receiver that waits, past the buffer, and is not dropped', async () => {
    const source = channel<number>()
    const latest = broadcast(source).subscribe({ slow: 'drop-oldest', capacity: 1 })
    const first = latest.receive()
    for (const n of [1, 2, 3]) await source.send(n)
    await settle()
    expect([(await first).value, (await latest.receive()).value, latest.dropped]).toEqual([1, 3, 1])
  })

  test("'disconnect' fails the slow one by name, after what it holds, and nobody else", async () => {
    const source = channel<number>()
    const numbers = broadcast(source)
    const slow = numbers.subscribe({ slow: 'disconnect', capacity: 2 })
    const fast = collect(numbers.subscribe())
    for (const n of [1, 2, 3, 4]) await source.send(n)
    source.close()
    expect(await fast).toEqual([1, 2, 3, 4])
    expect([(await slow.receive()).value, (await slow.receive()).value]).toEqual([1, 2])
    const error = await rejectionOf(slow.receive())
    expect(error).toBeInstanceOf(SlowSubscriberError)
    expect(error).toMatchObject({
      code: 'ERR_SLOW_SUBSCRIBER',
      name: 'SlowSubscriberError',
      capacity: 2,
      value: 3,
    })
    expect((error as Error).message).toBe('Cannot deliver to a subscriber: 2 values wait, its capacity')
  })

  test('B12 who subscribes gets what comes later, and nothing from before', async () => {
    const source = channel<number>()
    const numbers = broadcast(source)
    const one = numbers.subscribe()
    const got = one.receive()
    await source.send(1)
    await got
    const all = [collect(one), collect(numbers.subscribe())]
    await source.send(2)
    source.close()
    expect(await Promise.all(all)).toEqual([[2], [2]])
  })

  test('B13 K4 a disposed subscriber lets go of its backlog, also after the end', async () => {
    const numbers = broadcast([{ big: 1 }])
    const one = numbers.subscribe({ capacity: 2 })
    const source = broadcast([{}], {}).subscribe({ capacity: 1 })
    await settle()
    const ref = new WeakRef((await source.receive()).value!)
    expect(await isCollected(ref)).toBe(true)
    expect(one.length).toBe(1)
    one[Symbol.dispose]()
    expect([one.length, (await one.receive()).ok]).toEqual([0, false])
  })

  test('B13 who left is let go of, though others stay and nothing comes any more', async () => {
    const source = channel<number>()
    const numbers = broadcast(source)
    const stays = numbers.subscribe({ capacity: 1 })
    const ref = await (async () => {
      const leaves = numbers.subscribe({ capacity: 1 })
      await source.send(1)
      await settle()
      leaves[Symbol.dispose]()
      return new WeakRef(leaves)
    })()
    expect(await isCollected(ref)).toBe(true)
    expect((await stays.receive()).value).toBe(1)
  })

  test('B14 a subscriber of capacity 1 that drops has the newest value, once', async () => {
    const source = channel<number>()
    const newest = broadcast(source).subscribe({ slow: 'drop-oldest', capacity: 1 })
    expect(newest.tryReceive()).toBeUndefined()
    for (const n of [1, 2, 3]) await source.send(n)
    await settle()
    expect(newest.tryReceive()).toEqual({ value: 3, ok: true })
    expect(newest.tryReceive()).toBeUndefined()
  })

  test('B12 a value that was taken before somebody subscribed, in the same turn, is not for them', async () => {
    const source = channel<number>()
    const numbers = broadcast(source)
    const got = numbers.subscribe().receive()
    await settle()
    expect(source.trySend(1)).toBe(true)
    const late = numbers.subscribe().receive()
    await settle()
    expect(source.trySend(2)).toBe(true)
    expect([(await got).value, (await late).value]).toEqual([1, 2])
  })

  test('B10 no hidden limit: 5,000 subscribers', { timeout: 30_000 }, async () => {
    const numbers = broadcast([1, 2])
    const all = Array.from({ length: 5_000 }, () => collect(numbers.subscribe()))
    expect((await Promise.all(all)).every(([a, b]) => a === 1 && b === 2)).toBe(true)
  })

  test('disposed, it ends its subscriptions and releases its source', async () => {
    const source = new Counting()
    const numbers = broadcast(source)
    const one = numbers.subscribe()
    await one.receive()
    numbers[Symbol.dispose]()
    expect((await one.receive()).ok).toBe(false)
    expect((await numbers.subscribe().receive()).ok).toBe(false)
    await settle()
    expect(source.released).toBe(1)
  })

  test('a cancel fails those that wait and those that do not; held values are gone', async () => {
    using ctx = withCancel(background())
    const numbers = broadcast([1, 2, 3], {}, ctx)
    const [one, two] = [numbers.subscribe({ capacity: 1 }), numbers.subscribe({ capacity: 2 })]
    await settle()
    ctx.cancel()
    for (const subscription of [one, two, numbers.subscribe()]) {
      expect(await rejectionOf(subscription.receive())).toBe(ctx.err)
      expect(await rejectionOf(select([subscription]))).toBe(ctx.err)
    }
  })
})

describe('route', () => {
  test('B8 each value goes to the subscribers of its key, whose function runs once for it; the rest is dropped', async () => {
    const keys: number[] = []
    const numbers = route([1, 2, 3, 4, 5, 6], (n) => (keys.push(n), n % 3))
    const subscriptions = [numbers.subscribe(0), numbers.subscribe(1), numbers.subscribe(1)]
    expect(await Promise.all(subscriptions.map((s) => collect(s)))).toEqual([
      [3, 6],
      [1, 4],
      [1, 4],
    ])
    expect(keys).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('B8 topics are independent: one that nobody reads does not stop another', async () => {
    const numbers = route(
      Array.from({ length: 100 }, (_, i) => i),
      (n) => n % 2,
    )
    const [even, odd] = [numbers.subscribe(0), numbers.subscribe(1)]
    expect((await collect(odd)).length).toBe(50)
    expect(await collect(even)).toEqual(Array.from({ length: 50 }, (_, i) => 2 * i))
  })

  test('B8 within its bound: a value for a topic without room waits, then all goes on', async () => {
    const numbers = route([0, 1, 0, 1, 0, 1], (n) => n, { capacity: 0 })
    const [zeros, ones] = [numbers.subscribe(0), numbers.subscribe(1)]
    expect((await ones.receive()).value).toBe(1)
    const next = ones.receive()
    await expectPending(next)
    expect((await zeros.receive()).value).toBe(0)
    expect((await next).value).toBe(1)
    expect([await collect(zeros), await collect(ones)].length).toBe(2)
  })

  test('keys are those of a Map, undefined and NaN among them; a promise of a key is awaited', async () => {
    const keyed = route([1, 2], (n) => Promise.resolve(n === 1 ? undefined : NaN))
    const [nothing, nan] = [keyed.subscribe(undefined), keyed.subscribe(NaN)]
    expect(await Promise.all([collect(nothing), collect(nan)])).toEqual([[1], [2]])
  })

  test('a key that throws fails all; who subscribes later fails, too', async () => {
    const broken = route([1], (): number => {
      throw 'key'
    })
    const waiting = [broken.subscribe(1), broken.subscribe(2)].map((s) => rejectionOf(s.receive()))
    expect(await Promise.all(waiting)).toEqual(['key', 'key'])
    expect(await rejectionOf(broken.subscribe(1).receive())).toBe('key')
  })

  test('B5 a topic whose last subscriber left is dropped, and holds up nobody', async () => {
    const numbers = route([0, 0, 1], (n) => n, { capacity: 0 })
    const [zeros, ones] = [numbers.subscribe(0), numbers.subscribe(1)]
    const next = ones.receive()
    await expectPending(next)
    zeros[Symbol.dispose]()
    expect((await next).value).toBe(1)
  })
})
