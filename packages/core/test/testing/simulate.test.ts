import { pbkdf2, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { deflate } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import {
  after,
  afterFunc,
  background,
  channel,
  go,
  group,
  isDeadlineExceeded,
  select,
  sendCase,
  sleep,
  ticker,
  withTimeout,
  yieldNow,
} from 'chansel'
import { DeadlockError, type Simulation, expectPending, leakCheck, simulate } from 'chansel/testing'
import { collectGarbage } from '../support/gc.ts'
import { rejectionOf, thrownBy } from '../support/pending.ts'

/** What a simulation of `body` fails with. */
async function failureOf(body: (t: Simulation) => unknown, options = {}): Promise<DeadlockError> {
  return (await rejectionOf(simulate(body, options))) as DeadlockError
}

describe('R8 virtual time', () => {
  test('begins with the year 2000 and goes on when all wait', async () => {
    const seen = await simulate(async (t) => {
      const start = t.now()
      await sleep(1_500)
      return { start, slept: t.now() - start }
    })
    expect(seen).toEqual({ start: Date.UTC(2000, 0, 1), slept: 1_500 })
  })

  test('lets sleeps, timers, tickers and deadlines fire in order', async () => {
    const order = await simulate(async (t) => {
      const order: [string, number][] = []
      const start = t.now()
      const note = (name: string) => order.push([name, t.now() - start])
      const ctx = withTimeout(background(), 25)
      afterFunc(ctx, () => note('deadline'))
      const tasks = [
        t.go('sleeper', async () => {
          await sleep(10)
          note('sleep')
        }),
        t.go('timer', async () => {
          await after(20).receive()
          note('timer')
        }),
        t.go('ticker', async () => {
          using tick = ticker(8)
          for (let i = 0; i < 3; i++) {
            await tick.receive()
            note(`tick ${i}`)
          }
        }),
      ]
      await Promise.all(tasks)
      await sleep(10)
      return order
    })
    expect(order).toEqual([
      ['tick 0', 8],
      ['sleep', 10],
      ['tick 1', 16],
      ['timer', 20],
      ['tick 2', 24],
      ['deadline', 25],
    ])
  })

  test('is that of contexts and of what timers say', async () => {
    await simulate(async (t) => {
      const start = t.now()
      using ctx = withTimeout(t.ctx, 5_000)
      expect(ctx.deadline).toBe(start + 5_000)
      await sleep(4_999)
      expect(ctx.err).toBeUndefined()
      await sleep(1)
      expect(isDeadlineExceeded(ctx.err)).toBe(true)
      expect(await after(7).receive()).toEqual({ value: start + 5_007, ok: true })
    })
  })

  test('stands still while a task has something to do', async () => {
    await simulate(async (t) => {
      const start = t.now()
      const late = after(1)
      for (let i = 0; i < 100; i++) await yieldNow()
      expect(t.now()).toBe(start)
      expect(late.tryReceive()).toBeUndefined()
    })
  })

  test('a day of timers takes a moment', async () => {
    const before = process.cpuUsage()
    await simulate(async () => {
      using hourly = ticker(3_600_000)
      for (let hour = 0; hour < 24; hour++) await hourly.receive()
    })
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1_000, 'ms of CPU').toBeLessThan(1_000)
  })

  test('is not that of the program around it', async () => {
    const outside = performance.now()
    await simulate(() => sleep(3_600_000))
    const slept = sleep(0)
    expect(performance.now() - outside).toBeLessThan(60_000)
    await slept
  })
})

describe('the body', () => {
  test('gives its result', async () => {
    expect(await simulate(() => 42)).toBe(42)
  })

  test('gives its failure as it is, and that of a task', async () => {
    const error = new Error('broken')
    expect(await failureOf(() => Promise.reject(error))).toBe(error)
    const ofTask = await failureOf(async (t) => {
      void t.go('breaks', () => {
        throw error
      })
      await sleep(10)
    })
    expect(ofTask).toBe(error)
  })

  test('gets the failure of a task that it awaits, and may handle it', async () => {
    const message = await simulate(async (t) => {
      const failing = t.go('breaks', async () => {
        await sleep(1)
        throw new Error('handled')
      })
      return failing.catch((error: Error) => error.message)
    })
    expect(message).toBe('handled')
  })

  test('has tasks with results, which begin in order', async () => {
    const seen = await simulate(async (t) => {
      const order: string[] = []
      const tasks = ['a', 'b', 'c'].map((name) => t.go(name, () => (order.push(name), name)))
      expect(order).toEqual([])
      return { results: await Promise.all(tasks), order }
    })
    expect(seen).toEqual({ results: ['a', 'b', 'c'], order: ['a', 'b', 'c'] })
  })

  test('returned: its context is cancelled, and what listens to it ends', async () => {
    let ended = false
    await simulate((t) => {
      void t.go('server', async () => {
        await t.ctx.done.receive()
        ended = true
      })
    })
    expect(ended).toBe(true)
  })

  test('has to be a function; options have to be right', async () => {
    expect(await rejectionOf(simulate(42 as never))).toBeInstanceOf(TypeError)
    expect(await rejectionOf(simulate(() => {}, 7 as never))).toBeInstanceOf(TypeError)
    expect(await rejectionOf(simulate(() => {}, { externalTimeoutMs: -1 }))).toBeInstanceOf(RangeError)
    expect(await rejectionOf(simulate(() => {}, { maxSteps: Number.NaN }))).toBeInstanceOf(RangeError)
    await simulate((t) => {
      expect(thrownBy(() => t.go(7 as never, () => {}))).toBeInstanceOf(TypeError)
      expect(thrownBy(() => t.go('a', 7 as never))).toBeInstanceOf(TypeError)
      expect(thrownBy(() => t.advance(-1))).toBeInstanceOf(RangeError)
      expect(thrownBy(() => t.invariant(true as never))).toBeInstanceOf(TypeError)
    })
  })

  test('may start any number of tasks: nothing is kept of those that ended', async () => {
    const kept = await simulate(async (t) => {
      const bytesAfter = async (tasks: number): Promise<number> => {
        for (let i = 0; i < tasks; i++) await t.go('task', () => yieldNow())
        collectGarbage()
        return process.memoryUsage().heapUsed
      }
      const before = await bytesAfter(1_000)
      return ((await bytesAfter(4_000)) - before) / 4_000
    })
    expect(kept, 'bytes for each').toBeLessThan(200)
  })

  test('that never ends is stopped', async () => {
    const error = await failureOf(
      async () => {
        for (;;) await yieldNow()
      },
      { maxSteps: 100 },
    )
    expect(error).toMatchObject({ code: 'ERR_ENDLESS' })
  })
})

describe('R8 settled and advance', () => {
  test('settled resolves when all others wait, before time goes on', async () => {
    await simulate(async (t) => {
      const seen: string[] = []
      const start = t.now()
      const work = channel<number>(0)
      void t.go('worker', async () => {
        for await (const n of work) seen.push(`got ${n}`)
        await sleep(5)
        seen.push('slept')
      })
      await work.send(1)
      await work.send(2)
      work.close()
      await t.settled()
      expect(seen).toEqual(['got 1', 'got 2'])
      expect(t.now()).toBe(start)
    })
  })

  test('settled waits for timers that are due now', async () => {
    await simulate(async (t) => {
      let woke = false
      void t.go('sleeps', async () => {
        await sleep(10)
        woke = true
      })
      await sleep(10)
      await t.settled()
      expect(woke).toBe(true)
    })
  })

  test('advance ends before what is due later', async () => {
    await simulate(async (t) => {
      let isAwake = false
      void t.go('sleeper', async () => {
        await sleep(12)
        isAwake = true
      })
      await t.settled()
      await t.advance(10)
      expect(isAwake).toBe(false)
      await t.advance(2)
      expect(isAwake).toBe(true)
    })
  })

  test('advance lets everything due happen, in order, and what it starts come to rest', async () => {
    await simulate(async (t) => {
      const start = t.now()
      const seen: number[] = []
      void t.go('sleeper', async () => {
        for (let i = 0; i < 4; i++) {
          await sleep(10)
          seen.push(t.now() - start)
        }
      })
      await t.advance(30)
      expect(seen).toEqual([10, 20, 30])
      expect(t.now() - start).toBe(30)
      await t.advance(0)
      expect(t.now() - start).toBe(30)
    })
  })

  test('an invariant is checked after each step', async () => {
    let held = 0
    const body = async (t: Simulation) => {
      t.invariant(() => held <= 1)
      const enter = async () => {
        held++
        await sleep(1)
        held--
      }
      await Promise.all([t.go('a', enter), t.go('b', enter)])
    }
    const error = await failureOf(body)
    expect(error).toMatchObject({ code: 'ERR_INVARIANT' })
    expect(error.message).toContain('held <= 1')
    const thrown = new Error('from the check')
    const throws = (t: Simulation) =>
      t.invariant(() => {
        throw thrown
      })
    expect(await failureOf(throws)).toBe(thrown)
    expect(await failureOf((t) => t.invariant(async () => true))).toMatchObject({
      code: 'ERR_INVARIANT',
      message: 'Cannot go on: an invariant has to be checked at once: async () => true',
    })
  })
})

describe('R8 J22 a deadlock', () => {
  test('is reported with tasks, channels, fill, holders, lines and the cycle', async () => {
    const error = await failureOf(async (t) => {
      const first = channel<void>(1, { name: 'first' })
      const second = channel<void>(1, { name: 'second' })
      const a = t.go('A', async () => {
        await first.send()
        await sleep(10)
        await second.send()
      })
      const b = t.go('B', async () => {
        await second.send()
        await sleep(5)
        await first.send()
      })
      await Promise.all([a, b])
    })
    expect(error).toBeInstanceOf(DeadlockError)
    expect(error).toMatchObject({ name: 'DeadlockError', code: 'ERR_DEADLOCK', kind: 'blocked' })
    expect(error.message).toContain('all tasks are asleep - deadlock! (virtual time 10 ms)')
    expect(error.message).toMatch(
      /A +blocked on send second \(cap 1, full, held by B\) +\S*simulate\.test\.ts:\d+:\d+ +for 0 ms/,
    )
    expect(error.message).toMatch(/B +blocked on send first \(cap 1, full, held by A\) +\S+ +for 5 ms/)
    expect(error.message).toMatch(/main +blocked on join A/)
    expect(error.cycle).toEqual(['A', 'second', 'B', 'first', 'A'])
    expect(error.message).toContain('cycle: A → second → B → first → A')
    expect(error.waiting).toContainEqual({
      task: 'B',
      operation: 'send',
      channel: 'first',
      state: 'cap 1, full, held by A',
      at: expect.stringMatching(/simulate\.test\.ts:\d+:\d+$/),
      sinceMs: 5,
    })
  })

  test('tells of each case of a select, and of channels without a name', async () => {
    const error = await failureOf(async () => {
      const inbox = channel<string>(0, { name: 'inbox' })
      await select({ inbox, out: sendCase(channel<number>(2 - 2), 1), stop: false })
    })
    expect(error.waiting).toMatchObject([
      {
        operation: 'select',
        channel: 'inbox, channel #2',
        state: 'receive inbox: unbuffered; send channel #2: unbuffered',
      },
    ])
  })

  test('is the end of tasks that are left behind: a leak', async () => {
    const error = await failureOf(async (t) => {
      const result = channel<number>(0, { name: 'result' })
      void t.go('worker', async () => {
        await sleep(100)
        await result.send(1)
      })
      await select({ result, late: after(10) })
    })
    expect(error).toMatchObject({ kind: 'leak' })
    expect(error.message).toMatch(/the body has returned, but 1 task is blocked/)
    expect(error.message).toMatch(/worker +blocked on send result/)
  })

  test('is not what a task does that ends later', async () => {
    let ended = false
    await simulate((t) => {
      void t.go('late', async () => {
        await sleep(1_000)
        ended = true
      })
    })
    expect(ended).toBe(true)
  })

  test('of a sleep without an end says that it is never due', async () => {
    const error = await failureOf(() => sleep(Infinity))
    expect(error.waiting).toMatchObject([{ operation: 'sleep', state: 'never due' }])
  })

  test('is not one that sleeps often after the body returned', async () => {
    let naps = 0
    await simulate((t) => {
      void t.go('naps', async () => {
        for (; naps < 1_100; naps++) await sleep(1)
      })
    })
    expect(naps).toBe(1_100)
  })

  test('a ticker that nobody stops is a leak, too', async () => {
    const body = (t: Simulation): void => {
      void t.go('ticks', async () => {
        for await (const _ of ticker(1_000)) void _
      })
    }
    const error = await failureOf(body, { maxSteps: 1_000 })
    expect(error).toMatchObject({ kind: 'leak' })
    expect(error.message).toContain(
      'Cannot end: 100 times the clock went on to a timer since the body returned, and 1 task is still blocked',
    )
    expect((await failureOf(body)).kind).toBe('leak')
    expect(error.message).toMatch(/ticks +blocked on receive timer \(due in 1000 ms\)/)
  })

  test('of tasks that wait for promises of each other is told as far as it is known', async () => {
    const error = await failureOf(async (t) => {
      void t.go('dreamer', () => new Promise(() => {}))
      await channel().receive()
    })
    expect(error.message).toMatch(/dreamer +awaits something that cannot be seen +started at \S+:\d+:\d+/)
  })
})

describe('R8 the outside', () => {
  test('is waited for in real time, and the clock with it', async () => {
    await simulate(async (t) => {
      const start = t.now()
      const text = await readFile(new URL(import.meta.url), 'utf8')
      expect(text).toContain('describe')
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(t.now()).toBe(start)
    })
  })

  test.each<[string, (done: () => void) => void]>([
    ['derives a key', (done) => pbkdf2('password', 'salt', 400_000, 64, 'sha512', done)],
    ['compresses', (done) => deflate(randomBytes(8_000_000), { level: 9 }, done)],
  ])('is waited for while a thread of the host %s, and no longer', async (_, begin) => {
    let waitedMs = Number.NaN
    const error = await failureOf(async (t) => {
      const start = t.now()
      const slept = t.go('sleeps', () => sleep(1))
      await new Promise<void>((resolve) => begin(() => resolve()))
      waitedMs = t.now() - start
      await slept
      await new Promise(() => {})
    })
    expect(waitedMs).toBe(0)
    expect(error).toMatchObject({ kind: 'blocked' })
  })

  test('holds the clock for others, too', async () => {
    const order = await simulate(async (t) => {
      const order: string[] = []
      const slept = t.go('sleeps', async () => {
        await sleep(1)
        order.push('slept')
      })
      await new Promise((resolve) => setTimeout(resolve, 5))
      order.push('outside')
      await slept
      return order
    })
    expect(order).toEqual(['outside', 'slept'])
  })

  test('is waited for by its own clock, also where a test fakes that', async () => {
    vi.useFakeTimers()
    try {
      const error = await failureOf((t) => t.go('dreams', () => new Promise(() => {})))
      expect(error).toMatchObject({ kind: 'blocked' })
      const leak = await rejectionOf(leakCheck(() => void channel().receive(), { graceMs: 5 }))
      expect(leak).toMatchObject({ code: 'ERR_LEAK' })
    } finally {
      vi.useRealTimers()
    }
  })

  test('that does not come in time is told, with the task that waits', async () => {
    const error = await failureOf(
      async (t) => {
        await t.go('fetches', () => new Promise((resolve) => setTimeout(resolve, 60_000).unref().ref()))
      },
      { externalTimeoutMs: 20 },
    )
    expect(error).toMatchObject({ kind: 'outside' })
    expect(error.message).toMatch(/fetches waited 20 ms for something outside/)
  })

  test('may wake a task by a callback', async () => {
    const received = await simulate(async () => {
      const news = channel<string>(1)
      setTimeout(() => news.trySend('from outside'), 5)
      return (await news.receive()).value
    })
    expect(received).toBe('from outside')
  })

  test('may not use a channel of a simulation', async () => {
    let leaked!: ReturnType<typeof channel<number>>
    await simulate(() => void (leaked = channel<number>(1, { name: 'inner' })))
    expect(thrownBy(() => leaked.trySend(1))).toMatchObject({
      code: 'ERR_OUTSIDE_SIMULATION',
      message: 'Cannot use channel "inner": it belongs to a simulation, and this is outside of it',
    })
    expect(thrownBy(() => leaked.close())).toMatchObject({ code: 'ERR_OUTSIDE_SIMULATION' })
    expect(await rejectionOf(leaked.receive())).toMatchObject({ code: 'ERR_OUTSIDE_SIMULATION' })
    expect(await rejectionOf(select({ leaked }))).toMatchObject({ code: 'ERR_OUTSIDE_SIMULATION' })
  })

  test('what still runs when its simulation has ended goes on in real time', async () => {
    let end!: () => void
    const ended = new Promise<void>((resolve) => (end = resolve))
    let late!: Promise<void>
    await simulate(() => {
      const inner = channel<number>(1)
      late = ended.then(async () => {
        const jobs = channel<number>()
        await Promise.all([jobs.send(1), jobs.receive()])
        await yieldNow()
        await sleep(1)
        await group(background(), (tasks) => tasks.go(() => sleep(1)))
        void go(() => jobs.close())
        expect(await jobs.receive()).toMatchObject({ ok: false })
        await expectPending(channel().receive())
        expect(await rejectionOf(inner.receive())).toMatchObject({ code: 'ERR_OUTSIDE_SIMULATION' })
        expect(await simulate(() => 7)).toBe(7)
      })
    })
    end()
    await late
  })

  test('what is asked of a simulation that has ended is refused', async () => {
    let ended!: Simulation
    await simulate((t) => void (ended = t))
    const asked = [
      () => ended.go('late', () => {}),
      () => ended.settled(),
      () => ended.advance(1),
      () => ended.invariant(() => true),
      () => ended.log('late'),
    ]
    for (const ask of asked) {
      expect(thrownBy(ask)).toMatchObject({
        code: 'ERR_OUTSIDE_SIMULATION',
        message: expect.stringMatching(/^Cannot .*: its simulation has ended$/),
      })
    }
  })

  test('a channel that was made there may be used in a simulation', async () => {
    const outer = channel<number>(0)
    const received = await simulate(async (t) => {
      void t.go('sender', () => outer.send(7))
      return (await outer.receive()).value
    })
    expect(received).toBe(7)
  })
})

test('simulations may run at once, and not inside of each other', async () => {
  const hours = [1, 2, 3].map((hours) =>
    simulate(async (t) => {
      const start = t.now()
      for (let i = 0; i < hours; i++) await sleep(3_600_000)
      return t.now() - start
    }),
  )
  expect(await Promise.all(hours)).toEqual([3_600_000, 7_200_000, 10_800_000])
  const nested = await failureOf(() => simulate(() => {}))
  expect(nested.message).toBe('Cannot simulate: this is inside of a simulation already')
})
