// What the three kinds of processes say to each other, as JSON.
//
//   /jobs   a client submits jobs, and is told the outcome of each, in any order
//   /work   a worker is given one job at a time, and answers with its outcome

import * as v from 'valibot'

export const Submission = v.object({ id: v.string(), input: v.number() })
export type Submission = v.InferOutput<typeof Submission>

export const Job = v.object({
  ...Submission.entries,
  /** 1 for the first worker that gets it. */
  attempt: v.number(),
})
export type Job = v.InferOutput<typeof Job>

export const Outcome = v.variant('ok', [
  v.object({ id: v.string(), ok: v.literal(true), value: v.number() }),
  v.object({ id: v.string(), ok: v.literal(false), error: v.string() }),
])
export type Outcome = v.InferOutput<typeof Outcome>
