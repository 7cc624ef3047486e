import { describe, expect, test } from 'vitest'
import {
  type Channel,
  CanceledError,
  type ReceiveChannel,
  type SendCase,
  after,
  background,
  channel,
  never,
  sendCase,
  trySelect,
  withCancel,
} from 'chansel'
import { convertSends } from 'chansel/device'
import { selector } from 'chansel/selector'
import { busyFor } from '../support/clock.ts'
import { expectNothingLeft, expectPending, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }

describe('S29 a selector has one round at a time', () => {
  const underWay = 'a select of the selector is under way'

  test('and refuses all else while it waits', async () => {
    const inbox = channel<number>()
    using events = selector({ inbox })
    const waiting = events.select()
    expect(() => events.select()).toThrow(new TypeError(`Cannot select: ${underWay}`))
    expect(() => events.trySelect()).toThrow(new TypeError(`Cannot select: ${underWay}`))
    expect(() => events.set('inbox', null)).toThrow(new TypeError(`Cannot set case "inbox": ${underWay}`))
    await expectPending(waiting)
    inbox.trySend(1)
    expect(await waiting).toStrictEqual({ case: 'inbox', value: 1, ok: true })
  })

  test('J3 until its caller is told, though that be in the next turn', async () => {
    const inbox = channel<number>()
    using events = selector({ inbox })
    spendTurn()
    const waiting = events.select()
    inbox.trySend(1)
    let isTold = false
    void waiting.then(() => (isTold = true))
    for (let hop = 0; hop < 10; hop++) await Promise.resolve()
    expect(isTold).toBe(false)
    expect(() => events.select()).toThrow(underWay)
    expect(await waiting).toStrictEqual({ case: 'inbox', value: 1, ok: true })
    expect(events.trySelect()).toBeUndefined()
  })

  test('J3 S31 and disposal meanwhile does not change what it is told', async () => {
    const inbox = channel<number>()
    const events = selector({ inbox })
    spendTurn()
    const waiting = events.select()
    inbox.trySend(1)
    events[Symbol.dispose]()
    expect(await waiting).toStrictEqual({ case: 'inbox', value: 1, ok: true })
  })

  test('also after one that was cancelled', async () => {
    const inbox = channel<number>(1)
    using events = selector({ inbox })
    const controller = new AbortController()
    const waiting = rejectionOf(events.select(controller))
    controller.abort('enough')
    expect(await waiting).toBe('enough')
    inbox.trySend(1)
    expect(await events.select()).toStrictEqual({ case: 'inbox', value: 1, ok: true })
  })

  test('J7 R7 also under a context under which others waited', async () => {
    const inbox = channel<number>()
    const other = channel<number>()
    using events = selector({ inbox })
    const ctx = withCancel(background())
    const waits = [events.select(ctx), other.receive(ctx)]
    inbox.trySend(1)
    other.trySend(2)
    expect(await Promise.all(waits)).toMatchObject([{ value: 1 }, { value: 2 }])
    const alone = events.select(ctx)
    inbox.trySend(3)
    expect(await alone).toStrictEqual({ case: 'inbox', value: 3, ok: true })
    const cancelled = [rejectionOf(other.receive(ctx)), rejectionOf(events.select(ctx))]
    ctx.cancel()
    expect(await Promise.all(cancelled)).toEqual([ctx.err, ctx.err])
  })
})

/** Goes beyond the slice of time after which callers are told in the next turn. */
function spendTurn(): void {
  for (const ms of [2, 0]) {
    for (let i = 0; i < 600; i++) void channel<number>(1).send(i)
    busyFor(ms)
  }
}

describe('S30 a case is set for the rounds to come', () => {
  test('S20 to another value, off and on', async () => {
    const outbox = channel<number>(8)
    using events = selector({ sent: sendCase(outbox, 1), inbox: channel<number>() })
    await events.select()
    await events.select()
    events.set('sent', sendCase(outbox, 2))
    await events.select()
    events.set('sent', false)
    expect(events.trySelect()).toBeUndefined()
    const waiting = events.select()
    await expectPending(waiting)
    expect([1, 1, 2].map(() => outbox.tryReceive()?.value)).toEqual([1, 1, 2])
    await expectPending(waiting)
    events[Symbol.dispose]()
    expect(await rejectionOf(waiting)).toBeInstanceOf(CanceledError)
  })

  test('S20 off, and on again though nothing moved meanwhile', async () => {
    const inbox = channel<number>(1)
    const outbox = channel<number>(1)
    using events = selector({ inbox, sent: sendCase(outbox, 1) })
    inbox.trySend(1)
    for (let round = 0; round < 3; round++) {
      events.set('inbox', null)
      events.set('sent', undefined)
      expect(events.trySelect()).toBeUndefined()
      events.set('inbox', inbox)
      expect(events.trySelect()).toStrictEqual({ case: 'inbox', value: 1, ok: true })
      events.set('sent', sendCase(outbox, round))
      expect(events.trySelect()).toStrictEqual({ case: 'sent' })
      expect(outbox.tryReceive()).toMatchObject({ value: round })
      inbox.trySend(1)
    }
  })

  test('S20 one that is off takes nothing and gives nothing, also while the round waits', async () => {
    const inbox = channel<number>()
    const outbox = channel<number>()
    using events = selector({ inbox, sent: sendCase(outbox, 1), other: channel<number>() })
    const first = events.select()
    expect(outbox.tryReceive()).toMatchObject({ value: 1 })
    await first
    events.set('inbox', false)
    events.set('sent', false)
    const waiting = events.select()
    expect([inbox.trySend(1), outbox.tryReceive()]).toEqual([false, undefined])
    await expectPending(waiting)
    events[Symbol.dispose]()
    await rejectionOf(waiting)
  })

  test('S20 off after something came, and takes nothing', async () => {
    const inbox = channel<number>(1)
    using events = selector({ inbox })
    expect(events.trySelect()).toBeUndefined()
    inbox.trySend(1)
    events.set('inbox', null)
    const waiting = events.select()
    await expectPending(waiting)
    expect(inbox.length).toBe(1)
    events[Symbol.dispose]()
    await rejectionOf(waiting)
  })

  test('S20 off and on, and leaves the others on the channel as they are', () => {
    const inbox = channel<number>(1)
    using other = selector({ inbox })
    using events = selector({ inbox })
    using late = selector({ inbox })
    for (const one of [other, events]) expect(one.trySelect()).toBeUndefined()
    // One that looked and one that has not.
    for (const one of [other, late]) {
      one.set('inbox', null)
      one.set('inbox', inbox)
    }
    expect(other.trySelect()).toBeUndefined()
    inbox.trySend(1)
    expect(events.trySelect()).toStrictEqual({ case: 'inbox', value: 1, ok: true })
  })

  test('to another channel, and leaves the one before', async () => {
    const one = channel<number>()
    const two = channel<number>()
    using events = selector([one, never])
    const first = events.select()
    one.trySend(1)
    await first
    events.set(0, two)
    const second = events.select()
    expect([one.trySend(2), two.trySend(3)]).toEqual([false, true])
    expect(await second).toStrictEqual({ case: 0, value: 3, ok: true })
  })

  test('from a receive to a send on the same channel', async () => {
    const ch = channel<number>()
    using events = selector<{ ch: ReceiveChannel<number> | SendCase<number> }>({ ch })
    const receiving = events.select()
    ch.trySend(1)
    expect(await receiving).toMatchObject({ value: 1 })
    events.set('ch', sendCase(ch, 2))
    const sending = events.select()
    expect([ch.trySend(3), ch.tryReceive()]).toEqual([false, { value: 2, ok: true }])
    expect(await sending).toStrictEqual({ case: 'ch' })
  })

  describe.each([
    ['before', 'plain', 'converted'],
    ['behind', 'converted', 'plain'],
  ] as const)('S5 a send case %s one of a view of the same channel', (_, first, second) => {
    const casesOf = (ch: Channel<number>) => {
      const sends = { plain: sendCase(ch, 1), converted: sendCase(convertSends(ch, Number), '2') }
      return { [first]: sends[first], [second]: sends[second] } as typeof sends
    }

    test('leaves the channel when another case happened', async () => {
      const ch = channel<number>()
      const stop = channel<void>(1)
      using events = selector({ ...casesOf(ch), stop })
      const waiting = events.select()
      stop.trySend()
      expect((await waiting).case).toBe('stop')
      expect(ch.tryReceive()).toBeUndefined()
      events.set(first, false)
      events.set(second, false)
      const next = events.select()
      const received = ch.receive()
      await expectPending(next, received)
      stop.trySend()
      ch.close()
      expect([(await next).case, await received]).toEqual(['stop', CLOSED])
    })

    test('S9 is chosen as often', async () => {
      const counts = { plain: 0, converted: 0 }
      for (let i = 0; i < 400; i++) {
        const ch = channel<number>()
        using events = selector(casesOf(ch))
        const waiting = events.select()
        const { value } = ch.tryReceive()!
        const { case: chosen } = await waiting
        expect(value).toBe(chosen === 'plain' ? 1 : 2)
        counts[chosen as 'plain' | 'converted']++
      }
      // Six nines: 2 × 5 standard deviations of 10.
      expect(Math.abs(counts.plain - counts.converted)).toBeLessThan(100)
    })
  })

  test('S9 of several on one channel each for itself', async () => {
    const outbox = channel<number>()
    using events = selector([sendCase(outbox, 0), sendCase(outbox, 1), sendCase(outbox, 2)])
    for (let round = 0; round < 50; round++) {
      const off = round % 3
      for (const i of [0, 1, 2] as const) events.set(i, i !== off && sendCase(outbox, 10 * round + i))
      const waiting = events.select()
      const { value } = outbox.tryReceive()!
      const chosen = (await waiting).case
      expect(chosen).not.toBe(off)
      expect(value).toBe(10 * round + chosen)
    }
  })

  test('S20 and none is left from a select before', () => {
    const inbox = channel<number>()
    expect(trySelect({ earlier: inbox, other: inbox })).toBeUndefined()
    using events = selector({ inbox })
    const set = events.set.bind(events) as (label: unknown, given: unknown) => void
    for (const label of ['earlier', 'other']) {
      expect(() => set(label, inbox)).toThrow(
        new TypeError(`Cannot set case "${label}": the selector was made without it`),
      )
    }
  })

  test('and nothing else is', () => {
    const inbox = channel<number>()
    using events = selector({ inbox, 1: inbox })
    const set = events.set.bind(events) as (label: unknown, given: unknown) => void
    expect(() => set('other', inbox)).toThrow(
      new TypeError('Cannot set case "other": the selector was made without it'),
    )
    expect(() => set(Symbol('inbox'), inbox)).toThrow(TypeError)
    expect(() => set('inbox', Promise.resolve())).toThrow(
      new TypeError('Cannot select case "inbox": a promise is not a case; send its value to a channel'),
    )
    expect(() => set('inbox', 0)).toThrow(TypeError)
    set(1, null)
    set('1', null)
    using list = selector([inbox])
    const setIn = list.set.bind(list) as (label: unknown, given: unknown) => void
    for (const label of [1, '0', 'length']) expect(() => setIn(label, inbox)).toThrow(TypeError)
    inbox.close()
    expect(events.trySelect()).toStrictEqual({ case: 'inbox', ...CLOSED })
  })
})

describe('S31 disposal', () => {
  test('J20 ends a round that waits, and leaves every channel', async () => {
    const inbox = channel<number>()
    const outbox = channel<number>()
    const ctx = withCancel(background())
    const events = selector({ inbox, sent: sendCase(outbox, 1), done: ctx.done, late: after(60_000) })
    const waiting = events.select(ctx)
    const behind = inbox.receive()
    events[Symbol.dispose]()
    const error = await rejectionOf(waiting)
    expect(error).toBeInstanceOf(CanceledError)
    expect(ctx.err).toBeUndefined()
    expect(inbox.trySend(1)).toBe(true)
    expect(await behind).toStrictEqual({ value: 1, ok: true })
    expect([inbox.trySend(2), outbox.tryReceive()]).toEqual([false, undefined])
  })

  test('after the commit does not change the outcome', async () => {
    const inbox = channel<number>()
    const events = selector({ inbox })
    const waiting = events.select()
    inbox.trySend(1)
    events[Symbol.dispose]()
    expect(await waiting).toStrictEqual({ case: 'inbox', value: 1, ok: true })
  })

  test('is final, and once', () => {
    const inbox = channel<number>(1)
    const events = selector({ inbox })
    events[Symbol.dispose]()
    events[Symbol.dispose]()
    inbox.trySend(1)
    const error = new TypeError('Cannot select: the selector is disposed of')
    expect(() => events.select()).toThrow(error)
    expect(() => events.trySelect()).toThrow(error)
    expect(() => events.set('inbox', null)).toThrow(
      new TypeError('Cannot set case "inbox": the selector is disposed of'),
    )
    expect(inbox.tryReceive()).toMatchObject({ value: 1 })
  })

  test('before its first round leaves the others on the channel as they are', () => {
    const inbox = channel<number>(1)
    using events = selector({ inbox })
    expect(events.trySelect()).toBeUndefined()
    selector({ inbox })[Symbol.dispose]()
    inbox.trySend(1)
    expect(events.trySelect()).toStrictEqual({ case: 'inbox', value: 1, ok: true })
  })

  test('of one that has still to look leaves the others on the channel as they are', () => {
    const inbox = channel<number>(1)
    using events = selector({ inbox })
    const other = selector({ inbox })
    for (const one of [events, other]) expect(one.trySelect()).toBeUndefined()
    inbox.trySend(1)
    expect(events.trySelect()).toStrictEqual({ case: 'inbox', value: 1, ok: true })
    other[Symbol.dispose]()
    inbox.trySend(2)
    expect(events.trySelect()).toStrictEqual({ case: 'inbox', value: 2, ok: true })
  })

  test('of some leaves the others on the channel as they are', async () => {
    const ch = channel<number>(1)
    const all = Array.from({ length: 5 }, () => selector([ch]))
    for (const events of all) expect(events.trySelect()).toBeUndefined()
    for (const i of [3, 4, 0]) all[i]![Symbol.dispose]()
    ch.trySend(1)
    expect(all[1]!.trySelect()).toMatchObject({ value: 1 })
    ch.trySend(2)
    expect(all[2]!.trySelect()).toMatchObject({ value: 2 })
    const waiting = [all[2]!.select(), all[1]!.select(), ch.receive()]
    for (const value of [3, 4, 5]) ch.trySend(value)
    expect(await Promise.all(waiting)).toMatchObject([{ value: 3 }, { value: 4 }, { value: 5 }])
    all[1]![Symbol.dispose]()
    const last = all[2]!.select()
    ch.trySend(6)
    expect(await last).toMatchObject({ value: 6 })
    all[2]![Symbol.dispose]()
    ch.trySend(7)
    expect(ch.length).toBe(1)
  })
})

test('S9 S30 of several sends on one channel each sends its own value, round after round', async () => {
  const ch = channel<string>()
  using events = selector([sendCase(ch, 'a'), sendCase(ch, 'b'), sendCase(ch, 'c')])
  for (let i = 0; i < 40; i++) {
    const round = events.select()
    const received = ch.tryReceive()
    expect(received?.value).toBe(['a', 'b', 'c'][(await round).case])
  }
})

test('S31 the error of a round that disposal ends has no cause', async () => {
  const events = selector([channel()])
  const round = rejectionOf(events.select())
  events[Symbol.dispose]()
  expect(await round).not.toHaveProperty('cause')
})
