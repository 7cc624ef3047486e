// The testing kit in a page, which has no AsyncLocalStorage and does not tell what is under way outside: one simulation
// at a time, and its tasks are those of `t.go`.

import { describe, expect, test } from 'vitest'
import { channel, go, sleep } from 'chansel'
import {
  type DeadlockError,
  type ExplorationError,
  type LeakError,
  explore,
  leakCheck,
  replay,
  simulate,
  snapshot,
} from 'chansel/testing'
import { rejectionOf } from '../../../test/support/pending.ts'
import { buggyPrograms } from '../test/testing/buggy.ts'
import { correctPrograms } from '../test/testing/correct.ts'

// If an async function that is not a task rejects, the page reports it: its event comes after the simulation has ended.
const inTasks = buggyPrograms.filter(({ name }) => name !== 'a failure that nobody awaits')

describe('R8 explore finds', () => {
  test.each(inTasks)('$name', async ({ body, shows }) => {
    const error = (await rejectionOf(explore(body, { runs: 500 }))) as ExplorationError
    expect(error.message).toMatch(shows)
    expect(error.kind).toBe('failure')
    const again = (await rejectionOf(replay(error.schedule, body))) as ExplorationError
    expect(again.schedule).toBe(error.schedule)
    expect(again.trace).toBe(error.trace)
  })
})

describe('a correct program is never reported', () => {
  // A promise of the program's own may be something outside, as far as anybody knows.
  test.each(correctPrograms)('$name', async ({ body }) => {
    await explore(body, { runs: 20, externalTimeoutMs: 5 })
  })
})

test('a day of timers takes a moment', async () => {
  const start = performance.now()
  const ticks = await simulate(async (t) => {
    const begin = t.now()
    let count = 0
    while (t.now() - begin < 86_400_000) {
      await sleep(60_000)
      count++
    }
    return count
  })
  expect(ticks).toBe(1_440)
  expect(performance.now() - start).toBeLessThan(10_000)
})

test('a deadlock names the tasks of t.go and what they wait for', async () => {
  const error = (await rejectionOf(
    simulate(async (t) => {
      const jobs = channel<number>(0, { name: 'jobs' })
      const worker = t.go('worker', () => jobs.receive())
      await worker
    }),
  )) as DeadlockError
  expect(error.code).toBe('ERR_DEADLOCK')
  expect(error.waiting).toMatchObject([
    { task: 'main', operation: 'join', channel: 'worker' },
    { task: 'worker', operation: 'receive', channel: 'jobs', at: expect.stringContaining('testing.test.ts') },
  ])
})

test('what is awaited outside is waited for', async () => {
  const text = await simulate(async (t) => {
    const start = t.now()
    const text = await new Blob(['from outside']).text()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(t.now()).toBe(start)
    return text
  })
  expect(text).toBe('from outside')
})

test('a second simulation at the same time is refused', async () => {
  const first = simulate(() => sleep(1_000))
  expect(await rejectionOf(simulate(() => {}))).toMatchObject({
    message: expect.stringMatching(/^Cannot simulate/),
  })
  await first
})

test('leakCheck finds what is left behind, and nothing where nothing is', async () => {
  const jobs = channel<number>(0, { name: 'jobs' })
  const error = (await rejectionOf(leakCheck(() => void jobs.receive(), { graceMs: 1 }))) as LeakError
  expect(error.left).toEqual({ operations: 1, tasks: 0, timers: 0, listeners: 0 })
  expect(error.message).toContain('receive jobs')
  jobs.close()
  await leakCheck(async () => {
    const ch = channel<number>()
    const received = ch.receive()
    await ch.send(1)
    await received
    await sleep(1)
  })
})

test('a task outside of a simulation is not taken for what runs after it', async () => {
  await go(async function early() {})
  const ch = channel<number>(0, { name: 'nobody’s' })
  const received = ch.receive()
  const waiting = snapshot().filter(({ channel: name }) => name.includes('nobody’s'))
  expect(waiting.map(({ task }) => task)).toEqual(['main'])
  await Promise.all([ch.send(1), received])
})
