import { describe, expect, test } from 'vitest'
import {
  CanceledError,
  type Channel,
  ClosedChannelError,
  type ReceiveChannel,
  type SendCase,
  after,
  background,
  channel,
  never,
  receiveOnly,
  select,
  selector,
  sendCase,
  sendOnly,
  ticker,
  timer,
  withCancel,
  withTimeout,
} from 'chansel'
import { inlet, outlet } from 'chansel/device'
import { busyFor, virtualClock } from '../support/clock.ts'
import { expectNothingLeft, expectPending, rejectionOf, thrownBy } from '../support/pending.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }

describe('S28 a round of a selector is a select', () => {
  test('of what is ready, round after round', async () => {
    const numbers = channel<number>(2)
    const letters = channel<string>()
    using events = selector({ number: numbers, letter: letters })
    expect(events.trySelect()).toBeUndefined()
    numbers.trySend(1)
    expect(events.trySelect()).toStrictEqual({ case: 'number', value: 1, ok: true })
    expect(events.trySelect()).toBeUndefined()
    const sent = letters.send('a')
    expect(await events.select()).toStrictEqual({ case: 'letter', value: 'a', ok: true })
    await sent
    numbers.trySend(2)
    numbers.trySend(3)
    expect(await events.select()).toStrictEqual({ case: 'number', value: 2, ok: true })
    expect(await events.select()).toStrictEqual({ case: 'number', value: 3, ok: true })
    expect(events.trySelect()).toBeUndefined()
  })

  test('of what was there before it', async () => {
    const full = channel<number>(1)
    full.trySend(1)
    const sending = channel<number>()
    const sent = sending.send(2)
    using events = selector([full, sending])
    const values = new Set([(await events.select()).value, (await events.select()).value])
    expect(values).toEqual(new Set([1, 2]))
    await sent
  })

  test('of an array, by its indexes', async () => {
    const one = channel<number>()
    const outbox = channel<string>(1)
    using events = selector([one, null, sendCase(outbox, 'a')])
    expect(await events.select()).toStrictEqual({ case: 2 })
    const waiting = events.select()
    one.trySend(1)
    expect(await waiting).toStrictEqual({ case: 0, value: 1, ok: true })
  })

  test('S4 that waits on all its channels, and S5 S6 leaves the others untouched', async () => {
    const inboxes = Array.from({ length: 5 }, () => channel<number>())
    using events = selector(inboxes)
    for (const [i, inbox] of [...inboxes, ...inboxes].entries()) {
      const waiting = events.select()
      expect(inbox.trySend(i)).toBe(true)
      for (const other of inboxes) expect(other.trySend(-1)).toBe(false)
      expect(await waiting).toStrictEqual({ case: i % 5, value: i, ok: true })
    }
  })

  test('S2 that fails by a send to a closed channel, each time', async () => {
    const outbox = channel<number>(1)
    using events = selector({ sent: sendCase(outbox, 5) })
    expect(await events.select()).toStrictEqual({ case: 'sent' })
    const waiting = rejectionOf(events.select())
    outbox.close()
    expect(await waiting).toMatchObject({ operation: 'send', value: 5 })
    expect(await rejectionOf(events.select())).toBeInstanceOf(ClosedChannelError)
    expect(thrownBy(() => events.trySelect())).toBeInstanceOf(ClosedChannelError)
  })

  test('S18 that a close ends, in this round and in the next', async () => {
    const inbox = channel<number>(1)
    using events = selector({ inbox })
    const waiting = events.select()
    inbox.close()
    expect(await waiting).toStrictEqual({ case: 'inbox', ...CLOSED })
    expect(await events.select()).toStrictEqual({ case: 'inbox', ...CLOSED })
  })

  test('S18 that finds a channel closed or failed between two rounds', async () => {
    const inbox = channel<number>(1)
    const failing = channel<number>()
    using events = selector({ inbox, failing })
    expect(events.trySelect()).toBeUndefined()
    inbox.trySend(1)
    inbox.close()
    expect(await events.select()).toStrictEqual({ case: 'inbox', value: 1, ok: true })
    expect(await events.select()).toStrictEqual({ case: 'inbox', ...CLOSED })
    events.set('inbox', null)
    expect(events.trySelect()).toBeUndefined()
    failing.close('broken')
    expect(await rejectionOf(events.select())).toBe('broken')
  })

  test('S19 that waits on both sides of the channel that closes: the receive happens', async () => {
    for (let i = 0; i < 20; i++) {
      const ch = channel<number>()
      using events = selector([sendCase(ch, 1), ch])
      const waiting = events.select()
      ch.close()
      expect(await waiting).toStrictEqual({ case: 1, ...CLOSED })
    }
  })

  test('S7 that never meets itself, and S8 meets another', async () => {
    const ch = channel<number>()
    using one = selector({ sent: sendCase(ch, 1), received: ch })
    using two = selector({ sent: sendCase(ch, 2), received: ch })
    for (let round = 0; round < 20; round++) {
      expect(one.trySelect()).toBeUndefined()
      const waiting = one.select()
      await expectPending(waiting)
      const other = await two.select()
      const first = await waiting
      expect([first.case, other.case].sort()).toEqual(['received', 'sent'])
      expect(first.case === 'received' ? first : other).toMatchObject({
        value: first.case === 'sent' ? 1 : 2,
      })
    }
  })

  test('S8 that meets another from the opposite side, though neither moved while the other came', async () => {
    const ch = channel<number>()
    using sends = selector([sendCase(ch, 1)])
    using receives = selector([ch])
    for (let round = 0; round < 3; round++) {
      expect([sends.trySelect(), receives.trySelect()]).toEqual([undefined, undefined])
      const sending = sends.select()
      expect(receives.trySelect()).toStrictEqual({ case: 0, value: 1, ok: true })
      expect(await sending).toStrictEqual({ case: 0 })
      const receiving = receives.select()
      expect(sends.trySelect()).toStrictEqual({ case: 0 })
      expect(await receiving).toStrictEqual({ case: 0, value: 1, ok: true })
    }
  })

  test('S8 that meets another which was made while it waited', async () => {
    const ch = channel<number>()
    using sends = selector([sendCase(ch, 1)])
    const first = sends.select()
    using receives = selector([ch])
    expect(receives.trySelect()).toStrictEqual({ case: 0, value: 1, ok: true })
    await first
    expect(receives.trySelect()).toBeUndefined()
    const second = sends.select()
    expect(receives.trySelect()).toStrictEqual({ case: 0, value: 1, ok: true })
    await second
  })

  test('S15 S25 that the first waker decides', async () => {
    const one = channel<number>(1)
    const two = channel<number>(1)
    using events = selector([one, two])
    const waiting = events.select()
    two.trySend(2)
    one.trySend(1)
    one.close()
    expect(await waiting).toStrictEqual({ case: 1, value: 2, ok: true })
    expect(one.length).toBe(1)
  })

  test('S13 whose cases are read once, and S14 not at all where one of them is none', () => {
    let reads = 0
    const inbox = channel<number>(1)
    const cases = {
      get inbox() {
        reads++
        return inbox
      },
    }
    using events = selector(cases)
    events.trySelect()
    inbox.trySend(1)
    expect([events.trySelect()?.case, reads]).toEqual(['inbox', 1])
    expect(() => selector({ inbox, promise: Promise.resolve() as never })).toThrow(
      new TypeError('Cannot select case "promise": a promise is not a case; send its value to a channel'),
    )
    expect(() => selector(background() as never)).toThrow(TypeError)
    expect(() => selector(undefined as never)).toThrow(TypeError)
  })

  test('S11 S12 that waits until cancelled where no case is on', async () => {
    for (const events of [selector({}), selector([null, false, never])]) {
      expect(events.trySelect()).toBeUndefined()
      const ctx = withCancel(background())
      const waiting = events.select(ctx)
      await expectPending(waiting)
      ctx.cancel()
      expect(await rejectionOf(waiting)).toBe(ctx.err)
    }
  })

  test('J9 that a cancel which fired ends though a case is ready, and J7 one that comes in time ends', async () => {
    const inbox = channel<number>(1)
    using events = selector({ inbox })
    const ctx = withCancel(background())
    const controller = new AbortController()
    const waiting = events.select(ctx)
    ctx.cancel()
    expect(inbox.trySend(1)).toBe(true)
    expect(await rejectionOf(waiting)).toBe(ctx.err)
    controller.abort('enough')
    expect(await rejectionOf(events.select(controller))).toBe('enough')
    expect(await rejectionOf(events.select(ctx))).toBe(ctx.err)
    expect(await events.select(new AbortController())).toStrictEqual({ case: 'inbox', value: 1, ok: true })
    expect(() => events.select({} as never)).toThrow(TypeError)
  })

  test('J7 that a cancel after the commit changes nothing', async () => {
    const inbox = channel<number>()
    using events = selector({ inbox })
    const controller = new AbortController()
    const waiting = events.select(controller)
    inbox.trySend(1)
    controller.abort('late')
    expect(await waiting).toStrictEqual({ case: 'inbox', value: 1, ok: true })
  })

  test('over views, dones and devices', async () => {
    const ch = channel<number>(1)
    const written: number[] = []
    const device = outlet<number>({
      length: () => written.length,
      isFull: () => written.length > 0,
      write: (value) => void written.push(value),
      closed: () => {},
    })
    const source = inlet<string>({ capacity: 1, taken: () => {} })
    const ctx = withCancel(background())
    using events = selector({
      received: receiveOnly(ch),
      sent: null as SendCase<number> | null,
      written: sendCase(device.channel, 2),
      offered: source.channel,
      done: ctx.done,
    })
    expect(await events.select()).toStrictEqual({ case: 'written' })
    expect(events.trySelect()).toBeUndefined()
    const offered = events.select()
    source.offer('a')
    expect(await offered).toStrictEqual({ case: 'offered', value: 'a', ok: true })
    source.offer('b')
    expect(await events.select()).toStrictEqual({ case: 'offered', value: 'b', ok: true })
    const again = events.select()
    written.pop()
    device.ready()
    expect([await again, written]).toEqual([{ case: 'written' }, [2]])
    events.set('sent', sendCase(sendOnly(ch), 7))
    expect(await events.select()).toStrictEqual({ case: 'sent' })
    events.set('sent', false)
    expect(await events.select()).toStrictEqual({ case: 'received', value: 7, ok: true })
    const last = events.select()
    ctx.cancel()
    expect(await last).toStrictEqual({ case: 'done', ...CLOSED })
    expect(await events.select()).toStrictEqual({ case: 'done', ...CLOSED })
  })

  test('T4 T10 over timers and tickers, which nobody waits for between two rounds', async () => {
    const clock = virtualClock()
    const inbox = channel<number>(1)
    const late = timer(50)
    using events = selector({ inbox, tick: ticker(10), late, later: after(70) })
    const waiting = events.select()
    expect(clock.timers.length).toBe(1)
    inbox.trySend(1)
    expect(clock.timers.length).toBe(0)
    expect(await waiting).toMatchObject({ case: 'inbox' })
    const ticking = events.select()
    clock.advance(10)
    expect((await ticking).case).toBe('tick')
    clock.busy(10)
    expect((await events.select()).case).toBe('tick')
    late.reset(5)
    clock.busy(5)
    expect((await events.select()).case).toBe('late')
    expect(events.trySelect()).toBeUndefined()
  })

  test('X32 R3 that notices a deadline, which takes with it what was ready', async () => {
    const clock = virtualClock()
    for (let i = 0; i < 30; i++) {
      const ctx = withTimeout(background(), 5)
      const inbox = channel<string>()
      using events = selector({ inbox, done: ctx.done })
      const sending = rejectionOf(inbox.send('late', ctx))
      clock.busy(10)
      expect(await events.select()).toStrictEqual({ case: 'done', ...CLOSED })
      expect(await sending).toBe(ctx.err)
    }
  })
})

describe('S17 R6 a round has its place in line by when it began', () => {
  const receives = {
    plain: (ch: Channel<number>) => ch.receive(),
    select: (ch: Channel<number>) => select([ch]),
  }

  test.each([
    ['alone', () => {}],
    ['beside another selector', (ch: Channel<number>) => void selector([ch]).trySelect()],
    ['after others were there', (ch: Channel<number>) => void [ch.receive(), ch.trySend(0)]],
  ])('among receives, %s', async (_, before) => {
    const ch = channel<number>()
    using events = selector({ quiet: channel<number>(), ch })
    events.trySelect()
    before(ch)
    for (let round = 0; round < 3; round++) {
      const first = receives.plain(ch)
      const second = events.select()
      const third = receives.select(ch)
      const fourth = receives.plain(ch)
      for (const value of [1, 2, 3, 4]) expect(ch.trySend(value)).toBe(true)
      expect(await Promise.all([first, second, third, fourth])).toMatchObject(
        [1, 2, 3, 4].map((value) => ({ value })),
      )
      const early = events.select()
      const late = receives.plain(ch)
      for (const value of [5, 6]) expect(ch.trySend(value)).toBe(true)
      expect(await Promise.all([early, late])).toMatchObject([{ value: 5 }, { value: 6 }])
    }
  })

  test('among sends', async () => {
    const ch = channel<string>(1)
    using events = selector([never, sendCase(ch, 'c')])
    for (let round = 0; round < 3; round++) {
      ch.trySend('a')
      const sends = [ch.send('b'), events.select(), ch.send('d')]
      const received = ['a', 'b', 'c', 'd'].map(() => ch.tryReceive()?.value)
      expect(received).toEqual(['a', 'b', 'c', 'd'])
      await Promise.all(sends)
      ch.trySend('a')
      const early = [events.select(), ch.send('d')]
      expect(['a', 'c', 'd'].map(() => ch.tryReceive()?.value)).toEqual(['a', 'c', 'd'])
      await Promise.all(early)
    }
  })

  test('among selectors, whichever was made first', async () => {
    const ch = channel<number>()
    const all = Array.from({ length: 4 }, () => selector([ch, channel<number>()]))
    for (const order of [
      [0, 1, 2, 3],
      [3, 1, 0, 2],
      [2, 3, 1, 0],
    ]) {
      const waiting = order.map((i) => all[i]!.select())
      for (const value of order) expect(ch.trySend(value)).toBe(true)
      expect(await Promise.all(waiting)).toMatchObject(order.map((value) => ({ value })))
    }
    for (const events of all) events[Symbol.dispose]()
  })

  test('S16 whoever finds a round decided serves the next in line', async () => {
    const one = channel<number>()
    const two = channel<number>()
    using events = selector([one, two])
    const waiting = events.select()
    const next = two.receive()
    expect(one.trySend(1)).toBe(true)
    expect(two.trySend(2)).toBe(true)
    expect(await waiting).toStrictEqual({ case: 0, value: 1, ok: true })
    expect(await next).toStrictEqual({ value: 2, ok: true })
  })

  test('X25 C26 among those who wait for one done', async () => {
    const ctx = withCancel(background())
    using events = selector({ done: ctx.done })
    const told: number[] = []
    const tell = (n: number) => () => void told.push(n)
    const all = [
      ctx.done.receive().then(tell(1)),
      events.select().then(tell(2)),
      ctx.done.receive().then(tell(3)),
    ]
    ctx.cancel()
    await Promise.all(all)
    expect(told).toEqual([1, 2, 3])
  })
})

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
