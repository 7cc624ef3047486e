import {
  after,
  afterFunc,
  channel,
  never,
  receiveOnly,
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
import type { Simulation } from 'chansel/testing'
import { expectSame } from '../support/expect-same.ts'

export interface CorrectProgram {
  readonly name: string
  readonly body: (t: Simulation) => unknown
}

/** Programs without a bug, each in its own way close to one. */
export const correctPrograms: readonly CorrectProgram[] = [
  { name: 'nothing', body: () => {} },
  { name: 'a sleep', body: () => sleep(10) },
  {
    name: 'a hand-over',
    body: async (t) => {
      const ch = channel<number>()
      const sent = t.go('sends', () => ch.send(1))
      expectSame((await ch.receive()).value, 1)
      await sent
    },
  },
  {
    name: 'an update under a lock made of a channel',
    body: async (t) => {
      const lock = channel<void>(1)
      let sum = 0
      const add = async (n: number) => {
        await lock.send()
        const before = sum
        await yieldNow()
        sum = before + n
        await lock.receive()
      }
      await Promise.all([t.go('a', () => add(1)), t.go('b', () => add(2)), t.go('c', () => add(3))])
      expectSame(sum, 6)
    },
  },
  {
    name: 'an update without an await in it',
    body: async (t) => {
      let sum = 0
      const add = async (n: number) => {
        await yieldNow()
        sum += n
        await yieldNow()
      }
      await Promise.all([t.go('a', () => add(1)), t.go('b', () => add(2))])
      expectSame(sum, 3)
    },
  },
  {
    name: 'locks taken in one order',
    body: async (t) => {
      const first = channel<void>(1)
      const second = channel<void>(1)
      const both = async () => {
        await first.send()
        await second.send()
        await second.receive()
        await first.receive()
      }
      await Promise.all([t.go('a', both), t.go('b', both)])
    },
  },
  {
    name: 'a timeout with room for the late answer',
    body: async (t) => {
      const result = channel<number>(1)
      void t.go('worker', async () => {
        await sleep(100)
        await result.send(1)
      })
      t.log((await select({ result, late: after(10) })).case)
    },
  },
  {
    name: 'a timeout that cancels its worker',
    body: async (t) => {
      const result = channel<number>()
      using ctx = withTimeout(t.ctx, 10)
      const worker = t.go('worker', async () => {
        const event = await select({ sent: sendCase(result, 1), done: ctx.done })
        t.log(event.case)
      })
      await sleep(20)
      await worker
    },
  },
  {
    name: 'a pipeline that is drained',
    body: async (t) => {
      const [numbers, squares] = [channel<number>(), channel<number>(1)]
      void t.go('numbers', async () => {
        for (let i = 1; i <= 3; i++) await numbers.send(i)
        numbers.close()
      })
      void t.go('squares', async () => {
        for await (const n of numbers) await squares.send(n * n)
        squares.close()
      })
      const seen: number[] = []
      for await (const n of squares) seen.push(n)
      expectSame(seen.join(), '1,4,9')
    },
  },
  {
    name: 'a producer that is told to stop',
    body: async (t) => {
      const out = channel<number>()
      using stop = withCancel(t.ctx)
      const producer = t.go('producer', async () => {
        for (let i = 0; ; i++) {
          const event = await select({ sent: sendCase(out, i), done: stop.done })
          if (event.case === 'done') return
        }
      })
      for await (const n of out) if (n === 1) break
      stop.cancel()
      await producer
    },
  },
  {
    name: 'workers over one queue',
    body: async (t) => {
      const jobs = channel<number>(2)
      const results = channel<number>(4)
      const workers = ['a', 'b'].map((name) =>
        t.go(name, async () => {
          for await (const job of jobs) await results.send(job * 2)
        }),
      )
      for (const job of [1, 2, 3]) await jobs.send(job)
      jobs.close()
      await Promise.all(workers)
      results.close()
      let sum = 0
      for await (const result of results) sum += result
      expectSame(sum, 12)
    },
  },
  {
    name: 'a server that lives as long as the body',
    body: (t) => {
      const requests = channel<string>()
      void t.go('server', async () => {
        for (;;) if ((await select({ requests, done: t.ctx.done })).case === 'done') return
      })
      return requests.send('hello')
    },
  },
  {
    name: 'a value that either of two takes',
    body: async (t) => {
      const ch = channel<number>(1)
      const seen: string[] = []
      const take = (name: string) => async () => {
        const event = await select({ ch, late: after(5) })
        if (event.case === 'ch') seen.push(name)
      }
      const takers = [t.go('a', take('a')), t.go('b', take('b'))]
      await ch.send(1)
      await Promise.all(takers)
      t.log(seen.join())
      expectSame(seen.length, 1)
    },
  },
  {
    name: 'a select loop that relies on a fair choice to end',
    body: async () => {
      const busy = channel<number>(Infinity)
      const quit = channel<void>(1)
      for (let i = 0; i < 10; i++) busy.trySend(i)
      quit.trySend()
      for (let rounds = 0; ; rounds++) {
        busy.trySend(rounds)
        if ((await select({ busy, quit })).case === 'quit') return
      }
    },
  },
  {
    name: 'a rendezvous of two selects',
    body: async (t) => {
      const ch = channel<number>()
      const other = channel<number>()
      const a = t.go('a', () => select({ sent: sendCase(ch, 1), other }))
      const b = t.go('b', () => select({ got: ch, other }))
      expectSame(`${(await a).case} ${(await b).case}`, 'sent got')
    },
  },
  {
    name: 'two selects that send and receive on one channel',
    body: async (t) => {
      const ch = channel<number>()
      const cases = () => select({ got: ch, sent: sendCase(ch, 1) })
      const [a, b] = await Promise.all([t.go('a', cases), t.go('b', cases)])
      expectSame([a.case, b.case].sort().join(), 'got,sent')
    },
  },
  {
    name: 'a close that many wait for',
    body: async (t) => {
      const done = channel<never>()
      const waiters = ['a', 'b', 'c'].map((name) => t.go(name, () => done.receive()))
      await yieldNow()
      done.close()
      for (const { ok } of await Promise.all(waiters)) expectSame(ok, false)
    },
  },
  {
    name: 'a failure that its caller handles',
    body: async (t) => {
      const failing = t.go('fails', async () => {
        await yieldNow()
        throw new Error('handled')
      })
      await failing.catch(() => {})
    },
  },
  {
    name: 'a failed channel whose readers handle it',
    body: async (t) => {
      const ch = channel<number>(1)
      const reader = t.go('reader', async () => {
        try {
          for await (const n of ch) t.log(`${n}`)
        } catch (error) {
          t.log((error as Error).message)
        }
      })
      await ch.send(1)
      ch.close(new Error('failed'))
      await reader
    },
  },
  {
    name: 'a cancel that races with a send',
    body: async (t) => {
      const ch = channel<number>()
      using ctx = withCancel(t.ctx)
      const receiving = t.go('receives', () =>
        ch.receive(ctx).then(
          ({ value }) => value,
          () => 'canceled',
        ),
      )
      const sending = t.go('sends', () => ch.trySend(1))
      const canceling = t.go('cancels', () => ctx.cancel())
      const [received, sent] = await Promise.all([receiving, sending, canceling])
      expectSame(received, sent ? 1 : 'canceled')
      t.log(`${String(received)}`)
    },
  },
  {
    name: 'a heartbeat that is stopped',
    body: async () => {
      using beat = ticker(10)
      for (let i = 0; i < 3; i++) await beat.receive()
    },
  },
  {
    name: 'a timer that is reset before it fires',
    body: async (t) => {
      const start = t.now()
      using idle = timer(10)
      await sleep(5)
      idle.reset(10)
      await idle.receive()
      expectSame(t.now() - start, 15)
    },
  },
  {
    name: 'deadlines within deadlines',
    body: async (t) => {
      using outer = withTimeout(t.ctx, 10)
      using inner = withDeadline(outer, t.now() + 20)
      await inner.done.receive()
      expectSame(inner.deadline, outer.deadline)
    },
  },
  {
    name: 'what is to run after a cancel',
    body: async (t) => {
      let ran = 0
      const ctx = withCancel(t.ctx)
      afterFunc(ctx, () => ran++)
      const stop = afterFunc(ctx, () => (ran += 10))
      stop()
      ctx.cancel()
      await t.settled()
      expectSame(ran, 1)
    },
  },
  {
    name: 'a platform signal that follows a context',
    body: async (t) => {
      using ctx = withTimeout(t.ctx, 5)
      const aborted = channel<void>(1)
      ctx.signal.addEventListener('abort', () => aborted.trySend())
      await aborted.receive()
    },
  },
  {
    name: 'a look without waiting',
    body: async (t) => {
      const ch = channel<number>(1)
      await Promise.all([t.go('puts', () => ch.trySend(1)), t.go('looks', () => trySelect({ ch }))])
      t.log(`${ch.length}`)
    },
  },
  {
    name: 'a case that is switched off',
    body: async () => {
      const ch = channel<number>(1)
      await ch.send(1)
      expectSame((await select({ ch, off: false, never })).case, 'ch')
    },
  },
  {
    name: 'bare promises between tasks',
    body: async (t) => {
      let open!: () => void
      const gate = new Promise<void>((resolve) => (open = resolve))
      const waits = t.go('waits', () => gate)
      await t.go('opens', async () => {
        await sleep(1)
        open()
      })
      await waits
    },
  },
  {
    name: 'async functions that are no tasks',
    body: async () => {
      const ch = channel<number>()
      const produce = async () => {
        for (let i = 0; i < 3; i++) await ch.send(i)
        ch.close()
      }
      const consume = async () => {
        let sum = 0
        for await (const n of ch) sum += n
        return sum
      }
      expectSame((await Promise.all([consume(), produce()]))[0], 3)
    },
  },
  {
    name: 'a race that cancels its losers',
    body: async (t) => {
      using ctx = withCancel(t.ctx)
      const slow = t.go('slow', () =>
        sleep(100, ctx).then(
          () => 'slow',
          () => 'canceled',
        ),
      )
      const fast = t.go('fast', () => sleep(10).then(() => 'fast'))
      expectSame(await Promise.race([slow, fast]), 'fast')
      ctx.cancel()
      expectSame(await slow, 'canceled')
    },
  },
  {
    name: 'a semaphore of two',
    body: async (t) => {
      const permits = channel<void>(2)
      let inside = 0
      t.invariant(() => inside <= 2)
      const work = async () => {
        await permits.send()
        inside++
        await yieldNow()
        inside--
        await permits.receive()
      }
      await Promise.all(['a', 'b', 'c'].map((name) => t.go(name, work)))
    },
  },
  {
    name: 'fan-in through views',
    body: async (t) => {
      const [a, b] = [channel<number>(1), channel<number>(1)]
      await a.send(1)
      await b.send(2)
      const views = { a: receiveOnly(a), b: receiveOnly(b) }
      let sum = 0
      for (let i = 0; i < 2; i++) {
        const event = await select(views)
        if (event.ok) sum += event.value
      }
      expectSame(sum, 3)
      t.log('done')
    },
  },
]
