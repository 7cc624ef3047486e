// A server, a client, and what they say to each other.

import { background, withTimeout } from 'chansel'
import { dial } from '@chansel/ws'
import { serve } from '@chansel/ws/server'
import { handlers, market } from './market.ts'
import { callable } from './rpc/client.ts'
import { answerCalls } from './rpc/server.ts'

await using listener = await serve({ port: 0 }, (conn) => answerCalls(conn, market, handlers))
await using conn = await dial(`ws://127.0.0.1:${listener.address.port}`)
const { quote, watch } = callable(conn, market)

console.log(await quote({ symbol: 'GOPH' }))
console.log(await Promise.all([quote({ symbol: 'CSP' }), quote({ symbol: 'GOPH' })]))
for (const symbol of ['NONE', 'lower case'])
  await quote({ symbol }).catch((error) => console.log(String(error)))

// Leaving the loop cancels the stream, here and on the server.
let count = 0
for await (const { price } of watch({ symbol: 'GOPH', everyMs: 50 })) {
  console.log(price)
  if (++count === 3) break
}

// The deadline goes along: both sides stop at it.
using ctx = withTimeout(background(), 120)
try {
  for await (const { price } of watch({ symbol: 'CSP', everyMs: 50 }, ctx)) console.log(price)
} catch (error) {
  console.log((error as Error).message)
}
