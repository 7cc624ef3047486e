// node src/main.ts [--port 3000] [--every 100] [--machines 48] [--clients 1000] [--slow 20]
//
// With --clients it brings its own audience: so many viewers, of whom --slow read one snapshot in five seconds.

import { parseArgs } from 'node:util'
import { type Context, background, group, isCanceled, ticker, withCancel } from 'chansel'
import { Crowd } from './crowd.ts'
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
process.once('SIGINT', () => ctx.cancel())
await using server = await startServer(Number(values.port), new URL('../dist/page.js', import.meta.url))
const { dashboard, port } = server
console.log(`A dashboard on http://127.0.0.1:${port}`)

await group(ctx, (g) => {
  void g.go(() => publish(dashboard, Number(values.every), g.ctx))
  if (Number(values.clients) > 0) void g.go(() => attract(`ws://127.0.0.1:${port}`, g.ctx))
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

/** A crowd, and a line a second of how it fares. */
async function attract(url: string, ctx: Context): Promise<void> {
  const slow = Number(values.slow)
  const viewers = Number(values.clients) - slow
  const crowds = { fast: new Crowd(), 'slow, latest': new Crowd(), 'slow, all': new Crowd() }
  await group(ctx, async (g) => {
    void g.go(() => crowds.fast.watch(url, { viewers, policy: 'all' }, g.ctx))
    const half = { viewers: Math.ceil(slow / 2), pauseMs: 5_000 }
    void g.go(() => crowds['slow, latest'].watch(url, { ...half, policy: 'latest' }, g.ctx))
    void g.go(() => crowds['slow, all'].watch(url, { ...half, policy: 'all' }, g.ctx))
    using second = ticker(1_000)
    for (;;) {
      await second.receive(g.ctx)
      const age = crowds.fast.takeAges()
      const rows = Object.entries(crowds).map(
        ([name, { viewers, received, missed, disconnected }]) =>
          `${name}: ${viewers} viewers, ${received} received, ${missed} missed, ${disconnected} disconnected`,
      )
      const rssMib = Math.round(process.memoryUsage.rss() / 2 ** 20)
      console.log(`${rows.join(' | ')} | age p50 ${age(0.5)} ms, p99 ${age(0.99)} ms | ${rssMib} MiB`)
    }
  })
}
