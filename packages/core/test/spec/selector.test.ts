import { describe, expect, test } from 'vitest'
import {
  type Channel,
  ClosedChannelError,
  type SendCase,
  after,
  background,
  channel,
  never,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  ticker,
  timer,
  withCancel,
  withTimeout,
} from 'chansel'
import { selector } from 'chansel/selector'
import { inlet, outlet } from 'chansel/device'
import { virtualClock } from '../support/clock.ts'
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
