import { describe, expect, test } from 'vitest'
import {
  type Cancel,
  type Channel,
  ClosedChannelError,
  type SelectCases,
  after,
  background,
  channel,
  never,
  select,
  sendCase,
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
    const ctx = withCancel(background())
    const canceled = select(channels, ctx)
    ctx.cancel()
    expect(await rejectionOf(canceled)).toBe(ctx.err)
    expect(channels.some((ch) => ch.trySend(9))).toBe(false)
  })
})

// Where the last select found a case ready, the next looks at the channels of an array before it makes a list of them.
describe('a select over channels, after one that found a case ready', () => {
  async function selectNext<const Cases extends SelectCases>(cases: Cases, cancel?: Cancel) {
    await select([full(0)])
    return select(cases, cancel)
  }

  test('S5 S6 takes one value of one channel, and tells where it stands', async () => {
    const [quiet, one, other] = [channel<string>(), full('a', 'b'), full('c')]
    expect(await selectNext([quiet, one])).toStrictEqual({ case: 1, value: 'a', ok: true })
    expect(one.length).toBe(1)
    const event = await selectNext([one, quiet, other])
    expect([
      { case: 0, value: 'b', ok: true },
      { case: 2, value: 'c', ok: true },
    ]).toContainEqual(event)
    expect(one.length + other.length).toBe(1)
    expect([quiet.trySend('d'), quiet.length]).toEqual([false, 0])
  })

  test('C2 C6 takes from whoever waits to send', async () => {
    const ch = channel<number>()
    const buffered = full(2)
    const sends = [ch.send(1), buffered.send(3)]
    expect(await selectNext([channel<number>(), ch])).toStrictEqual({ case: 1, value: 1, ok: true })
    expect(await selectNext([buffered])).toStrictEqual({ case: 0, value: 2, ok: true })
    await Promise.all(sends)
    expect(buffered.tryReceive()).toStrictEqual({ value: 3, ok: true })
  })

  test('C9 S2 drains a closed channel, then tells its end, or rejects with its error', async () => {
    const [ended, failed] = [full(1), full(2)]
    ended.close()
    failed.close('broken')
    const quiet = channel<number>()
    expect(await selectNext([quiet, ended])).toStrictEqual({ case: 1, value: 1, ok: true })
    expect(await selectNext([quiet, failed])).toStrictEqual({ case: 1, value: 2, ok: true })
    for (let i = 0; i < 2; i++) {
      expect(await selectNext([quiet, ended])).toStrictEqual({ case: 1, value: undefined, ok: false })
      expect(await rejectionOf(selectNext([quiet, failed]))).toBe('broken')
    }
  })

  test('S4 J7 J9 waits for all of them, under its cancel, if none is ready', async () => {
    const [one, two] = [channel<number>(), channel<number>()]
    const controller = new AbortController()
    const waits = selectNext([one, two], controller)
    await expectPending(waits)
    expect(two.trySend(1)).toBe(true)
    expect(await waits).toStrictEqual({ case: 1, value: 1, ok: true })
    const given = selectNext([one, two], controller)
    await expectPending(given)
    controller.abort('enough')
    expect(await rejectionOf(given)).toBe('enough')
    const ch = full(1)
    expect(await rejectionOf(selectNext([one, ch], controller))).toBe('enough')
    expect([one.trySend(2), ch.length]).toEqual([false, 1])
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
