// node src/main.ts <backend> [port]

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { background, withCancel } from 'chansel'
import { proxy } from './proxy.ts'

const [backend = 'ws://127.0.0.1:8080', port = '3000'] = process.argv.slice(2)
const server = createServer((_, response) => void response.writeHead(404).end())
server.listen(Number(port), '127.0.0.1')
await once(server, 'listening')
console.log(`ws://127.0.0.1:${(server.address() as AddressInfo).port} -> ${backend}`)

using ctx = withCancel(background())
process.once('SIGINT', ctx.cancel)
await proxy(server, { backend: new URL(backend) }, ctx)
server.close()
server.closeAllConnections()
