// Go: src/time/example_test.go ExampleAfter — a receive with a time limit.
// Go: src/time/example_test.go ExampleSleep — a pause.
// Go: src/time/example_test.go ExampleTick — a loop over a ticker, left when it has had enough.
// Go: src/time/example_test.go ExampleNewTicker — ticks until a task says that it is done.
import { expect, test } from 'vitest'
import { after, channel, select, sleep, ticker } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { Tasks, inBubble } from './bubble.ts'

expectNothingLeft()

test.each([
  { sentAfterMs: 9_999, outcome: 'message' },
  { sentAfterMs: 10_001, outcome: 'late' },
])('ExampleAfter: $outcome where it is sent after $sentAfterMs ms', ({ sentAfterMs, outcome }) =>
  inBubble(async () => {
    const inbox = channel<string>(1)
    const tasks = new Tasks()
    tasks.go(async () => {
      await sleep(sentAfterMs)
      await inbox.send('hello')
    })
    expect((await select({ message: inbox, late: after(10_000) })).case).toBe(outcome)
    await tasks.joined()
  }),
)

test('ExampleSleep: a hundred ms', () =>
  inBubble(async (clock) => {
    const start = clock.now
    await sleep(100)
    expect(clock.now - start).toBe(100)
  }))

test('ExampleTick: every five seconds, and no host timer once the loop is left', () =>
  inBubble(async (clock) => {
    const start = clock.epochMs
    const updates: number[] = []
    for await (const now of ticker(5_000)) {
      updates.push(now - start)
      if (updates.length === 3) break
    }
    expect(updates).toEqual([5_000, 10_000, 15_000])
    expect(clock.timers).toEqual([])
  }))

test('ExampleNewTicker: each second for ten seconds', () =>
  inBubble(async (clock) => {
    const start = clock.epochMs
    using beat = ticker(1_000)
    const done = channel<boolean>()
    const tasks = new Tasks()
    tasks.go(async () => {
      await sleep(10_500)
      await done.send(true)
    })
    const seen: number[] = []
    for (let isDone = false; !isDone;) {
      const event = await select({ done, beat })
      if (event.case === 'beat') seen.push((event.value! - start) / 1_000)
      else isDone = event.value!
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    await tasks.joined()
  }))
