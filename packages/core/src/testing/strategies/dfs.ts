import { inOrder } from '../chooser.ts'
import type { Choice } from '../schedule.ts'
import type { Plan, Strategy } from './strategy.ts'

/** Every order, the last decisions changed first. */
export class DepthFirst implements Strategy {
  readonly isExhaustive = true
  readonly isFair = false
  #last: readonly Choice[] | null = null

  next(): Plan | null {
    if (this.#last === null) return { repeated: [], expected: [], tail: inOrder }
    const at = this.#last.findLastIndex(({ count, chosen }) => chosen + 1 < count)
    if (at < 0) return null
    const expected = this.#last.slice(0, at + 1)
    const repeated = expected.map(({ chosen }) => chosen)
    repeated[at]!++
    return { repeated, expected, tail: inOrder }
  }

  ran(choices: readonly Choice[]): void {
    this.#last = choices
  }
}
