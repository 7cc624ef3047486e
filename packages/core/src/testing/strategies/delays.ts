import { inOrder } from '../chooser.ts'
import { seededRandom } from '../random.ts'
import type { Choice } from '../schedule.ts'
import type { Plan, Strategy } from './strategy.ts'

/** A run that departs from `base` at one more place. */
interface Departure {
  readonly base: readonly Choice[]
  readonly at: number
  readonly chosen: number
}

/**
 * Every order that departs from the engine's own at no more than `bound` places: first that order, then all with one
 * departure, then all with two. Most bugs need no more than two, and there are few of these orders. Where there are
 * very few it goes on, with three departures and more, until there were `least` runs.
 *
 * Those with as many departures come in a shuffled order: where there are too many to try, what is tried is spread
 * over the whole program.
 *
 * Source: Emmi, Qadeer, Rakamarić, "Delay-bounded scheduling".
 */
export class DelayBounded implements Strategy {
  isExhaustive = true
  readonly isFair = true
  readonly #bound: number
  readonly #least: number
  readonly #dice: ReturnType<typeof seededRandom>
  #runs = 0
  #depth = 0
  /** Those to be tried, with `#depth` departures, and those that come after them, with one more. */
  #now: (Departure | null)[] = [null]
  #later: Departure[] = []
  #last: Departure | null = null

  constructor(bound: number, seed: number, least: number) {
    this.#bound = bound
    this.#least = least
    this.#dice = seededRandom(seed)
  }

  next(): Plan | null {
    if (this.#now.length === 0) {
      this.#depth++
      this.#now = this.#later
      this.#later = []
    }
    if (this.#now.length === 0 || (this.#depth > this.#bound && this.#runs >= this.#least)) return null
    this.#runs++
    const i = this.#dice.below(this.#now.length)
    this.#last = this.#now[i]!
    this.#now[i] = this.#now.at(-1)!
    this.#now.pop()
    if (this.#last === null) return { repeated: [], expected: [], tail: inOrder }
    const { base, at, chosen } = this.#last
    const expected = base.slice(0, at + 1)
    return {
      repeated: [...expected.slice(0, -1).map((choice) => choice.chosen), chosen],
      expected,
      tail: inOrder,
    }
  }

  /** Each departure comes after the last of its base, so that no order is tried twice. */
  ran(choices: readonly Choice[]): void {
    if (this.#depth >= this.#bound && this.#runs >= this.#least) return
    for (let at = (this.#last?.at ?? -1) + 1; at < choices.length; at++) {
      for (let chosen = 1; chosen < choices[at]!.count; chosen++) {
        if (this.#later.length >= MOST) this.isExhaustive = false
        else this.#later.push({ base: choices, at, chosen })
      }
    }
  }
}

/** Departures that are kept: some tens of MB. */
const MOST = 500_000
