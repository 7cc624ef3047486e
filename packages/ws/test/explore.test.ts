// The pumps of a connection under many orders, over a pipe: no socket, no clock of the host.

import { expect, test } from 'vitest'
import { type Simulation, explore } from 'chansel/testing'
import { type PipeOptions, pipe } from '@chansel/ws/testing'

async function holds(body: (t: Simulation) => unknown): Promise<readonly string[]> {
  const { complete, outcomes } = await explore(body, { delays: 2 })
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
