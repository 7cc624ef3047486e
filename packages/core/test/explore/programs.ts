import {
  after,
  afterFunc,
  channel,
  isCanceled,
  select,
  sendCase,
  sleep,
  ticker,
  timer,
  trySelect,
  withCancel,
  withTimeout,
  withValue,
  contextKey,
} from 'chansel'
import { selector } from 'chansel/selector'
import type { ExploreOptions, Simulation } from 'chansel/testing'
import { expectSame } from '../support/expect-same.ts'

/** A small program that has to hold in every order that the search tries. */
export interface SmallProgram {
  readonly name: string
  readonly body: (t: Simulation) => unknown
  /** Every order of those that are small enough; for the others all with up to this many departures. */
  readonly search: ExploreOptions
  /** All that it may note, if it notes anything. */
  readonly outcomes?: readonly string[]
}

const EVERY: ExploreOptions = { strategy: 'dfs' }
const WITH_CANCELS: ExploreOptions = { delays: 2, cancelAt: 'every-step' }
const within = (delays: number): ExploreOptions => ({ delays })

/** Channels, as Go's own programs use them, with as few values as show anything. */
export const ofChannels: readonly SmallProgram[] = [
  {
    name: 'test/chan/select6.go: a select that lost leaves nothing behind in the queue of another channel',
    search: within(2),
    body: async (t) => {
      const [c1, c2] = [channel<boolean>(), channel<boolean>()]
      const [c3, c4] = [channel<boolean>(), channel<boolean>()]
      void t.go('receives', () => c1.receive())
      void t.go('selects', async () => {
        await select([c1, c2])
        await c3.send(true)
      })
      void t.go('sends', () => c2.send(true))
      void t.go('selects again', async () => {
        await c3.receive()
        void t.go('sends late', () => c1.send(true).catch(() => {}))
        await c4.send(true)
      })
      await c4.receive()
      await t.settled()
      c1.trySend(true)
    },
  },
  {
    name: 'test/chan/doubleselect.go, 1 value: exactly one case of a select happens',
    search: within(2),
    body: (t) => doubleSelect(t, 1),
  },
  {
    name: 'test/chan/doubleselect.go, 2 values',
    search: within(1),
    body: (t) => doubleSelect(t, 2),
  },
  {
    name: 'test/chan/fifo.go, buffered: values arrive in the order of their sends',
    search: EVERY,
    body: async (t) => {
      const ch = channel<number>(2)
      void t.go('sends', async () => {
        for (let i = 0; i < 3; i++) await ch.send(i)
      })
      for (let i = 0; i < 3; i++) expectSame((await ch.receive()).value, i)
    },
  },
  {
    name: 'test/chan/fifo.go, unbuffered, a chain of senders',
    search: EVERY,
    body: async (t) => {
      const ch = channel<number>()
      let before = channel<number>(1)
      await before.send(0)
      for (let i = 0; i < 2; i++) {
        const [wait, next] = [before, channel<number>(1)]
        void t.go(`link ${i}`, async () => {
          await wait.receive()
          expectSame((await ch.receive()).value, i)
          await next.send(1)
        })
        before = next
      }
      for (let i = 0; i < 2; i++) await ch.send(i)
      await before.receive()
    },
  },
  {
    name: 'test/chan/sieve1.go: the first two primes',
    search: within(2),
    body: async (t) => {
      using stop = withCancel(t.ctx)
      const start = channel<number>()
      const until = (work: () => Promise<void>) => () =>
        work().catch((error: unknown) => {
          if (!isCanceled(error)) throw error
        })
      void t.go(
        'counts',
        until(async () => {
          for (let i = 2; ; i++) await start.send(i, stop)
        }),
      )
      let from = start
      for (const prime of [2, 3]) {
        expectSame((await from.receive()).value, prime)
        const [source, filtered] = [from, channel<number>()]
        void t.go(
          `filters ${prime}`,
          until(async () => {
            for (;;) {
              const { value } = await source.receive(stop)
              if (value! % prime !== 0) await filtered.send(value!, stop)
            }
          }),
        )
        from = filtered
      }
    },
  },
  {
    name: 'test/chan/nonblock.go: a look never waits, and takes what is there',
    search: EVERY,
    body: async (t) => {
      const ch = channel<number>()
      expectSame(trySelect({ ch }), undefined)
      const receives = t.go('receives', () => ch.receive())
      const sends = t.go('looks', () => ch.trySend(7))
      if (!(await sends)) ch.close()
      t.log((await receives).ok ? 'handed over' : 'closed')
    },
    outcomes: ['handed over', 'closed'],
  },
  {
    name: 'test/closedchan.go: what is in the buffer stays, then comes the end',
    search: EVERY,
    body: async (t) => {
      const ch = channel<number>(2)
      const reader = t.go('reads', async () => {
        const seen: number[] = []
        for await (const value of ch) seen.push(value)
        return seen.join()
      })
      await ch.send(1)
      await ch.send(2)
      ch.close()
      expectSame(await reader, '1,2')
    },
  },
  {
    name: 'test/closedchan.go: whoever sends to it fails, whoever waits is told',
    search: EVERY,
    body: async (t) => {
      const ch = channel<number>()
      const sends = t.go('sends', () =>
        ch.send(1).then(
          () => 'sent',
          () => 'failed',
        ),
      )
      const closes = t.go('closes', () => ch.close())
      const receives = t.go('receives', () => ch.receive())
      const [sent, , { ok }] = await Promise.all([sends, closes, receives])
      expectSame(sent, ok ? 'sent' : 'failed')
      t.log(String(sent))
    },
    outcomes: ['sent', 'failed'],
  },
  {
    name: 'runtime TestSelfSelect: two selects that send and receive on one channel pair off',
    search: EVERY,
    body: async (t) => {
      const ch = channel<number>()
      const run = (n: number) => () => select({ sent: sendCase(ch, n), got: ch })
      const [a, b] = await Promise.all([t.go('0', run(0)), t.go('1', run(1))])
      if (a.case === b.case) throw new Error(`both ${a.case}`)
      const got = a.case === 'got' ? a : (b as { value: number })
      expectSame((got as { value: number }).value, a.case === 'got' ? 1 : 0)
    },
  },
  {
    name: 'runtime TestSelectDuplicateChannel: a channel twice in one select',
    search: within(3),
    body: async (t) => {
      const [c, d] = [channel<number>(), channel<number>()]
      const selects = t.go('selects', () => select([c, c, d]))
      const receives = t.go('receives', () => c.receive())
      await t.settled()
      await d.send(7)
      await c.send(8)
      expectSame((await selects).case, 2)
      expectSame((await receives).value, 8)
    },
  },
  {
    name: 'runtime TestMultiConsumer: each value to one of two consumers',
    search: within(2),
    body: async (t) => {
      const [numbers, seen] = [channel<number>(1), channel<number>(3)]
      const consumers = ['a', 'b'].map((name) =>
        t.go(name, async () => {
          for await (const n of numbers) await seen.send(n)
        }),
      )
      for (const n of [1, 2, 4]) await numbers.send(n)
      numbers.close()
      await Promise.all(consumers)
      seen.close()
      let sum = 0
      for await (const n of seen) sum += n
      expectSame(sum, 7)
    },
  },
  {
    name: 'a buffer that drops the oldest keeps the newest',
    search: EVERY,
    body: async (t) => {
      const ch = channel<number>(1, { overflow: 'drop-oldest' })
      await Promise.all([t.go('a', () => ch.send(1)), t.go('b', () => ch.send(2))])
      expectSame(ch.dropped, 1)
      t.log(String(ch.tryReceive()!.value))
    },
    outcomes: ['1', '2'],
  },
  {
    name: 'two producers and two consumers lose nothing',
    search: within(2),
    body: async (t) => {
      const ch = channel<number>()
      const produce = (n: number) => () => ch.send(n)
      const consume = async () => (await ch.receive()).value!
      const tasks = [t.go('c1', consume), t.go('c2', consume)]
      const sends = [t.go('p1', produce(1)), t.go('p2', produce(2))]
      const [one, two] = await Promise.all(tasks)
      await Promise.all(sends)
      expectSame(one! + two!, 3)
      t.log(`${one}`)
    },
    outcomes: ['1', '2'],
  },
  {
    name: 'a select keeps its place among plain receivers',
    search: EVERY,
    body: async (t) => {
      const ch = channel<number>()
      const first = t.go('first', () => select({ ch }))
      await t.settled()
      const second = t.go('second', () => ch.receive())
      await t.settled()
      await ch.send(1)
      await ch.send(2)
      expectSame(((await first) as { value: number }).value, 1)
      expectSame((await second).value, 2)
    },
  },
  {
    name: 'a prepared select takes each value once, round after round',
    search: within(2),
    body: async (t) => {
      const [a, b] = [channel<number>(), channel<number>(1)]
      void t.go('sends to a', () => a.send(1))
      void t.go('sends to b', () => b.send(2))
      using events = selector({ a, b })
      let sum = 0
      for (let round = 0; round < 2; round++) {
        const event = await events.select()
        if (event.ok) sum += event.value
      }
      expectSame(sum, 3)
      expectSame(b.trySend(3), true)
      expectSame(a.trySend(3), false)
    },
  },
  {
    name: 'channels of channels carry a reply',
    search: EVERY,
    body: async (t) => {
      const requests = channel<ReturnType<typeof channel<number>>>()
      void t.go('serves', async () => {
        const { value: reply } = await requests.receive()
        await reply!.send(42)
      })
      const reply = channel<number>()
      await requests.send(reply)
      expectSame((await reply.receive()).value, 42)
    },
  },
]

/** Contexts and time, the contexts cancelled by the search as well. */
export const ofContexts: readonly SmallProgram[] = [
  {
    name: 'a cancel ends every wait below it, or comes too late',
    search: WITH_CANCELS,
    body: async (t) => {
      const ch = channel<number>()
      using ctx = withTimeout(t.ctx, 10)
      const error = await ch.receive(ctx).then(
        () => 'received',
        (reason: { code: string }) => reason.code,
      )
      t.log(error)
    },
    outcomes: ['ERR_CANCELED', 'ERR_DEADLINE_EXCEEDED'],
  },
  {
    name: 'a value is received, or was not sent: never neither',
    search: { ...WITH_CANCELS, delays: 1 },
    body: async (t) => {
      const ch = channel<number>()
      const settledAs = (promise: Promise<unknown>) =>
        promise.then(
          () => true,
          () => false,
        )
      const sent = t.go('sends', () => settledAs(ch.send(1, t.ctx)))
      const received = t.go('receives', () => settledAs(ch.receive(t.ctx)))
      expectSame(await sent, await received)
    },
  },
  {
    // In the step that hands the value over: the search cancels between steps only.
    name: 'a value that was handed over stays so, though a cancel comes before its receiver goes on',
    search: EVERY,
    body: async (t) => {
      const ch = channel<number>()
      const ctx = withCancel(t.ctx)
      const received = t.go('receives', () => ch.receive(ctx))
      await t.settled()
      expectSame(ch.trySend(1), true)
      ctx.cancel()
      expectSame((await received).value, 1)
    },
  },
  {
    name: 'a permit that is taken is given back, wherever a cancel comes',
    search: { ...WITH_CANCELS, delays: 1 },
    body: async (t) => {
      const permits = channel<void>(1)
      const work = async () => {
        try {
          await permits.send(undefined, t.ctx)
        } catch {
          return
        }
        try {
          await sleep(1, t.ctx)
        } catch {
          // Canceled, with the permit.
        }
        await permits.receive()
      }
      await Promise.all([t.go('a', work), t.go('b', work)])
      expectSame(permits.length, 0)
    },
  },
  {
    name: 'a select under a cancel happens with one case, or none',
    search: WITH_CANCELS,
    body: async (t) => {
      const [a, b] = [channel<number>(1), channel<number>(1)]
      void t.go('sends', () => a.trySend(1))
      const chosen = await select({ a, sent: sendCase(b, 2) }, t.ctx).then(
        (event) => event.case as string,
        () => 'canceled',
      )
      await t.settled()
      expectSame(b.length, chosen === 'sent' ? 1 : 0)
      expectSame(a.length, chosen === 'a' ? 0 : 1)
    },
  },
  {
    name: 'context TestWithCancel: a parent before its child, and the child alone',
    search: EVERY,
    body: async (t) => {
      const parent = withCancel(t.ctx)
      const child = withCancel(parent)
      await Promise.all([
        t.go('parent', () => parent.cancel('above')),
        t.go('child', () => child.cancel('own')),
      ])
      expectSame(parent.cause, 'above')
      t.log(String(child.cause))
    },
    outcomes: ['above', 'own'],
  },
  {
    name: 'context TestAfterFuncNotCalledAfterStop: it runs, or its stop says true',
    search: EVERY,
    body: async (t) => {
      const ctx = withCancel(t.ctx)
      let ran = 0
      const stop = afterFunc(ctx, () => ran++)
      const stops = t.go('stops', () => stop())
      const cancels = t.go('cancels', () => ctx.cancel())
      const [stopped] = await Promise.all([stops, cancels])
      await t.settled()
      expectSame(ran, stopped ? 0 : 1)
      t.log(String(stopped))
    },
    outcomes: ['true', 'false'],
  },
  {
    name: 'context TestSimultaneousCancels: many, at once, with waits below',
    search: within(1),
    body: async (t) => {
      const root = withCancel(t.ctx)
      const children = [withCancel(root), withCancel(root)]
      const waits = children.map((child, i) => t.go(`waits ${i}`, () => child.done.receive()))
      const cancels = [root, ...children].map((ctx, i) => t.go(`cancels ${i}`, () => ctx.cancel()))
      await Promise.all([...waits, ...cancels])
      for (const child of children) expectSame(child.err?.code, 'ERR_CANCELED')
    },
  },
  {
    name: 'context values outlive their cancel',
    search: EVERY,
    body: async (t) => {
      const key = contextKey<number>('n')
      const ctx = withCancel(withValue(t.ctx, key, 1))
      await t.go('cancels', () => ctx.cancel())
      expectSame(ctx.value(key), 1)
    },
  },
  {
    name: 'a timeout and a value at the same moment: either, and the other is left',
    search: EVERY,
    body: async (t) => {
      const ch = channel<number>(1)
      void t.go('sends', async () => {
        await sleep(10)
        await ch.send(1)
      })
      const event = await select({ ch, late: after(10) })
      t.log(event.case)
      await t.settled()
      expectSame(ch.length, event.case === 'ch' ? 0 : 1)
    },
    outcomes: ['ch', 'late'],
  },
  {
    name: 'time TestTimerStopChan: a stop and a firing at once',
    search: EVERY,
    body: async (t) => {
      const idle = timer(10)
      const stops = t.go('stops', async () => {
        await sleep(10)
        return idle.stop()
      })
      const stopped = await stops
      expectSame(idle.tryReceive(), stopped ? undefined : idle.tryReceive())
    },
  },
  {
    name: 'time TestTicker: two receivers share the ticks',
    search: EVERY,
    body: async (t) => {
      using tick = ticker(10)
      const ticks = await Promise.all([t.go('a', () => tick.receive()), t.go('b', () => tick.receive())])
      expectSame(Math.abs(ticks[0].value! - ticks[1].value!), 10)
    },
  },
  {
    name: 'a deadline under a deadline ends when the first does',
    search: EVERY,
    body: async (t) => {
      const start = t.now()
      using outer = withTimeout(t.ctx, 10)
      using inner = withTimeout(outer, 20)
      await Promise.all([
        t.go('outer', () => outer.done.receive()),
        t.go('inner', () => inner.done.receive()),
      ])
      expectSame(t.now() - start, 10)
    },
  },
]

/** Servers, pools and pipelines as users write them, of channels alone. */
export const ofPatterns: readonly SmallProgram[] = [
  {
    name: 'a worker pool returns each result once',
    search: within(2),
    body: async (t) => {
      const [jobs, results] = [channel<number>(), channel<number>(2)]
      const workers = ['a', 'b'].map((name) =>
        t.go(name, async () => {
          for await (const job of jobs) await results.send(job + 1)
        }),
      )
      for (const job of [1, 2]) await jobs.send(job)
      jobs.close()
      await Promise.all(workers)
      expectSame((await results.receive()).value! + (await results.receive()).value!, 5)
    },
  },
  {
    name: 'a mutex of a channel lets one in at a time',
    search: within(3),
    body: async (t) => {
      const lock = channel<void>(1)
      let inside = 0
      t.invariant(() => inside <= 1)
      const enter = async () => {
        await lock.send()
        inside++
        await sleep(1)
        inside--
        await lock.receive()
      }
      await Promise.all([t.go('a', enter), t.go('b', enter)])
    },
  },
  {
    name: 'a pipeline that is cancelled leaves nobody behind',
    search: { ...WITH_CANCELS, delays: 1 },
    body: async (t) => {
      const out = channel<number>()
      const producer = t.go('produces', async () => {
        for (let i = 0; i < 3; i++) {
          const event = await select({ sent: sendCase(out, i), done: t.ctx.done })
          if (event.case === 'done') return
        }
        out.close()
      })
      for (;;) {
        const event = await select({ out, done: t.ctx.done })
        if (event.case === 'done' || !event.ok) break
      }
      await producer
    },
  },
  {
    name: 'a fan-in of two ends when both have',
    search: within(2),
    body: async (t) => {
      const [a, b] = [channel<number>(), channel<number>()]
      for (const [name, ch] of [
        ['a', a],
        ['b', b],
      ] as const) {
        void t.go(name, async () => {
          await ch.send(1)
          ch.close()
        })
      }
      let sum = 0
      let open = 2
      let [left, right]: [typeof a | null, typeof b | null] = [a, b]
      while (open > 0) {
        const event = await select({ left, right })
        if (event.ok) sum += event.value
        else {
          open--
          if (event.case === 'left') left = null
          else right = null
        }
      }
      expectSame(sum, 2)
    },
  },
  {
    name: 'a barrier of two is passed together',
    search: EVERY,
    body: async (t) => {
      const [arrive, leave] = [channel<void>(2), channel<void>(2)]
      let passed = 0
      let arrived = 0
      const pass = async () => {
        await arrive.send()
        if (++arrived === 2) for (let i = 0; i < 2; i++) await leave.send()
        await leave.receive()
        passed++
      }
      await Promise.all([t.go('a', pass), t.go('b', pass)])
      expectSame(passed, 2)
    },
  },
  {
    name: 'a request that is answered or given up, and a server that hears of it',
    search: within(2),
    body: async (t) => {
      const requests = channel<{ reply: ReturnType<typeof channel<string>> }>()
      void t.go('serves', async () => {
        for (;;) {
          const event = await select({ requests, done: t.ctx.done })
          if (event.case === 'done' || !event.ok) return
          await sleep(10)
          event.value.reply.trySend('answer')
        }
      })
      const reply = channel<string>(1)
      await requests.send({ reply })
      t.log((await select({ reply, late: after(10) })).case)
    },
    outcomes: ['reply', 'late'],
  },
]

async function doubleSelect(t: Simulation, values: number): Promise<void> {
  const outlets = [channel<number>(), channel<number>()]
  const merged = channel<number>(values)
  void t.go('sends', async () => {
    for (let value = 0; value < values; value++) {
      await select(outlets.map((outlet) => sendCase(outlet, value)))
    }
    for (const outlet of outlets) outlet.close()
  })
  const copies = outlets.map((outlet, i) =>
    t.go(`copies ${i}`, async () => {
      for await (const value of outlet) await merged.send(value)
    }),
  )
  await Promise.all(copies)
  merged.close()
  const seen: number[] = []
  for await (const value of merged) seen.push(value)
  expectSame(new Set(seen).size, values)
  expectSame(seen.length, values)
}
