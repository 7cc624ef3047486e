import { describe, expect, test } from 'vitest'
import {
  type Channel,
  ClosedChannelError,
  background,
  channel,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  trySelect,
  withCancel,
} from 'chansel'
import { expectNothingLeft, expectPending, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

const got = <T>(value: T) => ({ value, ok: true })

/** The values that can be received now. */
function drain<T>(ch: Channel<T>): T[] {
  const values: T[] = []
  for (let result = ch.tryReceive(); result?.ok === true; result = ch.tryReceive()) values.push(result.value)
  return values
}

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

  test.each(['drop-oldest', 'drop-newest'] as const)(
    'K1 a %s channel serves all who wait, plain and select, before it keeps or drops anything',
    async (overflow) => {
      const ch = channel<number>(1, { overflow })
      const waits = [ch.receive(), select({ ch }), ch[Symbol.asyncIterator]().next()]
      for (const value of [1, 2, 3]) expect(trySelect([sendCase(ch, value)])).toEqual({ case: 0 })
      expect(ch).toMatchObject({ length: 0, dropped: 0 })
      expect((await Promise.all(waits)).map(({ value }) => value)).toEqual([1, 2, 3])
    },
  )

  test.each([
    { overflow: 'drop-oldest', kept: [3] },
    { overflow: 'drop-newest', kept: [1] },
  ] as const)(
    'api 1: a $overflow channel is ready to send for a select, and its drop is the case that happened',
    async ({ overflow, kept }) => {
      const ch = channel<number>(1, { overflow })
      for (const value of [1, 2, 3])
        expect(await select({ sent: sendCase(ch, value) })).toEqual({ case: 'sent' })
      expect(ch.dropped).toBe(2)
      expect(drain(ch)).toEqual(kept)
    },
  )

  test.each(['drop-oldest', 'drop-newest'] as const)(
    'K2 a %s channel says that the dropped send succeeded, and drops nothing for a cancelled one',
    async (overflow) => {
      const ch = channel<number>(1, { overflow })
      const ctx = withCancel(background())
      expect([ch.trySend(1), ch.trySend(2), await ch.send(3, ctx)]).toEqual([true, true, undefined])
      expect(ch.dropped).toBe(2)
      ctx.cancel()
      expect(await rejectionOf(ch.send(4, ctx))).toBe(ctx.err)
      expect(await rejectionOf(sendOnly(ch).send(5, ctx))).toBe(ctx.err)
      expect(ch.dropped).toBe(2)
    },
  )

  test.each(['wait', 'drop-oldest', 'drop-newest'] as const)(
    'api 1: an unbounded %s channel takes everything and drops nothing',
    async (overflow) => {
      const ch = channel<number>(Infinity, { overflow })
      for (let i = 0; i < 1_000; i++) await ch.send(i)
      expect(trySelect([sendCase(ch, 1_000)])).toEqual({ case: 0 })
      expect(ch).toMatchObject({ length: 1_001, dropped: 0, capacity: Infinity })
      expect(drain(ch)).toEqual(Array.from({ length: 1_001 }, (_, i) => i))
    },
  )

  test.each([
    ['drop-oldest', [2, 3]],
    ['drop-newest', [1, 2]],
  ] as const)(
    'C9 K3 what a %s channel holds is received after close, and after a failure',
    async (overflow, held) => {
      for (const error of [undefined, 'broken']) {
        const ch = channel<number>(2, { overflow })
        for (const value of [1, 2, 3]) ch.trySend(value)
        ch.close(error)
        expect(ch).toMatchObject({ length: 2, dropped: 1 })
        expect([ch.tryReceive(), (await ch.receive()).value]).toEqual([got(held[0]), held[1]])
        expect(await ch.receive().catch(String)).toEqual(error ?? { value: undefined, ok: false })
      }
    },
  )

  test('K1 the newest of a channel of one is what a late receiver sees', async () => {
    const ch = channel<string>(1, { overflow: 'drop-oldest' })
    const seen: string[] = []
    const waiting = ch.receive()
    for (const value of ['a', 'b', 'c', 'd']) ch.trySend(value)
    seen.push((await waiting).value!)
    ch.close()
    for await (const value of receiveOnly(ch)) seen.push(value)
    expect(seen).toEqual(['a', 'd'])
    expect(ch.dropped).toBe(2)
  })

  test('api 1: dropped is counted for the life of the channel, and stays after close', () => {
    const ch = channel<number>(2, { overflow: 'drop-newest' })
    for (let i = 0; i < 5; i++) ch.trySend(i)
    drain(ch)
    for (let i = 0; i < 2_000; i++) ch.trySend(i)
    ch.close()
    expect(() => ch.trySend(9)).toThrow(ClosedChannelError)
    expect(ch.dropped).toBe(2_001)
  })
})
