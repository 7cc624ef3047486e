import { describe, expect, test } from 'vitest'
import { ClosedChannelError, select, sendCase, trySelect } from 'chansel'
import { type InletOptions, type OutletOptions, inlet, outlet } from 'chansel/device'
import { expectNothingLeft, expectPending, rejectionOf, settle, thrownBy } from '../support/pending.ts'
import { awkwardValues } from '../support/values.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }
const got = <T>(value: T) => ({ value, ok: true })

describe('inlet', () => {
  function source<T = number>(options: Partial<InletOptions<T>> = {}) {
    const taken: T[] = []
    const device = inlet<T>({ capacity: 2, taken: (value) => void taken.push(value), ...options })
    return { ...device, taken }
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

describe('outlet', () => {
  /** A device that is full when it has `room` values, and passes one on when told to. */
  function sink(room: number, options: Partial<OutletOptions<number>> = {}) {
    const written: number[] = []
    const closedWith: unknown[] = []
    const device = { room, written, closedWith }
    const target = outlet<number>({
      length: () => written.length,
      isFull: () => written.length >= device.room,
      write: (value) => void written.push(value),
      closed: (error) => void closedWith.push(error),
      ...options,
    })
    return { ...target, device }
  }

  test('a send writes at once while the device is not full', async () => {
    const { channel, device } = sink(2)
    await channel.send(1)
    expect(channel.trySend(2)).toBe(true)
    expect(channel.trySend(3)).toBe(false)
    expect(device.written).toEqual([1, 2])
    expect(channel.length).toBe(2)
  })

  test('a send waits while the device is full; ready() writes those that wait, longest first, until it is full', async () => {
    const { channel, ready, device } = sink(1)
    await channel.send(0)
    const sends = [channel.send(1), select([sendCase(channel, 2)]), channel.send(3)]
    await expectPending(...sends)
    ready()
    expect(device.written).toEqual([0])
    device.room = 3
    ready()
    expect(device.written).toEqual([0, 1, 2])
    await sends[0]
    expect(await sends[1]).toEqual({ case: 0 })
    await expectPending(sends[2]!)
    device.room = 9
    ready()
    ready()
    await sends[2]
    expect(device.written).toEqual([0, 1, 2, 3])
  })

  test('sends that wait are told in order', async () => {
    const { channel, ready, device } = sink(0)
    const log: number[] = []
    for (const value of [1, 2, 3]) void channel.send(value).then(() => log.push(value))
    device.room = 3
    ready()
    await settle()
    expect(log).toEqual([1, 2, 3])
  })

  test('a select that lost writes nothing', async () => {
    const one = sink(0)
    const two = sink(0)
    const selected = select([sendCase(one.channel, 1), sendCase(two.channel, 2)])
    two.device.room = 1
    two.ready()
    one.device.room = 1
    one.ready()
    expect(await selected).toEqual({ case: 1 })
    expect([one.device.written, two.device.written]).toEqual([[], [2]])
  })

  test('a select with default takes it while the device is full', () => {
    const { channel, device } = sink(0)
    expect(trySelect([sendCase(channel, 1)])).toBeUndefined()
    device.room = 1
    expect(trySelect([sendCase(channel, 1)])).toEqual({ case: 0 })
    expect(device.written).toEqual([1])
  })

  test('a send that waits can be cancelled and is not written', async () => {
    const { channel, ready, device } = sink(0)
    const controller = new AbortController()
    const cancelled = rejectionOf(channel.send(1, controller))
    const next = channel.send(2)
    controller.abort('enough')
    device.room = 9
    ready()
    await next
    expect([await cancelled, device.written]).toEqual(['enough', [2]])
    expect(await rejectionOf(channel.send(3, controller))).toBe('enough')
    expect(device.written).toEqual([2])
  })

  test('fail(errorFor) fails sends that wait and all later ones, each with the error for its value', async () => {
    const { channel, fail, device } = sink(0)
    const waiting = [channel.send(1), select([sendCase(channel, 2)])].map(rejectionOf)
    fail((value) => `lost ${value}`)
    expect(await Promise.all(waiting)).toEqual(['lost 1', 'lost 2'])
    device.room = 9
    expect(await rejectionOf(channel.send(3))).toBe('lost 3')
    expect(thrownBy(() => channel.trySend(4))).toBe('lost 4')
    expect(await rejectionOf(select([sendCase(channel, 5)]))).toBe('lost 5')
    expect(thrownBy(() => trySelect([sendCase(channel, 6)]))).toBe('lost 6')
    expect(device.written).toEqual([])
    expect(channel.closed).toBe(true)
  })

  test('close tells the device once, with its error; a second close throws', () => {
    const ended = sink(1)
    ended.channel.close()
    expect(ended.channel.closed).toBe(true)
    expect(() => ended.channel.close()).toThrow(ClosedChannelError)
    expect(ended.device.closedWith).toEqual([undefined])
    const failed = sink(1)
    failed.channel.close('broken')
    expect(failed.device.closedWith).toEqual(['broken'])
  })

  test('close fails sends that wait and all later ones with a ClosedChannelError', async () => {
    const { channel, ready, device } = sink(0, { name: 'socket' })
    const waiting = [channel.send(1), select([sendCase(channel, 2)])].map(rejectionOf)
    channel.close('broken')
    expect(await Promise.all(waiting)).toMatchObject([
      {
        code: 'ERR_CHANNEL_CLOSED',
        value: 1,
        cause: 'broken',
        message: 'Cannot send on channel "socket": closed',
      },
      { code: 'ERR_CHANNEL_CLOSED', value: 2, cause: 'broken' },
    ])
    device.room = 9
    ready()
    expect(thrownBy(() => channel.trySend(3))).toMatchObject({ code: 'ERR_CHANNEL_CLOSED', value: 3 })
    expect(device.written).toEqual([])
  })

  test('close after fail still closes; sends fail with the error of the device', async () => {
    const { channel, fail, device } = sink(1)
    fail((value) => `lost ${value}`)
    channel.close()
    expect(device.closedWith).toEqual([undefined])
    expect(await rejectionOf(channel.send(1))).toBe('lost 1')
  })

  test('check throws for a value that can never be written: the caller hears of it at once', async () => {
    const check = (value: number) => {
      expect(Number.isInteger(value), 'a whole number').toBe(true)
    }
    const { channel, device } = sink(1, { check })
    expect(() => void channel.send(0.5)).toThrow('a whole number')
    expect(() => channel.trySend(0.5)).toThrow('a whole number')
    expect(() => sendCase(channel, 0.5)).toThrow('a whole number')
    await channel.send(1)
    expect(() => void channel.send(0.5)).toThrow('a whole number')
    expect(device.written).toEqual([1])
  })

  test('length is what the device has, capacity is what it says', () => {
    expect(sink(1).channel).toMatchObject({ capacity: Infinity, length: 0 })
    expect(sink(1, { capacity: 5, name: 'socket' }).channel).toMatchObject({ capacity: 5, name: 'socket' })
  })

  test('thrown at once: a capacity or a name that is none', () => {
    expect(() => sink(1, { capacity: -1 })).toThrow(RangeError)
    expect(() => sink(1, { capacity: '1' as never })).toThrow(TypeError)
    expect(() => sink(1, { name: 1 as never })).toThrow(TypeError)
  })

  test.each(awkwardValues())('passes $name by identity', async ({ value }) => {
    const written: unknown[] = []
    const device = { full: false }
    const target = outlet<unknown>({
      length: () => 0,
      isFull: () => device.full,
      write: (given) => void written.push(given),
      closed() {},
    })
    await target.channel.send(value)
    device.full = true
    const sent = target.channel.send(value)
    device.full = false
    target.ready()
    await sent
    expect(written.length).toBe(2)
    expect(written.every((given) => Object.is(given, value))).toBe(true)
  })
})
