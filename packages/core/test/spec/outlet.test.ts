import { describe, expect, test } from 'vitest'
import {
  ClosedChannelError,
  background,
  channel as newChannel,
  select,
  sendCase,
  trySelect,
  withCancel,
} from 'chansel'
import { type OutletOptions, outlet } from 'chansel/device'
import { selector } from 'chansel/selector'
import { expectNothingLeft, expectPending, rejectionOf, settle, thrownBy } from '../support/pending.ts'
import { awkwardValues } from '../support/values.ts'

expectNothingLeft()

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
    return {
      channel: target.channel,
      ready: () => target.ready(),
      fail: (errorFor: (value: number) => unknown) => target.fail(errorFor),
      device,
    }
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

  test('R6 C7 room of which the device has not told yet belongs to those who wait', async () => {
    const { channel, ready, device } = sink(0)
    const waiting = channel.send(1)
    device.room = 2
    expect(channel.trySend(2)).toBe(false)
    const second = channel.send(3)
    await expectPending(waiting, second)
    ready()
    await Promise.all([waiting, second])
    expect(device.written).toEqual([1, 3])
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

  test('S2 a send case on a device that failed is ready, though the device be full', async () => {
    const { channel, fail } = sink(0)
    fail((value) => `lost ${value}`)
    expect(await rejectionOf(select([sendCase(channel, 1)]))).toBe('lost 1')
    expect(thrownBy(() => trySelect([sendCase(channel, 2)]))).toBe('lost 2')
  })

  test('close tells the device once, with its error; a second close throws', () => {
    const ended = sink(1)
    expect(ended.channel.closed).toBe(false)
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
    expect(() => channel.close()).toThrow('Cannot close channel "socket": already closed')
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

  test('J13 what check throws is thrown under a cancel that fired, too', () => {
    const check = (): never => {
      throw new TypeError('never')
    }
    const cancel = { signal: AbortSignal.abort('enough') }
    expect(() => void sink(1, { check }).channel.send(1, cancel)).toThrow(new TypeError('never'))
  })

  describe('waits', () => {
    /** An outlet without room that notes when waits begin, and how they end. */
    function watched() {
      const noted: string[] = []
      let count = 0
      const waits = () => {
        const number = ++count
        noted.push(`${number} waits`)
        return (isWritten: boolean) => void noted.push(`${number} ${isWritten ? 'is written' : 'is over'}`)
      }
      return { ...sink(0, { waits }), noted }
    }

    test('is called when a send begins to wait, and what it returns when the value is written', async () => {
      const { channel, device, ready, noted } = watched()
      const sends = [channel.send(1), select([sendCase(channel, 2)])]
      expect(channel.trySend(3)).toBe(false)
      expect(noted).toEqual(['1 waits', '2 waits'])
      device.room = 2
      ready()
      await Promise.all(sends)
      expect(noted.slice(2)).toEqual(['1 is written', '2 is written'])
      device.room = 3
      await channel.send(4)
      expect(noted).toHaveLength(4)
    })

    test('tells the end of a wait that was cancelled, lost its select, or failed', async () => {
      const { channel, fail, noted } = watched()
      const other = newChannel<number>(1)
      const ctx = withCancel(background())
      const cancelled = rejectionOf(channel.send(1, ctx))
      const lost = select([sendCase(channel, 2), other])
      const failed = rejectionOf(channel.send(3))
      ctx.cancel()
      expect(noted.slice(3)).toEqual(['1 is over'])
      other.trySend(0)
      expect(noted.slice(4)).toEqual(['2 is over'])
      fail(() => 'broken')
      expect(noted.slice(5)).toEqual(['3 is over'])
      await Promise.all([cancelled, lost, failed])
      expect(noted).toHaveLength(6)
    })

    test('tells the end of each wait once, of a selector, too', async () => {
      const over: boolean[] = []
      let count = 0
      const waits = () => (count++ === 0 ? (isWritten: boolean) => void over.push(isWritten) : undefined)
      const { channel, device, ready } = sink(0, { waits })
      using events = selector([sendCase(channel, 1)])
      for (let round = 1; round <= 2; round++) {
        const sent = events.select()
        device.room = round
        ready()
        await sent
      }
      expect([count, over]).toEqual([2, [true]])
    })

    test('may return nothing', async () => {
      let count = 0
      const waits = () => {
        count++
        return undefined
      }
      const { channel, device, ready } = sink(0, { waits })
      const waiting = channel.send(1)
      device.room = 1
      ready()
      await waiting
      expect(count).toBe(1)
    })
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
