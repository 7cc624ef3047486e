// node src/main.ts [workers] [jobs]: a broker, worker processes, and a client, until all jobs are done.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { background, withCancel } from 'chansel'
import { Broker } from './broker.ts'
import { Client } from './client.ts'
import { keepWorkers } from './pool.ts'

const [workers = 3, jobs = 100] = process.argv.slice(2).map(Number)
const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`

using ctx = withCancel(background())
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ctx.cancel())
const broker = await new Broker().serve(server)
const worker = join(import.meta.dirname, `worker${extname(import.meta.filename)}`)
const pool = keepWorkers(workers, worker, `${url}/work`, ctx)

try {
  await using client = await Client.connect(`${url}/jobs`)
  let done = 0
  await Promise.all(
    Array.from({ length: jobs }, async (_, i) => {
      const below = 1_000_000 + i
      const primes = await client.run(below, ctx)
      console.log(`${++done} of ${jobs}: ${primes} primes below ${below}`)
    }),
  )
} finally {
  ctx.cancel()
  await pool
  await broker[Symbol.asyncDispose]()
  server.close()
}
