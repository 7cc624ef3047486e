import { describe, expect, test } from 'vitest'
import {
  type ReceiveChannel,
  after,
  background,
  channel,
  never,
  receiveOnly,
  ticker,
  withCancel,
} from 'chansel'
import { expectNothingLeft, expectPending, rejectionOf } from '../support/pending.ts'
import { virtualClock } from '../support/clock.ts'

expectNothingLeft()

const DONE = { value: undefined, done: true }
const item = <T>(value: T) => ({ value, done: false })
const iterate = <T>(ch: ReceiveChannel<T>) =>
  ch[Symbol.asyncIterator]() as AsyncIterableIterator<T, undefined>

describe('J10 the iterator of a channel', () => {
  test('J10 next is a receive: it takes a value only when asked', async () => {
    const ch = channel<number>(3)
    for (const value of [1, 2, 3]) ch.trySend(value)
    const iterator = iterate(ch)
    expect(ch.length).toBe(3)
    expect(await iterator.next()).toStrictEqual(item(1))
    expect(ch.length).toBe(2)
  })

  test('J10 two concurrent next() calls are two receives, first in, first out', async () => {
    const ch = channel<number>()
    const iterator = iterate(ch)
    const nexts = [iterator.next(), iterator.next(), ch.receive()]
    for (const value of [1, 2, 3]) expect(ch.trySend(value)).toBe(true)
    expect(await Promise.all(nexts)).toStrictEqual([item(1), item(2), { value: 3, ok: true }])
  })

  test('J10 two iterators of one channel share its values', async () => {
    const ch = channel<number>(4)
    for (const value of [1, 2, 3, 4]) ch.trySend(value)
    const [one, two] = [iterate(ch), iterate(ch)]
    const values = [await one.next(), await two.next(), await two.next(), await one.next()]
    expect(values).toEqual([1, 2, 3, 4].map(item))
  })

  test('J10 an iterator that is left ends no other, neither one under way nor a later one', async () => {
    const clock = virtualClock()
    const ch = channel<number>(3)
    const beat = ticker(10)
    const given: [ReceiveChannel<number>, () => void][] = [
      [ch, () => ch.trySend(1)],
      [receiveOnly(ch), () => ch.trySend(1)],
      [beat, () => clock.busy(10)],
    ]
    for (const [source, comes] of given) {
      const other = iterate(source)
      for (let loop = 0; loop < 2; loop++) {
        comes()
        let values = 0
        for await (const _ of source) {
          values++
          break
        }
        expect(values).toBe(1)
      }
      comes()
      expect((await other.next()).done).toBe(false)
    }
  })

  test('J10 return() withdraws the next that waits, and both say done', async () => {
    const ch = channel<number>()
    const iterator = iterate(ch)
    const waiting = [iterator.next(), iterator.next()]
    await expectPending(...waiting)
    const returned = iterator.return!()
    expect(ch.trySend(1)).toBe(false)
    expect(await returned).toStrictEqual(DONE)
    expect(await Promise.all(waiting)).toStrictEqual([DONE, DONE])
    expect(ch.closed).toBe(false)
  })

  test('J10 R4 what return() withdraws is told in the order in which it was asked for', async () => {
    const iterator = iterate(channel<number>())
    const told: number[] = []
    const waiting = [0, 1, 2].map(async (n) => {
      await iterator.next()
      told.push(n)
    })
    await iterator.return!()
    await Promise.all(waiting)
    expect(told).toEqual([0, 1, 2])
  })

  test('J10 R1 what an ended iterator says is nobody’s to change', async () => {
    const iterator = iterate(channel<number>())
    const said = [await iterator.return!(), await iterator.next()]
    expect(said.every(Object.isFrozen)).toBe(true)
  })

  test('J10 return() is idempotent, and a next after it says done without taking anything', async () => {
    const ch = channel<number>(1)
    ch.trySend(1)
    const iterator = iterate(ch)
    for (let i = 0; i < 2; i++) expect(await iterator.return!()).toStrictEqual(DONE)
    expect(await iterator.next()).toStrictEqual(DONE)
    expect(ch.length).toBe(1)
  })

  test('J10 R3 a value delivered before return() is kept', async () => {
    const ch = channel<number>()
    const iterator = iterate(ch)
    const first = iterator.next()
    const second = iterator.next()
    expect(ch.trySend(1)).toBe(true)
    const returned = iterator.return!()
    expect(await first).toStrictEqual(item(1))
    expect(await second).toStrictEqual(DONE)
    expect(await returned).toStrictEqual(DONE)
  })

  test('J10 throw(e) rejects with e after withdrawing', async () => {
    const ch = channel<number>()
    const iterator = iterate(ch)
    const waiting = iterator.next()
    const error = new Error('mine')
    expect(await rejectionOf(iterator.throw!(error))).toBe(error)
    expect(await waiting).toStrictEqual(DONE)
    expect(ch.trySend(1)).toBe(false)
    expect(await iterator.next()).toStrictEqual(DONE)
    expect(await rejectionOf(iterator.throw!())).toBeUndefined()
  })

  test('J10 a closed channel says done for ever; a failed one rejects', async () => {
    const ended = channel<number>(1)
    ended.trySend(1)
    ended.close()
    const iterator = iterate(ended)
    expect(await iterator.next()).toStrictEqual(item(1))
    for (let i = 0; i < 2; i++) expect(await iterator.next()).toStrictEqual(DONE)
    const failed = channel<number>()
    failed.close('broken')
    const loop = iterate(failed)
    for (let i = 0; i < 2; i++) expect(await rejectionOf(loop.next())).toBe('broken')
  })

  test('J10 return() of an iterator that served many leaves the other receivers in their order', async () => {
    const ch = channel<number>()
    const iterator = iterate(ch)
    for (let i = 0; i < 5; i++) {
      const next = iterator.next()
      ch.trySend(i)
      expect(await next).toEqual(item(i))
    }
    const before = ch.receive()
    const waiting = iterator.next()
    const behind = ch.receive()
    await iterator.return!()
    expect([ch.trySend(10), ch.trySend(11), ch.trySend(12)]).toEqual([true, true, false])
    expect([await before, await waiting, await behind]).toEqual([
      { value: 10, ok: true },
      DONE,
      { value: 11, ok: true },
    ])
  })

  test('J10 an iterator is its own iterable', () => {
    const iterator = iterate(channel<number>())
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator)
  })

  test.each([
    ['a view', () => receiveOnly(channel<number>())],
    ['never', () => never],
    ['after', () => after(60_000)],
    ['a ticker', () => ticker(60_000)],
    ['done', () => withCancel(background()).done],
  ])('J10 return() withdraws from %s, too, and leaves no timer', async (_, make) => {
    const clock = virtualClock()
    const iterator = iterate<unknown>(make())
    const waiting = iterator.next()
    await expectPending(waiting)
    expect(await iterator.return!()).toStrictEqual(DONE)
    expect(await waiting).toStrictEqual(DONE)
    expect(clock.timers).toEqual([])
  })
})
