import type { Chooser } from '../chooser.ts'
import type { Choice } from '../schedule.ts'

/** What a run has to do: repeat these decisions, which met these choices, and then go on by itself. */
export interface Plan {
  readonly repeated: readonly number[]
  readonly expected: readonly Choice[]
  readonly tail: Chooser
}

/** A way through the orders of a program. */
export interface Strategy {
  /** Whether it tries all that it can reach; then its end is the end of the search. */
  readonly isExhaustive: boolean
  /** Whether a program that relies on its tasks taking turns comes to its end. */
  readonly isFair: boolean
  /** The next run, `null` at the end. */
  next(): Plan | null
  /** What the run that was asked for last met. */
  ran(choices: readonly Choice[]): void
}
