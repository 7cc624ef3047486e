import { type Ready, ReadyQueue } from './ready.ts'
import type { Operation, Task } from './task.ts'

/**
 * Those who take part in a simulation: who runs, who waits for what, and who may go on.
 *
 * Invariants:
 * 1. `#tasks` are those that are not done, in the order in which they began. Nothing is kept of those that are.
 * 2. `#waiting` has each operation that waits. Whoever is to be told is in `#ready` and waits no more.
 * 3. A task's `pending` counts both: its operations that wait, and those that it was not told of.
 */
export class Roster {
  readonly #tasks: Task[] = []
  #begun = 0
  readonly #waiting = new Set<Operation>()
  readonly #ready = new ReadyQueue()

  begins(task: Task): void {
    task.number = this.#begun++
    this.#tasks.push(task)
  }

  ends(task: Task): void {
    task.isDone = true
    this.#tasks.splice(this.#tasks.indexOf(task), 1)
  }

  waits(operation: Operation): void {
    this.#waiting.add(operation)
    if (operation.task !== null) operation.task.pending++
  }

  /** An operation that waited has its outcome, and its task is to be told. */
  wokeUp(operation: Operation, task: Task, what: string, tell: () => void): Ready {
    const ready = { task, what, operation, tell }
    this.#waiting.delete(operation)
    this.#ready.push(ready)
    return ready
  }

  /** A task is to be told what it did not wait for. */
  isToBeTold(task: Task, what: string, tell: () => void): Ready {
    const ready = { task, what, operation: undefined, tell }
    task.pending++
    this.#ready.push(ready)
    return ready
  }

  /** It is told now. */
  goesOn(ready: Ready): void {
    const { task, operation } = ready
    this.#ready.remove(ready)
    task.pending--
    if (operation?.verb === 'join') task.joins--
  }

  get isAnybodyReady(): boolean {
    return this.#ready.length > 0
  }

  /** Those who may go on next. */
  candidates(): Ready[] {
    return this.#ready.candidates()
  }

  get tasks(): readonly Task[] {
    return this.#tasks
  }

  get waiting(): Operation[] {
    return [...this.#waiting]
  }

  /** Tasks that are not done, not ready, and wait for nothing that is known. */
  unseen(): Task[] {
    return this.#tasks.filter(({ pending }) => pending === 0)
  }

  get mainIsDone(): boolean {
    return this.#tasks[0]?.number !== 0
  }

  get isFinished(): boolean {
    return this.#tasks.length === 0 && this.#waiting.size === 0
  }
}
