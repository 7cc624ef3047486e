import type { Cancel } from 'chansel'
import type { Line } from './line.ts'
import type { Task } from './task.ts'
import type { Values } from './value.ts'

/** What the page gives the programs to call between their operations, and what it learns from the calls. */

/** What a task makes its values with: each takes `ms()`, and then waits to go into `line`. */
export function maker(task: Task, values: Values, line: Line, ms: () => number, cancel?: Cancel) {
  return async (): Promise<number> => {
    // It has come back for more: its last value is in the channel, or was handed over.
    line.settle()
    task.holds = undefined
    await task.busy('makes one', ms(), cancel)
    task.holds = values.make(task.hue, task)
    line.offer(task.holds)
    return task.holds.number
  }
}

/** What a task does with the values that it receives from `line`: `ms()` of work for each. */
export function user(task: Task, values: Values, line: Line, ms: () => number, cancel?: Cancel) {
  return async (number: number): Promise<void> => {
    const value = line.take(number, task)
    task.holds = value
    await task.busy(`works on ${number}`, ms(), cancel)
    task.holds = undefined
    if (value !== undefined) values.end(value, 'used')
  }
}

/** To be called when a task ended: what it had in hand, or waited to send into one of `lines`, is lost. */
export function loseOf(task: Task, values: Values, lines: readonly Line[]): void {
  for (const line of lines) line.withdraw(task)
  if (task.value !== undefined && task.value.end === undefined) values.end(task.value, 'lost')
  task.holds = undefined
}
