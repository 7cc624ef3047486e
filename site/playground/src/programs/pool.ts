import { type Cancel, type Context, type ReceiveChannel, type SendChannel, group } from 'chansel'

export async function pool({ jobs, results }: Queues, workers: number, work: Work, parent: Cancel) {
  await group(parent, (g) => {
    for (let worker = 1; worker <= workers; worker++) {
      void g.go(async (ctx) => {
        for (;;) {
          const { value: job, ok } = await jobs.receive(ctx)
          if (!ok) return // closed, and nothing is left in it
          const result = await work(worker, job, ctx)
          await results.send(result, ctx)
        }
      })
    }
  })
  // All workers have returned. If one had failed, the group would have thrown and this line would not run.
  results.close()
}

type Work = (worker: number, job: number, ctx: Context) => Promise<number>
interface Queues {
  jobs: ReceiveChannel<number>
  results: SendChannel<number>
}
