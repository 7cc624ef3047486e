// What JavaScript lets happen within one turn, between two awaits of a task, a search has to try, too.

import { describe, expect, test } from 'vitest'
import { afterFunc, background, channel, go, group, sleep, withCancel, yieldNow } from 'chansel'
import { WaitGroup } from 'chansel/sync'
import { type ExplorationError, type Simulation, explore, replay, simulate } from 'chansel/testing'
import { rejectionOf } from '../support/pending.ts'

const OWN = Promise.resolve()
/** Awaits of the program's own, in all of which others may go on. */
async function audit(awaits = 3): Promise<void> {
  for (let i = 0; i < awaits; i++) await OWN
}

interface Program {
  readonly name: string
  /** What it returns in the order of the engine, in which all goes on in one turn. */
  readonly engine: number
  /** And in others. */
  readonly others: readonly number[]
  readonly body: (t: Pick<Simulation, 'go' | 'settled'>) => Promise<number>
}

/** The balance after `start` starts a task in the middle of an update. */
async function paidWhile(start: (pay: () => void) => unknown): Promise<number> {
  let balance = 0
  const before = balance
  const paid = start(() => void (balance += 2))
  await audit()
  balance = before + 1
  await paid
  return balance
}

const programs: readonly Program[] = [
  {
    name: 'a task that begins while the one that started it goes on',
    engine: 1,
    others: [3],
    body: () => paidWhile((pay) => go(pay)),
  },
  {
    name: 'a task of the simulation that does',
    engine: 1,
    others: [3],
    body: (t) => paidWhile((pay) => t.go('pays', async () => pay())),
  },
  {
    name: 'a task of a group that does',
    engine: 1,
    others: [3],
    body: async () => {
      let balance = 0
      await group(background(), async (g) => {
        void g.go(() => void (balance += 2))
        const before = balance
        await audit()
        balance = before + 1
      })
      return balance
    },
  },
  {
    name: 'a task of a wait group that does',
    engine: 1,
    others: [3],
    body: () =>
      paidWhile((pay) => {
        const wg = new WaitGroup()
        wg.go(pay)
        return wg.wait()
      }),
  },
  {
    name: 'a function that runs after a cancel, while the one that cancels goes on',
    engine: 1,
    others: [3],
    body: async (t) => {
      let balance = 0
      const ctx = withCancel(background())
      afterFunc(ctx, () => void (balance += 2))
      const before = balance
      ctx.cancel()
      await audit()
      balance = before + 1
      await t.settled()
      return balance
    },
  },
  {
    name: 'a task that was woken, and whose next operation is done at once',
    engine: 1,
    others: [3],
    body: async (t) => {
      let balance = 0
      const kick = channel<void>()
      const log = channel<string>(8)
      const wages = t.go('wages', async () => {
        await kick.receive()
        await log.send('wages')
        balance += 2
      })
      await t.settled()
      const rent = t.go('rent', async () => {
        const before = balance
        kick.trySend()
        await audit(6)
        balance = before + 1
      })
      await Promise.all([wages, rent])
      return balance
    },
  },
  {
    name: 'a task that begins with another, and whose first operation is done at once',
    engine: 1,
    others: [0],
    body: async (t) => {
      let isPaid = false
      const box = channel<void>(1)
      void t.go('pays', async () => {
        await box.send()
        isPaid = true
      })
      const looks = t.go('looks', async () => {
        const wasPaid = isPaid
        await OWN
        return !wasPaid && isPaid ? 1 : 0
      })
      await t.settled()
      return looks
    },
  },
  {
    name: 'a task that wakes itself, beside another',
    engine: 1,
    others: [3],
    body: async (t) => {
      let balance = 0
      const kick = channel<void>()
      const wages = t.go('wages', async () => {
        await Promise.all([kick.receive(), kick.send()])
        balance += 2
      })
      const rent = t.go('rent', async () => {
        const before = balance
        await audit(6)
        balance = before + 1
      })
      await Promise.all([wages, rent])
      return balance
    },
  },
  {
    name: 'a task that awaits the end of another, beside a third',
    engine: 1,
    others: [3],
    body: async (t) => {
      let balance = 0
      const kick = channel<void>()
      const first = t.go('first', () => kick.receive())
      await t.settled()
      const rent = t.go('rent', async () => {
        const before = balance
        kick.trySend()
        await audit(12)
        balance = before + 1
      })
      await first
      balance += 2
      await rent
      return balance
    },
  },
  {
    name: 'tasks that await promises of their own after the end of another',
    engine: 2,
    others: [1, 3],
    body: async (t) => {
      let balance = 0
      const gate = channel<void>()
      const pay = async (amount: number): Promise<void> => {
        await t.go(`asks for ${amount}`, () => gate.receive())
        const before = balance
        await audit(6)
        balance = before + amount
      }
      const first = t.go('first', () => pay(1))
      const second = t.go('second', () => pay(2))
      await t.settled()
      gate.close()
      await Promise.all([first, second])
      return balance
    },
  },
  {
    name: 'a call within one task that takes what is there',
    engine: 1,
    others: [0],
    body: async () => {
      const ready = channel<number>(1)
      ready.trySend(1)
      let seen = 0
      const call = async (): Promise<void> => void (seen = (await ready.receive()).value!)
      void call()
      await audit(6)
      return seen
    },
  },
  {
    name: 'a call within one task that the task wakes, after it joined another',
    engine: 1,
    others: [0],
    body: async (t) => {
      const ready = channel<number>()
      let seen = 0
      const call = async (): Promise<void> => void (seen = (await ready.receive()).value!)
      await t.go('first', () => sleep(1))
      void call()
      ready.trySend(1)
      await audit(12)
      return seen
    },
  },
]

describe('the order of the engine, outside of a simulation', () => {
  test.each(programs)('$name', async ({ body, engine }) => {
    expect(await body({ go: (_, task) => go(task), settled: () => sleep(1) })).toBe(engine)
  })
})

describe.each(['delays', 'dfs', 'pct', 'random'] as const)(
  'R8 %s tries the order of the engine',
  (strategy) => {
    test.each(programs)('$name', async ({ body, engine, others }) => {
      const { outcomes } = await explore(async (t) => t.log(`${await body(t)}`), { strategy, runs: 500 })
      expect([...outcomes].sort()).toEqual([engine, ...others].map(String).sort())
    })
  },
)

describe('R8 the schedule of the order of the engine shows it again', () => {
  test.each(programs)('$name', async ({ body, engine }) => {
    const fails = async (t: Simulation): Promise<void> => {
      if ((await body(t)) === engine) throw new Error('as the engine')
    }
    const found = (await rejectionOf(explore(fails))) as ExplorationError
    expect(found).toMatchObject({ kind: 'failure', cause: { message: 'as the engine' } })
    const again = (await rejectionOf(replay(found.schedule, fails))) as ExplorationError
    expect(again).toMatchObject({ schedule: found.schedule, trace: found.trace })
  })
})

test('R8 a program that awaits nothing of its own has no more orders than its steps', async () => {
  const found = await explore(
    async (t) => {
      const numbers = channel<number>()
      const sent = t.go('sends', () => numbers.send(1))
      await numbers.receive()
      // It has ended by now, or will have.
      await sent
      await sent
    },
    { strategy: 'dfs' },
  )
  expect(found).toMatchObject({ complete: true, runs: 2 })
})

test('R8 a task of a group that begins in the same turn is one departure', async () => {
  const { body } = programs.find(({ name }) => name === 'a task of a group that does')!
  const { outcomes } = await explore(async (t) => t.log(`${await body(t)}`), { delays: 1 })
  expect([...outcomes].sort()).toEqual(['1', '3'])
})

describe('G16 the turn in which a body may answer a cancel', () => {
  test('R8 comes after all that can go on, in every order', async () => {
    for (const strategy of ['delays', 'dfs', 'pct', 'random'] as const) {
      const { outcomes } = await explore(
        async (t) => {
          const parent = withCancel(background())
          parent.cancel()
          const box = channel<number>(1)
          let seen = 'nothing'
          await group(parent, async (g) => {
            seen = 'body'
            await box.send(1)
            await box.receive()
            void g.go(() => (seen += ', task'))
          }).catch(({ name }: Error) => (seen += `, ${name}`))
          t.log(seen)
        },
        { strategy, runs: 300 },
      )
      expect(outcomes, strategy).toEqual(['body, task'])
    }
  })

  test('comes all the same while others wake each other for ever', async () => {
    await simulate(
      async (t) => {
        const parent = withCancel(background())
        parent.cancel()
        const [there, back] = [channel<void>(), channel<void>()]
        let isOver = false
        void t.go('echoes', async () => {
          for await (const _ of there) await back.send()
        })
        const plays = t.go('plays', async () => {
          while (!isOver) {
            await there.send()
            await back.receive()
          }
          there.close()
        })
        const left = await rejectionOf(group(parent, () => sleep(1, t.ctx)))
        isOver = true
        expect(left).toMatchObject({ name: 'CanceledError' })
        await plays
      },
      { maxSteps: 10_000 },
    )
  })

  test('R8 a yield may come before those who can go on, and after them', async () => {
    const { outcomes } = await explore(
      async (t) => {
        let has = 'not begun'
        const task = t.go('begins', () => void (has = 'begun'))
        await yieldNow()
        t.log(has)
        await task
      },
      { strategy: 'dfs' },
    )
    expect([...outcomes].sort()).toEqual(['begun', 'not begun'])
  })
})
