import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { after, channel, select, sleep, timer, trySelect, yieldNow } from 'chansel'
import { ExplorationError, type Simulation, explore, replay, seededRandom, simulate } from 'chansel/testing'
import { rejectionOf } from '../support/pending.ts'
import { buggyPrograms } from './buggy.ts'
import { buggyTasks } from './buggy-tasks.ts'
import { correctTasks } from './correct-tasks.ts'
import { correctPrograms } from './correct.ts'

async function failureOf(promise: Promise<unknown>): Promise<ExplorationError> {
  const error = await rejectionOf(promise)
  if (!(error instanceof ExplorationError)) throw error
  return error
}

function unreadable(): never {
  throw new Error('unreadable')
}

// With `delays`, the default, they are found in replay.test.ts.
describe.each(['dfs', 'pct', 'random'] as const)('R8 %s finds within 500 runs', (strategy) => {
  test.each(buggyPrograms)('$name', async ({ body, shows }) => {
    const error = await failureOf(explore(body, { strategy, runs: 500 }))
    expect(error).toMatchObject({ name: 'ExplorationError', code: 'ERR_EXPLORATION', kind: 'failure' })
    expect(error.message).toMatch(shows)
    expect(error.message).toContain(error.schedule)
    const again = await failureOf(replay(error.schedule, body))
    expect(again.trace).toBe(error.trace)
    expect(again.tasks).toBe(error.tasks)
    expect(again.schedule).toBe(error.schedule)
  })
})

// With `pct` and `random` there is much to shrink: if one choice is taken back, those behind it may no longer fit.
test.each(['pct', 'random'] as const)(
  'R8 what %s finds can be replayed, whatever the seed',
  async (strategy) => {
    const body = async (t: Simulation): Promise<void> => {
      let x = 0
      const lock = channel<void>(1)
      const bad = async (): Promise<void> => {
        const v = x
        await yieldNow()
        x = v + 1
      }
      const good = async (): Promise<void> => {
        await lock.send()
        await bad()
        await lock.receive()
      }
      await Promise.all([t.go('a', good), t.go('b', good), t.go('bad', bad)])
      if (x !== 3) throw new Error(`x is ${x}`)
    }
    for (let seed = 0; seed < 40; seed++) {
      const found = await failureOf(explore(body, { strategy, seed }))
      const again = await failureOf(replay(found.schedule, body))
      expect(again).toMatchObject({ kind: 'failure', schedule: found.schedule, trace: found.trace })
    }
  },
)

test.each(['delays', 'dfs', 'pct', 'random'] as const)(
  'R8 %s cancels before each step, and in no run before all else',
  async (strategy) => {
    const steps = new Set<number>()
    let uncanceled = 0
    await explore(
      async (t) => {
        let step = 0
        void t.go('worker', async () => {
          while (step < 8 && t.ctx.err === undefined) {
            await sleep(1)
            step++
          }
        })
        await sleep(20)
        if (t.ctx.err === undefined) uncanceled++
        else steps.add(step)
      },
      { strategy, cancelAt: 'every-step', runs: 400 },
    )
    expect([...steps].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    // By chance one run in ten is, and not the first alone.
    expect(uncanceled).toBeGreaterThan(strategy === 'pct' || strategy === 'random' ? 5 : 0)
  },
)

test('R8 a schedule that does not fit the body is told as that', async () => {
  const error = await failureOf(replay('v1:5.3', (t) => void t.go('a', () => {})))
  expect(error).toMatchObject({ kind: 'nondeterministic', schedule: 'v1:5.3' })
  expect(error.message).toContain('Cannot replay: the schedule v1:5.3 does not fit the body.')
})

describe('a correct program is never reported', () => {
  test.each([...correctPrograms, ...correctTasks])('$name', async ({ body }) => {
    for (const strategy of ['delays', 'dfs', 'pct', 'random'] as const) {
      await explore(body, { strategy, runs: strategy === 'delays' ? 30 : 8 })
    }
  })
})

describe('a report', () => {
  const lost = async (t: Simulation) => {
    let sum = 0
    const add = async (n: number) => {
      const before = sum
      await yieldNow()
      sum = before + n
    }
    await Promise.all([t.go('one', () => add(1)), t.go('two', () => add(2))])
    t.log(`sum ${sum}`)
    if (sum !== 3) throw new Error(`sum is ${sum}`)
  }

  test('has the cause, the schedule, a trace of who did what where, and the tasks', async () => {
    const error = await failureOf(explore(lost))
    expect(error.cause).toMatchObject({ message: 'sum is 2' })
    expect(error.schedule).toBe('v1:0')
    expect(error.trace.split('\n').map((line) => line.trim().replaceAll(/ {2,}.*/g, ''))).toEqual([
      'main',
      'one',
      'two',
      'one',
      'two',
      'main',
      'main',
      'main',
    ])
    expect(error.trace).toMatch(/one +yield/)
    expect(error.trace).toMatch(/main +logs sum 2/)
    expect(error.trace).toMatch(/main +goes on after join one +\S*explore\.test\.ts:\d+:\d+/)
    expect(error.tasks).toContain('no task waits')
  })

  test('has the state of tasks that wait', async () => {
    const error = await failureOf(
      explore(async (t) => {
        const jobs = channel<number>(0, { name: 'jobs' })
        void t.go('worker', async () => void (await jobs.receive()))
        await t.settled()
        throw new Error('gave up')
      }),
    )
    expect(error.tasks).toMatch(
      /worker +blocked on receive jobs \(unbuffered\) +\S+explore\.test\.ts:\d+:\d+/,
    )
  })

  test('knows an error of another realm, as a runner gives its tests one', async () => {
    const error = await failureOf(
      explore(() => {
        throw runInNewContext(`new TypeError('from afar')`)
      }),
    )
    expect(error.kind).toBe('failure')
    expect(error.message).toContain('TypeError: from afar')
  })

  test.each<[string, () => unknown, string]>([
    ['an object', () => ({ status: 404 }), 'an object'],
    ['an array', () => [1], 'an array'],
    ['a function', () => () => {}, 'a function'],
    ['a symbol', () => Symbol('late'), 'Symbol(late)'],
    ['not a number', () => Number.NaN, 'NaN'],
    ['an error with a code of its own', () => Object.assign(new Error('no'), { code: {} }), 'Error: no'],
    [
      'an error that cannot be read',
      () => Object.defineProperty(new Error(), 'message', { get: unreadable }),
      'an error that cannot be read',
    ],
  ])('has whatever was thrown: %s', async (_, failure, text) => {
    const error = await failureOf(
      explore(() => {
        throw failure()
      }),
    )
    expect(error).toMatchObject({ kind: 'failure', schedule: 'v1:0' })
    expect(error.message).toContain(`it failed in run 1 of its exploration: ${text}\n`)
  })

  test('is shrunk: of a random search no more is left than matters', async () => {
    const body = async (t: Simulation) => {
      const order: string[] = []
      const noise = channel<number>(4)
      const tasks = ['a', 'b', 'c', 'd'].map((name) =>
        t.go(name, async () => {
          await noise.send(1)
          order.push(name)
          await noise.receive()
        }),
      )
      await Promise.all(tasks)
      if (order.indexOf('d') < order.indexOf('a')) throw new Error('d before a')
    }
    const error = await failureOf(explore(body, { strategy: 'random', seed: 3 }))
    expect(error.schedule.split(/[:.]/).filter((choice) => Number(choice) > 0).length).toBeLessThanOrEqual(2)
  })
})

describe('R8 a search', () => {
  const senders = (names: readonly string[]) => async (t: Simulation) => {
    const out = channel<string>(names.length)
    await Promise.all(names.map((name) => t.go(name, () => out.send(name))))
    const order: (string | undefined)[] = []
    for (const _ of names) order.push((await out.receive()).value)
    t.log(order.join(''))
  }
  const threeSenders = senders(['a', 'b', 'c'])

  test('that is complete says so, and how many outcomes there are', async () => {
    const found = await explore(senders(['a', 'b']), { strategy: 'dfs' })
    expect(found.complete).toBe(true)
    expect([...found.outcomes].sort()).toEqual(['ab', 'ba'])
  })

  test('that is not says so', async () => {
    const found = await explore(threeSenders, { strategy: 'dfs', runs: 3 })
    expect(found).toMatchObject({ complete: false, runs: 3 })
    expect((await explore(threeSenders, { strategy: 'random', runs: 20 })).complete).toBe(false)
    expect((await explore(threeSenders, { strategy: 'pct', runs: 20 })).complete).toBe(false)
  })

  test('that cancels does so while all wait, too, and not only before steps', async () => {
    const body = async (t: Simulation) => {
      t.log(t.ctx.err === undefined ? 'begins' : 'is late')
      await sleep(10, t.ctx).then(
        () => t.log('sleeps'),
        () => t.log('is woken'),
      )
    }
    const { outcomes } = await explore(body, { cancelAt: 'every-step' })
    expect([...outcomes].sort()).toEqual(['begins\nis woken', 'begins\nsleeps', 'is late\nis woken'])
  })

  test('that cut an order in which a task that polls is all that goes on is not complete', async () => {
    const polling = async (t: Simulation) => {
      let isSet = false
      const ch = channel<void>(1)
      const polls = t.go('polls', async () => {
        while (!isSet) {
          await ch.send()
          await ch.receive()
        }
      })
      await Promise.all([polls, t.go('sets', () => (isSet = true))])
    }
    const found = await explore(polling, { strategy: 'dfs', maxSteps: 20 })
    expect(found.runs).toBeLessThan(10_000)
    expect(found.complete).toBe(false)
  })

  test('that departs from the order of the engine tries no order twice', async () => {
    const coins = () => {
      const [heads, tails] = [channel<never>(), channel<never>()]
      heads.close()
      tails.close()
      for (let i = 0; i < 4; i++) trySelect({ heads, tails })
    }
    // None, one or two of four: 1 + 4 + 6.
    expect(await explore(coins, { delays: 2 })).toMatchObject({ complete: true, runs: 11 })
  })

  test('that would be short goes on with more departures, unless it is told how many', async () => {
    const { body } = buggyTasks.find(({ name }) => name === 'a poll that gives up before the job comes')!
    expect(await explore(body, { delays: 2 })).toMatchObject({ complete: true })
    expect((await failureOf(explore(body))).schedule).toMatch(/1\.1\.1/)
    expect((await explore(threeSenders)).runs).toBeGreaterThan(
      (await explore(threeSenders, { delays: 2 })).runs,
    )
    const cut = await explore(threeSenders, { runs: 30 })
    expect(cut.runs).toBeLessThanOrEqual(30)
    expect(cut.complete).toBe((await explore(threeSenders, { delays: 2 })).runs <= 30)
  })

  test('with bounded delays is complete for its bound, and grows with it', async () => {
    const sizes: number[] = []
    for (const delays of [0, 1, 2]) {
      const found = await explore(threeSenders, { delays })
      expect(found.complete).toBe(true)
      sizes.push(found.runs)
    }
    expect(sizes[0]).toBe(1)
    expect(sizes[1]!).toBeGreaterThan(1)
    expect(sizes[2]!).toBeGreaterThan(sizes[1]!)
  })

  test('with the same seed does the same', async () => {
    const outcomes = (seed: number) =>
      explore(threeSenders, { strategy: 'random', runs: 4, seed }).then((found) => found.outcomes)
    expect(await outcomes(5)).toEqual(await outcomes(5))
    const seeds = await Promise.all([1, 2, 3, 4, 5, 6].map(outcomes))
    expect(new Set(seeds.map(String)).size).toBeGreaterThan(1)
  })

  test('chooses what selects pick, and in which order equal timers ring', async () => {
    const picks = await explore(
      async (t) => {
        const [a, b, c] = [channel<number>(1), channel<number>(1), channel<number>(1)]
        for (const ch of [a, b, c]) ch.trySend(1)
        t.log((await select({ a, b, c })).case)
      },
      { strategy: 'dfs' },
    )
    expect([...picks.outcomes].sort()).toEqual(['a', 'b', 'c'])
    const timers = await explore(
      async (t) => {
        t.log((await select({ a: after(5), b: after(5) })).case)
      },
      { strategy: 'dfs' },
    )
    expect([...timers.outcomes].sort()).toEqual(['a', 'b'])
  })

  test('T15 lets timers of one moment ring before who was woken goes on, and after', async () => {
    const body = async (t: Simulation) => {
      const slept = sleep(10)
      const late = timer(10)
      void t.go('receives', () => late.receive(t.ctx).catch(() => {}))
      await slept
      t.log(late.stop() ? 'stopped' : 'fired')
    }
    await simulate((t) => body({ ...t, log: (text) => expect(text).toBe('fired') }))
    for (const strategy of ['delays', 'dfs', 'pct', 'random'] as const) {
      const { outcomes } = await explore(body, { strategy, runs: 40 })
      expect([...outcomes].sort(), strategy).toEqual(['fired', 'stopped'])
    }
  })

  test('meets other dice than its own: what both choose would be undone', async () => {
    const dropped: number[] = []
    const dropping = (): void => {
      const coins = [channel<never>(), channel<never>()]
      for (const coin of coins) coin.close()
      for (let i = 0; i < 64; i++) dropped.push(Number(trySelect(coins)!.case))
    }
    await simulate(dropping)
    for (let seed = 0; seed < 100; seed++) {
      const dice = seededRandom(seed)
      expect(dropped, `seed ${seed}`).not.toEqual(dropped.map(() => dice.below(2)))
    }
  })

  test('counts the duplicates of a parked select', async () => {
    const found = await explore(
      async (t) => {
        const ch = channel<number>()
        const selecting = t.go('selects', () => select([ch, ch]))
        await t.settled()
        await ch.send(1)
        t.log(String((await selecting).case))
      },
      { strategy: 'dfs' },
    )
    expect([...found.outcomes].sort()).toEqual(['0', '1'])
  })
})

describe('a cancel at every step', () => {
  test('is tried before each of them', async () => {
    const seen = await explore(
      async (t) => {
        const reached: number[] = []
        try {
          for (let i = 0; i < 4; i++) {
            await sleep(1, t.ctx)
            reached.push(i)
          }
        } catch {
          // The cancel.
        }
        t.log(`${reached.length}`)
      },
      { cancelAt: 'every-step', delays: 1 },
    )
    expect([...seen.outcomes].sort()).toEqual(['0', '1', '2', '3', '4'])
    expect(seen.complete).toBe(true)
  })

  test('comes before the body begins, and while all wait', async () => {
    const { outcomes } = await explore(
      async (t) => {
        if (t.ctx.err !== undefined) return t.log('early')
        t.log((await select({ done: t.ctx.done, late: after(10) })).case)
      },
      { cancelAt: 'every-step' },
    )
    expect([...outcomes].sort()).toEqual(['done', 'early', 'late'])
  })

  test('finds what is not given back, and its schedule repeats it', async () => {
    const body = async (t: Simulation) => {
      const permits = channel<void>(1, { name: 'permits' })
      const work = async () => {
        await permits.send(undefined, t.ctx)
        await sleep(1, t.ctx)
        await permits.receive()
      }
      await t.go('a', () => work()).catch(() => {})
      if (permits.length > 0) throw new Error('a permit is lost')
    }
    await explore(body)
    const error = await failureOf(explore(body, { cancelAt: 'every-step' }))
    expect(error.cause).toMatchObject({ message: 'a permit is lost' })
    expect(error.schedule).toMatch(/^v1c/)
    expect(error.trace).toContain('cancels t.ctx')
    expect((await failureOf(replay(error.schedule, body))).trace).toBe(error.trace)
  })
})

describe('a body that is not deterministic', () => {
  test('is reported as such', async () => {
    let calls = 0
    const body = async (t: Simulation) => {
      const ch = channel<number>(4)
      if (++calls % 2 === 0) void t.go('sometimes', () => ch.send(1))
      await Promise.all([t.go('a', () => ch.send(2)), t.go('b', () => ch.send(3))])
      t.log(`${ch.length}`)
    }
    const error = await failureOf(explore(body))
    expect(error.kind).toBe('nondeterministic')
    expect(error.message).toContain('the body is not deterministic')
  })

  test('also when only its outcome differs, or only its failure', async () => {
    let calls = 0
    const noted = await failureOf(explore((t) => t.log(`${calls++}`)))
    expect(noted.kind).toBe('nondeterministic')
    let fails = true
    const once = await failureOf(
      explore(() => {
        if (!fails) return
        fails = false
        throw new Error('only the first time')
      }),
    )
    expect(once.kind).toBe('nondeterministic')
    expect(once.cause).toMatchObject({ message: 'only the first time' })
  })

  test('cannot be replayed by a schedule of another program', async () => {
    const error = await failureOf(replay('v1:0.7', () => sleep(1)))
    expect(error.kind).toBe('nondeterministic')
    const two = async (t: Simulation) => {
      await Promise.all([t.go('a', () => sleep(1)), t.go('b', () => sleep(2))])
    }
    const beyond = await failureOf(replay('v1:7', two))
    expect(beyond.kind).toBe('nondeterministic')
  })
})

describe('an endless run', () => {
  test('is a failure in a fair order', async () => {
    const body = async () => {
      for (;;) await yieldNow()
    }
    const error = await failureOf(explore(body, { maxSteps: 50 }))
    expect(error.cause).toMatchObject({ code: 'ERR_ENDLESS' })
  })

  test('a loop that polls is none', async () => {
    const body = async (t: Simulation) => {
      let isReady = false
      const polls = t.go('polls', async () => {
        while (!isReady) await yieldNow()
      })
      const sets = t.go('sets', async () => {
        await yieldNow()
        isReady = true
      })
      await Promise.all([polls, sets])
    }
    for (const strategy of ['delays', 'dfs', 'pct', 'random'] as const) {
      await explore(body, { strategy, runs: 300, maxSteps: 500 })
    }
  })
})

describe('options', () => {
  test.each([
    ['strategy', { strategy: 'luck' as never }, TypeError],
    ['delays', { delays: -1 }, RangeError],
    ['delays must be at least 1', { delays: 0, cancelAt: 'every-step' as const }, RangeError],
    ['runs', { runs: 0 }, RangeError],
    ['seed', { seed: Number.NaN }, TypeError],
    ['maxSteps', { maxSteps: 0 }, RangeError],
    ['cancelAt', { cancelAt: 'once' as never }, TypeError],
    ['externalTimeoutMs', { externalTimeoutMs: -1 }, RangeError],
  ])('%s that makes no sense is refused', async (name, options, kind) => {
    const error = await rejectionOf(explore(() => {}, options))
    expect(error).toBeInstanceOf(kind)
    expect((error as Error).message).toContain(name)
  })

  test('a body and a schedule have to be what they are called', async () => {
    const message = expect.stringContaining(': the body must be a function, got 7')
    expect(await rejectionOf(explore(7 as never))).toMatchObject({ name: 'TypeError', message })
    expect(await rejectionOf(replay('v1:0', 7 as never))).toMatchObject({
      message: 'Cannot replay: the body must be a function, got 7',
    })
    for (const schedule of ['', 'v2:0', 'v1:', 'v1:a', 'v1x:0', 7 as never]) {
      expect(await rejectionOf(replay(schedule, () => {}))).toBeInstanceOf(TypeError)
    }
  })

  test('a replay that does not fail resolves', async () => {
    await replay('v1:0', () => sleep(1))
  })
})
