import { beforeAll, describe, expect, test, vi } from 'vitest'
import * as ours from 'chansel'
import { from, map, merge } from 'chansel/pipeline'
import { selector } from 'chansel/selector'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, rejectionOf, settle, stateOf, thrownBy } from '../support/pending.ts'

expectNothingLeft()

let theirs: typeof ours
let theirSelector: typeof selector
let theirPipeline: { map: typeof map; from: typeof from }

beforeAll(async () => {
  vi.resetModules()
  theirs = await import('chansel')
  theirSelector = (await import('chansel/selector')).selector
  theirPipeline = await import('chansel/pipeline')
})

const CLOSED = { value: undefined, ok: false }

describe('J18 two copies of the package', () => {
  test('are two', () => {
    expect(theirs.channel).not.toBe(ours.channel)
    expect(theirs.ClosedChannelError).not.toBe(ours.ClosedChannelError)
  })

  test('J18 C30 instanceof and the guards work across', async () => {
    const ch = theirs.channel<number>()
    ch.close()
    expect(await rejectionOf(ch.send(1))).toBeInstanceOf(ours.ClosedChannelError)
    const ctx = theirs.withCancel(theirs.background())
    ctx.cancel()
    expect(ctx.err).toBeInstanceOf(ours.CanceledError)
    expect(ctx.err).not.toBeInstanceOf(ours.DeadlineExceededError)
    expect(ours.isCanceled(ctx.err)).toBe(true)
    const late = theirs.withTimeout(theirs.background(), 0)
    expect(late.err).toBeInstanceOf(ours.DeadlineExceededError)
    expect(ours.isDeadlineExceeded(late.err)).toBe(true)
  })

  test('J18 R3 a deadline that our select notices takes with it what was ready in their channels', async () => {
    const clock = virtualClock()
    for (let i = 0; i < 30; i++) {
      const ctx = theirs.withTimeout(theirs.background(), 5)
      const inbox = theirs.channel<string>()
      const sending = rejectionOf(inbox.send('late', ctx))
      clock.busy(10)
      const chosen = await ours.select({ inbox, done: ctx.done })
      expect(chosen).toEqual({ case: 'done', value: undefined, ok: false })
      expect(await sending).toBe(ctx.err)
    }
  })

  test('J18 our select works over their channels: at once', async () => {
    const ch = theirs.channel<number>(1)
    expect(await ours.select({ sent: ours.sendCase(ch, 1) })).toStrictEqual({ case: 'sent' })
    expect(await ours.select({ ch })).toStrictEqual({ case: 'ch', value: 1, ok: true })
    expect(ours.trySelect({ ch })).toBeUndefined()
    expect(ours.trySelect([theirs.sendCase(ch, 2)])).toStrictEqual({ case: 0 })
    expect(ours.trySelect([theirs.receiveOnly(ch)])).toStrictEqual({ case: 0, value: 2, ok: true })
    expect(ours.trySelect({ never: theirs.never, late: theirs.after(60_000) })).toBeUndefined()
    expect(ours.trySelect([theirs.after(0)])).toMatchObject({ case: 0, ok: true })
  })

  test('J18 our select works over their channels: closed and failed', async () => {
    const ch = theirs.channel<number>(1)
    ch.close()
    expect(ours.trySelect({ ch })).toStrictEqual({ case: 'ch', value: undefined, ok: false })
    expect(await ours.select([ch])).toStrictEqual({ case: 0, value: undefined, ok: false })
    expect(await rejectionOf(ours.select([ours.sendCase(ch, 1)]))).toBeInstanceOf(ours.ClosedChannelError)
    const failed = theirs.channel<number>()
    failed.close('broken')
    expect(await rejectionOf(ours.select([failed]))).toBe('broken')
    const ctx = theirs.withCancel(theirs.background())
    ctx.cancel()
    expect(await ours.select({ done: ctx.done })).toStrictEqual({ case: 'done', value: undefined, ok: false })
  })

  test('J18 our select waits in their channels, and leaves them', async () => {
    const one = theirs.channel<number>()
    const two = ours.channel<number>()
    const ctx = theirs.withCancel(theirs.background())
    const cases = {
      one,
      two,
      sent: ours.sendCase(theirs.channel<number>(), 1),
      done: ctx.done,
      late: theirs.after(60_000),
    }
    const first = ours.select(cases)
    expect(await stateOf(first)).toBe('pending')
    expect(one.trySend(1)).toBe(true)
    expect([one.trySend(2), two.trySend(2)]).toEqual([false, false])
    expect(await first).toStrictEqual({ case: 'one', value: 1, ok: true })
    const second = ours.select(cases)
    ctx.cancel()
    expect(await second).toStrictEqual({ case: 'done', value: undefined, ok: false })
    expect(one.trySend(3)).toBe(false)
    const third = theirs.select([two, one])
    one.close()
    expect(await third).toStrictEqual({ case: 1, value: undefined, ok: false })
    expect(two.trySend(4)).toBe(false)
  })

  test('J18 selects of both copies meet on one channel', async () => {
    const ch = ours.channel<number>()
    const mine = ours.select([ours.sendCase(ch, 1), ch])
    const other = theirs.select([theirs.sendCase(ch, 2), ch])
    const events = await Promise.all([mine, other])
    expect(events[0].case).toBe(1 - events[1].case)
  })

  test('J18 S28 our selector over their channels, and both over one of ours', async () => {
    const ch = theirs.channel<number>(1)
    const own = ours.channel<number>()
    using mine = selector({ ch, own, never: theirs.never })
    using other = theirSelector({ own, sent: theirs.sendCase(ch, 1) })
    for (let round = 0; round < 3; round++) {
      expect(mine.trySelect()).toBeUndefined()
      const first = mine.select()
      expect(await other.select()).toStrictEqual({ case: 'sent' })
      expect(await first).toStrictEqual({ case: 'ch', value: 1, ok: true })
      ch.trySend(0)
      const second = other.select()
      expect(await mine.select()).toMatchObject({ case: 'ch', value: 0 })
      await second
      expect(ch.tryReceive()).toMatchObject({ value: 1 })
      ch.trySend(0)
      expect(mine.trySelect()).toMatchObject({ value: 0 })
      other.set('sent', null)
      const waits = [other.select(), mine.select(), own.receive()]
      for (const value of [2, 3, 4]) expect(own.trySend(value)).toBe(true)
      expect(await Promise.all(waits)).toMatchObject([{ value: 2 }, { value: 3 }, { value: 4 }])
      other.set('sent', theirs.sendCase(ch, 1))
    }
    const ctx = theirs.withCancel(theirs.background())
    const waiting = rejectionOf(mine.select(ctx))
    ctx.cancel()
    expect(await waiting).toBe(ctx.err)
  })

  test('J18 our cancels stop waits on their channels, their contexts stop waits on ours', async () => {
    const ctx = theirs.withCancel(theirs.background())
    const waiting = rejectionOf(ours.channel().receive(ctx))
    ctx.cancel('why')
    expect(await waiting).toBe(ctx.err)
    expect(await rejectionOf(ours.channel().receive(ctx))).toBe(ctx.err)
    const own = ours.withCancel(ours.background())
    const other = rejectionOf(theirs.select([ours.channel()], own))
    own.cancel()
    expect(await other).toBe(own.err)
  })

  test('J18 our contexts hang below theirs, with their values and cause', async () => {
    const key = theirs.contextKey<string>('key')
    const parent = theirs.withCancel(theirs.withValue(theirs.background(), key, 'theirs'))
    const child = ours.withCancel(parent)
    expect(child.value(key)).toBe('theirs')
    const waiting = child.done.receive()
    parent.cancel('why')
    expect(await waiting).toStrictEqual(CLOSED)
    expect(ours.isCanceled(child.err)).toBe(true)
    const late = ours.withCancel(theirs.withTimeout(theirs.background(), 0))
    expect(late.err).toBeInstanceOf(ours.DeadlineExceededError)
  })

  test('J18 iterators and views work across', async () => {
    const ch = theirs.channel<number>(2)
    ch.trySend(1)
    ch.trySend(2)
    ch.close()
    const seen: number[] = []
    for await (const value of ours.receiveOnly(ch)) seen.push(value)
    expect(seen).toEqual([1, 2])
    expect(ours.receiveOnly(ch).tryReceive()).toStrictEqual(CLOSED)
    expect(() => ours.sendOnly(ch).trySend(1)).toThrow(ours.ClosedChannelError)
  })

  test('J18 R8 one runtime wakes the waiters of both', async () => {
    const wake = vi.spyOn(globalThis[Symbol.for('chansel.runtime@1') as never] as { wake(): void }, 'wake')
    const channels = [ours.channel<number>(), theirs.channel<number>()]
    for (const [i, ch] of channels.entries()) {
      const received = ch.receive()
      ch.trySend(i)
      expect(await received).toEqual({ value: i, ok: true })
      expect(wake).toHaveBeenCalledTimes(i + 1)
    }
    wake.mockRestore()
  })

  test('J18 R4 the order of commits holds across copies, also at the edge of the budget', async () => {
    const log: number[] = []
    const until = performance.now() + 5
    let i = 0
    while (performance.now() < until || i % 2 === 1) {
      const n = i
      const { channel } = i % 2 === 0 ? ours : theirs
      void channel<number>(1)
        .send(1)
        .then(() => log.push(n))
      i++
    }
    await settle()
    await settle()
    expect(log).toEqual(Array.from({ length: i }, (_, n) => n))
  })

  test('J18 K11 their pipelines are parts of ours: released, asked and taken in turns', async () => {
    let hasEnded = false
    function* numbers() {
      try {
        for (let n = 0; ; n++) yield n
      } finally {
        hasEnded = true
      }
    }
    for await (const _ of map(
      theirPipeline.map(numbers(), (n) => n),
      (n) => n,
    ))
      break
    expect(hasEnded).toBe(true)

    const busy = ours.channel<number>(Infinity)
    for (let n = 0; n < 10; n++) busy.trySend(n)
    const both = merge([busy, theirPipeline.from([-1])])
    const taken = [await both.receive(), await both.receive(), await both.receive(), await both.receive()]
    expect(taken.map(({ value }) => value)).toContain(-1)
  })

  test('J18 a channel of a copy whose inside differs is refused by name', () => {
    const other = { receive() {}, tryReceive() {}, [Symbol.for('chansel.receive-end@0')]: {} }
    expect(thrownBy(() => ours.select({ other: other as never }))).toBeInstanceOf(TypeError)
    expect(() => ours.select({ other: other as never })).toThrow(/other/)
  })
})
