import type { Operation, Task } from './task.ts'

/** What is not known as an operation of its task: a function that a cancel calls, or a part of a pipeline. */
export const CALL = 'is called'
/** What a task does when it only lets others go on. */
export const YIELD = 'yield'
/** What it does when it waits for a turn of the event loop that comes after all others. */
export const TURN = 'turn'

/** Someone whose operation is committed and who has not been told. */
export interface Ready {
  readonly task: Task
  readonly what: string
  readonly operation: Operation | undefined
  readonly tell: () => void
}

export function isCall({ what, operation }: Ready): boolean {
  return what === CALL && operation === undefined
}

/**
 * Those who may go on, in the order of the commits.
 *
 * Invariants:
 * 1. `#yields` has, for each task, how often in a row it went on only to yield.
 * 2. `#turns` has, for each who waits for a turn that comes last, how many had gone on when it began to.
 */
export class ReadyQueue {
  readonly #ready: Ready[] = []
  readonly #yields = new WeakMap<Task, number>()
  readonly #turns = new Map<Ready, number>()
  #gone = 0

  get length(): number {
    return this.#ready.length
  }

  push(ready: Ready): void {
    this.#ready.push(ready)
    if (ready.what === TURN) this.#turns.set(ready, this.#gone)
  }

  /** Takes out one who goes on now. */
  remove(ready: Ready): void {
    const { task, what } = ready
    this.#ready.splice(this.#ready.indexOf(ready), 1)
    this.#turns.delete(ready)
    this.#gone++
    this.#yields.set(task, what === YIELD ? (this.#yields.get(task) ?? 0) + 1 : 0)
  }

  /**
   * Those who may go on next: a task that only yielded, several times in a row, comes after all others, and a turn that
   * comes last after all but those who yielded.
   */
  candidates(): Ready[] {
    const isOver = this.#ready.every(({ what }) => what === TURN || what === YIELD)
    const eager = this.#ready.filter((ready) => {
      const { task, what } = ready
      if (what === YIELD) return (this.#yields.get(task) ?? 0) < YIELDS
      return what !== TURN || isOver || this.#gone - this.#turns.get(ready)! >= SLICE
    })
    return eager.length > 0 ? eager : this.#ready.slice(0, 1)
  }
}

/** Yields in a row that may be chosen before others: enough for a race, few enough for a loop that polls to end. */
const YIELDS = 3
/** After so many others a turn comes all the same: tasks that wake each other for ever let one happen, too (J3). */
const SLICE = 256
