import { describe, expect, test } from 'vitest'
import {
  type Channel,
  ClosedChannelError,
  after,
  background,
  channel,
  never,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  trySelect,
  withCancel,
  withTimeout,
} from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, expectPending, rejectionOf, settle, thrownBy } from '../support/pending.ts'

expectNothingLeft()

const full = <T>(...values: T[]): Channel<T> => {
  const ch = channel<T>(values.length)
  for (const value of values) ch.trySend(value)
  return ch
}

describe('ready cases', () => {
  test('S2 a send case on a closed channel is ready, and choosing it rejects', async () => {
    const ch = channel<number>(1)
    ch.close()
    const error = await rejectionOf(select({ sent: sendCase(ch, 5) }))
    expect(error).toBeInstanceOf(ClosedChannelError)
    expect(error).toMatchObject({ operation: 'send', value: 5 })
    expect(thrownBy(() => trySelect([sendCase(ch, 5)]))).toBeInstanceOf(ClosedChannelError)
  })

  test('S3 default is taken only if no case can proceed', async () => {
    const inbox = channel<number>()
    const outbox = channel<number>()
    const cases = { inbox, sent: sendCase(outbox, 2) }
    expect(trySelect(cases)).toBeUndefined()
    const sent = inbox.send(1)
    expect(trySelect(cases)).toEqual({ case: 'inbox', value: 1, ok: true })
    const received = outbox.receive()
    expect(trySelect(cases)).toEqual({ case: 'sent' })
    expect(trySelect(cases)).toBeUndefined()
    inbox.close()
    expect(trySelect(cases)).toStrictEqual({ case: 'inbox', value: undefined, ok: false })
    expect([await sent, await received]).toEqual([undefined, { value: 2, ok: true }])
  })

  test('S6 losing cases consume nothing and send nothing', async () => {
    for (let i = 0; i < 50; i++) {
      const one = full(1)
      const two = full(2)
      const room = channel<number>(1)
      const chosen = await select([one, two, sendCase(room, 3)])
      const left = [one.length, two.length, room.length]
      const untouched = [1, 1, 0]
      untouched[chosen.case] = 1 - untouched[chosen.case]!
      expect(left).toEqual(untouched)
    }
  })

  test('S11 nil cases are never ready, nil and default takes default', async () => {
    expect(trySelect([null, undefined, false, never])).toBeUndefined()
    expect(trySelect({ a: null, b: undefined, c: false })).toBeUndefined()
    expect(await select([null, full(1), undefined, false])).toEqual({ case: 1, value: 1, ok: true })
    await expectPending(select([null, undefined, false, never]))
  })

  test('S12 an empty select waits until cancelled, an empty trySelect returns', async () => {
    expect(trySelect([])).toBeUndefined()
    expect(trySelect({})).toBeUndefined()
    await expectPending(select([]), select({}))
    const controller = new AbortController()
    const selects = [select([], controller), select({}, controller), select([null, false], controller)]
    await expectPending(...selects)
    controller.abort('enough')
    expect(await Promise.all(selects.map(rejectionOf))).toEqual(['enough', 'enough', 'enough'])
  })

  test('api: an object of labelled cases gives its label, an array its index', async () => {
    const ch = channel<string>(3)
    expect(await select({ out: sendCase(ch, 'a') })).toStrictEqual({ case: 'out' })
    expect(await select([null, sendCase(ch, 'b')])).toStrictEqual({ case: 1 })
    expect(await select({ in: ch })).toStrictEqual({ case: 'in', value: 'a', ok: true })
    expect(await select([false, ch])).toStrictEqual({ case: 1, value: 'b', ok: true })
    ch.close()
    expect(await select({ in: ch })).toStrictEqual({ case: 'in', value: undefined, ok: false })
    expect(await select([ch])).toStrictEqual({ case: 0, value: undefined, ok: false })
  })

  test('api: the same shapes come from a select that waited', async () => {
    const ch = channel<string>()
    const received = select({ in: ch })
    const sent = select([null, sendCase(ch, 'a')])
    expect(await received).toStrictEqual({ case: 'in', value: 'a', ok: true })
    expect(await sent).toStrictEqual({ case: 1 })
    const closed = [select({ in: ch }), select([null, ch])]
    ch.close()
    expect(await Promise.all(closed)).toStrictEqual([
      { case: 'in', value: undefined, ok: false },
      { case: 1, value: undefined, ok: false },
    ])
  })

  test('S27 the number of cases is not limited', async () => {
    const channels = Array.from({ length: 70_000 }, () => channel<number>())
    const selected = select(channels)
    expect(channels[65_537]!.trySend(7)).toBe(true)
    expect(await selected).toEqual({ case: 65_537, value: 7, ok: true })
    expect(channels[65_536]!.trySend(8)).toBe(false)
  })
})

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

describe('operands', () => {
  test('S13 J11 operands of all cases are evaluated exactly once, in source order, on entry', async () => {
    const log: string[] = []
    const note = <T>(name: string, operand: T): T => {
      log.push(name)
      return operand
    }
    const one = channel<number>(1)
    const two = full('x')
    const chosen = trySelect([
      sendCase(note('ch1', one), note('v1', 1)),
      note('ch2', null) && sendCase(one, note('never', 2)),
      note('ch3', two),
      sendCase(note('ch4', channel<number>()), note('v4', 4)),
    ])
    expect(chosen).toBeDefined()
    expect(log).toEqual(['ch1', 'v1', 'ch2', 'ch3', 'ch4', 'v4'])
  })

  test('S13 getters of a cases object run once each, in order, before anything is touched', async () => {
    const ch = full(1)
    const log: string[] = []
    const cases = {
      get first() {
        log.push(`first ${ch.length}`)
        return ch
      },
      get second() {
        log.push(`second ${ch.length}`)
        return null
      },
    }
    expect(await select(cases)).toEqual({ case: 'first', value: 1, ok: true })
    expect(log).toEqual(['first 1', 'second 1'])
  })

  test('S14 an operand that throws leaves every channel untouched and later operands unevaluated', () => {
    const ch = full(1)
    let evaluated = 0
    const cases = () => [ch, sendCase(channel<number>(1), fail()), (evaluated++, ch)]
    expect(() => trySelect(cases())).toThrow('operand')
    expect(evaluated).toBe(0)
    const object = {
      ch,
      get broken(): null {
        return fail()
      },
    }
    expect(() => select(object)).toThrow('operand')
    expect(ch.length).toBe(1)
  })

  function fail(): never {
    throw new Error('operand')
  }

  test('api: a case object can be reused and shared between selects', async () => {
    const ch = channel<number>()
    const shared = sendCase(ch, 7)
    const selects = [select([shared]), select({ a: shared, b: shared }), select([shared, shared])]
    for (let i = 0; i < 3; i++) expect(ch.tryReceive()).toEqual({ value: 7, ok: true })
    await Promise.all(selects)
    const received = ch.receive()
    expect(trySelect([shared])).toEqual({ case: 0 })
    expect(await received).toEqual({ value: 7, ok: true })
    expect(ch.tryReceive()).toBeUndefined()
  })

  test.each([
    ['a promise', Promise.resolve(1), /promise/],
    ['a thenable', { then: () => {} }, /promise/],
    ['a send-only view', sendOnly(channel()), /sendCase/],
    ['a plain object', {}, /object/],
    ['a number', 1, /1/],
    ['a string', 'inbox', /inbox/],
    ['a function', () => {}, /function/],
    ['true', true, /true/],
    ['an async iterable', { [Symbol.asyncIterator]: () => channel()[Symbol.asyncIterator]() }, /object/],
  ])('api: thrown at once: a case that is %s is a TypeError that names it', (_, wrong, text) => {
    const ch = full(1)
    for (const cases of [[ch, wrong], { ch, wrong }]) {
      expect(() => select(cases as never)).toThrow(TypeError)
      expect(() => trySelect(cases as never)).toThrow(TypeError)
      expect(() => trySelect(cases as never)).toThrow(text)
    }
    expect(ch.length).toBe(1)
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['a function', () => {}],
    ['a channel', channel()],
    ['a receive-only view', receiveOnly(channel())],
    ['a set', new Set([channel()])],
    ['a promise', Promise.resolve([])],
    ['a send case', sendCase(channel<undefined>(1), undefined)],
  ])('api: thrown at once: cases that are %s are a TypeError', (_, wrong) => {
    expect(() => select(wrong as never)).toThrow(TypeError)
    expect(() => trySelect(wrong as never)).toThrow(TypeError)
  })

  test.each([
    ['nothing', undefined],
    ['a receive-only view', receiveOnly(channel())],
    ['a promise', Promise.resolve()],
  ])('api: thrown at once: a send case to %s is a TypeError', (_, wrong) => {
    expect(() => sendCase(wrong as never, 1)).toThrow(TypeError)
  })
})

describe('cancellation', () => {
  test('S26 a context that is done is an ordinary case with ordinary priority', async () => {
    const ctx = withCancel(background())
    ctx.cancel()
    const outcomes = new Set<number>()
    for (let i = 0; i < 100; i++) outcomes.add((await select([full(1), ctx.done])).case)
    expect(outcomes).toEqual(new Set([0, 1]))
  })

  test('J9 api: the cancel of a select has priority: it wins over ready cases', async () => {
    const ctx = withCancel(background())
    ctx.cancel()
    const ch = full(1)
    for (let i = 0; i < 20; i++) expect(await rejectionOf(select([ch], ctx))).toBe(ctx.err)
    expect(ch.length).toBe(1)
  })

  test('api: timers and cancellation are read channels', async () => {
    const ctx = withCancel(background())
    const quiet = channel<number>()
    const cancelled = select({ quiet, done: ctx.done, late: after(60_000) })
    ctx.cancel()
    expect(await cancelled).toStrictEqual({ case: 'done', value: undefined, ok: false })
    expect((await select({ quiet, tick: after(1) })).case).toBe('tick')
  })

  test.each([
    ['select', (cases: Parameters<typeof trySelect>[0]) => select(cases)],
    ['trySelect', (cases: Parameters<typeof trySelect>[0]) => Promise.resolve(trySelect(cases))],
  ])('R3 a deadline that %s notices takes with it what was ready before the look', async (_, choose) => {
    const clock = virtualClock()
    for (let i = 0; i < 30; i++) {
      const ctx = withTimeout(background(), 5)
      const inbox = channel<string>()
      const outbox = channel<string>()
      const sending = rejectionOf(inbox.send('late', ctx))
      const receiving = rejectionOf(outbox.receive(ctx))
      clock.busy(10)
      const chosen = await choose({ inbox, sent: sendCase(outbox, 'lost'), done: ctx.done })
      expect(chosen).toEqual({ case: 'done', value: undefined, ok: false })
      expect([await sending, await receiving]).toEqual([ctx.err, ctx.err])
    }
  })

  test('R1 a listener that runs while a select looks at its cases cannot change what the select does', async () => {
    const clock = virtualClock()
    for (let i = 0; i < 20; i++) {
      const ctx = withTimeout(background(), 5)
      const inbox = full('the only value')
      const room = channel<string>(1)
      const seen: unknown[] = []
      ctx.signal.addEventListener('abort', () => {
        seen.push(inbox.tryReceive()?.value)
        room.trySend('from the listener')
      })
      clock.busy(10)
      const chosen = await select({ inbox, sent: sendCase(room, 'from the select'), done: ctx.done })
      seen.push(chosen.case === 'inbox' ? chosen.value : undefined, inbox.tryReceive()?.value)
      expect(seen.filter((value) => value !== undefined)).toEqual(['the only value'])
      const sender = chosen.case === 'sent' ? 'from the select' : 'from the listener'
      expect(room.tryReceive()).toEqual({ value: sender, ok: true })
    }
  })
})

test('S1 S3 a select with many never-ready cases finds the ready one', async () => {
  const quiet = Array.from({ length: 100 }, () => channel<number>())
  for (let i = 0; i < 101; i++) {
    const cases = [...quiet.slice(0, i), full(i), ...quiet.slice(i)]
    expect(await select(cases)).toEqual({ case: i, value: i, ok: true })
  }
  await settle()
})
