// Channels of ts-chan 0.6.0 in our operations and selects.

import { Chan, Select, recv, send } from 'ts-chan'
import { describe, expect, test } from 'vitest'
import {
  CanceledError,
  ClosedChannelError,
  background,
  channel,
  select,
  sendCase,
  trySelect,
  withCancel,
} from 'chansel'
import { fromTsChan, toTsChan } from 'chansel/ts-chan'
import { isCollected } from '../support/gc.ts'
import { expectNothingLeft, expectPending, rejectionOf, settle, thrownBy } from '../support/pending.ts'
import { CLOSED, got } from '../support/received.ts'
import { awkwardValues } from '../support/values.ts'

expectNothingLeft()

function pair<T = number>(capacity = 0) {
  const theirs = new Chan<T>(capacity)
  return { theirs, ours: fromTsChan<T>(theirs) }
}

describe('receive', () => {
  test('takes what a sender of ts-chan offers, and what its buffer holds, in order', async () => {
    const { theirs, ours } = pair(1)
    theirs.trySend(1)
    const sends = [theirs.send(2), theirs.send(3)]
    expect(ours).toMatchObject({ length: 1, capacity: 1, dropped: 0, name: undefined })
    expect([await ours.receive(), ours.tryReceive(), await ours.receive()]).toEqual([1, 2, 3].map(got))
    await Promise.all(sends)
    expect(ours.tryReceive()).toBeUndefined()
  })

  test('waits for a sender of ts-chan, in one line with its receivers', async () => {
    const { theirs, ours } = pair()
    const first = ours.receive()
    const second = theirs.recv()
    const third = select([ours])
    await expectPending(first, second, third)
    for (const n of [1, 2, 3]) expect(theirs.trySend(n)).toBe(true)
    expect(await Promise.all([first, second, third])).toEqual([
      got(1),
      { value: 2 },
      { case: 0, value: 3, ok: true },
    ])
    expect(theirs.trySend(4)).toBe(false)
  })

  test('close ends it after what waits in the buffer, and for await with it', async () => {
    const { theirs, ours } = pair(2)
    theirs.trySend(1)
    theirs.trySend(2)
    theirs.close()
    const seen: number[] = []
    for await (const n of ours) seen.push(n)
    expect(seen).toEqual([1, 2])
    expect(ours.closed).toBe(true)
    expect(trySelect([ours])).toStrictEqual({ case: 0, ...CLOSED })
    expect(ours.tryReceive()).toStrictEqual(CLOSED)
  })

  test('close ends those who wait', async () => {
    const { theirs, ours } = pair()
    const waiting = [ours.receive(), select([ours]), ours[Symbol.asyncIterator]().next()]
    await settle()
    theirs.close()
    expect(await Promise.all(waiting)).toStrictEqual([
      CLOSED,
      { case: 0, ...CLOSED },
      { value: undefined, done: true },
    ])
  })

  test('a cancel takes nothing and leaves nobody in the line', async () => {
    const { theirs, ours } = pair()
    using ctx = withCancel(background())
    const waiting = [rejectionOf(ours.receive(ctx)), rejectionOf(select([ours], ctx))]
    const iterator = ours[Symbol.asyncIterator]()
    const next = iterator.next()
    await settle()
    expect(theirs.concurrency).toBe(-3)
    ctx.cancel()
    expect(await waiting[0]).toBeInstanceOf(CanceledError)
    await iterator.return!()
    await Promise.all([...waiting, next])
    expect(theirs.concurrency).toBe(0)
    expect(theirs.trySend(1)).toBe(false)
  })
})

describe('send', () => {
  test('hands over to a receiver of ts-chan, or to its buffer, in order', async () => {
    const { theirs, ours } = pair(1)
    const received = theirs.recv()
    await ours.send(1)
    expect(await received).toEqual({ value: 1 })
    expect(ours.trySend(2)).toBe(true)
    expect(ours.trySend(3)).toBe(false)
    const sends = [ours.send(3), theirs.send(4), select([sendCase(ours, 5)])]
    await expectPending(...sends)
    const values: unknown[] = []
    for (let i = 0; i < 4; i++) values.push((await theirs.recv()).value)
    expect(values).toEqual([2, 3, 4, 5])
    expect(await sends[2]).toEqual({ case: 0 })
    await Promise.all(sends)
  })

  test.each([0, 1])('on a closed channel fails, with the value: capacity %d', async (capacity) => {
    const { theirs, ours } = pair(capacity)
    theirs.close()
    expect(await rejectionOf(ours.send(1))).toMatchObject({ code: 'ERR_CHANNEL_CLOSED', value: 1 })
    expect(thrownBy(() => ours.trySend(2))).toMatchObject({ operation: 'send', value: 2 })
    expect(await rejectionOf(select([sendCase(ours, 3)]))).toBeInstanceOf(ClosedChannelError)
    expect(thrownBy(() => ours.close())).toMatchObject({ operation: 'close' })
    ours[Symbol.dispose]()
  })

  test('fails when the channel is closed while it waits', async () => {
    const { theirs, ours } = pair()
    const waiting = [rejectionOf(ours.send(1)), rejectionOf(select([sendCase(ours, 2)]))]
    await settle()
    theirs.close()
    expect(await Promise.all(waiting)).toMatchObject([
      { code: 'ERR_CHANNEL_CLOSED', value: 1 },
      { code: 'ERR_CHANNEL_CLOSED', value: 2 },
    ])
  })

  test('cancelled, was not sent and leaves nobody in the line', async () => {
    const { theirs, ours } = pair()
    using ctx = withCancel(background())
    const waiting = [rejectionOf(ours.send(1, ctx)), rejectionOf(select([sendCase(ours, 2)], ctx))]
    await settle()
    expect(theirs.concurrency).toBe(2)
    ctx.cancel()
    await Promise.all(waiting)
    expect(theirs.concurrency).toBe(0)
    expect(theirs.tryRecv()).toBeUndefined()
  })

  test.each(awkwardValues())('passes $name by identity, both ways', async ({ value }) => {
    const { theirs, ours } = pair<unknown>(1)
    ours.trySend(value)
    expect(Object.is(theirs.tryRecv()!.value, value)).toBe(true)
    theirs.trySend(value)
    expect(Object.is((await ours.receive()).value, value)).toBe(true)
    const received = ours.receive()
    theirs.trySend(value)
    expect(Object.is((await received).value, value)).toBe(true)
    const sent = ours.send(value)
    const waiting = ours.send(value)
    expect(Object.is(theirs.tryRecv()!.value, value)).toBe(true)
    expect(Object.is(theirs.tryRecv()!.value, value)).toBe(true)
    await Promise.all([sent, waiting])
  })
})

describe('select', () => {
  test('a case that lost has taken nothing: the value stays with ts-chan', async () => {
    for (let i = 0; i < 50; i++) {
      const { theirs, ours } = pair(1)
      const other = channel<string>(1)
      theirs.trySend(1)
      other.trySend('a')
      const event = await select({ ours, other })
      expect(theirs.length).toBe(event.case === 'other' ? 1 : 0)
      expect(other.length).toBe(event.case === 'other' ? 0 : 1)
    }
  })

  test('a case that lost while it waited is out of the line of ts-chan', async () => {
    const { theirs, ours } = pair()
    const full = pair()
    const other = channel<string>()
    const chosen = select({ ours, sent: sendCase(full.ours, 1), other })
    await settle()
    await other.send('won')
    expect(await chosen).toEqual({ case: 'other', value: 'won', ok: true })
    expect(theirs.trySend(1)).toBe(false)
    expect(full.theirs.tryRecv()).toBeUndefined()
  })

  test('looking at a channel changes nothing of it', () => {
    const { theirs, ours } = pair(2)
    const waiting = theirs.recv()
    const closedOf = () => [ours.closed, theirs.concurrency, theirs.length]
    expect(closedOf()).toEqual([false, -1, 0])
    theirs.trySend(0)
    theirs.trySend(1)
    expect(closedOf()).toEqual([false, 0, 1])
    theirs.trySend(2)
    void theirs.send(3)
    expect(closedOf()).toEqual([false, 1, 2])
    return waiting
  })

  test('of ready cases of both libraries each is as likely', async () => {
    const { theirs, ours } = pair(1)
    const other = channel<number>(1)
    let count = 0
    for (let i = 0; i < 2000; i++) {
      theirs.trySend(1)
      other.trySend(1)
      if ((await select({ ours, other })).case === 'ours') count++
    }
    expect(count).toBeGreaterThan(850)
    expect(count).toBeLessThan(1150)
  })

  test('cases of one channel that wait are as likely', async () => {
    const { theirs, ours } = pair()
    let count = 0
    for (let i = 0; i < 2000; i++) {
      const chosen = select([ours, ours])
      theirs.trySend(i)
      count += (await chosen).case
    }
    expect(count).toBeGreaterThan(850)
    expect(count).toBeLessThan(1150)
  })

  test('one that both receives from and sends to a channel does not talk to itself', async () => {
    const { theirs, ours } = pair()
    const chosen = select({ received: ours, sent: sendCase(ours, 1) })
    await expectPending(chosen)
    theirs.trySend(2)
    expect(await chosen).toEqual({ case: 'received', value: 2, ok: true })
    expect(theirs.concurrency).toBe(0)
  })

  test('and waits with its receive alone, whatever the order of its cases', async () => {
    for (const sendFirst of [true, false]) {
      const { theirs, ours } = pair()
      const sent = sendCase(ours, 1)
      const chosen = sendFirst ? select([sent, ours]) : select([ours, sent])
      await settle()
      expect([theirs.concurrency, theirs.tryRecv()]).toEqual([-1, undefined])
      expect(theirs.trySend(2)).toBe(true)
      expect(await chosen).toEqual({ case: sendFirst ? 1 : 0, value: 2, ok: true })
      expect(theirs.concurrency).toBe(0)
    }
  })

  test('two that both receive and send match each other', async () => {
    const { theirs, ours } = pair()
    const first = select({ sent: sendCase(ours, 1), received: ours })
    await settle()
    expect(await select({ received: ours, sent: sendCase(ours, 3) })).toEqual({ case: 'sent' })
    expect(await first).toEqual({ case: 'received', value: 3, ok: true })
    expect(theirs.concurrency).toBe(0)
  })
})

describe('close', () => {
  test('closes the channel of ts-chan', async () => {
    const { theirs, ours } = pair(1)
    ours.trySend(1)
    ours.close()
    expect(await theirs.recv()).toEqual({ value: 1 })
    expect((await theirs.recv()).done).toBe(true)
    expect(() => theirs.trySend(1)).toThrow()
  })

  test('with an error fails our receivers with it after what waits, and ends those of ts-chan', async () => {
    const { theirs, ours } = pair(1)
    const error = new Error('cut')
    ours.trySend(1)
    ours.close(error)
    expect(await ours.receive()).toEqual(got(1))
    expect(await rejectionOf(ours.receive())).toBe(error)
    expect(thrownBy(() => fromTsChan(theirs).tryReceive())).toBe(error)
    expect((await theirs.recv()).done).toBe(true)
    expect(await rejectionOf(ours.send(2))).toMatchObject({ value: 2, cause: error })
    expect(thrownBy(() => ours.close())).toMatchObject({ operation: 'close', cause: error })
  })

  test('with an error fails those who wait', async () => {
    const receiving = pair()
    const sending = pair()
    const error = new Error('cut')
    const received = rejectionOf(receiving.ours.receive())
    const sent = rejectionOf(sending.ours.send(1))
    await settle()
    receiving.ours.close(error)
    sending.ours.close(error)
    expect(await received).toBe(error)
    expect(await sent).toMatchObject({ value: 1, cause: error })
  })

  test('using closes it once', () => {
    const { theirs } = pair()
    {
      using ours = fromTsChan(theirs)
      expect(ours.closed).toBe(false)
    }
    expect(fromTsChan(theirs).closed).toBe(true)
  })
})

test('what was sent is let go of: C28', async () => {
  const { theirs, ours } = pair<object>()
  const ref = (() => {
    const value = {}
    void ours.send(value)
    return new WeakRef(value)
  })()
  expect(theirs.tryRecv()!.value).toBe(ref.deref())
  await ours[Symbol.asyncIterator]().return!()
  expect(await isCollected(ref)).toBe(true)
  expect(ours.closed).toBe(false)
})

test('there and back is the same channel', () => {
  const { theirs, ours } = pair()
  expect(fromTsChan(theirs)).toBe(ours)
  expect(toTsChan(ours)).toBe(theirs)
  const own = channel<number>()
  expect(fromTsChan(toTsChan(own))).toBe(own)
})

test('what ts-chan selects waits in one line with ours', async () => {
  const { theirs, ours } = pair()
  const chosen = new Select([recv(theirs)])
  const index = chosen.wait()
  await settle()
  await ours.send(1)
  expect(await index).toBe(0)
  expect(chosen.recv(chosen.cases[0])).toEqual({ value: 1 })
  const sending = new Select([send(theirs, () => 2)])
  const sent = sending.wait()
  await settle()
  expect(await ours.receive()).toEqual(got(2))
  await sent
})

test('throws at once for what is no channel of ts-chan', () => {
  const bare = { addReceiver: () => true, removeReceiver: () => {} }
  for (const value of [undefined, null, {}, channel(), bare])
    expect(() => fromTsChan(value as never)).toThrow('Cannot adapt a ts-chan channel')
})
