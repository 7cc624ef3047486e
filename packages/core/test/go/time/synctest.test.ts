// Go: src/internal/synctest/synctest_test.go TestNow — the time that a task sees is that of its sleeps.
// Go: src/internal/synctest/synctest_test.go TestTimerReadBeforeDeadline — who waits for a timer waits that
//   long.
// Go: src/internal/synctest/synctest_test.go TestTimerReadAfterDeadline — who comes late waits not at all,
//   and gets the time of the firing.
// Go: src/internal/synctest/synctest_test.go TestTimerReset — a reset counts from the reset.
// Go: src/internal/synctest/synctest_test.go TestTimeAfter — what a timer starts may sleep on.
// Go: src/internal/synctest/synctest_test.go TestTimerRunsImmediately — a timer of nothing is ready in the
//   same turn.
// Go: src/internal/synctest/synctest_test.go TestTimerRanInPast — a timer that is due is ready when it is
//   looked at.
// Go: src/internal/synctest/synctest_test.go TestAfterFuncRunsImmediately — what a timer of nothing starts
//   runs in the next turn.
// Go: src/internal/synctest/synctest_test.go TestTimerNondeterminism — of two timers that are due each may
//   win a select that looks; who waits for both gets the one that was set first.
// Go: src/internal/synctest/synctest_test.go TestSleepNondeterminism — sleeps that end together end in the
//   order in which they began; Go leaves it open.
import { expect, test } from 'vitest'
import { after, background, channel, select, sleep, timer, trySelect, withTimeout, yieldNow } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { Tasks, inBubble } from './bubble.ts'

expectNothingLeft()

const SECOND_MS = 1_000

test('TestNow: all tasks see one clock, which sleeps move', () =>
  inBubble(async (clock) => {
    const start = Date.now()
    const tasks = new Tasks()
    const seen: number[] = []
    tasks.go(async () => {
      seen.push(Date.now() - start)
      await sleep(2 * SECOND_MS)
      seen.push(Date.now() - start)
    })
    await sleep(SECOND_MS)
    seen.push(Date.now() - start)
    await tasks.joined()
    expect(seen).toEqual([0, SECOND_MS, 2 * SECOND_MS])
    expect(clock.epochMs).toBe(start + 2 * SECOND_MS)
  }))

test('TestTimerReadBeforeDeadline', () =>
  inBubble(async (clock) => {
    const start = clock.now
    await timer(5 * SECOND_MS).receive()
    expect(clock.now - start).toBe(5 * SECOND_MS)
  }))

test('TestTimerReadBeforeDeadline: what has fired does not keep the process alive for the timers that have not', () =>
  inBubble(async (clock) => {
    const ctx = withTimeout(background(), 2 ** 32)
    const ch = channel<string>()
    const waiting = ch.receive(ctx)
    await timer(5 * SECOND_MS).receive()
    expect(clock.timers.map((hostTimer) => hostTimer.holds)).toEqual([true])
    expect([ch.trySend('in time'), (await waiting).ok]).toEqual([true, true])
    // Nobody waits for the deadline now, not even when its host timer is set again on the way.
    expect(clock.timers.map((hostTimer) => hostTimer.holds)).toEqual([false])
    clock.advance(2 ** 31)
    expect(clock.timers.map((hostTimer) => hostTimer.holds)).toEqual([false])
    ctx.cancel()
  }))

test('TestTimerReadAfterDeadline', () =>
  inBubble(async (clock) => {
    const due = clock.epochMs + SECOND_MS
    const t = timer(SECOND_MS)
    await sleep(2 * SECOND_MS)
    const before = clock.now
    expect(await t.receive()).toEqual({ value: due, ok: true })
    expect(clock.now).toBe(before)
  }))

test('TestTimerReset', () =>
  inBubble(async (clock) => {
    const start = clock.epochMs
    const t = timer(SECOND_MS)
    expect(await t.receive()).toEqual({ value: start + SECOND_MS, ok: true })
    t.reset(2 * SECOND_MS)
    expect(await t.receive()).toEqual({ value: start + 3 * SECOND_MS, ok: true })
    t.reset(3 * SECOND_MS)
    await sleep(SECOND_MS)
    t.reset(3 * SECOND_MS)
    expect(await t.receive()).toEqual({ value: start + 7 * SECOND_MS, ok: true })
  }))

test('TestTimeAfter: the sleeps of what a timer started count on', () =>
  inBubble(async () => {
    const log: string[] = []
    const tasks = new Tasks()
    tasks.go(async () => {
      await after(SECOND_MS).receive()
      log.push('fired')
      tasks.go(async () => {
        await sleep(SECOND_MS)
        log.push('slept')
      })
    })
    await sleep(1.5 * SECOND_MS)
    expect(log).toEqual(['fired'])
    await sleep(1.5 * SECOND_MS)
    expect(log).toEqual(['fired', 'slept'])
    await tasks.joined()
  }))

test('TestTimerRunsImmediately', () =>
  inBubble(async (clock) => {
    const t = timer(0)
    expect(trySelect([t])).toEqual({ case: 0, value: clock.epochMs, ok: true })
    expect(trySelect([t])).toBeUndefined()
  }))

test('TestTimerRanInPast: looked at late, and with no turn of the loop in between', () =>
  inBubble(async (clock) => {
    const due = clock.epochMs + SECOND_MS
    const [slept, busy] = [timer(SECOND_MS), timer(3 * SECOND_MS)]
    await sleep(2 * SECOND_MS)
    expect(trySelect([slept])).toEqual({ case: 0, value: due, ok: true })
    expect(trySelect([busy])).toBeUndefined()
    clock.busy(SECOND_MS)
    expect(trySelect([busy])).toEqual({ case: 0, value: due + 2 * SECOND_MS, ok: true })
  }))

test('TestTimerRanInPast: a due value belongs to who waits for it, and not to who looks', () =>
  inBubble(async (clock) => {
    const due = clock.epochMs + SECOND_MS
    const t = timer(SECOND_MS)
    const received = t.receive()
    clock.busy(2 * SECOND_MS)
    expect([t.tryReceive(), trySelect([t])]).toEqual([undefined, undefined])
    expect(await received).toEqual({ value: due, ok: true })
  }))

test('TestAfterFuncRunsImmediately: by the real clock, before the next turn is over', async () => {
  let hasRun = false
  void after(0)
    .receive()
    .then(() => (hasRun = true))
  expect(hasRun).toBe(false)
  for (let turns = 0; turns < 3 && !hasRun; turns++) await yieldNow()
  expect(hasRun).toBe(true)
})

test('TestTimerNondeterminism: of two that are due each may win', () =>
  inBubble(async (clock) => {
    const winners = new Set<string>()
    for (let i = 0; i < 1_000 && winners.size < 2; i++) {
      const [first, second] = [timer(1), timer(1)]
      clock.busy(1)
      winners.add((await select({ first, second })).case)
    }
    expect([...winners].sort()).toEqual(['first', 'second'])
  }))

test('TestTimerNondeterminism: who waits for both gets the one that was set first', () =>
  inBubble(async () => {
    for (let i = 0; i < 50; i++) {
      const [first, second] = [timer(1), timer(1)]
      expect((await select({ second, first })).case).toBe('first')
      expect(trySelect([second])).toMatchObject({ ok: true })
      // A reset sets a timer again, behind those that are set for the same time.
      first.reset(1)
      second.reset(1)
      first.reset(1)
      expect((await select({ first, second })).case).toBe('second')
    }
  }))

test('TestSleepNondeterminism: in the order in which they began, sleeps, timers and deadlines alike', () =>
  inBubble(async () => {
    const order: number[] = []
    const tasks = new Tasks()
    const waits: (() => Promise<unknown>)[] = [
      () => sleep(1),
      () => timer(1).receive(),
      () => withTimeout(background(), 1).done.receive(),
    ]
    for (let i = 0; i < 20; i++) {
      tasks.go(async () => {
        await waits[(i * 2) % 3]!()
        order.push(i)
      })
    }
    await tasks.joined()
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i))
  }))
