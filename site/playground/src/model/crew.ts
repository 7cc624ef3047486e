import { type Cancel, type CancelContext, type Context, withCancel } from 'chansel'
import type { Task } from './task.ts'

/** Tasks of one kind, whose number may change while the program runs: each has a context of its own. */
export class Crew {
  readonly tasks: Task[] = []
  readonly #contexts: CancelContext[] = []
  readonly #parent: Cancel
  readonly #hire: (number: number, ctx: Context) => Task

  /** @param hire starts a task; what is number `n` is so again if it comes back */
  constructor(parent: Cancel, hire: (number: number, ctx: Context) => Task) {
    this.#parent = parent
    this.#hire = hire
  }

  resize(count: number): void {
    while (this.tasks.length < count) {
      const ctx = withCancel(this.#parent)
      this.#contexts.push(ctx)
      this.tasks.push(this.#hire(this.#contexts.length, ctx))
    }
    while (this.tasks.length > count) {
      this.tasks.pop()
      this.#contexts.pop()!.cancel()
    }
  }
}
