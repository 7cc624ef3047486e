import { describe, expect, test } from 'vitest'
import { channel, select, sendCase, sendOnly, trySelect } from 'chansel'
import { convertSends, inlet, outlet } from 'chansel/device'
import { expectNothingLeft, expectPending, rejectionOf, thrownBy } from '../support/pending.ts'

expectNothingLeft()

describe('convertSends', () => {
  const double = (value: number): string => {
    if (Number.isNaN(value)) throw new TypeError('not a number')
    return String(value * 2)
  }

  test('send, trySend and send cases convert, once each, in the call', async () => {
    const texts = channel<string>(3)
    const calls: number[] = []
    const numbers = convertSends(texts, (value: number) => {
      calls.push(value)
      return double(value)
    })
    const sending = numbers.send(1)
    expect(calls).toEqual([1])
    await sending
    numbers.trySend(2)
    const sent = sendCase(numbers, 3)
    expect(calls).toEqual([1, 2, 3])
    expect(await select({ sent })).toEqual({ case: 'sent' })
    expect(calls).toEqual([1, 2, 3])
    expect([texts.tryReceive(), texts.tryReceive(), texts.tryReceive()].map((r) => r?.value)).toEqual([
      '2',
      '4',
      '6',
    ])
  })

  test('waits as the channel does, in one line with its other senders, and can be cancelled', async () => {
    const texts = channel<string>()
    const numbers = convertSends(texts, double)
    const controller = new AbortController()
    const cancelled = numbers.send(1, controller)
    const waiting = [numbers.send(2), texts.send('plain'), select([sendCase(numbers, 3)])]
    await expectPending(cancelled, ...waiting)
    controller.abort('enough')
    expect(await rejectionOf(cancelled)).toBe('enough')
    expect([texts.tryReceive(), texts.tryReceive(), texts.tryReceive()].map((r) => r?.value)).toEqual([
      '4',
      'plain',
      '6',
    ])
    await Promise.all(waiting)
  })

  test('a cancel that has fired already wins: nothing is converted', async () => {
    const texts = channel<string>(1)
    const numbers = convertSends<number, string>(texts, () => {
      throw new Error('mine')
    })
    const controller = new AbortController()
    controller.abort('enough')
    expect(await rejectionOf(numbers.send(1, controller))).toBe('enough')
    expect(texts.length).toBe(0)
  })

  test('under what is no cancel nothing is converted', () => {
    const numbers = convertSends<number, string>(channel<string>(1), () => expect.unreachable('converted'))
    for (const wrong of [null, 0, {}]) expect(() => numbers.send(1, wrong as never)).toThrow(TypeError)
  })

  test('what cannot be converted is the outcome of the call, and nothing was sent', async () => {
    const texts = channel<string>(3)
    const numbers = convertSends(texts, double)
    expect(await rejectionOf(numbers.send(NaN))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => numbers.trySend(NaN))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => sendCase(numbers, NaN))).toBeInstanceOf(TypeError)
    expect(texts.length).toBe(0)
  })

  test('what the channel can never take is refused after the conversion', () => {
    const { channel: texts } = outlet<string>({
      length: () => 0,
      isFull: () => false,
      write: () => {},
      closed: () => {},
      check: (value) => {
        if (value === '2') throw new RangeError('two')
      },
    })
    const numbers = convertSends(texts, double)
    expect(thrownBy(() => sendCase(numbers, 1))).toBeInstanceOf(RangeError)
    expect(thrownBy(() => numbers.trySend(1))).toBeInstanceOf(RangeError)
    expect(trySelect({ sent: sendCase(numbers, 2) })).toEqual({ case: 'sent' })
  })

  test('over a conversion, and behind a view', () => {
    const texts = channel<string>(2)
    const lists = convertSends(convertSends(texts, double), (list: number[]) => list.length)
    lists.trySend([7])
    trySelect([sendCase(sendOnly(lists), [7, 7])])
    expect([texts.tryReceive()?.value, texts.tryReceive()?.value]).toEqual(['2', '4'])
  })

  test('is the channel in all else', () => {
    const texts = channel<string>(2, { name: 'texts' })
    const numbers = convertSends(texts, double)
    numbers.trySend(1)
    expect(numbers).toMatchObject({ name: 'texts', capacity: 2, length: 1, closed: false })
    numbers.close()
    expect(texts.closed && numbers.closed).toBe(true)
    expect(thrownBy(() => structuredClone(numbers))).toMatchObject({ name: 'DataCloneError' })
  })

  test.each([
    ['no channel', {}, String],
    ['no function', channel<string>(), 'text'],
  ])('%s throws at once', (_, ch, convert) => {
    expect(thrownBy(() => convertSends(ch as never, convert as never))).toBeInstanceOf(TypeError)
  })
})

describe('inlet', () => {
  test('offer says whether a receiver waited', async () => {
    const source = inlet<number>({ capacity: 1, taken: () => {} })
    const receiving = source.channel.receive()
    expect([source.offer(1), source.offer(2)]).toEqual([true, false])
    expect(await receiving).toEqual({ value: 1, ok: true })
  })

  test('what is behind counts in the length, and cannot be received', () => {
    const device = { behind: 3 }
    const source = inlet<number>({
      capacity: 1,
      taken: () => {},
      behind: () => device.behind,
    })
    const numbers = source.channel
    expect(numbers.length).toBe(3)
    expect(numbers.tryReceive()).toBeUndefined()
    source.offer(1)
    expect(numbers.length).toBe(4)
    device.behind = 0
    expect(trySelect([numbers])).toEqual({ case: 0, value: 1, ok: true })
    expect(numbers.length).toBe(0)
  })
})
