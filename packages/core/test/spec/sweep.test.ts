// A short program for each primitive and for groups, with its context cancelled at every step: what is held is given
// back, and no task, waiter, timer or listener is left.

import { expect, test } from 'vitest'
import { type Cancel, group, isCanceled, sleep, yieldNow } from 'chansel'
import * as sync from 'chansel/sync'
import { Cond, Mutex, Once, RWMutex, Semaphore, SingleFlight, WaitGroup, onceValue } from 'chansel/sync'
import { type Stoppable, cancels, countListeners } from '../support/cancels.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

/** What a program does under a cancel, a step at a time, and whether everything is free again at its end. */
interface Program {
  readonly tasks: ((cancel: Cancel, step: () => Promise<void>) => Promise<unknown>)[]
  isFree(): boolean | Promise<boolean>
}

const three = <T>(task: T): T[] => [task, task, task]

const programs: [string, () => Program][] = [
  [
    'Mutex',
    () => {
      const mu = new Mutex()
      return {
        tasks: three(async (cancel, step) => {
          using _ = await mu.lock(cancel)
          await step()
        }),
        isFree: () => mu.tryLock() !== undefined,
      }
    },
  ],
  [
    'RWMutex',
    () => {
      const mu = new RWMutex()
      const write: Program['tasks'][number] = async (cancel, step) => {
        using _ = await mu.lock(cancel)
        await step()
      }
      const read: Program['tasks'][number] = async (cancel, step) => {
        using _ = await mu.rlock(cancel)
        await step()
      }
      return { tasks: [read, write, read, write, read], isFree: () => mu.tryLock() !== undefined }
    },
  ],
  [
    'Semaphore',
    () => {
      const sem = new Semaphore(3)
      return {
        tasks: [2, 3, 1, 1, 2].map((weight) => async (cancel, step) => {
          using _ = await sem.acquire(weight, cancel)
          await step()
        }),
        isFree: () => sem.available === 3 && sem.tryAcquire(3) !== undefined,
      }
    },
  ],
  [
    'WaitGroup',
    () => {
      const wg = new WaitGroup()
      wg.add(2)
      const work: Program['tasks'][number] = async (_, step) => {
        await step()
        wg.done()
      }
      return {
        tasks: [(cancel) => wg.wait(cancel), work, (cancel) => wg.wait(cancel), work],
        isFree: async () => (await wg.wait()) === undefined,
      }
    },
  ],
  [
    'Once',
    () => {
      const once = new Once()
      let runs = 0
      return {
        tasks: three((cancel, step) =>
          once.do(async () => {
            runs++
            await step()
          }, cancel),
        ),
        isFree: async () => {
          await once.do(() => void runs++)
          return runs === 1
        },
      }
    },
  ],
  [
    'onceValue',
    () => {
      let runs = 0
      const get = onceValue(async () => {
        await yieldNow()
        return ++runs
      })
      return {
        tasks: three(async (cancel, step) => {
          await step()
          expect(await get(cancel)).toBe(1)
        }),
        isFree: async () => (await get()) === 1,
      }
    },
  ],
  [
    'Cond',
    () => {
      const mu = new Mutex()
      const cond = new Cond(mu)
      let items = 0
      let taken = 0
      const take: Program['tasks'][number] = async (cancel, step) => {
        using _ = await mu.lock(cancel)
        await step()
        while (items === 0) await cond.wait(cancel)
        // Nobody else may be here, not even after a cancel.
        expect(mu.tryLock()).toBeUndefined()
        items--
        taken++
      }
      const put: Program['tasks'][number] = async (_, step) => {
        using held = await mu.lock()
        await step()
        items++
        cond.signal()
        void held
      }
      return {
        tasks: [take, take, put, put],
        isFree: () => items + taken === 2 && mu.tryLock() !== undefined,
      }
    },
  ],
  [
    'SingleFlight',
    () => {
      const flights = new SingleFlight<string, number>()
      let flying = 0
      return {
        tasks: three((cancel, step) =>
          flights.do(
            'key',
            async () => {
              expect(++flying).toBe(1)
              await step()
              return flying--
            },
            cancel,
          ),
        ),
        isFree: async () => flying === 0 && !(await flights.do('key', () => 1)).shared,
      }
    },
  ],
  [
    'group',
    () => {
      let running = 0
      const run = (cancel: Cancel, step: () => Promise<void>) =>
        group(
          cancel,
          async (g) => {
            for (let i = 0; i < 4; i++) {
              void g.go(async (ctx) => {
                expect(++running).toBeLessThanOrEqual(2)
                try {
                  await step()
                  await sleep(i === 0 ? 0 : 1, ctx)
                } finally {
                  running--
                }
              })
            }
            await step()
            await g.go(() => {}).started
          },
          { limit: 2 },
        ).finally(() => expect(running).toBe(0))
      return { tasks: [run], isFree: () => running === 0 }
    },
  ],
]

/** Runs a program that is cancelled at step `k`; returns whether it has that many steps. */
async function cancelAt(k: number, begin: () => Program, cancelling: Stoppable): Promise<boolean> {
  const { tasks, isFree } = begin()
  let steps = 0
  const reach = () => {
    if (steps++ === k) cancelling.stop()
  }
  const step = async () => {
    reach()
    await yieldNow()
    reach()
  }
  const ends = tasks.map(async (task) => {
    reach()
    try {
      await task(cancelling, step)
    } catch (error) {
      if (!isCanceled(error)) throw error
    }
    reach()
  })
  await Promise.all(ends)
  await settle()
  expect(await isFree(), `free after a cancel at step ${k}`).toBe(true)
  return steps > k
}

test.each(programs.flatMap(([name, begin]) => cancels.map(({ of, make }) => ({ name, of, begin, make }))))(
  'R3 M17 G1 $name, cancelled by $of at every step, keeps and leaves nothing',
  async ({ begin, make }) => {
    const listeners = countListeners()
    let k = 0
    while (await cancelAt(k, begin, make())) {
      expect(listeners.count, `listeners left by a cancel at step ${k}`).toBe(0)
      expect(++k).toBeLessThan(200)
    }
    expect(k).toBeGreaterThan(5)
  },
)

test('every primitive is swept', () => {
  expect(programs.map(([name]) => name).toSorted()).toEqual([...Object.keys(sync), 'group'].toSorted())
})
