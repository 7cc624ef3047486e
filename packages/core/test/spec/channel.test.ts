import { describe, expect, test } from 'vitest'
import { type Channel, channel, sendCase, trySelect } from 'chansel'
import { expectNothingLeft, expectPending, settle } from '../support/pending.ts'

expectNothingLeft()

const got = <T>(value: T) => ({ value, ok: true })
/** The values that can be received now. */
function drain<T>(ch: Channel<T>): T[] {
  const values: T[] = []
  for (let result = ch.tryReceive(); result?.ok === true; result = ch.tryReceive()) values.push(result.value)
  return values
}
/** Notes the order in which promises settle. */
function order() {
  const log: unknown[] = []
  const note = (name: unknown, promise: Promise<unknown>) =>
    void promise.then(
      () => log.push(name),
      () => log.push(`${String(name)} failed`),
    )
  return { log, note }
}

describe('send and receive', () => {
  test('C2 on an unbuffered channel a send completes only together with a receive', async () => {
    const ch = channel<string>()
    const sent = ch.send('a')
    await expectPending(sent)
    expect(ch.length).toBe(0)
    const received = ch.receive()
    expect(ch.length).toBe(0)
    expect(await Promise.all([sent, received])).toStrictEqual([undefined, got('a')])
  })

  test('C2 on an unbuffered channel a receive completes only together with a send', async () => {
    const ch = channel<string>()
    const received = ch.receive()
    await expectPending(received)
    const sent = ch.send('a')
    expect(await Promise.all([sent, received])).toStrictEqual([undefined, got('a')])
  })

  test('C3 a buffered channel is first in, first out, and a send completes at once while there is room', async () => {
    const ch = channel<number>(3)
    await ch.send(1)
    await ch.send(2)
    await ch.send(3)
    const fourth = ch.send(4)
    await expectPending(fourth)
    expect(await ch.receive()).toStrictEqual(got(1))
    await fourth
    expect(drain(ch)).toEqual([2, 3, 4])
  })

  test('C3 the order holds while a buffer wraps, grows and shrinks', () => {
    const ch = channel<number>(5_000)
    let sent = 0
    let received = 0
    for (const [sends, receives] of [
      [3, 1],
      [700, 650],
      [4_000, 10],
      [900, 4_900],
      [2_000, 2_042],
    ] as const) {
      for (let i = 0; i < sends; i++) expect(ch.trySend(sent++)).toBe(true)
      for (let i = 0; i < receives; i++) expect(ch.tryReceive()).toEqual(got(received++))
    }
    expect(ch.length).toBe(0)
  })

  test('C4 a send goes to the longest-waiting receiver, also on a buffered channel', async () => {
    const ch = channel<string>(1)
    const first = ch.receive()
    const second = ch.receive()
    expect(ch.trySend('a')).toBe(true)
    expect(ch.trySend('b')).toBe(true)
    expect(ch.length).toBe(0)
    expect(await Promise.all([first, second])).toEqual([got('a'), got('b')])
  })

  test('C5 while values are in the buffer no receiver waits, while it has room no sender waits', async () => {
    const ch = channel<number>(2)
    const sends = [1, 2, 3, 4].map((value) => ch.send(value))
    expect(ch.length).toBe(2)
    await Promise.all(sends.slice(0, 2))
    await expectPending(...sends.slice(2))
    expect(drain(ch)).toEqual([1, 2, 3, 4])
    await Promise.all(sends)
    const receives = [ch.receive(), ch.receive()]
    await expectPending(...receives)
    expect(ch.trySend(5)).toBe(true)
    expect(ch.length).toBe(0)
    expect(ch.trySend(6)).toBe(true)
    expect(ch.length).toBe(0)
    expect(ch.trySend(7)).toBe(true)
    expect(ch.length).toBe(1)
  })

  test('C6 a receive from a full buffer moves the first blocked sender into it in the same step', async () => {
    const ch = channel<number>(2)
    ch.trySend(1)
    ch.trySend(2)
    const third = ch.send(3)
    const fourth = ch.send(4)
    expect(ch.tryReceive()).toEqual(got(1))
    expect(ch.length).toBe(2)
    expect(ch.trySend(5)).toBe(false)
    await third
    await expectPending(fourth)
    expect(drain(ch)).toEqual([2, 3, 4])
  })

  test('C7 blocked senders complete in the order they blocked', async () => {
    const ch = channel<number>()
    const { log, note } = order()
    for (const value of [0, 1, 2, 3, 4]) note(value, ch.send(value))
    expect(drain(ch)).toEqual([0, 1, 2, 3, 4])
    await settle()
    expect(log).toEqual([0, 1, 2, 3, 4])
  })

  test('C7 blocked receivers get values in the order they blocked', async () => {
    const ch = channel<number>()
    const receives = [0, 1, 2, 3, 4].map(() => ch.receive())
    for (const value of [0, 1, 2, 3, 4]) ch.trySend(value)
    expect(await Promise.all(receives)).toEqual([0, 1, 2, 3, 4].map(got))
  })

  test('C21 the value operand is evaluated before the send blocks', async () => {
    const ch = channel<number>()
    let evaluated = 0
    const sent = ch.send(++evaluated)
    expect(evaluated).toBe(1)
    await expectPending(sent)
    expect(drain(ch)).toEqual([1])
  })

  test('C22 the k-th receive happens before send k + capacity completes', async () => {
    const ch = channel<number>(2)
    const sends = [1, 2, 3, 4].map((value) => ch.send(value))
    await Promise.all(sends.slice(0, 2))
    for (const k of [1, 2]) {
      await expectPending(...sends.slice(k + 1))
      expect(await ch.receive()).toEqual(got(k))
      await sends[k + 1]
    }
  })

  test('C23 one send completes one receiver, one receive completes one sender', async () => {
    const ch = channel<number>()
    const receives = [ch.receive(), ch.receive()]
    await ch.send(1)
    expect(await receives[0]).toEqual(got(1))
    await expectPending(receives[1]!)
    await ch.send(2)
    const sends = [ch.send(3), ch.send(4)]
    expect(await ch.receive()).toEqual(got(3))
    await sends[0]
    await expectPending(sends[1]!)
    expect(drain(ch)).toEqual([4])
  })

  test('C17 length counts buffered values only, capacity is constant', async () => {
    const unbuffered = channel<number>()
    const blocked = unbuffered.send(1)
    expect([unbuffered.length, unbuffered.capacity]).toEqual([0, 0])
    const buffered = channel<number>(2)
    const sends = [1, 2, 3].map((value) => buffered.send(value))
    expect([buffered.length, buffered.capacity]).toEqual([2, 2])
    expect(drain(unbuffered)).toEqual([1])
    expect(drain(buffered)).toEqual([1, 2, 3])
    expect([buffered.length, buffered.capacity]).toEqual([0, 2])
    await Promise.all([blocked, ...sends])
  })

  test('C24 each non-blocking decision reflects the instant of its call', () => {
    const ch = channel<number>(1)
    expect(ch.tryReceive()).toBeUndefined()
    expect(ch.trySend(1)).toBe(true)
    expect(ch.length).toBe(1)
    expect(ch.trySend(2)).toBe(false)
    expect(trySelect([ch])).toEqual({ case: 0, value: 1, ok: true })
    expect(trySelect([ch])).toBeUndefined()
    void ch.receive()
    expect(trySelect([sendCase(ch, 3)])).toEqual({ case: 0 })
    expect(ch.length).toBe(0)
  })

  test('C18 trySend on an unbuffered channel succeeds if and only if a receiver waits', async () => {
    const ch = channel<number>()
    expect(ch.trySend(1)).toBe(false)
    const received = ch.receive()
    expect(ch.trySend(2)).toBe(true)
    expect(ch.trySend(3)).toBe(false)
    expect(await received).toEqual(got(2))
  })

  test('C18 tryReceive on an unbuffered channel succeeds if and only if a sender waits', async () => {
    const ch = channel<number>()
    expect(ch.tryReceive()).toBeUndefined()
    const sent = ch.send(1)
    expect(ch.tryReceive()).toEqual(got(1))
    expect(ch.tryReceive()).toBeUndefined()
    await sent
  })

  test('R2 an operation takes its place during the call', async () => {
    const ch = channel<string>()
    const received = ch.receive()
    expect(ch.trySend('at once')).toBe(true)
    const sent = ch.send('next')
    expect(ch.tryReceive()).toEqual(got('next'))
    await sent
    expect(await received).toEqual(got('at once'))
  })

  test('C34 a channel without values: send() sends undefined with ok: true', async () => {
    const ch = channel<void>(1)
    await ch.send()
    expect(await ch.receive()).toStrictEqual({ value: undefined, ok: true })
    const received = ch.receive()
    await ch.send()
    expect(await received).toStrictEqual({ value: undefined, ok: true })
  })

  test('C32 channels of channels work, their identity is stable', async () => {
    const requests = channel<Channel<string>>()
    const reply = channel<string>()
    const served = requests.receive().then((request) => request.value!.send('done'))
    await requests.send(reply)
    expect(await reply.receive()).toEqual(got('done'))
    await served
    const own = channel<unknown>(1)
    await own.send(own)
    expect((await own.receive()).value).toBe(own)
  })
})

test('R7 waiters that leave in any order keep the queue whole', async () => {
  const ch = channel<number>()
  const controllers = Array.from({ length: 8 }, () => new AbortController())
  const waiting = controllers.map((controller) => ch.receive(controller).catch((reason: unknown) => reason))
  for (const i of [3, 0, 7, 4]) controllers[i]!.abort(`left ${i}`)
  for (const value of [10, 11, 12, 13]) expect(ch.trySend(value)).toBe(true)
  expect(ch.trySend(14)).toBe(false)
  const results = await Promise.all(waiting)
  expect(results).toEqual(['left 0', got(10), got(11), 'left 3', 'left 4', got(12), got(13), 'left 7'])
})
