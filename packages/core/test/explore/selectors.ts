import { channel, sendCase, sleep } from 'chansel'
import { selector } from 'chansel/selector'
import { expectSame } from '../support/expect-same.ts'
import type { SmallProgram } from './programs.ts'

/** Prepared selects beside each other, plain waiters and cancels: a watched channel behaves like any other. */
export const ofSelectors: readonly SmallProgram[] = [
  {
    name: 'two selectors and a plain receiver share the values of two channels, each once',
    search: { delays: 1 },
    body: async (t) => {
      const [a, b] = [channel<number>(1), channel<number>(3)]
      const seen: number[] = []
      const take = (name: string): Promise<void> =>
        t.go(name, async () => {
          using events = selector({ a, b })
          const event = await events.select()
          if (event.ok) seen.push(event.value)
        })
      const tasks = [
        take('first'),
        take('second'),
        t.go('plain', async () => void seen.push((await b.receive()).value!)),
        t.go('sends', async () => {
          await a.send(0)
          for (const n of [1, 2, 3]) await b.send(n)
        }),
      ]
      await Promise.all(tasks)
      expectSame([seen.length, new Set(seen).size, a.length + b.length].join(), '3,3,1')
    },
  },
  {
    name: 'a loop that receives and sends by one selector keeps what it has, wherever a cancel comes',
    search: { delays: 1, cancelAt: 'every-step' },
    body: async (t) => {
      const [inbox, outbox] = [channel<number>(), channel<number>()]
      const queue: number[] = []
      let sent = 0
      let received = 0
      const relays = t.go('relays', async () => {
        using events = selector({ inbox, sent: false as false | ReturnType<typeof sendCase<number>> })
        for (;;) {
          events.set('sent', queue.length > 0 && sendCase(outbox, queue[0]!))
          const event = await events.select(t.ctx).catch(() => undefined)
          if (event === undefined) return
          if (event.case === 'sent') queue.shift()
          else if (event.ok) queue.push(event.value)
        }
      })
      const sends = t.go('sends', async () => {
        for (const n of [1, 2]) {
          await inbox.send(n, t.ctx)
          sent++
        }
      })
      const receives = t.go('receives', async () => {
        for (let i = 0; i < 2; i++) {
          await outbox.receive(t.ctx)
          received++
        }
      })
      const ends = [sends, receives].map((task) => task.catch(() => {}))
      await Promise.all(ends)
      await t.settled()
      if (t.ctx.err === undefined) expectSame([sent, received, queue.length].join(), '2,2,0')
      else {
        await relays
        expectSame(sent, received + queue.length)
      }
    },
  },
  {
    name: 'a case that is switched off leaves its value to others',
    search: { delays: 2 },
    body: async (t) => {
      const [a, b] = [channel<number>(), channel<number>()]
      using events = selector({ a, b })
      events.set('a', false)
      const event = events.select()
      const plain = t.go('plain', () => a.receive())
      const sends = [t.go('sends to a', () => a.send(1)), t.go('sends to b', () => b.send(2))]
      expectSame((await event).case, 'b')
      expectSame((await plain).value, 1)
      await Promise.all(sends)
    },
  },
  {
    name: 'the end of a channel reaches a selector that waits, and the next round of one that does not',
    search: { delays: 2 },
    body: async (t) => {
      const [a, b] = [channel<number>(), channel<number>()]
      const rounds: string[] = []
      const selects = t.go('selects', async () => {
        using events = selector({ a, b })
        for (let open = 2; open > 0;) {
          const event = await events.select()
          if (event.ok) {
            rounds.push(`${event.case}${event.value}`)
            continue
          }
          events.set(event.case, null)
          open--
        }
      })
      const ends = [
        t.go('a', async () => {
          await a.send(1)
          a.close()
        }),
        t.go('b', async () => {
          await sleep(1)
          b.close()
        }),
      ]
      await Promise.all([...ends, selects])
      expectSame(rounds.join(), 'a1')
    },
  },
]
