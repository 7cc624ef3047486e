import { describe, expect, test } from 'vitest'
import { ClosedChannelError, select, trySelect } from 'chansel'
import { type InletOptions, inlet } from 'chansel/device'
import { expectNothingLeft, expectPending, rejectionOf, thrownBy } from '../support/pending.ts'
import { awkwardValues } from '../support/values.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }
const got = <T>(value: T) => ({ value, ok: true })

describe('inlet', () => {
  function source<T = number>(options: Partial<InletOptions<T>> = {}) {
    const taken: T[] = []
    const device = inlet<T>({ capacity: 2, taken: (value) => void taken.push(value), ...options })
    return {
      channel: device.channel,
      offer: (value: T) => device.offer(value),
      close: (error?: unknown) => device.close(error),
      taken,
    }
  }

  test('values are received in the order in which they were offered', async () => {
    const { channel, offer } = source()
    for (const value of [1, 2, 3]) offer(value)
    expect([await channel.receive(), channel.tryReceive(), await channel.receive()]).toEqual(
      [1, 2, 3].map(got),
    )
    expect(channel.tryReceive()).toBeUndefined()
  })

  test('offer hands over to a receiver that waits, longest first', async () => {
    const { channel, offer } = source()
    const receives = [channel.receive(), select([channel]), channel[Symbol.asyncIterator]().next()]
    await expectPending(...receives)
    for (const value of [1, 2, 3]) offer(value)
    expect(await Promise.all(receives)).toEqual([
      got(1),
      { case: 0, value: 2, ok: true },
      { value: 3, done: false },
    ])
    expect(channel.length).toBe(0)
  })

  test('offer is never refused, for a device cannot unread', () => {
    const { channel, offer } = source({ capacity: 2 })
    for (let i = 0; i < 5; i++) offer(i)
    expect([channel.length, channel.capacity]).toEqual([5, 2])
    const unbuffered = source({ capacity: 0 })
    unbuffered.offer(1)
    expect(unbuffered.channel.length).toBe(1)
    expect(unbuffered.channel.tryReceive()).toEqual(got(1))
  })

  test('taken is called exactly for values that waited, in the receive, in order', async () => {
    const { channel, offer, taken } = source()
    offer(1)
    offer(2)
    expect(taken).toEqual([])
    channel.tryReceive()
    expect(taken).toEqual([1])
    const received = channel.receive()
    expect(taken).toEqual([1, 2])
    await received
    const direct = [channel.receive(), select([channel]), channel[Symbol.asyncIterator]().next()]
    for (const value of [3, 4, 5]) offer(value)
    await Promise.all(direct)
    expect(taken).toEqual([1, 2])
    offer(6)
    expect(trySelect([channel])).toEqual({ case: 0, value: 6, ok: true })
    expect(taken).toEqual([1, 2, 6])
    channel.tryReceive()
    expect(taken).toEqual([1, 2, 6])
  })

  test('taken is not called for the end, a failure or a case that lost', async () => {
    const { channel, offer, close, taken } = source()
    offer(1)
    const other = source()
    other.offer(2)
    const event = await select([channel, other.channel])
    expect([taken, other.taken]).toEqual(
      [
        [[1], []],
        [[], [2]],
      ][event.case],
    )
    channel.tryReceive()
    close()
    expect(await channel.receive()).toStrictEqual(CLOSED)
    expect(channel.tryReceive()).toStrictEqual(CLOSED)
    expect(taken).toEqual([1])
  })

  test('in taken the length is what is left, so that the device may go on', () => {
    const lengths: number[] = []
    const device = inlet<number>({ capacity: 2, taken: () => void lengths.push(device.channel.length) })
    for (const value of [1, 2, 3]) device.offer(value)
    for (let i = 0; i < 3; i++) device.channel.tryReceive()
    expect(lengths).toEqual([2, 1, 0])
  })

  test('close ends the channel after what waits in it', async () => {
    const { channel, offer, close } = source()
    offer(1)
    close()
    expect(thrownBy(() => offer(2))).toBeInstanceOf(ClosedChannelError)
    expect(thrownBy(() => offer(2))).toMatchObject({ operation: 'send', value: 2 })
    expect(thrownBy(() => close())).toBeInstanceOf(ClosedChannelError)
    const seen: number[] = []
    for await (const value of channel) seen.push(value)
    expect(seen).toEqual([1])
  })

  test('close ends receivers that wait', async () => {
    const { channel, close } = source()
    const waiting = [channel.receive(), select([channel])]
    close()
    expect(await Promise.all(waiting)).toStrictEqual([CLOSED, { case: 0, ...CLOSED }])
  })

  test.each([
    ['an error', new Error('cut')],
    ['null', null],
  ])('close(error) fails it after what waits in it: %s', async (_, error) => {
    const { channel, offer, close } = source()
    offer(1)
    close(error)
    expect(await channel.receive()).toEqual(got(1))
    expect(await rejectionOf(channel.receive())).toBe(error)
    expect(thrownBy(() => channel.tryReceive())).toBe(error)
    expect(thrownBy(() => trySelect([channel]))).toBe(error)
  })

  test('the channel has a name and a capacity, and no send or close', () => {
    const { channel } = source({ name: 'socket', capacity: 7 })
    expect(channel).toMatchObject({ name: 'socket', capacity: 7, length: 0 })
    for (const member of ['send', 'trySend', 'close', 'offer']) expect(member in channel).toBe(false)
    expect(source().channel.name).toBeUndefined()
  })

  test('a receive can be cancelled, and the next value goes to the next receiver', async () => {
    const { channel, offer, taken } = source()
    const controller = new AbortController()
    const cancelled = rejectionOf(channel.receive(controller))
    const next = channel.receive()
    controller.abort('enough')
    offer(1)
    expect([await cancelled, await next]).toEqual(['enough', got(1)])
    offer(2)
    expect(await rejectionOf(channel.receive(controller))).toBe('enough')
    expect([channel.length, taken]).toEqual([1, []])
  })

  test.each(awkwardValues())('passes $name by identity', async ({ value }) => {
    const { channel, offer, taken } = source<unknown>()
    const received = channel.receive()
    offer(value)
    offer(value)
    expect(Object.is((await received).value, value)).toBe(true)
    expect(Object.is(channel.tryReceive()!.value, value)).toBe(true)
    expect(taken.length).toBe(1)
    expect(Object.is(taken[0], value)).toBe(true)
  })

  test('thrown at once: a capacity or a name that is none', () => {
    expect(() => source({ capacity: -1 })).toThrow(RangeError)
    expect(() => source({ capacity: NaN })).toThrow(RangeError)
    expect(() => source({ capacity: '1' as never })).toThrow(TypeError)
    expect(() => source({ name: 1 as never })).toThrow(TypeError)
  })
})
