import type { Why } from '../chooser.ts'
import type { Plan } from './strategy.ts'
import { RandomWalk } from './random.ts'

/**
 * Tasks have priorities, drawn anew for each run, and the highest goes on; at a few places, drawn as well, the one that
 * would go on falls behind all others. A bug that needs `DEPTH` places to be in order is found with a probability that
 * does not depend on how long the rest of the program is.
 *
 * Source: Burckhardt and others, "A randomized scheduler with probabilistic guarantees of finding bugs".
 */
export class PriorityChanges extends RandomWalk {
  override readonly isFair = false

  override next(): Plan | null {
    const priorities = new Map<number, number>()
    const changes = new Set(Array.from({ length: DEPTH - 1 }, () => this.dice.below(this.length)))
    let steps = 0
    let lowest = 0
    const cancels = this.cancels()
    const choose = (count: number, why: Why, tasks: readonly number[] = []): number => {
      if (why === 'cancel') return cancels()
      if (why !== 'next') return this.dice.below(count)
      // Beyond the tasks is the choice to let all go on at once.
      if (count > tasks.length && this.dice.below(BURST) === 0) return tasks.length
      for (const task of tasks) if (!priorities.has(task)) priorities.set(task, this.dice.next())
      const highest = (): number =>
        tasks.reduce((best, task, i) => (priorities.get(task)! > priorities.get(tasks[best]!)! ? i : best), 0)
      if (changes.has(steps++)) priorities.set(tasks[highest()]!, --lowest)
      return highest()
    }
    return { repeated: [], expected: [], tail: { choose } }
  }
}

/** How many places have to be in order: three is enough for most bugs. */
const DEPTH = 3
/** One in so many decisions lets all go on at once, where that is a choice. */
const BURST = 4
