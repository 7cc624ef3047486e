// node src/main.ts [port]

import { once } from 'node:events'
import { startServer } from './server.ts'

const port = Number(process.argv[2] ?? 3000)
await using server = await startServer(port, new URL('../dist/page.js', import.meta.url))
console.log(`Cursors on http://127.0.0.1:${server.port}: open it twice. Ctrl-C, then start it again.`)
await once(process, 'SIGINT')
