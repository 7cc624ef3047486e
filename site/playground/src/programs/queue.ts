import { type Context, type Overflow, type ReceiveChannel, type SendChannel, channel } from 'chansel'

export function makeJobs(capacity: number, overflow: Overflow) {
  return channel<number>(capacity, { name: 'jobs', overflow })
}

export async function sender(jobs: SendChannel<number>, make: Make, ctx: Context) {
  for (;;) {
    const job = await make()
    await jobs.send(job, ctx)
  }
}

export async function receiver(jobs: ReceiveChannel<number>, work: Work, ctx: Context) {
  for (;;) {
    const { value: job, ok } = await jobs.receive(ctx)
    if (!ok) return // closed, and nothing is left in it
    await work(job)
  }
}

type Make = () => Promise<number>
type Work = (job: number) => Promise<void>
