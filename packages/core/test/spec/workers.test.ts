// The library as it is in Cloudflare Workers, where a timer belongs to the request that set it and is gone with it. With
// the real ones: runtimes/workers.
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { virtualClock } from '../support/clock.ts'
import { expectPending, settle, stateOf } from '../support/pending.ts'

/** The library as it is there, with a runtime of its own. */
async function there() {
  const key = Symbol.for('chansel.runtime@1')
  const here: unknown = Reflect.get(globalThis, key)
  Reflect.deleteProperty(globalThis, key)
  vi.resetModules()
  vi.doMock('#alarms', () => import('../../src/internal/workerd-alarms.ts'))
  vi.doMock('#turns', () => import('../../src/internal/workerd-turns.ts'))
  const library = await import('chansel')
  Reflect.set(globalThis, key, here)
  onTestFinished(() => {
    vi.doUnmock('#alarms')
    vi.doUnmock('#turns')
    vi.resetModules()
  })
  return library
}

describe('J14 in Workers each timer and deadline has a host timer of its own', () => {
  test('T1 all end at their times', async () => {
    const { after, background, channel, select, sleep, ticker, withTimeout } = await there()
    const clock = virtualClock()
    using ticks = ticker(30)
    const waits = [
      sleep(20),
      select({ late: after(10) }),
      channel().receive(withTimeout(background(), 40)),
      ticks.receive(),
    ]
    expect(clock.timers.map(({ delayMs }) => delayMs)).toEqual([20, 10, 40, 30])
    for (const [ms, wait] of [
      [10, waits[1]],
      [20, waits[0]],
      [30, waits[3]],
      [40, waits[2]],
    ] as const) {
      clock.advance(9)
      await expectPending(wait!)
      clock.advance(1)
      expect(await stateOf(wait!), `after ${ms} ms`).not.toBe('pending')
    }
    expect(clock.timers).toEqual([])
  })

  test('a timer that goes with its request takes no other with it', async () => {
    const { sleep } = await there()
    const clock = virtualClock()
    const timers: object[] = []
    vi.stubGlobal('setTimeout', (ring: () => void, delayMs: number) => {
      timers.push(clock.setTimeout(ring, delayMs))
      return timers.at(-1)
    })
    void sleep(10)
    const slept = sleep(20)
    clock.clearTimeout(timers[0]!)
    clock.advance(20)
    await slept
    expect(timers).toHaveLength(2)
  })

  test('J14 what nobody waits for any more has none', async () => {
    const { background, channel, sleep, timer, withCancel, withTimeout } = await there()
    const clock = virtualClock()
    const ctx = withCancel(background())
    const deadline = withTimeout(background(), 10)
    const stopped = timer(10)
    const waits = [sleep(10, ctx), channel().receive(deadline), stopped.receive(ctx)]
    expect(clock.timers).toHaveLength(3)
    ctx.cancel()
    deadline.cancel()
    stopped.stop()
    expect(clock.timers).toEqual([])
    for (const wait of waits) await expect(wait).rejects.toThrow('canceled')
  })

  test('J15 a wait that is longer than the host can count is not short', async () => {
    const { sleep } = await there()
    const clock = virtualClock()
    const slept = sleep(2 ** 32)
    for (const { delayMs } of clock.timers) expect(delayMs).toBeLessThan(2 ** 31)
    clock.advance(2 ** 32 - 1)
    await expectPending(slept)
    clock.advance(1)
    await slept
  })

  test('T2 one that the host rings early is set again', async () => {
    const { background, channel, sleep, withTimeout } = await there()
    const clock = virtualClock()
    const waits = [sleep(10), channel().receive(withTimeout(background(), 10))]
    const early = vi.spyOn(performance, 'now').mockImplementation(() => clock.now - 0.5)
    clock.advance(10)
    early.mockImplementation(() => clock.now)
    await expectPending(...waits)
    expect(clock.timers).toHaveLength(2)
    clock.advance(1)
    await expect(waits[1]).rejects.toThrow('deadline exceeded')
    await waits[0]
  })

  test('T11 a ticker sets one for each tick that somebody waits for', async () => {
    const { ticker } = await there()
    const clock = virtualClock()
    using ticks = ticker(10)
    for (let i = 0; i < 3; i++) {
      const tick = ticks.receive()
      expect(clock.timers).toHaveLength(1)
      clock.advance(10)
      await tick
      expect(clock.timers).toEqual([])
    }
  })
})

describe('J3 in Workers', () => {
  test('no operation waits for a turn, which would be gone with the request that asked for it', async () => {
    const { channel } = await there()
    const numbers = channel<number>()
    let turns = 0
    const turn = setTimeout(() => turns++)
    const sent = (async () => {
      for (let i = 0; i < 50_000; i++) await numbers.send(i)
    })()
    for (let i = 0; i < 50_000; i++) await numbers.receive()
    await sent
    expect(turns).toBe(0)
    clearTimeout(turn)
  })

  test('yieldNow lets timers run', async () => {
    const { yieldNow } = await there()
    let hasRun = false
    setTimeout(() => (hasRun = true))
    const yielded = yieldNow()
    await Promise.resolve()
    expect(hasRun).toBe(false)
    await yielded
    expect(hasRun).toBe(true)
    await settle()
  })
})
