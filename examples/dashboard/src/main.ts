// node src/main.ts [--port 3000] [--every 100] [--machines 48] [--clients 1000] [--slow 20]
//
// With --clients it brings its own audience: that many viewers, of whom --slow read one snapshot every five seconds.

import { parseArgs } from 'node:util'
import { type Context, type Group, background, group, isCanceled, ticker, withCancel } from 'chansel'
import { Crowd, type CrowdOptions } from './crowd.ts'
import type { Dashboard } from './dashboard.ts'
import { Fleet } from './fleet.ts'
import { startServer } from './server.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3000' },
    every: { type: 'string', default: '100' },
    machines: { type: 'string', default: '48' },
    clients: { type: 'string', default: '0' },
    slow: { type: 'string', default: '20' },
  },
})

using ctx = withCancel(background())
process.once('SIGINT', ctx.cancel)
await using server = await startServer(Number(values.port), new URL('../dist/page.js', import.meta.url))
const { dashboard, port } = server
console.log(`A dashboard on http://127.0.0.1:${port}`)

await group(ctx, async (g) => {
  const crowds = await attract(`ws://127.0.0.1:${port}`, g)
  void g.go(() => publish(dashboard, Number(values.every), g.ctx))
  if (Number(values.clients) > 0) void g.go(() => report(crowds, dashboard, g.ctx))
}).catch((error: unknown) => {
  if (!isCanceled(error)) throw error
})

async function publish(dashboard: Dashboard, everyMs: number, ctx: Context): Promise<void> {
  const fleet = new Fleet(Number(values.machines))
  using due = ticker(everyMs)
  for (;;) {
    await due.receive(ctx)
    dashboard.publish(fleet.measure())
  }
}

/** An audience, all of it connected. */
async function attract(url: string, g: Group): Promise<Record<string, Crowd>> {
  const slow = Math.min(Number(values.slow), Number(values.clients))
  const groups: [name: string, options: CrowdOptions][] = [
    ['fast', { policy: 'all', viewers: Number(values.clients) - slow }],
    ['slow (latest)', { policy: 'latest', viewers: Math.ceil(slow / 2), pauseMs: 5_000 }],
    ['slow (all)', { policy: 'all', viewers: Math.floor(slow / 2), pauseMs: 5_000 }],
  ]
  const crowds: Record<string, Crowd> = {}
  for (const [name, options] of groups) {
    crowds[name] = new Crowd()
    await crowds[name].gather(url, options, g)
  }
  return crowds
}

/** One line a second about them. The server knows first what slow ones miss: they have yet to read up to there. */
async function report(crowds: Record<string, Crowd>, dashboard: Dashboard, ctx: Context): Promise<void> {
  using second = ticker(1_000)
  for (;;) {
    await second.receive(ctx)
    const age = crowds['fast']!.takeAges()
    const { dropped, disconnected, rssBytes } = dashboard.audience
    const rows = Object.entries(crowds).map(
      ([name, { viewers, received }]) => `${name}: ${viewers} viewers read ${received}`,
    )
    console.log(
      `${rows.join(', ')} | age p50 ${age(0.5)} ms, p99 ${age(0.99)} ms | ` +
        `${dropped} dropped, ${disconnected} disconnected, ${Math.round(rssBytes / 2 ** 20)} MiB`,
    )
  }
}
