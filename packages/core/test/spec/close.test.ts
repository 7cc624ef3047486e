import { describe, expect, test } from 'vitest'
import { type Channel, ClosedChannelError, channel, select, sendCase, trySelect } from 'chansel'
import { expectNothingLeft, rejectionOf, settle, thrownBy } from '../support/pending.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }
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

  test('C10 C11 close reaches each of a thousand, on either side', async () => {
    const values = Array.from({ length: 1_500 }, (_, i) => i)
    const full = channel<number>()
    const sends = Promise.all(values.map((value) => rejectionOf(full.send(value))))
    full.close()
    expect((await sends).map((error) => (error as ClosedChannelError).value)).toEqual(values)
    const empty = channel<number>()
    const receives = Promise.all(values.map(() => empty.receive()))
    empty.close()
    expect(new Set(await receives)).toEqual(new Set([CLOSED]))
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
    expect(await ch.receive()).toStrictEqual(CLOSED)
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
