import { describe, expect, test } from 'vitest'
import { after, background, channel, select, sendCase, sleep, withCancel } from 'chansel'
import { selector } from 'chansel/selector'
import { installDeadlockReport, simulate, snapshot } from 'chansel/testing'
import { rejectionOf, thrownBy } from '../support/pending.ts'

describe('R8 a snapshot', () => {
  test('has each operation that waits, with its channel, its line and its age', async () => {
    const jobs = channel<number>(1, { name: 'jobs' })
    const received = jobs.receive()
    const selected = select({ jobs, late: after(60_000) })
    expect(snapshot()).toMatchObject([
      { operation: 'receive', channel: 'jobs', state: 'cap 1, empty', task: 'main' },
      { operation: 'select', channel: 'jobs, timer', task: 'main' },
    ])
    for (const { at, sinceMs } of snapshot()) {
      expect(at).toMatch(/snapshot\.test\.ts:\d+:\d+$/)
      expect(sinceMs).toBeGreaterThanOrEqual(0)
    }
    jobs.trySend(1)
    expect(snapshot()).toHaveLength(1)
    jobs.trySend(2)
    expect(snapshot()).toEqual([])
    await Promise.all([received, selected])
  })

  test('has a select that was prepared with its cases, but for those that are switched off', async () => {
    const [jobs, outbox] = [channel<number>(1, { name: 'jobs' }), channel<number>(0, { name: 'outbox' })]
    using events = selector({ jobs, sent: sendCase(outbox, 1), off: false })
    const selected = events.select()
    expect(snapshot()).toMatchObject([
      {
        operation: 'select',
        channel: 'jobs, outbox',
        state: 'receive jobs: cap 1, empty; send outbox: unbuffered',
        task: 'main',
      },
    ])
    jobs.trySend(1)
    expect(snapshot()).toEqual([])
    await selected
  })

  test('has nothing of what was cancelled', async () => {
    using ctx = withCancel(background())
    const slept = sleep(60_000, ctx)
    expect(snapshot()).toMatchObject([{ operation: 'sleep', channel: 'timer' }])
    ctx.cancel()
    await rejectionOf(slept)
    expect(snapshot()).toEqual([])
  })

  test('in a simulation has that simulation, in its time, and outside has nothing of it', async () => {
    const outer = channel<void>(0, { name: 'outer' })
    const waits = outer.receive()
    let inside!: ReturnType<typeof snapshot>
    const running = simulate(async (t) => {
      const inner = channel<void>(0, { name: 'inner' })
      const worker = t.go('worker', async () => void (await inner.receive()))
      await sleep(25)
      inside = snapshot()
      inner.close()
      await worker
    })
    await running
    expect(inside).toMatchObject([{ task: 'worker', channel: 'inner', sinceMs: 25 }])
    expect(snapshot()).toMatchObject([{ channel: 'outer' }])
    outer.close()
    await waits
  })
})

test('a deadlock report has to be told what it can be', () => {
  for (const options of [null, 7, { signal: 'USR2' }, { exitCode: 0.5 }, { write: 'stderr' }]) {
    expect(thrownBy(() => installDeadlockReport(options as never))).toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(/^Cannot install the deadlock report: /),
    })
  }
})
