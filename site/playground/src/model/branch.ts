import type { CancelContext } from 'chansel'
import type { Part } from './part.ts'
import type { Task } from './task.ts'

/** A context as it is drawn, with the task that runs under it, if there is one. */
export class Branch implements Part {
  readonly id: string
  readonly label: string
  readonly ctx: CancelContext
  readonly task: Task | undefined
  /** When it was made, in epoch ms: its deadline is counted from there. */
  readonly since = Date.now()

  constructor(label: string, ctx: CancelContext, task?: Task) {
    this.id = `branch-${label}`
    this.label = label
    this.ctx = ctx
    this.task = task
  }
}
