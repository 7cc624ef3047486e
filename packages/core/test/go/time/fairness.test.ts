// Go: src/runtime/proc_test.go TestTimerFairness — a timer fires though tasks hand values over without a
//   pause.
// Go: src/runtime/proc_test.go TestTimerFairness2 — so do the timers of the very tasks that do it.
// Go: src/time/sleep_test.go TestAfterFuncStarvation — a function that a timer starts stops a sender and a
//   receiver that never wait for anything but each other.
// Go: src/context/benchmark_test.go BenchmarkCheckCanceled — a loop that looks at done and err sees the end
//   in time.
import { describe, expect, test } from 'vitest'
import {
  after,
  background,
  channel,
  select,
  sendCase,
  sleep,
  trySelect,
  withTimeout,
  yieldNow,
} from 'chansel'
import { virtualClock } from '../../support/clock.ts'
import { expectNothingLeft } from '../../support/pending.ts'
import { Tasks } from './bubble.ts'

expectNothingLeft()

// By the real clock, all of them: what they prove is that real timers get their turn.
const TIMER_MS = 20
/** An overloaded machine is late; a starved timer never comes, and the test runs into its time limit. */
const LATEST_MS = 1_000

test('TestTimerFairness: the timer beats a channel that is always ready', async () => {
  const done = channel<never>()
  const c = channel<boolean>()
  const tasks = new Tasks()
  for (let i = 0; i < 2; i++) {
    tasks.go(async () => {
      while ((await select({ sent: sendCase(c, true), done })).case !== 'done');
    })
  }
  const start = performance.now()
  const late = after(TIMER_MS)
  while ((await select({ c, late })).case !== 'late');
  const tookMs = performance.now() - start
  done.close()
  await tasks.joined()
  expect(tookMs).toBeGreaterThanOrEqual(TIMER_MS)
  expect(tookMs).toBeLessThan(LATEST_MS)
})

test('TestTimerFairness2: the timers of the tasks themselves', async () => {
  const c = channel<boolean>()
  const done = channel<boolean>()
  const tasks = new Tasks()
  const start = performance.now()
  for (let i = 0; i < 2; i++) {
    tasks.go(async () => {
      const late = after(TIMER_MS)
      while ((await select({ sent: sendCase(c, true), c, late })).case !== 'late');
      await done.send(true)
    })
  }
  await done.receive()
  await done.receive()
  expect(performance.now() - start).toBeLessThan(LATEST_MS)
  await tasks.joined()
})

describe('TestAfterFuncStarvation', () => {
  test.each([0, 1, 64])('with a buffer of %d', async (capacity) => {
    const c = channel<boolean>(capacity)
    const tasks = new Tasks()
    let isStopped = false
    tasks.go(async () => {
      while (!isStopped) await c.send(true)
      c.close()
    })
    tasks.go(async () => {
      for await (const value of c) expect(value).toBe(true)
    })
    // A timer of the library, one of the host and a turn of the loop: all three get theirs.
    await Promise.all([sleep(1), new Promise((resolve) => setTimeout(resolve, 1)), yieldNow()])
    isStopped = true
    await tasks.joined()
  })

  test('slow listeners that set the next deadline get one turn of the host each', () => {
    const clock = virtualClock()
    let runs = 0
    function setNext(): void {
      if (runs === 100) return
      withTimeout(background(), 1).signal.addEventListener('abort', () => {
        runs++
        // The next is due before this one is over.
        setNext()
        clock.busy(2)
      })
    }
    setNext()
    for (let turns = 1; clock.timers.length > 0; turns++) {
      clock.advance(Math.max(0, clock.timers[0]!.at - clock.now))
      expect(runs).toBe(turns)
    }
    expect(runs).toBe(100)
  })
})

test('BenchmarkCheckCanceled: a loop that never waits sees the deadline', () => {
  for (const isOver of [
    (ctx: ReturnType<typeof withTimeout>) => ctx.err !== undefined,
    (ctx: ReturnType<typeof withTimeout>) => trySelect([ctx.done]) !== undefined,
  ]) {
    const start = performance.now()
    const ctx = withTimeout(background(), 2)
    while (!isOver(ctx)) if (performance.now() - start > LATEST_MS) expect.fail('the deadline is not seen')
    expect(performance.now() - start).toBeGreaterThanOrEqual(2)
  }
})
