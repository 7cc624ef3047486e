// Eight jobs, three at a time.

import { type Cancel, background, group, sleep } from 'chansel'

/** Runs `work` over all jobs, `workers` at a time, and gives the results in the order of the jobs. */
export async function inParallel<J, R>(
  jobs: Iterable<J>,
  workers: number,
  work: (job: J, ctx: Cancel) => Promise<R>,
  cancel: Cancel,
): Promise<R[]> {
  const results: Promise<R>[] = []
  await group(
    cancel,
    async (g) => {
      for (const job of jobs) {
        if (g.ctx.err) break // one has failed: take no more
        const task = g.go((ctx) => work(job, ctx))
        results.push(task)
        await task.started // no job is taken before there is a worker for it
      }
    },
    { limit: workers },
  )
  return Promise.all(results)
}

if (process.argv[1] === import.meta.filename) {
  const square = async (n: number, ctx: Cancel) => {
    await sleep(10 * (n % 3), ctx)
    return n * n
  }
  console.log((await inParallel([1, 2, 3, 4, 5, 6, 7, 8], 3, square, background())).join(' '))
}
