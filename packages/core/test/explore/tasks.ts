import { CanceledError, background, channel, group, sleep, withCancel } from 'chansel'
import { Cond, Mutex, Once, RWMutex, Semaphore, SingleFlight, WaitGroup } from 'chansel/sync'
import { filter, forEach, from, map, merge, take, zip } from 'chansel/pipeline'
import type { ExploreOptions } from 'chansel/testing'
import { expectSame } from '../support/expect-same.ts'
import type { SmallProgram } from './programs.ts'

const within = (delays: number): ExploreOptions => ({ delays })
const WITH_CANCELS: ExploreOptions = { delays: 2, cancelAt: 'every-step' }

const ignored = (): void => {}

/** Locks, some under a cancel that may come at every step. */
export const ofLocks: readonly SmallProgram[] = [
  {
    name: 'a mutex lets one in at a time, and is free in the end, wherever a cancel comes',
    search: WITH_CANCELS,
    body: async (t) => {
      const mu = new Mutex()
      let inside = 0
      t.invariant(() => inside <= 1)
      const enter = async (): Promise<void> => {
        using _ = await mu.lock(t.ctx)
        inside++
        await sleep(1)
        inside--
      }
      await Promise.all(['a', 'b', 'c'].map((name) => t.go(name, () => enter().catch(ignored))))
      expectSame(mu.tryLock() === undefined, false)
    },
  },
  {
    name: 'a writer is alone, readers are not, and both come to an end',
    search: within(2),
    body: async (t) => {
      const mu = new RWMutex()
      let [readers, writers] = [0, 0]
      t.invariant(() => writers === 0 || (writers === 1 && readers === 0))
      const read = async (): Promise<void> => {
        using _ = await mu.rlock()
        readers++
        await sleep(1)
        readers--
      }
      const write = async (): Promise<void> => {
        using _ = await mu.lock()
        writers++
        await sleep(1)
        writers--
      }
      await Promise.all([t.go('reads', read), t.go('writes', write), t.go('reads too', read)])
      expectSame(mu.tryLock() === undefined, false)
    },
  },
  {
    name: 'a writer that gives up lets the readers behind it in',
    search: WITH_CANCELS,
    body: async (t) => {
      const mu = new RWMutex()
      const first = await mu.rlock()
      const writes = t.go('writes', () => mu.lock(t.ctx).then((guard) => guard.release(), ignored))
      const reads = t.go('reads', async () => (await mu.rlock()).release())
      await t.settled()
      first.release()
      await Promise.all([writes, reads])
      expectSame(mu.tryLock() === undefined, false)
    },
  },
  {
    name: 'a permit is granted or its wait is cancelled, and none is lost',
    search: WITH_CANCELS,
    body: async (t) => {
      const permits = new Semaphore(2)
      const use = async (weight: number): Promise<void> => {
        using _ = await permits.acquire(weight, t.ctx)
        await sleep(1)
      }
      const uses = [2, 1, 2].map((weight, i) => t.go(`${i}`, () => use(weight).catch(ignored)))
      await Promise.all(uses)
      expectSame(permits.available, 2)
    },
  },
  {
    name: 'a cancel that races with a release: a guard or a reason, never both or neither',
    search: { strategy: 'dfs' },
    body: async (t) => {
      const permits = new Semaphore(1)
      const ctx = withCancel(background())
      const guard = await permits.acquire()
      const waits = t.go('waits', () =>
        permits.acquire(1, ctx).then(
          (granted) => (granted.release(), 'granted'),
          () => 'canceled',
        ),
      )
      await t.settled()
      await Promise.all([t.go('cancels', () => ctx.cancel()), t.go('releases', () => guard.release())])
      t.log(await waits)
      expectSame(permits.available, 1)
    },
    outcomes: ['granted', 'canceled'],
  },
  {
    name: 'a wait group releases all who wait when the last is done',
    search: within(2),
    body: async (t) => {
      const wg = new WaitGroup()
      let done = 0
      for (let i = 0; i < 2; i++) {
        wg.go(async () => {
          await sleep(i)
          done++
        })
      }
      const waits = ['a', 'b'].map((name) =>
        t.go(name, async () => {
          await wg.wait()
          expectSame(done, 2)
        }),
      )
      await Promise.all(waits)
    },
  },
  {
    name: 'a condition loses no signal, and comes back with the mutex',
    search: WITH_CANCELS,
    body: async (t) => {
      const mu = new Mutex()
      const filled = new Cond(mu)
      let items = 0
      let [taken, givenUp] = [0, 0]
      const takeOne = async (): Promise<void> => {
        using _ = await mu.lock()
        try {
          while (items === 0) await filled.wait(t.ctx)
          items--
          taken++
        } catch {
          expectSame(mu.tryLock(), undefined)
          givenUp++
        }
      }
      const put = async (): Promise<void> => {
        using _ = await mu.lock()
        items++
        filled.signal()
      }
      await Promise.all([
        t.go('takes', takeOne),
        t.go('takes too', takeOne),
        t.go('puts', put),
        t.go('puts too', put),
      ])
      expectSame(taken + givenUp, 2)
      expectSame(items, givenUp)
    },
  },
  {
    name: 'a function runs once, and all wait for it',
    search: within(2),
    body: async (t) => {
      const once = new Once()
      let runs = 0
      let isDone = false
      const setUp = async (): Promise<void> => {
        runs++
        await sleep(1)
        isDone = true
      }
      const calls = ['a', 'b', 'c'].map((name) =>
        t.go(name, async () => {
          await once.do(setUp)
          expectSame(isDone, true)
        }),
      )
      await Promise.all(calls)
      expectSame(runs, 1)
    },
  },
  {
    name: 'a flight is shared, and who gives up does not end it',
    search: WITH_CANCELS,
    body: async (t) => {
      const flights = new SingleFlight<string, number>()
      let running = 0
      t.invariant(() => running <= 1)
      const read = async (): Promise<number> => {
        running++
        await sleep(1)
        running--
        return 7
      }
      const patient = t.go('patient', async () => expectSame((await flights.do('k', read)).value, 7))
      const hasty = t.go('hasty', () => flights.do('k', read, t.ctx).catch(ignored))
      await Promise.all([patient, hasty])
      await t.settled()
    },
  },
]

/** Groups, in which nothing may outlive the group. */
export const ofGroups: readonly SmallProgram[] = [
  {
    name: 'the first failure is what a group rejects with, and all tasks have ended by then',
    search: within(2),
    body: async (t) => {
      let running = 0
      const failed = await group(background(), (g) => {
        for (const name of ['a', 'b']) {
          void g.go(async () => {
            running++
            await sleep(1)
            running--
            throw name
          })
        }
      }).catch((error: unknown) => error)
      expectSame(running, 0)
      t.log(String(failed))
    },
    outcomes: ['a', 'b'],
  },
  {
    name: 'no more tasks run than the limit says, and all run',
    search: within(2),
    body: async (t) => {
      let [running, ran] = [0, 0]
      t.invariant(() => running <= 1)
      await group(
        background(),
        (g) => {
          for (let i = 0; i < 3; i++) {
            void g.go(async () => {
              running++
              await sleep(1)
              running--
              ran++
            })
          }
        },
        { limit: 1 },
      )
      expectSame(ran, 3)
    },
  },
  {
    name: 'a cancel reaches the tasks of a group, and the group outlives them all',
    search: WITH_CANCELS,
    body: async (t) => {
      let running = 0
      const ended = await group(
        t.ctx,
        (g) => {
          for (let i = 0; i < 2; i++) {
            void g.go(async (ctx) => {
              running++
              await sleep(1, ctx).finally(() => running--)
            })
          }
        },
        { limit: 1 },
      ).then(
        () => 'done',
        (error: unknown) => (error instanceof CanceledError ? 'canceled' : String(error)),
      )
      expectSame(running, 0)
      t.log(ended)
    },
    outcomes: ['done', 'canceled'],
  },
]

/** Pipelines of few values, which end, or fail with the cancel, and leave nobody waiting. */
export const ofPipelines: readonly SmallProgram[] = [
  {
    name: 'map in order keeps the order, whichever call ends first',
    search: within(2),
    body: async () => {
      const slow = async (n: number): Promise<number> => (await sleep(3 - n), n * 2)
      const seen: number[] = []
      for await (const value of map(from([1, 2]), slow, { concurrency: 2 })) seen.push(value)
      expectSame(seen.join(), '2,4')
    },
  },
  {
    name: 'map under a cancel at every step: values in order, then the end or the reason',
    search: WITH_CANCELS,
    body: async (t) => {
      const seen: number[] = []
      const out = map(
        from([1, 2], t.ctx),
        async (n: number) => (await sleep(1), n),
        { concurrency: 2 },
        t.ctx,
      )
      try {
        for await (const value of out) seen.push(value)
        expectSame(seen.join(), '1,2')
      } catch (error) {
        expectSame(error instanceof CanceledError, true)
        expectSame('1,2'.startsWith(seen.join()), true)
      }
    },
  },
  {
    name: 'forEach under a cancel at every step: values in order, one call at a time, then the end or the reason',
    search: WITH_CANCELS,
    body: async (t) => {
      const seen: number[] = []
      let calls = 0
      const look = async (n: number): Promise<void> => {
        expectSame(++calls, 1)
        await sleep(1)
        calls--
        seen.push(n)
      }
      try {
        await forEach(from([1, 2], t.ctx), look, t.ctx)
        expectSame(seen.join(), '1,2')
      } catch (error) {
        expectSame(error instanceof CanceledError, true)
        expectSame('1,2'.startsWith(seen.join()), true)
      }
    },
  },
  {
    name: 'merge has each value once',
    search: within(2),
    body: async () => {
      const seen: number[] = []
      for await (const value of merge([from([1]), from([2])])) seen.push(value)
      expectSame(new Set(seen).size, 2)
      expectSame(seen.length, 2)
    },
  },
  {
    name: 'zip pairs, filter leaves out, take stops the source',
    search: within(2),
    body: async () => {
      const numbers = channel<number>(4)
      for (const n of [1, 2, 3, 4]) numbers.trySend(n)
      const seen: string[] = []
      const even = filter(numbers, (n: number) => n % 2 === 0)
      for await (const [n, letter] of take(zip([even, from(['a', 'b'])]), 1)) seen.push(`${n}${letter}`)
      expectSame(seen.join(), '2a')
      numbers.close()
    },
  },
]
