// The pumps of a connection under many orders, over a pipe: no socket, no clock of the host.

import { channel, select } from 'chansel'
import { json, withCodec } from '@chansel/ws'
import { type PipeOptions, cut, pipe } from '@chansel/ws/testing'
import { expect, test } from 'vitest'
import { type ExplorationError, type Simulation, explore, replay } from 'chansel/testing'
import { rejectionOf } from './support/pending.ts'

async function holds(body: (t: Simulation) => unknown, delays = 2): Promise<readonly string[]> {
  const { complete, outcomes } = await explore(body, { delays })
  expect(complete).toBe(true)
  return outcomes
}

function pair(options?: PipeOptions): ReturnType<typeof pipe> {
  return pipe({ heartbeat: false, ...options })
}

test('messages arrive in order, then the close', async () => {
  await holds(async (t) => {
    const [here, there] = pair()
    const reads = t.go('reads', async () => {
      const seen: unknown[] = []
      for await (const message of there.incoming) seen.push(message)
      return seen.join()
    })
    await here.outgoing.send('a')
    await here.outgoing.send('b')
    const info = await here.close(1000)
    if ((await reads) !== 'a,b') throw new Error(`read ${await reads}`)
    if (info.code !== 1000 || info.unsent !== 0) throw new Error(`closed with ${info.code}`)
    await there.closed
  })
})

test('a reader that is slow makes the sender wait, and loses nothing', async () => {
  await holds(async (t) => {
    const [here, there] = pair({ incomingCapacity: 1, highWaterMarkBytes: 1 })
    const sends = t.go('sends', async () => {
      for (const text of ['a', 'b', 'c']) await here.outgoing.send(text)
    })
    for (const text of ['a', 'b', 'c']) {
      const { value } = await there.incoming.receive()
      if (value !== text) throw new Error(`read ${String(value)}`)
    }
    await sends
    await here.close()
    await there.closed
  })
})

test('both close at once, and both come to an end', async () => {
  await holds(async (t) => {
    const [here, there] = pair()
    await Promise.all([t.go('here', () => here.close()), t.go('there', () => there.close())])
    for (const { ctx } of [here, there]) if (ctx.err === undefined) throw new Error('still open')
  })
})

test('a send that races with the other end closing is sent or fails', async () => {
  await holds(async (t) => {
    const [here, there] = pair()
    const sends = t.go('sends', () =>
      here.outgoing.send('a').then(
        () => 'sent',
        () => 'failed',
      ),
    )
    const closes = t.go('closes', () => there.close())
    await Promise.all([sends, closes])
    await here.closed
  })
})

/** Answers each message with its text and an exclamation mark, until the other end closes. */
async function answer(conn: ReturnType<typeof pipe>[0]): Promise<void> {
  for await (const message of conn.incoming) await conn.outgoing.send(`${String(message)}!`)
}

test('two questions over one connection, each with an answer of its own', async () => {
  await holds(async (t) => {
    const [client, server] = pair()
    const serves = t.go('serves', () => answer(server))
    const waiting = new Map<string, ReturnType<typeof channel<string>>>()
    const reads = t.go('reads', async () => {
      for await (const message of client.incoming) waiting.get(String(message)[0]!)!.trySend(String(message))
    })
    const ask = async (question: string) => {
      const reply = channel<string>(1)
      waiting.set(question, reply)
      await client.outgoing.send(question)
      const { value } = await reply.receive()
      if (value !== `${question}!`) throw new Error(`${question} was answered with ${value}`)
    }
    await Promise.all([t.go('asks a', () => ask('a')), t.go('asks b', () => ask('b'))])
    await client.close()
    await Promise.all([serves, reads])
  }, 1)
})

test('values through a codec, and a cut that all of them survive or hear of', async () => {
  await holds(async (t) => {
    const [here, there] = pair()
    const [numbers, echoes] = [withCodec(here, json<number>()), withCodec(there, json<number>())]
    const serves = t.go('serves', async () => {
      try {
        for await (const n of echoes.incoming) await echoes.outgoing.send(n + 1)
      } catch (error) {
        return (error as { closeCode?: number }).closeCode
      }
      return undefined
    })
    await numbers.outgoing.send(1)
    const { value } = await numbers.incoming.receive()
    if (value !== 2) throw new Error(`got ${value}`)
    cut(here)
    if ((await serves) !== 1006) throw new Error(`ended with ${await serves}`)
  })
})

const buggy: [name: string, shows: RegExp, body: (t: Simulation) => unknown][] = [
  [
    'an answer that another task takes',
    /was answered with/,
    async (t) => {
      const [client, server] = pair()
      const serves = t.go('serves', () => answer(server))
      const ask = async (question: string) => {
        await client.outgoing.send(question)
        const { value } = await client.incoming.receive()
        if (value !== `${question}!`) throw new Error(`${question} was answered with ${String(value)}`)
      }
      await Promise.all([t.go('asks a', () => ask('a')), t.go('asks b', () => ask('b'))])
      await client.close()
      await serves
    },
  ],
  [
    'a loop that ends with the connection and not with its messages',
    /read 1 of 2/,
    async (t) => {
      const [here, there] = pair()
      let count = 0
      const reads = t.go('reads', async () => {
        for (;;) {
          const event = await select({ message: there.incoming, over: there.ctx.done })
          if (event.case === 'over' || !event.ok) return
          count++
        }
      })
      for (const text of ['a', 'b']) await here.outgoing.send(text)
      await here.close()
      await reads
      if (count !== 2) throw new Error(`read ${count} of 2`)
    },
  ],
  [
    'a send to an end that closes',
    /Cannot send: closed with 1000, by the peer/,
    async (t) => {
      const [here, there] = pair()
      const sends = t.go('sends', async () => {
        for (const text of ['a', 'b']) await here.outgoing.send(text)
      })
      const closes = t.go('closes', async () => {
        await there.incoming.receive()
        await there.close()
      })
      await Promise.all([sends, closes])
    },
  ],
]
test.each(buggy)('found and repeated: %s', async (_, shows, body) => {
  const error = (await rejectionOf(explore(body, { runs: 500 }))) as ExplorationError
  expect(error.message).toMatch(shows)
  const again = (await rejectionOf(replay(error.schedule, body))) as ExplorationError
  expect(again.trace).toBe(error.trace)
})
