import { runtime } from '../internal/runtime.ts'
import { Bubble } from './bubble.ts'
import { currentTask } from './current.ts'
import { waitingOperations } from './host.ts'
import { described } from './report.ts'
import type { WaitingOperation } from './task.ts'

/**
 * Every operation that waits now, with where it was called and for how long it has waited, longest first. In a
 * simulation: those of the simulation, in its time. What began to wait before this module was loaded is not known.
 *
 * @example
 * import { channel } from 'chansel'
 * import { snapshot } from 'chansel/testing'
 *
 * const jobs = channel<string>(0, { name: 'jobs' })
 * const job = jobs.receive()
 * const waiting = snapshot().filter(({ channel }) => channel === 'jobs')
 * waiting.map(({ operation }) => operation) // => ['receive']
 * jobs.close()
 * await job
 */
export function snapshot(): WaitingOperation[] {
  const world = currentTask()?.world
  const operations = world instanceof Bubble ? world.operations : waitingOperations()
  const now = runtime.now()
  return operations.map((operation) => described(operation, now))
}
