import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { afterFunc, background, channel, select, sleep, ticker, withCancel, withTimeout } from 'chansel'
import { type EventChannel, fromEvents } from 'chansel/interop'
import { LeakError, leakCheck, simulate, watchLeaks } from 'chansel/testing'
import { collectGarbage } from '../support/gc.ts'
import { rejectionOf, settle } from '../support/pending.ts'

const options = { graceMs: 5 }

async function leakOf(body: () => unknown): Promise<LeakError> {
  const error = await rejectionOf(leakCheck(body, options))
  if (!(error instanceof LeakError)) throw error
  return error
}

describe('a body that leaves nothing behind', () => {
  test('passes, with its result', async () => {
    const result = await leakCheck(async () => {
      const ch = channel<number>()
      const received = ch.receive()
      await ch.send(1)
      using ctx = withTimeout(background(), 60_000)
      await select({ ch, done: ctx.done, late: withTimeout(ctx, 1).done })
      return received
    })
    expect(result).toEqual({ value: 1, ok: true })
  })

  test('may take a moment to end', async () => {
    await leakCheck(() => {
      void sleep(1)
    })
  })

  test('is not blamed for what is around it', async () => {
    const outer = channel<number>()
    const waits = outer.receive()
    await leakCheck(() => Promise.resolve(), options)
    outer.close()
    await waits
  })

  test('that fails rejects with its failure', async () => {
    const error = new Error('broken')
    expect(await rejectionOf(leakCheck(() => Promise.reject(error)))).toBe(error)
  })
})

describe('R8 a body that leaves something behind is told', () => {
  test('an operation, with its channel and its line', async () => {
    const jobs = channel<number>(0, { name: 'jobs' })
    const leak = await leakOf(() => void jobs.receive())
    expect(leak).toMatchObject({ code: 'ERR_LEAK', left: { operations: 1, timers: 0, listeners: 0 } })
    expect(leak.message).toContain('left behind: 1 operation')
    expect(leak.message).toMatch(/receive jobs \(unbuffered\) +\S*leak-check\.test\.ts:\d+:\d+/)
    jobs.close()
  })

  test('a task', async () => {
    const stop = withCancel(background())
    let end!: () => void
    const endless = (() => new Promise<void>((resolve) => (end = resolve))) as () => void
    const leak = await leakOf(() => {
      afterFunc(stop, endless)
      stop.cancel()
      afterFunc(stop, endless)
    })
    expect(leak.left.tasks).toBe(1)
    expect(leak.message).toMatch(/endless +started at/)
    end()
  })

  test('a timer', async () => {
    using stop = withCancel(background())
    const ofSleep = await leakOf(() => void sleep(60_000, stop).catch(() => {}))
    expect(ofSleep.left).toMatchObject({ operations: 1, timers: 1 })
    const ticks = ticker(60_000)
    const ofTicker = await leakOf(() => void ticks.receive(stop).catch(() => {}))
    expect(ofTicker.left).toMatchObject({ operations: 1, timers: 1 })
    const ofContext = await leakOf(async () => {
      const ctx = withTimeout(stop, 60_000)
      const ch = channel<number>()
      const received = ch.receive(ctx)
      await ch.send(1)
      await received
    })
    expect(ofContext.left).toMatchObject({ operations: 0, timers: 1 })
  })

  test('a listener on a signal', async () => {
    const controller = new AbortController()
    using stop = withCancel(background())
    const leak = await leakOf(
      () =>
        void withCancel(controller)
          .done.receive(stop)
          .catch(() => {}),
    )
    expect(leak.left).toMatchObject({ listeners: 1 })
    const ofChild = await leakOf(() => void withCancel(new AbortController()).signal)
    expect(ofChild.left).toMatchObject({ operations: 0, listeners: 1 })
  })

  test('a listener for events', async () => {
    for (const source of [new EventTarget(), new EventEmitter()]) {
      let events!: EventChannel<unknown>
      const leak = await leakOf(() => void (events = fromEvents(source as EventTarget, 'news')))
      expect(leak.left).toMatchObject({ operations: 0, listeners: 1 })
      events[Symbol.dispose]()
      await leakCheck(() => fromEvents(source as EventTarget, 'news')[Symbol.dispose]())
    }
  })
})

test('wrong arguments are refused, and a simulation needs no check', async () => {
  expect(await rejectionOf(leakCheck(7 as never))).toBeInstanceOf(TypeError)
  expect(await rejectionOf(leakCheck(() => {}, null as never))).toMatchObject({
    message: 'Cannot check for leaks: options must be an object, got null',
  })
  expect(await rejectionOf(leakCheck(() => {}, { graceMs: -1 }))).toBeInstanceOf(RangeError)
  expect(await rejectionOf(simulate(() => leakCheck(() => {})))).toMatchObject({
    message: 'Cannot check for leaks: a simulation does so by itself',
  })
})

async function turnAndCollect(): Promise<void> {
  await settle()
  collectGarbage()
  await settle()
}

describe('a watch for leaks', () => {
  test('tells of an operation that nobody can reach, and not of others', async () => {
    const lost: string[] = []
    const stop = watchLeaks(({ operation, channel, at }) => lost.push(`${operation} ${channel} ${at}`))
    const kept = channel<number>(0, { name: 'kept' })
    const waits = kept.receive()
    const loseOne = () => void channel<number>(0, { name: 'lost' }).receive()
    const endOne = async () => {
      const ended = channel<number>(0, { name: 'ended' })
      const received = ended.receive()
      ended.close()
      await received
    }
    loseOne()
    await endOne()
    for (let i = 0; i < 20 && lost.length === 0; i++) await turnAndCollect()
    stop()
    expect(lost).toEqual([expect.stringMatching(/^receive lost \S*leak-check\.test\.ts:\d+:\d+$/)])
    kept.close()
    await waits
  })

  test('ends when it is told to, and refuses what is no function', async () => {
    const lost: unknown[] = []
    watchLeaks((operation) => lost.push(operation))()
    const loseOne = () => void channel<number>(0, { name: 'unwatched' }).receive()
    loseOne()
    for (let i = 0; i < 5; i++) await turnAndCollect()
    expect(lost).toEqual([])
    expect(() => watchLeaks(7 as never)).toThrow(TypeError)
  })
})
