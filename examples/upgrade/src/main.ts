// node src/main.ts [node-http|express|fastify|hono] [port]

import { once } from 'node:events'
import { frameworks } from './frameworks.ts'

const [name = 'node-http', port = '3000'] = process.argv.slice(2)
const start = frameworks[name]
if (start === undefined) throw new Error(`Expected one of ${Object.keys(frameworks).join(', ')}, got ${name}`)
const app = await start(Number(port))
console.log(`${name} listens on 127.0.0.1:${app.port}; Ctrl-C ends it`)
await once(process, 'SIGINT')
await app.close()
