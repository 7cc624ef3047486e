import { type Cancel, channel, select, withCancel } from 'chansel'
import { json, redial, withCodec } from '@chansel/ws'
import { Job, type Outcome } from './protocol.ts'

export type Work = (job: Job) => number | Promise<number>

/**
 * Does jobs until `leave` fires, and then finishes the current one. If the broker is away, waits for it.
 *
 * @param work what to do; a throw is the outcome of the job, and no reason to try again
 * @throws CloseError (a rejection) if the broker gave this worker up, whatever it is doing
 */
export async function workFor(url: string, work: Work, leave: Cancel): Promise<void> {
  const broker = withCodec(redial(url), json<Job, Outcome>(Job))
  const outcomes = channel<Outcome>(1)
  using leaving = withCancel(leave)
  while (leaving.err === undefined) {
    const next = await select({ job: broker.incoming, leave: leaving.done })
    if (next.case === 'leave' || !next.ok) break
    void outcomeOf(next.value, work).then((outcome) => outcomes.trySend(outcome))
    const done = await select({ outcome: outcomes, gone: broker.ctx.done })
    if (done.case === 'gone') throw broker.ctx.cause
    await broker.outgoing.send(done.value!)
  }
  // Sends what is left to send. A job that comes meanwhile gets no answer, and goes to another worker.
  await broker.close()
}

async function outcomeOf(job: Job, work: Work): Promise<Outcome> {
  const { id } = job
  try {
    return { id, ok: true, value: await work(job) }
  } catch (error) {
    return { id, ok: false, error: (error as Error).message }
  }
}
