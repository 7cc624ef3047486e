import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Channel, background, channel, select, sendCase, sleep, trySelect, withCancel } from 'chansel'
import { selector } from 'chansel/selector'
import { virtualClock } from '../support/clock.ts'
import { expectLinear, expectRatio } from '../support/cost.ts'
import { expectNothingLeft } from '../support/pending.ts'

expectNothingLeft()

const SLOW = 30_000

// Errors with a stack cost more than anything that is measured here.
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

/**
 * The indexes below n, every second one first and the others from the end: whoever leaves has others before
 * and behind. Not at random, for that would measure the caches of the machine.
 */
const scattered = (n: number) => {
  const indexes = Array.from({ length: n }, (_, i) => i)
  return [...indexes.filter((i) => i % 2 === 1), ...indexes.filter((i) => i % 2 === 0).reverse()]
}

describe('C29 removing one waiter among n is O(1)', () => {
  test('of plain receivers', { timeout: SLOW }, () =>
    expectLinear(2_000, async (n) => {
      const ch = channel<number>()
      const contexts = Array.from({ length: n }, () => withCancel(background()))
      const waits = contexts.map((ctx) => ch.receive(ctx).catch(() => 'cancelled'))
      for (const i of scattered(n)) contexts[i]!.cancel()
      await Promise.all(waits)
    }),
  )

  test('of plain senders', { timeout: SLOW }, () =>
    expectLinear(2_000, async (n) => {
      const ch = channel<number>()
      const contexts = Array.from({ length: n }, () => withCancel(background()))
      const waits = contexts.map((ctx, i) => ch.send(i, ctx).catch(() => 'cancelled'))
      for (const i of scattered(n)) contexts[i]!.cancel()
      await Promise.all(waits)
    }),
  )

  test('of selects, by another case', { timeout: SLOW }, () =>
    expectLinear(2_000, async (n) => {
      const quiet = channel<number>()
      const own = Array.from({ length: n }, () => channel<number>())
      const waits = own.map((ch) => select([quiet, ch]))
      for (const i of scattered(n)) own[i]!.trySend(i)
      await Promise.all(waits)
    }),
  )

  test('R7 J10 of the receives of one iterator', { timeout: SLOW }, () =>
    expectLinear(4_000, async (n) => {
      const iterator = channel<number>()[Symbol.asyncIterator]()
      const waits = Array.from({ length: n }, () => iterator.next())
      await iterator.return!()
      await Promise.all(waits)
    }),
  )

  test('of waits under one context', { timeout: SLOW }, () =>
    expectLinear(4_000, async (n) => {
      const ctx = withCancel(background())
      const channels = Array.from({ length: n }, () => channel<number>())
      const waits = channels.map((ch) => ch.receive(ctx))
      for (const i of scattered(n)) channels[i]!.trySend(i)
      await Promise.all(waits)
    }),
  )

  test('of waits under one foreign signal', { timeout: SLOW }, () =>
    expectLinear(4_000, async (n) => {
      const controller = new AbortController()
      const channels = Array.from({ length: n }, () => channel<number>())
      const waits = channels.map((ch) => ch.receive(controller))
      for (const i of scattered(n)) channels[i]!.trySend(i)
      await Promise.all(waits)
    }),
  )

  test('of n sleeps, in O(log n) each', { timeout: SLOW }, async () => {
    virtualClock()
    await expectLinear(4_000, async (n) => {
      const contexts = Array.from({ length: n }, () => withCancel(background()))
      const waits = scattered(n).map((ms, i) => sleep(ms + 1, contexts[i]).catch(() => 'cancelled'))
      for (const i of scattered(n)) contexts[i]!.cancel()
      await Promise.all(waits)
    })
  })
})

describe('queues', () => {
  test('C3 a buffer of n values is filled and drained in O(n)', { timeout: SLOW }, () =>
    expectLinear(4_000, (n) => {
      const ch = channel<number>(Infinity)
      for (let i = 0; i < n; i++) ch.trySend(i)
      for (let i = 0; i < n; i++) ch.tryReceive()
      expect(ch.length).toBe(0)
    }),
  )

  test('C7 n blocked senders are served in O(n)', { timeout: SLOW }, () =>
    expectLinear(4_000, async (n) => {
      const ch = channel<number>()
      const sends = Array.from({ length: n }, (_, i) => ch.send(i))
      for (let i = 0; i < n; i++) ch.tryReceive()
      await Promise.all(sends)
    }),
  )

  test('C10 close wakes n receivers in O(n)', { timeout: SLOW }, () =>
    expectLinear(4_000, async (n) => {
      const ch = channel<number>()
      const receives = Array.from({ length: n }, () => ch.receive())
      ch.close()
      await Promise.all(receives)
    }),
  )
})

describe('select', () => {
  test(
    'S22 n selects that wait on one quiet shared channel cost O(1) each to wake and to wait again',
    { timeout: SLOW },
    () =>
      expectLinear(800, async (n) => {
        const quiet = channel<number>()
        const own = Array.from({ length: n }, () => channel<number>())
        let waits = own.map((ch) => select([ch, quiet]))
        for (let round = 0; round < 4; round++) {
          for (const ch of own) ch.trySend(round)
          await Promise.all(waits)
          waits = own.map((ch) => select([ch, quiet]))
        }
        quiet.close()
        await Promise.all(waits)
      }),
  )

  test('S27 the cost of a select is linear in its cases', { timeout: SLOW }, () =>
    expectLinear(4_000, async (n) => {
      const channels = Array.from({ length: n }, () => channel<number>())
      expect(trySelect(channels)).toBeUndefined()
      const selected = select(channels)
      channels[n - 1]!.trySend(1)
      expect((await selected).case).toBe(n - 1)
    }),
  )

  test.each([
    ['receives', (ch: Channel<number>, n: number) => Array.from({ length: n }, () => ch)],
    ['sends', (ch: Channel<number>, n: number) => Array.from({ length: n }, () => sendCase(ch, 1))],
  ])('S27 also where all cases are on one channel: %s', { timeout: SLOW }, (_, makeCases) =>
    expectLinear(2_000, async (n) => {
      const ch = channel<number>()
      const other = channel<number>()
      const selected = select([other, ...makeCases(ch, n)])
      other.trySend(1)
      expect((await selected).case).toBe(0)
    }),
  )
})

describe('selector', () => {
  test('S22 S32 n selectors over one quiet shared channel cost O(1) each in a round', { timeout: SLOW }, () =>
    expectLinear(800, async (n) => {
      const quiet = channel<number>()
      const own = Array.from({ length: n }, () => channel<number>())
      const all = own.map((ch) => selector([ch, quiet]))
      for (let round = 0; round < 4; round++) {
        const waits = all.map((events) => events.select())
        for (const ch of own) ch.trySend(round)
        await Promise.all(waits)
      }
      const last = all.map((events) => events.select())
      quiet.close()
      await Promise.all(last)
      for (const i of scattered(n)) all[i]![Symbol.dispose]()
    }),
  )

  test('S32 n selectors over one busy channel that none of them waits for', { timeout: SLOW }, () =>
    expectLinear(800, (n) => {
      const ch = channel<number>(Infinity)
      const all = Array.from({ length: n }, () => selector([ch]))
      for (const events of all) expect(events.trySelect()).toBeUndefined()
      for (let i = 0; i < n; i++) ch.trySend(i)
      for (const events of all) expect(events.trySelect()!.ok).toBe(true)
      for (const i of scattered(n)) all[i]![Symbol.dispose]()
    }),
  )

  test('S27 S31 n cases are made ready, set and left at O(1) each', { timeout: SLOW }, () =>
    expectLinear(1_600, async (n) => {
      const channels = Array.from({ length: n }, () => channel<number>(1))
      const events = selector(channels)
      expect(events.trySelect()).toBeUndefined()
      for (const i of scattered(n)) {
        const waiting = events.select()
        channels[i]!.trySend(i)
        expect((await waiting).case).toBe(i)
        events.set(i, null)
        events.set(i, channels[i])
      }
      events[Symbol.dispose]()
    }),
  )

  test('S32 a round costs the same however many quiet cases there are', { timeout: SLOW }, async () => {
    const busy = channel<number>()
    const quiet = (n: number) => selector([busy, ...Array.from({ length: n }, () => channel<number>())])
    const rounds = async (events: ReturnType<typeof quiet>) => {
      for (let i = 0; i < 2_000; i++) {
        const waiting = events.select()
        busy.trySend(i)
        await waiting
        const sent = busy.send(i)
        await events.select()
        await sent
      }
    }
    const few = quiet(1)
    const many = quiet(4_000)
    // As many again would cost 4,000 times as much if each were looked at.
    await expectRatio(
      10,
      () => rounds(many),
      () => rounds(few),
    )
  })
})

describe('contexts', () => {
  test('X29 creating and cancelling a child is O(1) whatever the number of siblings', { timeout: SLOW }, () =>
    expectLinear(4_000, (n) => {
      const parent = withCancel(background())
      const children = Array.from({ length: n }, () => withCancel(parent))
      for (const i of scattered(n)) children[i]!.cancel()
    }),
  )

  test('X29 cancelling a parent of n is O(n)', { timeout: SLOW }, () =>
    expectLinear(4_000, (n) => {
      const parent = withCancel(background())
      const children = Array.from({ length: n }, () => withCancel(parent))
      parent.cancel()
      expect(children[n - 1]!.err).toBe(parent.err)
    }),
  )
})
