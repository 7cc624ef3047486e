import { checkLeast, checkType } from '../internal/check.ts'
import { inOrder } from './chooser.ts'
import { type Simulation, runInBubble } from './simulation.ts'

/** Options of `simulate`. */
export interface SimulateOptions {
  /** How long a task may wait for something outside of the simulation, in real ms; 2_000. */
  externalTimeoutMs?: number | undefined
  /** After how many steps a program is taken to go on for ever; 1_000_000. */
  maxSteps?: number | undefined
}

/**
 * Runs `body` in virtual time: the clock of the library stands still while anybody has something to do, and goes on to
 * the next timer when all tasks wait. Hours take a moment, and what is measured is exact.
 *
 * Rejects with what the body, or a task of it, fails with; with a `DeadlockError` that says who waits where if nobody
 * can go on, or if the body returned and something is left that waits. What a task awaits outside (a file, a fetch, a
 * timer of the host) is waited for while the clock stands still. Channels made in a simulation throw when they are used
 * from outside. Make timers and contexts in it, too: they go by the clock of where they were made.
 *
 * Cancellation: `t.ctx` is cancelled when the body has returned.
 * Source: Go, package `testing/synctest`.
 *
 * @throws TypeError if the body is not a function
 * @throws DeadlockError if tasks wait and nobody can wake them
 * @example
 * import { channel, sleep } from 'chansel'
 * import { simulate } from 'chansel/testing'
 *
 * const waited = await simulate(async (t) => {
 *   const start = t.now()
 *   const done = channel<string>()
 *   t.go('worker', async () => {
 *     await sleep(3_600_000)
 *     await done.send('an hour later')
 *   })
 *   await done.receive()
 *   return t.now() - start
 * })
 * waited // => 3_600_000
 */
export async function simulate<T>(
  body: (t: Simulation) => T | Promise<T>,
  options: SimulateOptions = {},
): Promise<T> {
  const { externalTimeoutMs, maxSteps } = checked('simulate', body, options, 1_000_000)
  const { result } = await runInBubble(body, {
    chooser: inOrder,
    externalTimeoutMs,
    maxSteps,
    cancels: false,
    bursts: false,
    overlaps: false,
    notesSites: true,
    patience: { ms: PATIENCE_MS },
  })
  if ('error' in result) throw result.error
  return result.value
}

/** Long enough for a thread of the host to come back with what it computes. */
export const PATIENCE_MS = 20

/** The options that `simulate`, `explore` and `replay` have in common, with their defaults, and their body. */
export function checked(
  operation: string,
  body: unknown,
  options: SimulateOptions,
  steps: number,
): { externalTimeoutMs: number; maxSteps: number } {
  checkType(`${operation}: the body`, body, 'function')
  checkType(`${operation}: options`, options, 'object')
  const { externalTimeoutMs = 2_000, maxSteps = steps } = options
  checkLeast(`${operation}: externalTimeoutMs`, externalTimeoutMs, 0)
  checkLeast(`${operation}: maxSteps`, maxSteps, 1)
  return { externalTimeoutMs, maxSteps }
}
