// Worker processes, and a task for each that starts another when it is lost.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Context, afterFunc, group, sleep } from 'chansel'

/** Keeps `size` processes of `script` running until `ctx` ends; then all finish their job, and it resolves. */
export async function keepWorkers(size: number, script: string, url: string, ctx: Context): Promise<void> {
  await group(ctx, (g) => {
    for (let i = 0; i < size; i++) void g.go(() => keepWorker(script, url, ctx))
  })
}

async function keepWorker(script: string, url: string, ctx: Context): Promise<void> {
  while (ctx.err === undefined) {
    const worker = startWorker(script, url)
    console.error(`Worker ${worker.pid} starts`)
    const exited = once(worker, 'exit')
    const stop = afterFunc(ctx, () => worker.kill('SIGTERM'))
    const [code, signal] = (await exited) as [number | null, string | null]
    stop()
    if (ctx.err !== undefined) return
    console.error(`Worker ${worker.pid} is lost (${signal ?? `exit code ${code}`})`)
    // A worker that fails at once must not be restarted as fast as it fails.
    await sleep(200, ctx).catch(() => {})
  }
}

export function startWorker(script: string, url: string): ChildProcess {
  return spawn(process.execPath, [script, url], { stdio: ['ignore', 'ignore', 'inherit'] })
}
