import {
  after,
  afterFunc,
  channel,
  group,
  select,
  sendCase,
  sleep,
  ticker,
  timer,
  trySelect,
  withCancel,
  withDeadline,
  withTimeout,
  yieldNow,
} from 'chansel'
import { selector } from 'chansel/selector'
import { batch, broadcast, collect, fanOut, map, take, throttle } from 'chansel/pipeline'
import { Cond, Mutex, RWMutex, Semaphore, SingleFlight, WaitGroup } from 'chansel/sync'
import { expectSame } from '../support/expect-same.ts'
import type { CorrectProgram } from './correct.ts'

async function callApi(): Promise<void> {}

/** The same with contexts, clocks, locks, groups and pipelines: most are one of `buggyTasks`, mended. */
export const correctTasks: readonly CorrectProgram[] = [
  {
    name: 'a write that looks at its deadline when it is due',
    body: async (t) => {
      using ctx = withTimeout(t.ctx, 10)
      let isOver = false
      const writer = t.go('writer', async () => {
        const event = await select({ done: ctx.done, due: after(10) })
        if (event.case === 'due' && ctx.err === undefined) expectSame(isOver, false)
      })
      await ctx.done.receive()
      isOver = true
      await writer
    },
  },
  {
    name: 'a deadline in virtual time',
    body: async (t) => {
      const start = t.now()
      using ctx = withDeadline(t.ctx, start + 50)
      const error = await sleep(100, ctx).catch((reason: unknown) => reason)
      expectSame((error as Error).name, 'DeadlineExceededError')
      expectSame(t.now() - start, 50)
    },
  },
  {
    name: 'a ticker that is stopped by who counts',
    body: async (t) => {
      const start = t.now()
      using ticks = ticker(10)
      for (let i = 0; i < 3; i++) await ticks.receive()
      ticks.stop()
      expectSame(ticks.tryReceive(), undefined)
      expectSame(t.now() - start, 30)
    },
  },
  {
    name: 'a timer that is reset before it is due',
    body: async (t) => {
      using idle = timer(10)
      const beats = channel<void>()
      const beating = t.go('beats', async () => {
        for (let i = 0; i < 3; i++) {
          await sleep(6)
          await beats.send()
        }
        beats.close()
      })
      for (;;) {
        const event = await select({ idle, beats })
        if (event.case === 'idle') throw new Error('it was idle')
        if (!event.ok) break
        idle.reset(10)
      }
      await beating
    },
  },
  {
    name: 'permits by weight',
    body: async (t) => {
      const permits = new Semaphore(3)
      let used = 0
      t.invariant(() => used <= 3)
      const job = async (weight: number) => {
        using _ = await permits.acquire(weight)
        used += weight
        await sleep(1)
        used -= weight
      }
      await Promise.all([1, 2, 3, 1].map((weight, i) => t.go(`job ${i}`, () => job(weight))))
      expectSame(permits.available, 3)
    },
  },
  {
    name: 'a condition that is looked at again, and tells all',
    body: async (t) => {
      const mu = new Mutex()
      const changed = new Cond(mu)
      let isFull = false
      const turn = async (full: boolean) => {
        using _ = await mu.lock()
        while (isFull === full) await changed.wait()
        isFull = full
        changed.broadcast()
      }
      const tasks = [false, true, false, true].map((full, i) => t.go(`task ${i}`, () => turn(full)))
      await Promise.all(tasks)
    },
  },
  {
    name: 'a value that is made once, and looked at again under the lock',
    body: async (t) => {
      const rw = new RWMutex()
      let value: number | undefined
      let made = 0
      const get = async () => {
        {
          using _ = await rw.rlock()
          if (value !== undefined) return value
        }
        using _ = await rw.lock()
        if (value === undefined) {
          await callApi()
          made++
          value = 7
        }
        return value
      }
      for (const got of await Promise.all(['a', 'b', 'c'].map((name) => t.go(name, get)))) expectSame(got, 7)
      expectSame(made, 1)
    },
  },
  {
    name: 'a bell with room for a ring',
    body: async (t) => {
      const bell = channel<void>(1)
      let isReady = false
      const waiter = t.go('waiter', async () => {
        while (!isReady) {
          await callApi()
          await bell.receive()
        }
      })
      const setter = t.go('setter', async () => {
        isReady = true
        bell.trySend()
      })
      await Promise.all([waiter, setter])
    },
  },
  {
    name: 'room that trySend itself tells of',
    body: async (t) => {
      const box = channel<number>(1)
      let refused = 0
      const put = async (n: number) => {
        await callApi()
        if (!box.trySend(n)) refused++
      }
      await Promise.all([t.go('a', () => put(1)), t.go('b', () => put(2))])
      expectSame(refused, 1)
    },
  },
  {
    name: 'a close by the one who waited for all',
    body: async (t) => {
      const out = channel<number>(4)
      const senders = new WaitGroup()
      for (const n of [1, 2]) senders.go(() => out.send(n))
      const closer = t.go('closer', async () => {
        await senders.wait()
        out.close()
      })
      let sum = 0
      for await (const n of out) sum += n
      await closer
      expectSame(sum, 3)
    },
  },
  {
    name: 'a poll that yields until the job comes',
    body: async (t) => {
      const jobs = channel<number>(0)
      const asker = t.go('asker', () => jobs.send(1))
      const worker = t.go('worker', async () => {
        for (;;) {
          const event = trySelect({ jobs })
          if (event?.ok) return event.value
          await yieldNow()
        }
      })
      expectSame(await worker, 1)
      await asker
    },
  },
  {
    name: 'a pipeline that is left, with the producer of its channel',
    body: async (t) => {
      using ctx = withCancel(t.ctx)
      const numbers = channel<number>()
      const producer = t.go('producer', async () => {
        for (let i = 0; i < 5; i++) {
          const event = await select({ sent: sendCase(numbers, i), done: ctx.done })
          if (event.case === 'done') return
        }
      })
      const doubled = map(numbers, (n) => n * 2, {}, ctx)
      expectSame((await collect(take(doubled, 2))).join(), '0,2')
      ctx.cancel()
      await producer
    },
  },
  {
    name: 'a generator that is left by a pipeline runs its finally',
    body: async (t) => {
      let isReleased = false
      async function* numbers() {
        try {
          for (let i = 0; ; i++) yield i
        } finally {
          isReleased = true
        }
      }
      const next = map(numbers(), async (n) => (await callApi(), n + 1), { concurrency: 2 })
      expectSame((await collect(take(next, 3))).join(), '1,2,3')
      await t.settled()
      expectSame(isReleased, true)
    },
  },
  {
    name: 'a cleanup that asks whether the cancel runs it',
    body: async (t) => {
      const ctx = withCancel(t.ctx)
      let cleanups = 0
      const cleanUp = (): void => void cleanups++
      const stop = afterFunc(ctx, cleanUp)
      const works = t.go('works', async () => {
        await yieldNow()
        if (stop()) cleanUp()
      })
      const cancels = t.go('cancels', async () => {
        await yieldNow()
        ctx.cancel()
      })
      await Promise.all([works, cancels])
      await t.settled()
      expectSame(cleanups, 1)
    },
  },
  {
    name: 'a flight for two',
    body: async (t) => {
      const flights = new SingleFlight<string, number>()
      let reads = 0
      const read = async () => {
        const number = ++reads
        await sleep(1)
        return number
      }
      const both = ['a', 'b'].map((name) => t.go(name, async () => (await flights.do('k', read)).value))
      const [a, b] = await Promise.all(both)
      expectSame(a, b)
    },
  },
  {
    name: 'a group whose first failure stops the others',
    body: async (t) => {
      let stopped = 0
      const failure = await group(t.ctx, async (g) => {
        void g.go(async (ctx) => {
          await ctx.done.receive()
          stopped++
        })
        void g.go(async () => {
          await sleep(1)
          throw new Error('bad')
        })
        await g.ctx.done.receive()
      }).catch((error: unknown) => error)
      expectSame((failure as Error).message, 'bad')
      expectSame(stopped, 1)
    },
  },
  {
    name: 'a selector that switches off what has ended',
    body: async (t) => {
      const [a, b] = [channel<number>(), channel<number>()]
      const tasks = [a, b].map((ch, i) =>
        t.go(`sends ${i}`, async () => {
          await ch.send(10 ** i)
          ch.close()
        }),
      )
      using events = selector({ a, b })
      let sum = 0
      for (let open = 2; open > 0;) {
        const event = await events.select()
        if (event.ok) sum += event.value
        else {
          events.set(event.case, null)
          open--
        }
      }
      await Promise.all(tasks)
      expectSame(sum, 11)
    },
  },
  {
    name: 'batches by time, and the first and the last of a throttle',
    body: async (t) => {
      const produce = (out: ReturnType<typeof channel<number>>) =>
        t.go('produces', async () => {
          await out.send(1)
          await out.send(2)
          await sleep(20)
          await out.send(3)
          out.close()
        })
      const [first, second] = [channel<number>(), channel<number>()]
      const tasks = [produce(first), produce(second)]
      const batches = await collect(batch(first, { size: 10, ms: 5 }))
      expectSame(batches.map((values) => values.join('+')).join(), '1+2,3')
      const paced = await collect(throttle(second, 5))
      expectSame([paced[0], paced.at(-1)].join(), '1,3')
      await Promise.all(tasks)
    },
  },
  {
    name: 'values for all, and values for one of two',
    body: async (t) => {
      const numbers = channel<number>()
      const all = broadcast(numbers)
      const both = [all.subscribe(), all.subscribe()]
      const seen = both.map((one, i) => t.go(`sees ${i}`, () => collect(one)))
      const sends = t.go('sends', async () => {
        await numbers.send(1)
        await numbers.send(2)
        numbers.close()
      })
      for (const values of await Promise.all(seen)) expectSame(values.join(), '1,2')
      await sends
      const parts = fanOut([1, 2, 3], 2).map((part, i) => t.go(`part ${i}`, () => collect(part)))
      expectSame((await Promise.all(parts)).flat().length, 3)
    },
  },
]
