import type { Task } from './task.ts'

/**
 * Finds out whether tasks await promises of their own, which a search has to know: such tasks take turns within a step.
 *
 * Invariant: `#ranUntil` has the tasks that went on in this turn and are pending, and how many promises each had made.
 */
export class OwnAwaits {
  readonly #ranUntil = new Map<Task, number>()
  /** Whether some task awaited something of its own between two operations: only bursts reorder that. */
  areThere = false
  /** Whether some task did so while an operation of its own was pending: it takes turns with itself. */
  overlap = false

  /** @param hops until the task goes on, now that it was told */
  goesOn(task: Task, hops: number): void {
    this.#ranUntil.delete(task)
    void this.#look(task, hops)
  }

  /**
   * A task that begins has run to its first `await` by now; one that goes on will have a hop later. If it awaits an
   * operation, it is pending; if it returned, it is done after one more hop. Else it awaits something of its own. So
   * does a task that is pending because of what it began before, and yet runs on: that shows at the end of the turn.
   */
  async #look(task: Task, hops: number): Promise<void> {
    const { endedJoins } = task
    for (let i = 0; i < hops; i++) await HOP
    if (task.isDone) return
    if (task.pending > 0) {
      this.#ranUntil.set(task, task.promises)
      return
    }
    await HOP
    // Whom a task joins is known a hop late.
    if (task.endedJoins > endedJoins) return this.#look(task, JOIN_HOPS)
    if (!task.isDone && task.joins === 0) this.areThere = true
  }

  /** A task that ran on has made a promise since: each `await` makes one. */
  turnEnds(): void {
    for (const [task, promises] of this.#ranUntil) if (task.promises > promises) this.overlap = true
    this.#ranUntil.clear()
  }
}

const HOP = Promise.resolve()
/** From the step that ends a task, or the look at one that has ended, until who awaits it goes on, or all of several. */
export const JOIN_HOPS = 4
