import type { Why } from '../chooser.ts'
import { type SeededRandom, seededRandom } from '../random.ts'
import type { Choice } from '../schedule.ts'
import type { Plan, Strategy } from './strategy.ts'

/** Orders at random, each decision as likely. */
export class RandomWalk implements Strategy {
  readonly isExhaustive = false
  readonly isFair: boolean = true
  protected readonly dice: SeededRandom
  /** As long as the longest run was. */
  protected length = 1

  constructor(seed: number) {
    this.dice = seededRandom(seed)
  }

  next(): Plan | null {
    return { repeated: [], expected: [], tail: { choose: (count, why) => this.choose(count, why) } }
  }

  ran(choices: readonly Choice[]): void {
    this.length = Math.max(this.length, choices.length)
  }

  /** A cancel anywhere is as likely as one nowhere: it is asked for at every step. */
  protected choose(count: number, why: Why): number {
    if (why === 'cancel') return this.dice.below(this.length) === 0 ? 1 : 0
    return this.dice.below(count)
  }
}
