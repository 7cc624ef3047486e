// Channels of ours in the Select of ts-chan 0.6.0.

import { Select, recv, send } from 'ts-chan'
import { describe, expect, test } from 'vitest'
import {
  type Channel,
  ClosedChannelError,
  after,
  background,
  channel,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  withCancel,
} from 'chansel'
import { outlet } from 'chansel/device'
import { toTsChan } from 'chansel/ts-chan'
import { expectNothingLeft, expectPending, rejectionOf, settle, thrownBy } from '../support/pending.ts'
import { got } from '../support/received.ts'
import { awkwardValues } from '../support/values.ts'

expectNothingLeft()

describe('recv', () => {
  test.each([0, 1])('takes what is there and waits for what is not: capacity %d', async (capacity) => {
    const ch = channel<number>(capacity)
    const theirs = new Select([recv(toTsChan(ch))])
    const sent = ch.send(1)
    expect(await theirs.wait()).toBe(0)
    expect(theirs.recv(theirs.cases[0])).toEqual({ value: 1 })
    await sent
    const index = theirs.wait()
    await expectPending(index)
    expect(ch.trySend(2)).toBe(true)
    expect(await index).toBe(0)
    expect(theirs.recv(theirs.cases[0])).toEqual({ value: 2 })
    expect(theirs.poll()).toBeUndefined()
  })

  test('waits in one line with our receivers', async () => {
    const ch = channel<number>()
    const theirs = new Select([recv(toTsChan(ch))])
    const first = ch.receive()
    const second = theirs.wait()
    await settle()
    const third = ch.receive()
    for (const n of [1, 2, 3]) ch.trySend(n)
    await second
    expect([await first, theirs.recv(theirs.cases[0]), await third]).toEqual([got(1), { value: 2 }, got(3)])
  })

  test('a poll that finds nothing leaves nobody in the line', () => {
    const ch = channel<number>()
    expect(new Select([recv(toTsChan(ch))]).poll()).toBeUndefined()
    expect(ch.trySend(1)).toBe(false)
  })

  test('a case that lost has taken nothing and is out of the line', async () => {
    const [ch, other] = [channel<number>(), channel<number>()]
    const theirs = new Select([recv(toTsChan(ch)), recv(toTsChan(other))])
    const index = theirs.wait()
    await settle()
    expect(other.trySend(1)).toBe(true)
    expect(ch.trySend(2)).toBe(false)
    expect(await index).toBe(1)
  })

  test('an abort leaves nobody in the line', async () => {
    const ch = channel<number>()
    const stop = new AbortController()
    const waiting = rejectionOf(new Select([recv(toTsChan(ch))]).wait(stop.signal))
    await settle()
    stop.abort('enough')
    expect(await waiting).toBe('enough')
    expect(ch.trySend(1)).toBe(false)
  })

  test('close is the end, before and while it waits', async () => {
    const [closed, open] = [channel(), channel()]
    closed.close()
    for (const [ch, close] of [[closed, () => {}] as const, [open, () => open.close()] as const]) {
      const theirs = new Select([recv(toTsChan(ch))])
      const index = theirs.wait()
      await settle()
      close()
      await index
      expect(theirs.recv(theirs.cases[0])).toEqual({ value: undefined, done: true })
    }
  })

  test('close(error) throws at a receiver that comes after it, and is the last value of one that waits', async () => {
    const ch = channel<number>()
    const error = new Error('cut')
    const theirs = new Select([recv(toTsChan(ch))])
    const index = theirs.wait()
    await settle()
    ch.close(error)
    expect(await index).toBe(0)
    const last = theirs.recv(theirs.cases[0])
    expect(last.done).toBe(true)
    expect(last.value).toBe(error)
    expect(thrownBy(() => theirs.poll())).toBe(error)
    expect(await rejectionOf(theirs.wait())).toBe(error)
  })

  test('timers and the end of a context are cases, too', async () => {
    using ctx = withCancel(background())
    const theirs = new Select([recv(toTsChan(ctx.done)), recv(toTsChan(after(60_000)))])
    const index = theirs.wait()
    await settle()
    ctx.cancel()
    expect(await index).toBe(0)
    expect(theirs.recv(theirs.cases[0]!).done).toBe(true)
  })
})

describe('send', () => {
  test.each([0, 1])('hands over or waits: capacity %d', async (capacity) => {
    const ch = channel<number>(capacity)
    const received = ch.receive()
    let value = 0
    const theirs = new Select([send(toTsChan(ch), () => ++value)])
    expect(await theirs.wait()).toBe(0)
    expect(await received).toEqual(got(1))
    if (capacity > 0) ch.trySend(0)
    const index = theirs.wait()
    await expectPending(index)
    expect(value).toBe(1)
    if (capacity > 0) expect(ch.tryReceive()).toEqual(got(0))
    expect(ch.tryReceive()).toEqual(got(2))
    expect(await index).toBe(0)
    expect(ch.tryReceive()).toBeUndefined()
  })

  test('waits in one line with our senders', async () => {
    const ch = channel<number>()
    const first = ch.send(1)
    const second = new Select([send(toTsChan(ch), () => 2)]).wait()
    await settle()
    const third = select([sendCase(ch, 3)])
    expect([ch.tryReceive(), ch.tryReceive(), ch.tryReceive()]).toEqual([1, 2, 3].map(got))
    await Promise.all([first, second, third])
  })

  test('a case that lost, or was only polled, sent nothing and asked for no value', async () => {
    const [ch, other] = [channel<number>(), channel<number>()]
    let asked = 0
    const theirs = new Select([send(toTsChan(ch), () => ++asked), recv(toTsChan(other))])
    expect(theirs.poll()).toBeUndefined()
    const index = theirs.wait()
    await settle()
    other.trySend(1)
    expect(await index).toBe(1)
    expect([ch.tryReceive(), asked]).toEqual([undefined, 0])
  })

  test('on a closed channel it fails, before and while it waits, and asks for no value', async () => {
    const ch = channel<number>(0, { name: 'numbers' })
    let asked = 0
    const waiting = rejectionOf(new Select([send(toTsChan(ch), () => ++asked)]).wait())
    await settle()
    const cause = new Error('cut')
    ch.close(cause)
    expect(await waiting).toBeInstanceOf(ClosedChannelError)
    expect(await waiting).toMatchObject({ cause })
    const late = await rejectionOf(new Select([send(toTsChan(ch), () => ++asked)]).wait())
    expect(late).toMatchObject({ message: 'Cannot send on channel "numbers": closed' })
    expect(asked).toBe(0)
    expect(thrownBy(() => toTsChan(ch).close!())).toBeInstanceOf(ClosedChannelError)
  })

  test.each([0, 1])(
    'an expression that throws fails its own send and no other: capacity %d',
    async (capacity) => {
      const ch = channel<number>(capacity)
      if (capacity > 0) ch.trySend(0)
      const error = new Error('no value')
      const theirs = new Select([
        send(toTsChan(ch), () => {
          throw error
        }),
      ])
      const failed = rejectionOf(theirs.wait())
      await settle()
      const sent = [ch.send(1), ch.send(2)]
      const received = [ch.tryReceive(), ch.tryReceive(), ch.tryReceive()]
      expect(received).toEqual(capacity > 0 ? [0, 1, 2].map(got) : [got(1), got(2), undefined])
      expect(await failed).toBe(error)
      await Promise.all(sent)
    },
  )

  test('a receive that finds nobody but a sender whose expression throws waits for the next', async () => {
    const ch = channel<number>()
    const failing = () =>
      new Select([
        send(toTsChan(ch), () => {
          throw new Error('no value')
        }),
      ]).wait()
    const failed = [rejectionOf(failing()), rejectionOf(failing())]
    await settle()
    const received = [ch.receive(), select([ch])]
    await expectPending(...received)
    await Promise.all(failed)
    expect([ch.trySend(1), ch.trySend(2)]).toEqual([true, true])
    expect(await Promise.all(received)).toEqual([got(1), { case: 0, value: 2, ok: true }])
  })

  test.each([
    ['an array', (ch: Channel<number>) => select([ch]), 0],
    ['an object', (ch: Channel<number>) => select({ ch }), 'ch'],
  ])(
    'R3 a select over %s that finds nobody but such a sender waits for the next',
    async (_, choose, label) => {
      const ready = channel<number>(1)
      ready.trySend(0)
      // What a select found last decides how the next one looks.
      await choose(ready)
      const ch = channel<number>()
      const theirs = new Select([
        send(toTsChan(ch), () => {
          throw new Error('no value')
        }),
      ])
      const failed = rejectionOf(theirs.wait())
      await settle()
      const received = choose(ch)
      await expectPending(received)
      await failed
      expect(ch.trySend(1)).toBe(true)
      expect(await received).toEqual({ case: label, value: 1, ok: true })
    },
  )

  test('an expression that throws holds up no device, and nobody behind it', async () => {
    const written: number[] = []
    let isFull = true
    const device = outlet<number>({
      length: () => 0,
      isFull: () => isFull,
      write: (value) => void written.push(value),
      closed: () => {},
    })
    const ch = device.channel
    const error = new Error('no value')
    const theirs = new Select([
      send(toTsChan(ch), () => {
        throw error
      }),
    ])
    const failed = rejectionOf(theirs.wait())
    await settle()
    const sent = ch.send(1)
    isFull = false
    device.ready()
    await sent
    expect([await failed, written]).toEqual([error, [1]])
  })

  test.each(awkwardValues())('passes $name by identity, both ways', async ({ value }) => {
    const ch = channel<unknown>()
    const sending = new Select([send(toTsChan(ch), () => value)])
    const index = sending.wait()
    await settle()
    expect(Object.is(ch.tryReceive()!.value, value)).toBe(true)
    await index
    const receiving = new Select([recv(toTsChan(ch))])
    const received = receiving.wait()
    await settle()
    ch.trySend(value)
    await received
    expect(Object.is(receiving.recv(receiving.cases[0]).value, value)).toBe(true)
  })
})

describe('a Select that both receives from and sends to one channel', () => {
  test.each([0, 1])(
    'of what its send gave nothing is lost, and nothing comes twice: capacity %d',
    async (capacity) => {
      // ts-chan asks its cases in any order: often enough for both.
      for (let i = 0; i < 40; i++) {
        const ch = channel<number>(capacity)
        const asked: number[] = []
        const both = [recv(toTsChan(ch)), send(toTsChan(ch), () => asked.push(i) && i)] as const
        const theirs = new Select(both)
        expect(await theirs.wait()).toBe(1)
        expect(asked).toEqual([i])
        expect([ch.tryReceive(), ch.tryReceive()]).toEqual([got(i), undefined])
      }
    },
  )

  test('a buffer that is full keeps its order', async () => {
    const ch = channel<number>(1)
    ch.trySend(1)
    const theirs = new Select([recv(toTsChan(ch)), send(toTsChan(ch), () => 2)])
    expect(await theirs.wait()).toBe(0)
    expect(theirs.recv(theirs.cases[0])).toEqual({ value: 1 })
    expect(ch.tryReceive()).toBeUndefined()
  })
})

describe('the protocol itself', () => {
  test('of a callback that waits several times the last is removed', async () => {
    const ch = channel<number>()
    const theirs = toTsChan(ch)
    const seen: unknown[] = []
    const callback = (...outcome: unknown[]) => void seen.push(outcome[0])
    expect([theirs.addReceiver(callback), theirs.addReceiver(callback)]).toEqual([true, true])
    const between = ch.receive()
    theirs.addReceiver(callback)
    theirs.removeReceiver(callback)
    theirs.removeReceiver(() => {})
    for (const n of [1, 2, 3]) ch.trySend(n)
    expect([seen, await between]).toEqual([[1, 2], got(3)])
  })

  test('a receiver that throws has had its value', async () => {
    const ch = channel<number>()
    const theirs = toTsChan(ch)
    const sent = new Select([send(theirs, () => 1)]).wait()
    await settle()
    expect(ch.tryReceive()).toEqual(got(1))
    await sent
    void ch.send(2)
    const error = new Error('of its own')
    const thrown = thrownBy(() =>
      theirs.addReceiver(() => {
        throw error
      }),
    )
    expect([thrown, ch.tryReceive()]).toEqual([error, undefined])
  })

  test('a view has one side only', () => {
    const ch = channel<number>()
    expect(Object.keys(toTsChan(receiveOnly(ch))).toSorted()).toEqual(['addReceiver', 'removeReceiver'])
    expect(Object.keys(toTsChan(sendOnly(ch))).toSorted()).toEqual(['addSender', 'close', 'removeSender'])
    expect(() => toTsChan({} as never)).toThrow('expected a channel of this package')
    expect(() => toTsChan(null as never)).toThrow(TypeError)
  })
})
