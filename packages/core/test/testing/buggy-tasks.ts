import {
  afterFunc,
  channel,
  group,
  select,
  sleep,
  ticker,
  timer,
  trySelect,
  withCancel,
  withTimeout,
  yieldNow,
} from 'chansel'
import { map, take } from 'chansel/pipeline'
import { Cond, Mutex, RWMutex, Semaphore, SingleFlight, WaitGroup } from 'chansel/sync'
import type { BuggyProgram } from './buggy.ts'

async function callApi(): Promise<void> {}

/** The same with contexts, clocks, locks, groups and pipelines. */
export const buggyTasks: readonly BuggyProgram[] = [
  {
    name: 'a write that a deadline was to prevent',
    shows: /written late/,
    body: async (t) => {
      using ctx = withTimeout(t.ctx, 10)
      let isOver = false
      const writer = t.go('writer', async () => {
        if (ctx.err !== undefined) return
        await sleep(10)
        if (isOver) throw new Error('written late')
      })
      await ctx.done.receive()
      isOver = true
      await writer
    },
  },
  {
    name: 'ticks that are counted until a deadline that comes with the last of them',
    shows: /\d ticks/,
    body: async (t) => {
      using ctx = withTimeout(t.ctx, 30)
      using ticks = ticker(10)
      let count = 0
      for (;;) {
        const event = await select({ tick: ticks, done: ctx.done })
        if (event.case === 'done') break
        count++
      }
      if (count !== 3) throw new Error(`${count} ticks`)
    },
  },
  {
    name: 'a timer that is reset when it is due',
    shows: /expired early/,
    body: async (t) => {
      using idle = timer(10)
      let hasExpired = false
      const watch = t.go('watch', async () => {
        await idle.receive()
        hasExpired = true
      })
      await sleep(10)
      idle.reset(10)
      await sleep(5)
      if (hasExpired) throw new Error('expired early')
      await watch
    },
  },
  {
    name: 'an update that is lost between timers of one moment',
    shows: /n is 1/,
    body: async (t) => {
      let n = 0
      const add = async () => {
        await sleep(10)
        const before = n
        await yieldNow()
        n = before + 1
      }
      await Promise.all([t.go('a', add), t.go('b', add)])
      if (n !== 2) throw new Error(`n is ${n}`)
    },
  },
  {
    name: 'an update that is lost during a sleep',
    shows: /n is 1/,
    body: async (t) => {
      let n = 0
      const add = async () => {
        const late = sleep(50)
        const before = n
        await callApi()
        n = before + 1
        await late
      }
      await Promise.all([t.go('a', add), t.go('b', add)])
      if (n !== 2) throw new Error(`n is ${n}`)
    },
  },
  {
    name: 'an update of one who was just woken',
    shows: /n is 1/,
    body: async (t) => {
      let n = 0
      const ready = channel<number>(1)
      const wakes = t.go('wakes', async () => {
        const before = n
        ready.trySend(1)
        await callApi()
        n = before + 1
      })
      const waits = t.go('waits', async () => {
        await ready.receive()
        n++
      })
      await Promise.all([wakes, waits])
      if (n !== 2) throw new Error(`n is ${n}`)
    },
  },
  {
    name: 'a permit that asks for one more',
    shows: /acquire Semaphore #1 \(0 of 2 free, held by/,
    body: async (t) => {
      const permits = new Semaphore(2)
      const job = async () => {
        using _ = await permits.acquire(1)
        await callApi()
        using __ = await permits.acquire(1)
      }
      await Promise.all([t.go('a', job), t.go('b', job)])
    },
  },
  {
    name: 'a condition that is not looked at again',
    shows: /took nothing/,
    body: async (t) => {
      const mu = new Mutex()
      const filled = new Cond(mu)
      const items: number[] = []
      const take = async () => {
        using _ = await mu.lock()
        if (items.length === 0) await filled.wait()
        if (items.shift() === undefined) throw new Error('took nothing')
      }
      const put = async () => {
        using _ = await mu.lock()
        items.push(1)
        filled.broadcast()
      }
      await Promise.all([t.go('a', take), t.go('b', take), t.go('puts', put), t.go('puts too', put)])
    },
  },
  {
    name: 'a signal that wakes the wrong one',
    shows: /wait Cond #1/,
    body: async (t) => {
      const mu = new Mutex()
      const changed = new Cond(mu)
      let isFull = false
      const put = async () => {
        using _ = await mu.lock()
        while (isFull) await changed.wait()
        isFull = true
        changed.signal()
      }
      const take = async () => {
        using _ = await mu.lock()
        while (!isFull) await changed.wait()
        isFull = false
        changed.signal()
      }
      await Promise.all([t.go('a', take), t.go('b', take), t.go('puts', put), t.go('puts too', put)])
    },
  },
  {
    name: 'a flag that is set between the look and the wait',
    shows: /waiter +blocked on receive bell/,
    body: async (t) => {
      const bell = channel<void>(0, { name: 'bell' })
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
    name: 'room that was there before an await',
    shows: /1 was lost/,
    body: async (t) => {
      const box = channel<number>(1)
      let lost = 0
      const put = async (n: number) => {
        if (box.length === box.capacity) return
        await callApi()
        if (!box.trySend(n)) lost++
      }
      await Promise.all([t.go('a', () => put(1)), t.go('b', () => put(2))])
      if (lost > 0) throw new Error(`${lost} was lost`)
    },
  },
  {
    name: 'a close by whoever finds it open',
    shows: /Cannot close channel: already closed/,
    body: async (t) => {
      const out = channel<number>(4)
      const finish = async () => {
        await yieldNow()
        if (out.closed) return
        await callApi()
        out.close()
      }
      await Promise.all([t.go('a', finish), t.go('b', finish)])
    },
  },
  {
    name: 'a poll that gives up before the job comes',
    shows: /asker +blocked on send jobs/,
    body: async (t) => {
      const jobs = channel<number>(0, { name: 'jobs' })
      void t.go('asker', () => jobs.send(1))
      await t.go('worker', async () => {
        for (let i = 0; i < 3; i++) {
          if (trySelect({ jobs })?.ok) return
          await yieldNow()
        }
      })
    },
  },
  {
    name: 'a pipeline that is left, over a channel that is not',
    shows: /producer +blocked on send numbers/,
    body: async (t) => {
      const numbers = channel<number>(0, { name: 'numbers' })
      void t.go('producer', async () => {
        for (let i = 0; i < 5; i++) await numbers.send(i)
        numbers.close()
      })
      const doubled = map(numbers, (n) => n * 2)
      for await (const n of take(doubled, 2)) t.log(`${n}`)
    },
  },
  {
    name: 'a wait group that tasks join by themselves',
    shows: /sum is/,
    body: async (t) => {
      const tasks = new WaitGroup()
      let sum = 0
      for (const n of [1, 2]) {
        void t.go(`task ${n}`, async () => {
          tasks.add()
          await sleep(1)
          sum += n
          tasks.done()
        })
      }
      await yieldNow()
      await tasks.wait()
      if (sum !== 3) throw new Error(`sum is ${sum}`)
    },
  },
  {
    name: 'readers that become writers',
    shows: /lock RWMutex #1 \(held by a, b\)/,
    body: async (t) => {
      const rw = new RWMutex()
      const update = async () => {
        using _ = await rw.rlock()
        using __ = await rw.lock()
      }
      await Promise.all([t.go('a', update), t.go('b', update)])
    },
  },
  {
    name: 'a cleanup that the cancel runs, too',
    shows: /cleaned up 2 times/,
    body: async (t) => {
      const ctx = withCancel(t.ctx)
      let cleanups = 0
      const cleanUp = (): void => void cleanups++
      const stop = afterFunc(ctx, cleanUp)
      const works = t.go('works', async () => {
        await yieldNow()
        stop()
        cleanUp()
      })
      const cancels = t.go('cancels', async () => {
        await yieldNow()
        ctx.cancel()
      })
      await Promise.all([works, cancels])
      await t.settled()
      if (cleanups !== 1) throw new Error(`cleaned up ${cleanups} times`)
    },
  },
  {
    name: 'a cache that is forgotten while it is read',
    shows: /1 and 2/,
    body: async (t) => {
      const flights = new SingleFlight<string, number>()
      let reads = 0
      const read = async () => {
        const number = ++reads
        await sleep(1)
        return number
      }
      const first = t.go('first', () => flights.do('k', read))
      const second = t.go('second', () => {
        flights.forget('k')
        return flights.do('k', read)
      })
      const [a, b] = [(await first).value, (await second).value]
      if (a !== b) throw new Error(`${a} and ${b}`)
    },
  },
  {
    name: 'a group in which a task sends to nobody',
    shows: /group task 2|blocked on send out/,
    body: async (t) => {
      const out = channel<number>(0, { name: 'out' })
      await group(t.ctx, async (g) => {
        void g.go(() => out.send(1))
        void g.go(() => out.send(2))
        await out.receive()
      })
    },
  },
]
