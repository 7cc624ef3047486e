import { describe, expect, test } from 'vitest'
import { background, sleep, withCancel, yieldNow } from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

describe('sleep and yieldNow', () => {
  test('T16 sleep is cancelled with its context and removes its timer', async () => {
    const clock = virtualClock()
    const ctx = withCancel(background())
    const slept = sleep(50, ctx)
    expect(clock.timers.length).toBe(1)
    ctx.cancel('why')
    expect(clock.timers).toEqual([])
    expect(await rejectionOf(slept)).toBe(ctx.err)
    expect(await rejectionOf(sleep(0, ctx))).toBe(ctx.err)
  })

  test('api: sleep resolves to nothing; 0 or less is at once', async () => {
    expect(await sleep(0)).toBeUndefined()
    expect(await sleep(-1)).toBeUndefined()
    expect(await sleep(1)).toBeUndefined()
  })

  test('api: yieldNow lets timers and I/O run', async () => {
    const log: string[] = []
    setImmediate(() => log.push('the turn'))
    void Promise.resolve().then(() => log.push('a microtask'))
    await yieldNow()
    log.push('back')
    expect(log).toEqual(['a microtask', 'the turn', 'back'])
  })

  test('J7 a sleep that is over, then cancelled in the same turn, is over', async () => {
    const clock = virtualClock()
    const ctx = withCancel(background())
    const over = sleep(10, ctx)
    clock.advance(10)
    ctx.cancel()
    await over
    const other = withCancel(background())
    const cancelled = sleep(10, other)
    clock.busy(20)
    other.cancel()
    clock.advance(0)
    expect(await rejectionOf(cancelled)).toBe(other.err)
  })
})
