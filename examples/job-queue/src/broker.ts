// The process in the middle: it knows the jobs, and who has which.
//
// Invariants:
// 1. A job is in one place: in `#waiting`, in `#again`, or with one worker. It leaves for good with an outcome.
// 2. A worker that ends without an outcome gives its job back, to be done before those that wait. So each job is done
//    at least once; a job whose worker was lost after the work but before the answer is done twice.
// 3. Memory is bounded: a client is not read from while `#waiting` is full, or while it has not read its outcomes.

import type { Server } from 'node:http'
import { type Channel, channel, select, timer, trySelect } from 'chansel'
import { Semaphore } from 'chansel/sync'
import {
  CloseError,
  type CloseInfo,
  type Connection,
  type TypedConnection,
  json,
  withCodec,
} from '@chansel/ws'
import { serve } from '@chansel/ws/server'
import { type Job, Outcome, Submission } from './protocol.ts'

export interface BrokerOptions {
  /** How many jobs may wait for a worker: 1,000 by default. */
  readonly capacity?: number
  /** How many workers may end on a job without an outcome; after that, it is the job that kills them; 3. */
  readonly maxAttempts?: number
  /** How long, in ms, a worker may have a job: 60,000 by default. */
  readonly leaseMs?: number
}

/** Jobs of one client that were taken and whose outcomes it has not read yet. */
const MAX_OPEN = 10_000

/** A job, and where its outcome goes. */
interface Entry {
  readonly submission: Submission
  attempt: number
  readonly settle: (outcome: Outcome) => Promise<void>
}

export class Broker {
  readonly #waiting: Channel<Entry>
  readonly #again = channel<Entry>(Infinity, { name: 'jobs to be done again' })
  readonly #maxAttempts: number
  readonly #leaseMs: number
  #leases = 0
  workers = 0
  /** Jobs that a worker has. */
  busy = 0

  constructor({ capacity = 1_000, maxAttempts = 3, leaseMs = 60_000 }: BrokerOptions = {}) {
    this.#waiting = channel<Entry>(capacity, { name: 'jobs' })
    this.#maxAttempts = maxAttempts
    this.#leaseMs = leaseMs
  }

  /** Jobs without a worker. */
  get waiting(): number {
    return this.#waiting.length + this.#again.length
  }

  async serve(server: Server): Promise<AsyncDisposable> {
    const jobs = await serve({ server, path: '/jobs' }, (conn) => this.#attendClient(conn))
    const work = await serve({ server, path: '/work' }, (conn) => this.#attendWorker(conn))
    return {
      async [Symbol.asyncDispose]() {
        await Promise.all([jobs.close(), work.close()])
      },
    }
  }

  async #attendClient(conn: Connection): Promise<void> {
    const client = withCodec(conn, json<Submission, Outcome>(Submission))
    const places = new Semaphore(MAX_OPEN)
    for await (const submission of client.incoming) {
      const place = await places.acquire(1, conn.ctx)
      const settle = async (outcome: Outcome): Promise<void> => {
        // A client that is gone gets no answer. Its jobs are done all the same: they were taken.
        await client.outgoing.send(outcome).catch(() => {})
        place[Symbol.dispose]()
      }
      await this.#waiting.send({ submission, attempt: 0, settle }, conn.ctx)
    }
  }

  async #attendWorker(conn: Connection): Promise<void> {
    const worker = withCodec(conn, json<Outcome, Job>(Outcome))
    this.workers++
    let entry: Entry | undefined
    try {
      while ((entry = await this.#next(conn)) !== undefined) {
        this.busy++
        const outcome = await this.#lease(entry, worker)
        if (outcome === undefined) return
        void entry.settle({ ...outcome, id: entry.submission.id })
        entry = undefined
        this.busy--
      }
    } catch (error) {
      // A lost worker is not a fault of ours.
      if (!(error instanceof CloseError)) throw error
    } finally {
      const end = await conn.close()
      this.workers--
      if (entry !== undefined) this.#giveBack(entry, end)
    }
  }

  /** The next job, starting with those that were given back; `undefined` when the worker has gone. */
  async #next({ ctx }: Connection): Promise<Entry | undefined> {
    const event =
      trySelect({ gone: ctx.done }) ??
      trySelect({ job: this.#again }) ??
      (await select({ job: this.#again, next: this.#waiting, gone: ctx.done }))
    return event.case === 'gone' ? undefined : event.value
  }

  /** Gives a job to a worker. `undefined` if the lease ended without an outcome. */
  async #lease(entry: Entry, worker: TypedConnection<Outcome, Job>): Promise<Outcome | undefined> {
    const id = String(++this.#leases)
    const { input } = entry.submission
    await worker.outgoing.send({ id, input, attempt: ++entry.attempt })
    using late = timer(this.#leaseMs)
    for (;;) {
      const event = await select({ outcome: worker.incoming, late })
      if (event.case === 'late') {
        // It must not connect again: it is still working on the job.
        await worker.close(1008, 'The lease is over')
        return undefined
      }
      if (!event.ok) return undefined
      // The answer to an older lease comes too late, over a new connection: that job was given back.
      if (event.value.id === id) return event.value
    }
  }

  #giveBack(entry: Entry, { code, by }: CloseInfo): void {
    this.busy--
    // A worker that said goodbye was not killed by the job.
    if (code === 1000 && by === 'remote') entry.attempt--
    const { id } = entry.submission
    if (entry.attempt < this.#maxAttempts) this.#again.trySend(entry)
    else void entry.settle({ id, ok: false, error: `given up after ${entry.attempt} attempts` })
  }
}
