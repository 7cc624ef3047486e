// For each connection a use case that may fail. The reader loop and the writer loop are the connection's own.

import { type Connection, dial } from '@chansel/ws'
import { serve } from '@chansel/ws/server'

/** Receives requests and answers them until the client goes. */
export async function attend(conn: Connection): Promise<void> {
  for await (const request of conn.incoming) await conn.outgoing.send(answer(String(request)))
}

/** Keeps what goes wrong with one request away from the loop. */
function answer(request: string): string {
  try {
    return `${request}: ${share(request)}`
  } catch {
    return `${request}: failed`
  }
}

/** The use case. It throws for anything that is not a number, and for 0. */
function share(people: string): bigint {
  return 100n / BigInt(people)
}

if (process.argv[1] === import.meta.filename) {
  await using listener = await serve({ port: 0 }, attend)
  const conn = await dial(`ws://127.0.0.1:${listener.address.port}`)
  for (const people of ['4', '0', 'many', '5']) {
    await conn.outgoing.send(people)
    const { value: reply } = await conn.incoming.receive()
    console.log(reply)
  }
  const { code } = await conn.close()
  console.log(`closed with ${code}`)
}
