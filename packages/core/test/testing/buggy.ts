import { channel, select, sleep, after, yieldNow, sendCase } from 'chansel'
import type { Simulation } from 'chansel/testing'

/** Programs with a bug that only some orders show, or that no order hides. */
export interface BuggyProgram {
  readonly name: string
  readonly body: (t: Simulation) => unknown
  /** In what its failure shows. */
  readonly shows: RegExp
}

async function callApi(): Promise<void> {}

export const buggyPrograms: readonly BuggyProgram[] = [
  {
    name: 'a lost update across an await of nothing',
    shows: /balance is/,
    body: async (t) => {
      let balance = 0
      const deposit = async (amount: number) => {
        const before = balance
        await callApi()
        balance = before + amount
      }
      await Promise.all([t.go('a', () => deposit(1)), t.go('b', () => deposit(2))])
      if (balance !== 3) throw new Error(`balance is ${balance}`)
    },
  },
  {
    name: 'a lost update across a channel operation',
    shows: /total is/,
    body: async (t) => {
      let total = 0
      const log = channel<number>(10)
      const add = async (n: number) => {
        const before = total
        await log.send(n)
        total = before + n
      }
      await Promise.all([t.go('a', () => add(1)), t.go('b', () => add(2)), t.go('c', () => add(3))])
      if (total !== 6) throw new Error(`total is ${total}`)
    },
  },
  {
    name: 'an update that is lost only if the writer comes between',
    shows: /hits is/,
    body: async (t) => {
      let hits = 0
      const gate = channel<void>(1)
      const reader = t.go('reader', async () => {
        const before = hits
        if (gate.length === 1) {
          await yieldNow()
          hits = before + 1
        } else hits++
      })
      const writer = t.go('writer', async () => {
        await gate.send()
        hits++
      })
      await Promise.all([reader, writer])
      if (hits !== 2) throw new Error(`hits is ${hits}`)
    },
  },
  {
    name: 'locks taken in different orders',
    shows: /deadlock/,
    body: async (t) => {
      const first = channel<void>(1, { name: 'first' })
      const second = channel<void>(1, { name: 'second' })
      const both = async (a: typeof first, b: typeof first) => {
        await a.send()
        await b.send()
        await b.receive()
        await a.receive()
      }
      await Promise.all([t.go('A', () => both(first, second)), t.go('B', () => both(second, first))])
    },
  },
  {
    name: 'a worker left behind by a timeout',
    shows: /worker +blocked on send/,
    body: async (t) => {
      const result = channel<number>(0, { name: 'result' })
      void t.go('worker', async () => {
        await sleep(100)
        await result.send(42)
      })
      const event = await select({ result, late: after(10) })
      t.log(event.case)
    },
  },
  {
    name: 'check, then act',
    shows: /created 2/,
    body: async (t) => {
      let connection: object | undefined
      let created = 0
      const ready = channel<void>(2)
      const connect = async () => {
        if (connection === undefined) {
          await ready.send()
          created++
          connection = {}
        }
        return connection
      }
      await Promise.all([t.go('a', connect), t.go('b', connect)])
      if (created > 1) throw new Error(`created ${created}`)
    },
  },
  {
    name: 'a close while somebody sends',
    shows: /Cannot send on/,
    body: async (t) => {
      const out = channel<number>(0, { name: 'out' })
      const sender = t.go('sender', async () => {
        await out.send(1)
        await out.send(2)
      })
      const closer = t.go('closer', async () => {
        await out.receive()
        out.close()
      })
      await Promise.all([sender, closer])
    },
  },
  {
    name: 'a double close by two that both finish',
    shows: /already closed/,
    body: async (t) => {
      const done = channel<void>(0, { name: 'done' })
      let left = 2
      const work = async () => {
        left--
        await yieldNow()
        if (left === 0) done.close()
      }
      await Promise.all([t.go('a', work), t.go('b', work)])
    },
  },
  {
    name: 'a select that forgets a value when another case wins',
    shows: /lost/,
    body: async (t) => {
      const a = channel<string>(1)
      const b = channel<string>(1)
      await a.send('a')
      await b.send('b')
      const seen: string[] = []
      for (let i = 0; i < 2; i++) {
        const event = await select({ a, b })
        if (event.ok) seen.push(event.value)
        if (event.case === 'b') break
      }
      t.log(seen.join(''))
      if (seen.length < 2) throw new Error(`lost ${2 - seen.length}`)
    },
  },
  {
    name: 'a signal that comes before anybody waits',
    shows: /waiter +blocked on receive/,
    body: async (t) => {
      const signal = channel<void>(0, { name: 'signal' })
      const waiter = t.go('waiter', async () => {
        await yieldNow()
        await signal.receive()
      })
      await t.go('signaller', async () => {
        await yieldNow()
        signal.trySend()
      })
      await waiter
    },
  },
  {
    name: 'two receivers of one answer',
    shows: /blocked on receive/,
    body: async (t) => {
      const answer = channel<number>(1, { name: 'answer' })
      const tasks = [
        t.go('first', () => answer.receive()),
        t.go('second', () => answer.receive()),
        t.go('asks', () => answer.send(1)),
      ]
      await Promise.all(tasks)
    },
  },
  {
    name: 'a semaphore that is not given back after a failure',
    shows: /blocked on send/,
    body: async (t) => {
      const permits = channel<void>(1, { name: 'permits' })
      const work = async (fails: boolean) => {
        await permits.send()
        if (fails) return
        await permits.receive()
      }
      await Promise.all([t.go('fails', () => work(true)), t.go('works', () => work(false))])
    },
  },
  {
    name: 'order taken for granted',
    shows: /order is/,
    body: async (t) => {
      const out = channel<string>(2)
      const tasks = [t.go('a', () => out.send('a')), t.go('b', () => out.send('b'))]
      await Promise.all(tasks)
      const order = [(await out.receive()).value, (await out.receive()).value].join('')
      if (order !== 'ab') throw new Error(`order is ${order}`)
    },
  },
  {
    name: 'a pipeline whose consumer stops early',
    shows: /producer +blocked on send/,
    body: async (t) => {
      const numbers = channel<number>(0, { name: 'numbers' })
      void t.go('producer', async () => {
        for (let i = 0; i < 3; i++) await numbers.send(i)
        numbers.close()
      })
      for await (const n of numbers) if (n === 1) break
    },
  },
  {
    name: 'two that send to each other',
    shows: /deadlock/,
    body: async (t) => {
      const toA = channel<number>(0, { name: 'toA' })
      const toB = channel<number>(0, { name: 'toB' })
      const a = t.go('A', async () => {
        await toB.send(1)
        await toA.receive()
      })
      const b = t.go('B', async () => {
        await toA.send(1)
        await toB.receive()
      })
      await Promise.all([a, b])
    },
  },
  {
    name: 'a failure that nobody awaits',
    shows: /nobody awaited/,
    body: async (t) => {
      const start = channel<void>(0)
      const fire = async () => {
        await start.receive()
        throw new Error('nobody awaited this')
      }
      void fire()
      await start.send()
      await t.settled()
    },
  },
  {
    name: 'a select over sends that takes both for sent',
    shows: /both/,
    body: async (t) => {
      const a = channel<number>(1)
      const b = channel<number>(1)
      const { case: sent } = await select({ a: sendCase(a, 1), b: sendCase(b, 1) })
      t.log(sent)
      if (a.length === 0) throw new Error('not both were sent')
    },
  },
  {
    name: 'a check of a deadline that two timers may pass at once',
    shows: /second first/,
    body: async (t) => {
      const order: string[] = []
      const first = t.go('first', async () => {
        await sleep(10)
        order.push('first')
      })
      const second = t.go('second', async () => {
        await sleep(10)
        order.push('second')
      })
      await Promise.all([first, second])
      if (order[0] !== 'first') throw new Error('second first')
    },
  },
]
