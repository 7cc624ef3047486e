import { describe, expect, test } from 'vitest'
import {
  type Channel,
  ClosedChannelError,
  channel,
  never,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  trySelect,
} from 'chansel'
import { expectNothingLeft, expectPending, rejectionOf, settle, thrownBy } from '../support/pending.ts'
import { awkwardValues } from '../support/values.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }
const got = <T>(value: T) => ({ value, ok: true })

/** The values that can be received now. */
function drain<T>(ch: Channel<T>): T[] {
  const values: T[] = []
  for (let result = ch.tryReceive(); result?.ok === true; result = ch.tryReceive()) values.push(result.value)
  return values
}

/** Notes the order in which promises are told. */
function order() {
  const log: unknown[] = []
  const note = (name: unknown, promise: Promise<unknown>) =>
    void promise.then(
      () => log.push(name),
      () => log.push(`${String(name)} failed`),
    )
  return { log, note }
}

describe('capacity', () => {
  test.each([
    ['-1', -1],
    ['1.5', 1.5],
    ['NaN', NaN],
    ['-Infinity', -Infinity],
  ])('C1 a capacity of %s is a RangeError at once that names it', (text, capacity) => {
    expect(() => channel(capacity)).toThrow(RangeError)
    expect(() => channel(capacity)).toThrow(text)
  })

  test.each([
    ['a string', '3', '"3"'],
    ['a bigint', 3n, '3n'],
    ['an object', {}, 'an object'],
    ['null', null, 'null'],
    ['true', true, 'true'],
  ])('C1 a capacity that is %s is a TypeError at once that names it', (_, capacity, text) => {
    expect(() => channel(capacity as never)).toThrow(TypeError)
    expect(() => channel(capacity as never)).toThrow(text)
  })

  test('C1 a capacity of -0 is 0, Infinity is unbounded', () => {
    expect(channel(-0).capacity).toBe(0)
    const unbounded = channel<number>(Infinity)
    expect(unbounded.capacity).toBe(Infinity)
    for (let i = 0; i < 10_000; i++) unbounded.trySend(i)
    expect(unbounded.length).toBe(10_000)
    expect(drain(unbounded)).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
  })

  test('api: without a capacity a channel is unbuffered and has no name', () => {
    const ch = channel()
    expect(ch).toMatchObject({ capacity: 0, length: 0, closed: false, dropped: 0 })
    expect(ch.name).toBeUndefined()
    expect(channel(1, { name: 'jobs' }).name).toBe('jobs')
  })

  test.each([
    ['an unknown overflow', { overflow: 'drop' }],
    ['a name that is no string', { name: 1 }],
  ])('api: thrown at once: %s is a TypeError', (_, options) => {
    expect(() => channel(1, options as never)).toThrow(TypeError)
  })

  test('C35 storage is taken as values arrive: channel(2 ** 32) is instant', () => {
    const before = process.memoryUsage().heapUsed
    const channels = Array.from({ length: 1_000 }, () => channel<number>(2 ** 32))
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000)
    expect(channels[0]!.capacity).toBe(2 ** 32)
    expect(channels[0]!.trySend(1)).toBe(true)
    expect(drain(channels[0]!)).toEqual([1])
  })
})

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

describe('close', () => {
  test('C8 ok is false only when the channel is closed and drained', async () => {
    const ch = channel<number>(1)
    ch.trySend(0)
    ch.close()
    expect(await ch.receive()).toStrictEqual({ value: 0, ok: true })
    expect(await ch.receive()).toStrictEqual(CLOSED)
  })

  test('C9 after close buffered values stay receivable in order, then ok is false for ever', async () => {
    const ch = channel<number>(3)
    for (const value of [1, 2, 3]) ch.trySend(value)
    ch.close()
    expect(ch).toMatchObject({ closed: true, length: 3 })
    expect([await ch.receive(), ch.tryReceive(), await ch.receive()]).toEqual([got(1), got(2), got(3)])
    for (let i = 0; i < 3; i++) expect(await ch.receive()).toStrictEqual(CLOSED)
    for (let i = 0; i < 3; i++) expect(ch.tryReceive()).toStrictEqual(CLOSED)
  })

  test('C10 close completes each blocked receiver with ok: false', async () => {
    const ch = channel<number>(1)
    const receives = [ch.receive(), ch.receive(), ch.receive()]
    ch.close()
    expect(await Promise.all(receives)).toStrictEqual([CLOSED, CLOSED, CLOSED])
  })

  test('C11 J6 close fails each blocked sender, and its value never enters the buffer', async () => {
    const ch = channel<number>(2)
    ch.trySend(1)
    ch.trySend(2)
    const sends = [3, 4, 5].map((value) => ch.send(value))
    const failures = Promise.allSettled(sends)
    ch.close()
    for (const [i, settled] of (await failures).entries()) {
      expect(settled).toMatchObject({ status: 'rejected', reason: { operation: 'send', value: i + 3 } })
      expect((settled as PromiseRejectedResult).reason).toBeInstanceOf(ClosedChannelError)
    }
    expect(drain(ch)).toEqual([1, 2])
    expect(ch.tryReceive()).toStrictEqual(CLOSED)
  })

  test('J6 close with blocked senders: a range consumer sees the buffer and ends', async () => {
    const ch = channel<number>(1)
    ch.trySend(1)
    const blocked = rejectionOf(ch.send(2))
    ch.close()
    const seen: number[] = []
    for await (const value of ch) seen.push(value)
    expect(seen).toEqual([1])
    expect(await blocked).toBeInstanceOf(ClosedChannelError)
  })

  test('J6 close with blocked senders: a select that waits to send fails', async () => {
    const ch = channel<number>()
    const selected = rejectionOf(select([sendCase(ch, 2)]))
    ch.close()
    expect(await selected).toMatchObject({ code: 'ERR_CHANNEL_CLOSED', operation: 'send', value: 2 })
  })

  test('C12 a send on a closed channel fails always, even if the buffer has room, even without waiting', async () => {
    const ch = channel<number>(5)
    ch.close()
    expect(await rejectionOf(ch.send(1))).toMatchObject({ code: 'ERR_CHANNEL_CLOSED', value: 1 })
    expect(thrownBy(() => ch.trySend(2))).toMatchObject({ code: 'ERR_CHANNEL_CLOSED', value: 2 })
    expect(thrownBy(() => trySelect([sendCase(ch, 3)]))).toMatchObject({
      code: 'ERR_CHANNEL_CLOSED',
      value: 3,
    })
    expect(ch.tryReceive()).toStrictEqual(CLOSED)
  })

  test('C13 closing a closed channel throws and changes nothing', async () => {
    const ch = channel<number>(1)
    ch.trySend(1)
    ch.close()
    expect(thrownBy(() => ch.close())).toBeInstanceOf(ClosedChannelError)
    expect(thrownBy(() => ch.close(new Error('late')))).toMatchObject({ operation: 'close' })
    expect(await ch.receive()).toEqual(got(1))
    expect(await ch.receive()).toStrictEqual(CLOSED)
  })

  test('C14 C16 the nil channel: receives wait for ever, it has no length, no capacity and no close', async () => {
    await expectPending(never.receive(), never[Symbol.asyncIterator]().next(), select([never]))
    expect(never.tryReceive()).toBeUndefined()
    expect([never.length, never.capacity]).toEqual([0, 0])
    expect('close' in never).toBe(false)
    const selected = select([never, null, undefined, false], { signal: AbortSignal.abort('enough') })
    expect(await rejectionOf(selected)).toBe('enough')
  })

  test('C16 a receive from the nil channel can be cancelled', async () => {
    const controller = new AbortController()
    const received = never.receive(controller)
    await expectPending(received)
    controller.abort('enough')
    expect(await rejectionOf(received)).toBe('enough')
  })

  test('C15 a receive-only view cannot be closed or sent to, also at run time', async () => {
    const ch = channel<number>(1, { name: 'jobs' })
    const view = receiveOnly(ch)
    for (const member of ['send', 'trySend', 'close', 'closed', Symbol.dispose])
      expect(member in view).toBe(false)
    await ch.send(1)
    expect(view).toMatchObject({ name: 'jobs', length: 1, capacity: 1 })
    expect(view.tryReceive()).toEqual(got(1))
    const received = view.receive()
    ch.trySend(2)
    expect(await received).toEqual(got(2))
    ch.trySend(3)
    ch.close()
    const seen: number[] = []
    for await (const value of view) seen.push(value)
    expect(seen).toEqual([3])
  })

  test('C15 a send-only view cannot be received from, also at run time', async () => {
    const ch = channel<number>(1, { name: 'jobs' })
    const view = sendOnly(ch)
    for (const member of ['receive', 'tryReceive', Symbol.asyncIterator]) expect(member in view).toBe(false)
    await view.send(1)
    expect(view.trySend(2)).toBe(false)
    expect(view).toMatchObject({ name: 'jobs', length: 1, capacity: 1, closed: false })
    view.close('over')
    expect(view.closed).toBe(true)
    expect(await ch.receive()).toEqual(got(1))
    expect(await rejectionOf(ch.receive())).toBe('over')
  })

  test('C15 views pass cancels on, and views of views are cases of a select', async () => {
    const ch = channel<number>()
    const controller = new AbortController()
    const received = receiveOnly(ch).receive(controller)
    const sent = sendOnly(channel<number>()).send(1, controller)
    controller.abort('enough')
    expect(await rejectionOf(received)).toBe('enough')
    expect(await rejectionOf(sent)).toBe('enough')
    const selected = select([receiveOnly(receiveOnly(ch))])
    expect(trySelect([sendCase(sendOnly(sendOnly(ch)), 7)])).toEqual({ case: 0 })
    expect(await selected).toEqual({ case: 0, value: 7, ok: true })
  })

  test.each([
    ['receiveOnly', receiveOnly],
    ['sendOnly', sendOnly],
  ])('api: thrown at once: %s of what is no channel is a TypeError', (_, view) => {
    for (const wrong of [undefined, null, 1, {}]) expect(() => view(wrong as never)).toThrow(TypeError)
  })

  test('C19 a non-blocking receive has three results', () => {
    const ch = channel<undefined>(1)
    expect(ch.tryReceive()).toBeUndefined()
    ch.trySend(undefined)
    expect(ch.tryReceive()).toStrictEqual({ value: undefined, ok: true })
    ch.close()
    expect(ch.tryReceive()).toStrictEqual(CLOSED)
    expect(trySelect([ch])).toStrictEqual({ case: 0, value: undefined, ok: false })
  })

  test('C26 close wakes its waiters first in, first out', async () => {
    const { log, note } = order()
    const receivers = channel<number>()
    for (const i of [0, 1, 2, 3, 4]) note(i, receivers.receive())
    receivers.close()
    const senders = channel<number>()
    for (const i of [5, 6, 7]) note(i, senders.send(i))
    senders.close()
    await settle()
    expect(log).toEqual([0, 1, 2, 3, 4, '5 failed', '6 failed', '7 failed'])
  })

  test('C30 J16 the failure is one class with a stable name, code and text', async () => {
    const ch = channel<number>(0, { name: 'jobs' })
    ch.close()
    const error = await rejectionOf(ch.send(1))
    expect(error).toBeInstanceOf(ClosedChannelError)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'ClosedChannelError',
      code: 'ERR_CHANNEL_CLOSED',
      message: 'Cannot send on channel "jobs": closed',
      operation: 'send',
      value: 1,
    })
    expect(thrownBy(() => ch.close())).toMatchObject({
      message: 'Cannot close channel "jobs": already closed',
      operation: 'close',
      value: undefined,
    })
  })

  test('api: receivers that are closed out get one shared frozen object', async () => {
    const one = channel()
    const other = channel<string>(1)
    const waiting = one.receive()
    one.close()
    other.close()
    const result = await waiting
    expect(Object.isFrozen(result)).toBe(true)
    expect(await other.receive()).toBe(result)
    expect(other.tryReceive()).toBe(result)
  })

  test('api: disposing closes, and is idempotent', async () => {
    const ch = channel<number>(1)
    {
      using open = ch
      open.trySend(1)
    }
    expect(ch.closed).toBe(true)
    ch[Symbol.dispose]()
    expect(await ch.receive()).toEqual(got(1))
    const failed = channel<number>()
    failed.close('broken')
    failed[Symbol.dispose]()
    expect(await rejectionOf(failed.receive())).toBe('broken')
  })
})

describe('close(error)', () => {
  test.each([
    ['an error', new Error('broken')],
    ['null', null],
    ['false', false],
    ['zero', 0],
    ['a string', 'broken'],
  ])(
    'api: close(error) with %s fails: receivers drain the buffer, then all reject with it',
    async (_, error) => {
      const ch = channel<number>(2)
      ch.trySend(1)
      ch.trySend(2)
      ch.close(error)
      expect(await ch.receive()).toEqual(got(1))
      expect(ch.tryReceive()).toEqual(got(2))
      for (let i = 0; i < 2; i++) expect(await rejectionOf(ch.receive())).toBe(error)
      expect(await rejectionOf(select([ch]))).toBe(error)
      expect(await rejectionOf(ch[Symbol.asyncIterator]().next())).toBe(error)
      expect(thrownBy(() => ch.tryReceive())).toBe(error)
      expect(thrownBy(() => trySelect([ch]))).toBe(error)
    },
  )

  test.each([
    ['an error', new Error('broken')],
    ['null', null],
    ['false', false],
  ])('api: close(error) with %s fails receivers that wait', async (_, error) => {
    const ch = channel<number>()
    const waiting = [ch.receive(), select([ch]), ch[Symbol.asyncIterator]().next()].map(rejectionOf)
    ch.close(error)
    expect(await Promise.all(waiting)).toEqual([error, error, error])
  })

  test('api: for await drains the buffer, then throws that same error', async () => {
    const ch = channel<number>(1)
    const error = new Error('broken')
    ch.trySend(1)
    ch.close(error)
    const seen: number[] = []
    const loop = async () => {
      for await (const value of ch) seen.push(value)
    }
    expect(await rejectionOf(loop())).toBe(error)
    expect(seen).toEqual([1])
  })

  test('api: close(undefined) ends like close()', async () => {
    const ch = channel<number>()
    ch.close(undefined)
    expect(await ch.receive()).toStrictEqual(CLOSED)
  })

  test('api: senders of a failed channel get a ClosedChannelError with the error as cause', async () => {
    const ch = channel<number>()
    const error = new Error('broken')
    const blocked = rejectionOf(ch.send(1))
    ch.close(error)
    expect(await blocked).toMatchObject({ code: 'ERR_CHANNEL_CLOSED', value: 1, cause: error })
    expect(await rejectionOf(ch.send(2))).toMatchObject({ value: 2, cause: error })
    expect(thrownBy(() => ch.trySend(3))).toMatchObject({ value: 3, cause: error })
    const ended = channel<number>()
    ended.close()
    expect('cause' in (thrownBy(() => ended.trySend(4)) as Error)).toBe(false)
    const failedWithNull = channel<number>()
    failedWithNull.close(null)
    expect(thrownBy(() => failedWithNull.trySend(4))).toHaveProperty('cause', null)
  })
})

describe('for await', () => {
  test('C20 range receives until closed and drained', async () => {
    const ch = channel<number>(1)
    const produce = async () => {
      for (let i = 0; i < 5; i++) await ch.send(i)
      ch.close()
    }
    const produced = produce()
    const seen: number[] = []
    for await (const value of ch) seen.push(value)
    await produced
    expect(seen).toEqual([0, 1, 2, 3, 4])
  })

  test('C20 the channel expression is evaluated once', async () => {
    const ch = channel<number>(2)
    ch.trySend(1)
    ch.trySend(2)
    ch.close()
    let evaluated = 0
    const seen: number[] = []
    for await (const value of (evaluated++, ch)) seen.push(value)
    expect(seen).toEqual([1, 2])
    expect(evaluated).toBe(1)
  })

  test('C20 J10 leaving the loop early leaves the channel as it is and takes no extra value', async () => {
    const ch = channel<number>(2)
    ch.trySend(1)
    ch.trySend(2)
    const third = ch.send(3)
    for await (const _ of ch) break
    await third
    expect(ch).toMatchObject({ length: 2, closed: false })
    expect(drain(ch)).toEqual([2, 3])
    const afterwards = ch.receive()
    await expectPending(afterwards)
    expect(ch.trySend(4)).toBe(true)
    expect(await afterwards).toEqual(got(4))
  })

  test('C20 a loop left by an error takes no extra value either', async () => {
    const ch = channel<number>(2)
    ch.trySend(1)
    ch.trySend(2)
    const loop = async () => {
      for await (const _ of ch) throw new Error('enough')
    }
    expect(await rejectionOf(loop())).toMatchObject({ message: 'enough' })
    expect(ch.closed).toBe(false)
    expect(drain(ch)).toEqual([2])
  })

  test('C25 many consumers of one closed channel get each value exactly once and all end', async () => {
    const ch = channel<number>(10)
    const seen: number[] = []
    const consumers = Array.from({ length: 20 }, async () => {
      for await (const value of ch) {
        seen.push(value)
        await Promise.resolve()
      }
    })
    const producers = Array.from({ length: 5 }, async (_, p) => {
      for (let i = 0; i < 200; i++) await ch.send(p * 200 + i)
    })
    await Promise.all(producers)
    ch.close()
    await Promise.all(consumers)
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, i) => i))
  })
})

describe('R5 values', () => {
  describe.each(awkwardValues())('$name', ({ value }) => {
    test('C31 J1 J2 passes by identity through a buffer', async () => {
      const ch = channel<unknown>(2)
      await ch.send(value)
      expect(ch.trySend(value)).toBe(true)
      expect(isSame(await ch.receive(), value)).toBe(true)
      expect(isSame(ch.tryReceive(), value)).toBe(true)
    })

    test('C31 J1 J2 passes by identity from hand to hand', async () => {
      const ch = channel<unknown>()
      const received = ch.receive()
      await ch.send(value)
      expect(isSame(await received, value)).toBe(true)
      const sent = ch.send(value)
      expect(isSame(await ch.receive(), value)).toBe(true)
      await sent
    })

    test('C31 J1 J2 passes by identity through select', async () => {
      const ch = channel<unknown>()
      const selected = select({ ch })
      expect(await select([sendCase(ch, value)])).toStrictEqual({ case: 0 })
      expect(isSame(await selected, value)).toBe(true)
      const sent = select([sendCase(ch, value)])
      expect(isSame(trySelect([ch]), value)).toBe(true)
      expect(await sent).toStrictEqual({ case: 0 })
    })

    test('C31 J1 J2 passes by identity through for await, waiting and not', async () => {
      const ch = channel<unknown>(1)
      const seen: unknown[] = []
      const loop = (async () => {
        for await (const received of ch) seen.push(received)
      })()
      ch.trySend(value)
      await settle()
      ch.trySend(value)
      ch.trySend(value)
      ch.close()
      await loop
      expect(seen.length).toBe(3)
      expect(seen.every((received) => Object.is(received, value))).toBe(true)
    })

    test('C31 is carried unsent by the ClosedChannelError', async () => {
      const ch = channel<unknown>()
      const blocked = rejectionOf(ch.send(value))
      ch.close()
      expect(Object.is(((await blocked) as ClosedChannelError).value, value)).toBe(true)
      expect(Object.is((thrownBy(() => ch.trySend(value)) as ClosedChannelError).value, value)).toBe(true)
    })
  })

  function isSame(result: { value?: unknown; ok?: boolean } | undefined, value: unknown): boolean {
    return result !== undefined && result.ok === true && Object.is(result.value, value)
  }

  test('J1 a promise in a box is untouched: the receiver decides when to await it', async () => {
    const ch = channel<Promise<number>>(1)
    await ch.send(Promise.resolve(42))
    const { value } = await ch.receive()
    expect(value).toBeInstanceOf(Promise)
    expect(await value).toBe(42)
  })
})

describe('cancel', () => {
  const operations: [string, (ch: Channel<number>, cancel: AbortController) => Promise<unknown>][] = [
    ['receive', (ch, cancel) => ch.receive(cancel)],
    ['select', (ch, cancel) => select([ch], cancel)],
  ]

  test.each(operations)(
    'api: a cancel that fired already wins over a ready channel: %s',
    async (_, operate) => {
      const ch = channel<number>(1)
      ch.trySend(1)
      const controller = new AbortController()
      controller.abort('enough')
      expect(await rejectionOf(operate(ch, controller))).toBe('enough')
      expect(drain(ch)).toEqual([1])
      ch.close()
      expect(await rejectionOf(operate(ch, controller))).toBe('enough')
    },
  )

  test('api: a cancel that fired already wins over room for a send', async () => {
    const ch = channel<number>(1)
    const controller = new AbortController()
    controller.abort('enough')
    expect(await rejectionOf(ch.send(1, controller))).toBe('enough')
    expect(await rejectionOf(select([sendCase(ch, 1)], controller))).toBe('enough')
    expect(ch.length).toBe(0)
    ch.close()
    expect(await rejectionOf(ch.send(1, controller))).toBe('enough')
  })

  test.each(operations)(
    'J7 R3 delivered, then cancelled in the same turn: delivered: %s',
    async (_, operate) => {
      const ch = channel<number>()
      const controller = new AbortController()
      const waiting = operate(ch, controller)
      expect(ch.trySend(1)).toBe(true)
      controller.abort('late')
      expect(await waiting).toMatchObject({ value: 1, ok: true })
    },
  )

  test.each(operations)(
    'J7 R3 cancelled, then offered in the same turn: not delivered: %s',
    async (_, operate) => {
      const ch = channel<number>()
      const controller = new AbortController()
      const waiting = operate(ch, controller)
      controller.abort('enough')
      expect(ch.trySend(1)).toBe(false)
      expect(await rejectionOf(waiting)).toBe('enough')
    },
  )

  test('J7 R3 a send that was taken, then cancelled in the same turn, is sent', async () => {
    const ch = channel<number>()
    const controller = new AbortController()
    const sent = ch.send(1, controller)
    const selected = select([sendCase(ch, 2)], controller)
    expect(drain(ch)).toEqual([1, 2])
    controller.abort('late')
    await sent
    expect(await selected).toEqual({ case: 0 })
  })

  test('J7 R3 a send that was cancelled cannot be received in the same turn', async () => {
    const ch = channel<number>()
    const controller = new AbortController()
    const sent = ch.send(1, controller)
    const selected = select([sendCase(ch, 2)], controller)
    controller.abort('enough')
    expect(ch.tryReceive()).toBeUndefined()
    expect(await rejectionOf(sent)).toBe('enough')
    expect(await rejectionOf(selected)).toBe('enough')
  })

  test('R3 closed, then cancelled in the same turn: closed', async () => {
    const toReceive = channel<number>()
    const toSend = channel<number>()
    const controller = new AbortController()
    const received = toReceive.receive(controller)
    const sent = rejectionOf(toSend.send(1, controller))
    toReceive.close()
    toSend.close()
    controller.abort('late')
    expect(await received).toStrictEqual(CLOSED)
    expect(await sent).toBeInstanceOf(ClosedChannelError)
  })

  test('R7 a cancelled waiter leaves the order of the others', async () => {
    const ch = channel<number>()
    const controller = new AbortController()
    const first = ch.receive()
    const second = rejectionOf(ch.receive(controller))
    const third = ch.receive()
    controller.abort('enough')
    expect([ch.trySend(1), ch.trySend(2), ch.trySend(3)]).toEqual([true, true, false])
    expect([await first, await second, await third]).toEqual([got(1), 'enough', got(2)])
  })

  test.each([
    ['null', null],
    ['a plain signal', new AbortController().signal],
    ['a number', 1],
    ['a signal that is none', { signal: {} }],
  ])('api: thrown at once: a cancel that is %s is a TypeError', (_, wrong) => {
    const ch = channel<number>(1)
    expect(() => ch.receive(wrong as never)).toThrow(TypeError)
    expect(() => ch.send(1, wrong as never)).toThrow(TypeError)
    expect(() => select([ch], wrong as never)).toThrow(TypeError)
    expect(ch.length).toBe(0)
  })
})

describe('overflow', () => {
  test.each(['drop-oldest', 'drop-newest'] as const)(
    'api: a %s channel needs a capacity of at least 1',
    (overflow) => {
      expect(() => channel(0, { overflow })).toThrow(RangeError)
      expect(channel(1, { overflow }).capacity).toBe(1)
    },
  )

  test.each([
    { overflow: 'drop-oldest', kept: [3, 4, 5] },
    { overflow: 'drop-newest', kept: [1, 2, 3] },
  ] as const)(
    'api: a $overflow channel never makes a sender wait and counts what it dropped',
    async ({ overflow, kept }) => {
      const ch = channel<number>(3, { overflow })
      await ch.send(1)
      expect(ch.trySend(2)).toBe(true)
      await ch.send(3)
      expect(ch.dropped).toBe(0)
      await ch.send(4)
      expect(await select([sendCase(ch, 5)])).toEqual({ case: 0 })
      expect(ch).toMatchObject({ dropped: 2, length: 3 })
      expect(drain(ch)).toEqual(kept)
    },
  )

  test.each(['drop-oldest', 'drop-newest'] as const)(
    'K1 a %s channel hands a value to a receiver that waits',
    async (overflow) => {
      const ch = channel<number>(1, { overflow })
      const received = ch.receive()
      ch.trySend(2)
      ch.trySend(3)
      expect(await received).toEqual(got(2))
      expect(drain(ch)).toEqual([3])
      expect(ch.dropped).toBe(0)
    },
  )

  test.each(['drop-oldest', 'drop-newest'] as const)(
    'C12 a closed %s channel refuses to send',
    async (overflow) => {
      const ch = channel<number>(1, { overflow })
      ch.trySend(1)
      ch.close()
      expect(() => ch.trySend(2)).toThrow(ClosedChannelError)
      expect(await rejectionOf(ch.send(2))).toBeInstanceOf(ClosedChannelError)
      expect(drain(ch)).toEqual([1])
      expect(ch.dropped).toBe(0)
    },
  )

  test('api: a waiting channel drops nothing', async () => {
    const ch = channel<number>(1, { overflow: 'wait' })
    ch.trySend(1)
    await expectPending(ch.send(2))
    expect(ch.dropped).toBe(0)
    expect(drain(ch)).toEqual([1, 2])
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
