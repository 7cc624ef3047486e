import { type SeededRandom, seededRandom } from '../random.ts'
import type { Choice } from '../schedule.ts'
import type { Plan, Strategy } from './strategy.ts'

/** Orders at random: at each decision all choices are equally likely. */
export class RandomWalk implements Strategy {
  readonly isExhaustive = false
  readonly isFair: boolean = true
  protected readonly dice: SeededRandom
  /** As long as the longest run was. */
  protected length = 1
  /** The most places for a cancel that a run had; a run that is cancelled has none after that. */
  #places = 0

  constructor(seed: number) {
    this.dice = seededRandom(seed)
  }

  next(): Plan | null {
    const cancels = this.cancels()
    return {
      repeated: [],
      expected: [],
      tail: { choose: (count, why) => (why === 'cancel' ? cancels() : this.dice.below(count)) },
    }
  }

  ran(choices: readonly Choice[]): void {
    this.length = Math.max(this.length, choices.length)
    this.#places = Math.max(this.#places, choices.filter(({ why }) => why === 'cancel').length)
  }

  /** Decides on cancels in one run: at any of the places that are known, or at none, all equally likely. */
  protected cancels(): () => number {
    const at = this.dice.below(this.#places + 1)
    const isNowhere = at === this.#places
    let place = 0
    return () => (place++ === at && !isNowhere ? 1 : 0)
  }
}
