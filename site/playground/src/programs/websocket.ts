import type { Cancel } from 'chansel'
import type { Connection, Message } from '@chansel/ws'
import { cut, pipe } from '@chansel/ws/testing'

export function connect(highWaterMarkBytes: number, incomingCapacity: number, parent: Cancel) {
  const [client, near] = pipe({ highWaterMarkBytes, parent }, { incomingCapacity: 2 })
  const [far, server] = pipe({ highWaterMarkBytes: 1 }, { incomingCapacity })
  return { client, near, far, server }
}

export async function sender(client: Connection, make: () => Promise<Message>) {
  for (;;) {
    const message = await make()
    await client.outgoing.send(message, client.ctx)
  }
}

export async function network(near: Connection, far: Connection, carry: Step) {
  try {
    for await (const message of near.incoming) {
      await carry(message)
      await far.outgoing.send(message)
    }
    await far.close()
  } catch {
    cut(far) // the other side was cut, so this one is, too
  }
}

export async function consumer(server: Connection, work: Step) {
  for await (const message of server.incoming) {
    await work(message)
  }
}

type Step = (message: Message) => Promise<void>
