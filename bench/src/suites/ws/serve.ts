// A server under measurement: node serve-ws.js <module of a server>. One process for one library and one load.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { makeCertificate } from '../../../../packages/ws/test/support/certificate.ts'
import type { Failure, Listening, ServerRequest, Usage } from './protocol.ts'
import type { WsServer } from './servers/server.ts'

const { server } = (await import(pathToFileURL(process.argv[2]!).href)) as { server: WsServer }

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as ServerRequest))}\n`)
}
process.exit(0)

async function answer(request: ServerRequest): Promise<Listening | Usage | Failure> {
  if (request.command === 'usage') return usage()
  const load = server.loads[request.load]
  if (load === undefined) return { error: `no load ${request.load}` }
  const http = request.isTls ? createTlsServer(makeCertificate()) : createServer()
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  await load(http)
  return { port: (http.address() as AddressInfo).port }
}

function usage(): Usage {
  const { user, system } = process.cpuUsage()
  globalThis.gc?.()
  return { cpuUs: user + system, systemUs: system, rssBytes: process.memoryUsage.rss() }
}
