// A server under measurement: node serve.js <module of a server>. One process for one library and one load.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { makeCertificate } from '../../../../packages/ws/test/support/certificate.ts'
import { answerServer } from './answer-server.ts'
import type { WsServer } from './servers/server.ts'

const { server } = (await import(pathToFileURL(process.argv[2]!).href)) as { server: WsServer }

await answerServer(async (load, isTls) => {
  const serve = server.loads[load]
  if (serve === undefined) return { no: `is not measured with ${load} messages` }
  const http = isTls ? createTlsServer(makeCertificate()) : createServer()
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  await serve(http)
  return { port: (http.address() as AddressInfo).port }
})
