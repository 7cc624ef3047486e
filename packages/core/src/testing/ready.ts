import type { Operation, Task } from './task.ts'

/** Someone whose operation is committed and who has not been told. */
export interface Ready {
  readonly task: Task
  readonly what: string
  readonly operation: Operation | undefined
  readonly tell: () => void
}

/**
 * Those who may go on, in the order of the commits.
 *
 * Invariant: `#yields` has, for each task, how often in a row it went on only to yield.
 */
export class ReadyQueue {
  readonly #ready: Ready[] = []
  readonly #yields = new WeakMap<Task, number>()

  get length(): number {
    return this.#ready.length
  }

  push(ready: Ready): void {
    this.#ready.push(ready)
  }

  /** Takes out one who goes on now. */
  remove(ready: Ready): void {
    const { task, what } = ready
    this.#ready.splice(this.#ready.indexOf(ready), 1)
    this.#yields.set(task, what === 'yield' ? (this.#yields.get(task) ?? 0) + 1 : 0)
  }

  /** Those who may go on next: a task that only yielded, several times in a row, comes after all others. */
  candidates(): Ready[] {
    const eager = this.#ready.filter(
      ({ task, what }) => what !== 'yield' || (this.#yields.get(task) ?? 0) < YIELDS,
    )
    return eager.length > 0 ? eager : this.#ready.slice(0, 1)
  }
}

/** Yields in a row that may be chosen before others: enough for a race, few enough for a loop that polls to end. */
const YIELDS = 3
