import { describe, expect, test } from 'vitest'
import { type ReceiveChannel, background, channel, withCancel } from 'chansel'
import { batch, collect, debounce, throttle } from 'chansel/pipeline'
import { virtualClock } from '../support/clock.ts'
import { expectPending, rejectionOf, settle } from '../support/pending.ts'
import { failing } from './sources.ts'

/** Everything that comes, with the ms at which it came. */
function record(out: ReceiveChannel<unknown>, now: () => number): unknown[][] {
  const start = now()
  const log: unknown[][] = []
  void (async () => {
    try {
      for await (const value of out) log.push([now() - start, value])
      log.push([now() - start, 'end'])
    } catch (error) {
      log.push([now() - start, 'failed', error])
    }
  })()
  return log
}

/** A run of a virtual program: values sent at their ms, then an end. */
async function timeline(
  operator: (source: ReceiveChannel<string>) => ReceiveChannel<unknown>,
  sends: readonly (readonly [ms: number, value: string])[],
  endMs: number,
): Promise<unknown[][]> {
  const clock = virtualClock()
  const source = channel<string>(8)
  const log = record(operator(source), () => clock.now)
  let at = 0
  for (const [ms, value] of [...sends, [endMs, ''] as const]) {
    for (; at < ms; at++) {
      clock.advance(1)
      await settle()
    }
    if (value === '') source.close()
    else source.trySend(value)
    await settle()
  }
  for (; at < endMs + 100; at++) {
    clock.advance(1)
    await settle()
  }
  return log
}

describe('batch', () => {
  test('T16 the clock starts with the first item of a batch; no batch is empty; the end flushes', async () => {
    const log = await timeline(
      (source) => batch(source, { size: 3, ms: 10 }),
      [
        [5, 'a'],
        [12, 'b'],
        [30, 'c'],
        [31, 'd'],
        [32, 'e'],
        [40, 'f'],
      ],
      42,
    )
    expect(log).toEqual([
      [15, ['a', 'b']],
      [32, ['c', 'd', 'e']],
      [42, ['f']],
      [42, 'end'],
    ])
  })

  test('ms of 0 hands on what is there; without ms a batch waits until it is full', async () => {
    expect(
      await timeline(
        (s) => batch(s, { size: 9, ms: 0 }),
        [
          [1, 'a'],
          [2, 'b'],
        ],
        5,
      ),
    ).toEqual([
      [1, ['a']],
      [2, ['b']],
      [5, 'end'],
    ])
    expect(
      await timeline(
        (s) => batch(s, { size: 2 }),
        [
          [1, 'a'],
          [50, 'b'],
        ],
        60,
      ),
    ).toEqual([
      [50, ['a', 'b']],
      [60, 'end'],
    ])
  })

  test('a size of Infinity goes by the time alone', async () => {
    const log = await timeline(
      (s) => batch(s, { size: Infinity, ms: 5 }),
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ],
      20,
    )
    expect(log).toEqual([
      [6, ['a', 'b', 'c']],
      [20, 'end'],
    ])
  })

  test('K13 collects on its own; one whose time is up goes on growing until somebody takes it', async () => {
    const clock = virtualClock()
    const source = channel<string>()
    const out = batch(source, { size: 3, ms: 10 })
    await source.send('a')
    clock.advance(10)
    await settle()
    expect(clock.timers).toEqual([])
    await source.send('b')
    expect(await out.receive()).toEqual({ value: ['a', 'b'], ok: true })
    await source.send('c')
    clock.advance(9)
    await settle()
    expect(out.tryReceive()).toBeUndefined()
    clock.advance(1)
    await settle()
    expect(out.tryReceive()).toEqual({ value: ['c'], ok: true })
  })

  test('K13 collects one full batch ahead, and then the source waits', async () => {
    const clock = virtualClock()
    const source = channel<string>()
    const out = batch(source, { size: 2, ms: 10 })
    for (const value of ['a', 'b']) await source.send(value)
    const sent = source.send('c')
    await expectPending(sent)
    clock.advance(50)
    await expectPending(sent)
    expect(await out.receive()).toEqual({ value: ['a', 'b'], ok: true })
    await sent
    source.close()
    expect(await collect(out)).toEqual([['c']])
  })

  test('without a size the source waits from when the time of a batch is up', async () => {
    const clock = virtualClock()
    const source = channel<string>()
    const out = batch(source, { size: Infinity, ms: 10 })
    for (const value of ['a', 'b', 'c']) await source.send(value)
    clock.advance(10)
    await settle()
    const sent = source.send('d')
    await expectPending(sent)
    expect(await out.receive()).toEqual({ value: ['a', 'b', 'c'], ok: true })
    await sent
    source.close('broken')
    expect(await out.receive()).toEqual({ value: ['d'], ok: true })
    expect(await rejectionOf(out.receive())).toBe('broken')
  })

  test('a receive that was taken back does not lose the batch, which is due by its own clock', async () => {
    const clock = virtualClock()
    const source = channel<string>(2)
    const out = batch(source, { size: 5, ms: 10 })
    using ctx = withCancel(background())
    const first = rejectionOf(out.receive(ctx))
    source.trySend('a')
    await settle()
    ctx.cancel()
    await first
    clock.advance(20)
    expect(await out.receive()).toEqual({ value: ['a'], ok: true })
  })
})

describe('debounce', () => {
  test('the last item before each silence; at the end at once', async () => {
    const log = await timeline(
      (source) => debounce(source, 10),
      [
        [1, 'a'],
        [5, 'b'],
        [20, 'c'],
        [40, 'd'],
      ],
      42,
    )
    expect(log).toEqual([
      [15, 'b'],
      [30, 'c'],
      [42, 'd'],
      [42, 'end'],
    ])
  })

  test('the last item comes before a failure', async () => {
    virtualClock()
    const out = debounce(failing(['a', 'b'], 'broken'), 10)
    expect(await out.receive()).toEqual({ value: 'b', ok: true })
    expect(await rejectionOf(out.receive())).toBe('broken')
  })

  test('a program that was busy past the silence has not lost what came', async () => {
    const clock = virtualClock()
    const source = channel<string>(2)
    const out = debounce(source, 10)
    const got = out.receive()
    source.trySend('a')
    await settle()
    clock.busy(20)
    source.trySend('b')
    await settle()
    clock.advance(10)
    expect((await got).value).toBe('b')
  })

  test('K13 never makes the source wait; a value that nobody received is replaced by a newer one', async () => {
    const clock = virtualClock()
    const source = channel<string>()
    const out = debounce(source, 10)
    for (const value of ['a', 'b']) await source.send(value)
    clock.advance(10)
    await settle()
    for (const value of ['c', 'd']) await source.send(value)
    expect(out.tryReceive()).toEqual({ value: 'b', ok: true })
    await source.send('e')
    clock.advance(10)
    await settle()
    await source.send('f')
    clock.advance(10)
    await settle()
    expect(clock.timers).toEqual([])
    expect(await out.receive()).toEqual({ value: 'f', ok: true })
    expect(out.tryReceive()).toBeUndefined()
  })
})

describe('throttle', () => {
  test('the first at once, then the latest, one each ms; after a pause at once again', async () => {
    const log = await timeline(
      (source) => throttle(source, 10),
      [
        [1, 'a'],
        [2, 'b'],
        [5, 'c'],
        [12, 'd'],
        [50, 'e'],
        [51, 'f'],
      ],
      52,
    )
    expect(log).toEqual([
      [1, 'a'],
      [11, 'c'],
      [21, 'd'],
      [50, 'e'],
      [60, 'f'],
      [60, 'end'],
    ])
  })

  test('of a burst the first and the latest', async () => {
    const log = await timeline(
      (s) => throttle(s, 10),
      ['a', 'b', 'c', 'd'].map((value) => [1, value] as const),
      2,
    )
    expect(log).toEqual([
      [1, 'a'],
      [11, 'd'],
      [11, 'end'],
    ])
  })

  test('K13 never makes the source wait; who comes late gets the latest, and the next one ms after that', async () => {
    const clock = virtualClock()
    const source = channel<string>()
    const out = throttle(source, 10)
    for (const value of ['a', 'b', 'c', 'd']) await source.send(value)
    clock.advance(5)
    expect((await out.receive()).value).toBe('a')
    clock.advance(10)
    await settle()
    for (const value of ['e', 'f']) await source.send(value)
    clock.advance(30)
    await settle()
    expect(clock.timers).toEqual([])
    clock.advance(10)
    expect((await out.receive()).value).toBe('f')
    await source.send('g')
    const next = out.receive()
    clock.advance(9)
    await expectPending(next)
    clock.advance(1)
    expect((await next).value).toBe('g')
  })

  test('the first is kept for its ms, then it is replaced', async () => {
    const clock = virtualClock()
    const source = channel<string>()
    const out = throttle(source, 10)
    for (const value of ['a', 'b']) await source.send(value)
    clock.advance(9)
    await settle()
    expect(out.tryReceive()).toEqual({ value: 'a', ok: true })
    for (const value of ['c', 'd']) await source.send(value)
    source.close()
    clock.advance(20)
    expect(await collect(out)).toEqual(['d'])
  })

  test('an ms of 0 drops nothing', async () => {
    expect(await collect(throttle('abc', 0))).toEqual(['a', 'b', 'c'])
  })

  test('the latest comes before a failure', async () => {
    const clock = virtualClock()
    const out = throttle(failing(['a', 'b'], 'broken'), 10)
    expect((await out.receive()).value).toBe('a')
    const next = out.receive()
    await settle()
    clock.advance(10)
    expect((await next).value).toBe('b')
    expect(await rejectionOf(out.receive())).toBe('broken')
    expect(clock.timers).toEqual([])
  })
})

describe.each([
  { name: 'batch', operator: (s: ReceiveChannel<string>, ctx?: never) => batch(s, { size: 5, ms: 10 }, ctx) },
  { name: 'debounce', operator: (s: ReceiveChannel<string>, ctx?: never) => debounce(s, 10, ctx) },
  { name: 'throttle', operator: (s: ReceiveChannel<string>, ctx?: never) => throttle(s, 10, ctx) },
])('$name', ({ operator }) => {
  test('T10 has a host timer only while an item waits for it, and none after a cancel or a left loop', async () => {
    const clock = virtualClock()
    using ctx = withCancel(background())
    const source = channel<string>(8)
    for (const end of ['cancel', 'leave'] as const) {
      const out = operator(source, (end === 'cancel' ? ctx : undefined) as never)
      const loop = out[Symbol.asyncIterator]()
      const nexts = [loop.next(), loop.next()]
      await settle()
      expect(clock.timers).toEqual([])
      source.trySend('a')
      source.trySend('b')
      await settle()
      expect(clock.timers.length).toBe(1)
      if (end === 'cancel') ctx.cancel()
      else await loop.return!()
      await Promise.allSettled(nexts)
      expect(clock.timers).toEqual([])
      // Nobody waits at the source any more.
      expect([source.trySend('c'), source.length]).toEqual([true, 1])
      source.tryReceive()
    }
  })
})
