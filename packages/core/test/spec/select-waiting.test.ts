import { describe, expect, test } from 'vitest'
import { type Channel, channel, never, select, sendCase, trySelect } from 'chansel'
import { expectNothingLeft, expectPending, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

const full = <T>(...values: T[]): Channel<T> => {
  const ch = channel<T>(values.length)
  for (const value of values) ch.trySend(value)
  return ch
}

describe('waiting', () => {
  test('S4 with nothing ready the select waits on all its channels', async () => {
    for (const i of [0, 1, 2]) {
      const channels = [channel<number>(), channel<number>(1), channel<number>()]
      const selected = select(channels)
      await expectPending(selected)
      expect(channels[i]!.trySend(i)).toBe(true)
      expect(await selected).toEqual({ case: i, value: i, ok: true })
    }
    const outbox = channel<number>()
    const selected = select([channel<number>(), sendCase(outbox, 9)])
    expect(outbox.tryReceive()).toEqual({ value: 9, ok: true })
    expect(await selected).toEqual({ case: 1 })
  })

  test('S5 when it fires, exactly one case has happened and it left all the other channels', async () => {
    const inbox = channel<number>()
    const loser = channel<number>()
    const losingSend = channel<number>()
    const selected = select([inbox, loser, sendCase(losingSend, 3), loser])
    expect(inbox.trySend(1)).toBe(true)
    expect(loser.trySend(2)).toBe(false)
    expect(losingSend.tryReceive()).toBeUndefined()
    expect(await selected).toEqual({ case: 0, value: 1, ok: true })
  })

  test('S5 a cancelled select left all channels', async () => {
    const inbox = channel<number>()
    const outbox = channel<number>()
    const controller = new AbortController()
    const selected = rejectionOf(select([inbox, sendCase(outbox, 1)], controller))
    controller.abort('enough')
    expect(inbox.trySend(1)).toBe(false)
    expect(outbox.tryReceive()).toBeUndefined()
    expect(await selected).toBe('enough')
  })

  test('S7 send and receive on one unbuffered channel in one select never match each other', async () => {
    const ch = channel<number>()
    const controller = new AbortController()
    const selected = select({ sent: sendCase(ch, 1), received: ch }, controller)
    await expectPending(selected)
    expect(trySelect([sendCase(ch, 2), ch])).toSatisfy(isSentOrReceived)
    await selected
    await expectPending(select([ch, sendCase(ch, 1)], controller))
    controller.abort()
  })

  function isSentOrReceived(chosen: unknown): boolean {
    return (
      JSON.stringify(chosen) === '{"case":0}' || JSON.stringify(chosen) === '{"case":1,"value":1,"ok":true}'
    )
  }

  test('S7 on an empty buffer the send happens', async () => {
    const ch = channel<number>(1)
    expect(await select([ch, sendCase(ch, 1)])).toEqual({ case: 1 })
    expect(ch.length).toBe(1)
  })

  test('S7 on a full buffer the receive happens', async () => {
    const ch = full(1)
    expect(await select([ch, sendCase(ch, 2)])).toEqual({ case: 0, value: 1, ok: true })
    expect(ch.length).toBe(0)
  })

  test('S7 on a buffer with values and room either happens', async () => {
    const outcomes = new Set<number>()
    for (let i = 0; i < 100; i++) {
      const ch = channel<number>(2)
      ch.trySend(1)
      outcomes.add((await select([ch, sendCase(ch, 2)])).case)
    }
    expect(outcomes).toEqual(new Set([0, 1]))
  })

  test('S8 two selects with send and receive on one channel match each other', async () => {
    const ch = channel<number>()
    const selects = Array.from({ length: 44 }, (_, i) => select({ sent: sendCase(ch, i), received: ch }))
    const chosen = await Promise.all(selects)
    expect(chosen.filter((event) => event.case === 'sent').length).toBe(22)
    expect(ch.tryReceive()).toBeUndefined()
  })

  test('S8 an odd one is left, and a send finds it', async () => {
    const ch = channel<number>()
    const selects = Array.from({ length: 55 }, (_, i) => select({ sent: sendCase(ch, i), received: ch }))
    expect(ch.trySend(-1)).toBe(true)
    const chosen = await Promise.all(selects)
    expect(chosen.filter((event) => event.case === 'received').length).toBe(28)
    expect(ch.trySend(-1)).toBe(false)
  })

  test('S10 duplicate cases do not corrupt the queue', async () => {
    const ch = channel<number>()
    const controllers = Array.from({ length: 20 }, () => new AbortController())
    for (const controller of controllers) {
      const before = ch.receive()
      const selected = select([ch, ch, never, ch])
      const cancelled = rejectionOf(select([ch, never, ch], controller))
      const behind = ch.receive()
      await ch.send(7)
      expect(await before).toEqual({ value: 7, ok: true })
      controller.abort('enough')
      await ch.send(8)
      expect(await selected).toMatchObject({ value: 8, ok: true })
      await ch.send(9)
      expect(await behind).toEqual({ value: 9, ok: true })
      expect(await cancelled).toBe('enough')
      expect(ch.trySend(10)).toBe(false)
      const sending = select([sendCase(ch, 1), sendCase(ch, 1), ch])
      expect(ch.tryReceive()).toEqual({ value: 1, ok: true })
      expect((await sending).case).toBeLessThan(2)
      expect(ch.tryReceive()).toBeUndefined()
      expect(ch.trySend(11)).toBe(false)
    }
  })

  test('S15 for a select that waits the first waker decides, later readiness does not count', async () => {
    for (let i = 0; i < 50; i++) {
      const one = channel<number>(1)
      const two = channel<number>(1)
      const selected = select([one, two])
      two.trySend(2)
      one.trySend(1)
      expect(await selected).toEqual({ case: 1, value: 2, ok: true })
      expect(one.length).toBe(1)
    }
  })

  test('S16 a waker skips a claimed select: the next waiter gets the value', async () => {
    const one = channel<number>()
    const two = channel<number>()
    const selected = select([one, two])
    const next = two.receive()
    expect(one.trySend(1)).toBe(true)
    expect(two.trySend(2)).toBe(true)
    expect(await selected).toEqual({ case: 0, value: 1, ok: true })
    expect(await next).toEqual({ value: 2, ok: true })
  })

  test('S17 R6 a select keeps its place among plain waiters', async () => {
    const ch = channel<string>()
    const first = ch.receive()
    const second = select({ ch, other: channel() })
    const third = ch.receive()
    const iterator = ch[Symbol.asyncIterator]()
    const fourth = iterator.next()
    const fifth = select([ch])
    for (const value of ['a', 'b', 'c', 'd', 'e']) expect(ch.trySend(value)).toBe(true)
    expect(await first).toMatchObject({ value: 'a' })
    expect(await second).toMatchObject({ value: 'b' })
    expect(await third).toMatchObject({ value: 'c' })
    expect(await fourth).toMatchObject({ value: 'd' })
    expect(await fifth).toMatchObject({ value: 'e' })
  })

  test('S17 R6 a select that sends keeps its place among plain senders', async () => {
    const ch = channel<string>(1)
    ch.trySend('a')
    const sends = [ch.send('b'), select([sendCase(ch, 'c'), never]), ch.send('d')]
    const received = ['a', 'b', 'c', 'd'].map(() => ch.tryReceive()?.value)
    expect(received).toEqual(['a', 'b', 'c', 'd'])
    await Promise.all(sends)
  })

  test('S18 close wakes a waiting select: a receive case with ok: false, a send case by failing', async () => {
    const ch = channel<number>(0, { name: 'jobs' })
    const receiving = select({ ch, other: channel() })
    ch.close()
    expect(await receiving).toStrictEqual({ case: 'ch', value: undefined, ok: false })
    const outbox = channel<number>(0, { name: 'outbox' })
    const sending = rejectionOf(select([channel<number>(), sendCase(outbox, 3)]))
    outbox.close()
    expect(await sending).toMatchObject({
      operation: 'send',
      value: 3,
      message: expect.stringContaining('outbox'),
    })
  })

  test('S19 if one select waits on both sides of the channel being closed, its receive case fires', async () => {
    for (let i = 0; i < 20; i++) {
      const ch = channel<number>()
      const selected = select([sendCase(ch, 1), sendCase(channel<number>(), 1), ch])
      ch.close()
      expect(await selected).toStrictEqual({ case: 2, value: undefined, ok: false })
    }
  })

  test('S20 cases can be switched off between iterations', async () => {
    const numbers = channel<number>(4)
    const letters = channel<string>(4)
    for (const number of [1, 2, 3]) numbers.trySend(number)
    for (const letter of ['a', 'b']) letters.trySend(letter)
    numbers.close()
    letters.close()
    let openNumbers: typeof numbers | null = numbers
    let openLetters: typeof letters | null = letters
    const seen: unknown[] = []
    while (openNumbers ?? openLetters) {
      const event: { case: string; value: unknown; ok: boolean } = await select({
        number: openNumbers,
        letter: openLetters,
      })
      seen.push(event.value)
      openNumbers = event.case === 'number' && !event.ok ? null : openNumbers
      openLetters = event.case === 'letter' && !event.ok ? null : openLetters
    }
    expect(seen.filter((value) => typeof value === 'number')).toEqual([1, 2, 3])
    expect(seen.filter((value) => typeof value === 'string')).toEqual(['a', 'b'])
    expect(seen.length).toBe(7)
  })

  test('S24 what handles the chosen case runs outside the library: closing, sending and selecting are legal', async () => {
    const ch = channel<number>()
    const inner = channel<string>(1)
    const handled = select({ ch }).then(async () => {
      ch.close()
      inner.trySend('inner')
      return select({ inner, ch })
    })
    ch.trySend(1)
    expect(ch.closed).toBe(false)
    expect((await handled).case).toMatch(/inner|ch/)
  })

  test('S25 a channel that closes or fails after the commit does not change the result', async () => {
    const one = channel<number>()
    const two = channel<number>()
    const three = channel<number>()
    const selected = select([one, two, sendCase(three, 1)])
    one.trySend(1)
    two.close('broken')
    three.close()
    one.close()
    expect(await selected).toEqual({ case: 0, value: 1, ok: true })
  })

  test('J7 of two selects on each other, one that is cancelled matches nobody', async () => {
    const ch = channel<number>()
    const controller = new AbortController()
    const cancelled = rejectionOf(select([sendCase(ch, 1), ch], controller))
    controller.abort('enough')
    const next = select([sendCase(ch, 2), ch])
    await expectPending(next)
    expect(ch.tryReceive()).toEqual({ value: 2, ok: true })
    expect(await cancelled).toBe('enough')
    expect(await next).toEqual({ case: 0 })
  })

  test('J17 a long chain of selects that wake each other does not deepen the stack', async () => {
    const links = Array.from({ length: 20_001 }, () => channel<number>())
    const chain = links.slice(1).map(async (next, i) => {
      const { value } = await select([links[i]!])
      await select([sendCase(next, value! + 1)])
    })
    links[0]!.trySend(0)
    expect(await links.at(-1)!.receive()).toEqual({ value: 20_000, ok: true })
    await Promise.all(chain)
    const shared = channel<number>()
    const waiting = Array.from({ length: 20_000 }, () => select([shared, shared]))
    shared.close()
    expect((await Promise.all(waiting)).every((event) => !event.ok)).toBe(true)
  })
})
