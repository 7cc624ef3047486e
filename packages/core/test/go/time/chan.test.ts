// Go: src/time/tick_test.go TestChan — timers and tickers as channels: nothing stale after stop and reset,
//   whether the value was due, looked at or waited for; no buffer to be seen.
import { describe, expect, test } from 'vitest'
import {
  type ReceiveChannel,
  background,
  channel,
  select,
  sleep,
  ticker,
  timer,
  trySelect,
  withCancel,
} from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { Tasks, inBubble } from './bubble.ts'

expectNothingLeft()

const SCHED_MS = 10
const FAR_MS = 10_000_000
const SOON_MS = 0.001

/** A timer, or a ticker that says what a timer would say. */
interface Subject {
  readonly ch: ReceiveChannel<number>
  stop(): boolean
  reset(ms: number): boolean
}

function timerSubject(): Subject {
  const ch = timer(FAR_MS)
  return { ch, stop: () => ch.stop(), reset: (ms) => ch.reset(ms) }
}

function tickerSubject(): Subject {
  const ch = ticker(FAR_MS)
  let isRunning = true
  const becomes = (running: boolean) => {
    const was = isRunning
    isRunning = running
    return was
  }
  return {
    ch,
    stop() {
      ch.stop()
      return becomes(false)
    },
    reset(ms) {
      ch.reset(ms)
      return becomes(true)
    },
  }
}

const looks: Record<string, (ch: ReceiveChannel<number>) => boolean> = {
  tryReceive: (ch) => ch.tryReceive() !== undefined,
  trySelect: (ch) => trySelect([ch]) !== undefined,
}

const subjects = [
  { kind: 'timer', ticks: false, make: timerSubject },
  { kind: 'ticker', ticks: true, make: tickerSubject },
].flatMap((subject) => Object.keys(looks).map((look) => ({ ...subject, look })))

describe.each(subjects)('TestChan: a $kind, by $look', ({ ticks, make, look }) => {
  const hasValue = looks[look]!

  test('stop and reset of one that nobody waits for', () =>
    inBubble(async () => {
      const { ch, stop, reset } = make()
      expect([stop(), hasValue(ch)]).toEqual([true, false])
      expect([reset(FAR_MS), hasValue(ch)]).toEqual([false, false])
      expect(reset(SOON_MS)).toBe(true)
      await sleep(SCHED_MS)
      expect([ch.length, ch.capacity]).toEqual([0, 0])
      expect(hasValue(ch)).toBe(true)
      // By now a ticker has another tick, a timer has none; the reset drops it.
      await sleep(SCHED_MS)
      expect([reset(FAR_MS), hasValue(ch)]).toEqual([ticks, false])
      stop()
    }))

  test('resets while somebody waits', () =>
    inBubble(async () => {
      const { ch, stop, reset } = make()
      const tasks = new Tasks()
      let isDone = false
      tasks.go(async () => {
        expect(await ch.receive()).toMatchObject({ ok: true })
        isDone = true
      })
      await sleep(SCHED_MS)
      expect(isDone).toBe(false)
      expect(reset(2 * FAR_MS)).toBe(true)
      await sleep(SCHED_MS)
      expect(isDone).toBe(false)
      reset(SOON_MS)
      await sleep(SCHED_MS)
      expect(isDone).toBe(true)
      // The next tick is there already; a timer is over.
      expect(hasValue(ch)).toBe(ticks)
      stop()
      expect(hasValue(ch)).toBe(false)
      await tasks.joined()
    }))

  test('two selects that wait for one value', () =>
    inBubble(async () => {
      const { ch, stop, reset } = make()
      const stopped = channel<never>()
      const tasks = new Tasks()
      const outcomes: string[] = []
      for (let i = 0; i < 2; i++) {
        tasks.go(async () => void outcomes.push((await select({ value: ch, stopped })).case))
      }
      await sleep(SCHED_MS)
      expect(outcomes).toEqual([])
      reset(SCHED_MS)
      await sleep(SCHED_MS + 1)
      expect(outcomes).toEqual(['value'])
      stop()
      await sleep(FAR_MS)
      stopped.close()
      await tasks.joined()
      expect(outcomes).toEqual(['value', 'stopped'])
      expect(hasValue(ch)).toBe(false)
    }))

  test('who waits for a stopped one waits on', () =>
    inBubble(async (clock) => {
      const { ch, stop } = make()
      const ctx = withCancel(background())
      stop()
      const tasks = new Tasks()
      const outcomes: string[] = []
      for (let i = 0; i < 2; i++) {
        tasks.go(async () => void outcomes.push((await select({ value: ch, done: ctx.done })).case))
      }
      await sleep(2 * FAR_MS)
      expect([outcomes, clock.timers]).toEqual([[], []])
      ctx.cancel()
      await tasks.joined()
      expect(outcomes).toEqual(['done', 'done'])
    }))

  test('a value that is due and that nobody received is taken back', () =>
    inBubble(async () => {
      const { ch, stop, reset } = make()
      reset(SOON_MS)
      await sleep(SCHED_MS)
      expect([stop(), hasValue(ch)]).toEqual([true, false])
      expect([reset(FAR_MS), hasValue(ch)]).toEqual([false, false])
      expect(reset(SOON_MS)).toBe(true)
      await sleep(SCHED_MS)
      expect(hasValue(ch)).toBe(true)
      await sleep(SCHED_MS)
      expect(hasValue(ch)).toBe(ticks)
      await sleep(SCHED_MS)
      expect([reset(FAR_MS), hasValue(ch)]).toEqual([ticks, false])
      stop()
    }))
})
