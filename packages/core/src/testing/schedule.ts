import { describe } from '../errors.ts'
import type { Chooser, Why } from './chooser.ts'

/** One decision of a run. */
export interface Choice {
  readonly why: Why
  readonly count: number
  readonly chosen: number
}

/** How a run is to be repeated: its decisions (0 after the last), and what there was to decide. */
export interface Schedule {
  readonly chosen: readonly number[]
  readonly cancels: boolean
  readonly bursts: boolean
  readonly overlaps: boolean
}

/**
 * `v1:0.2.1`; `v1c:` where each step may cancel, `v1b:` where all that are ready may go on in one turn, `v1bo:` where a
 * task may do so beside itself.
 */
export function formatSchedule({ chosen, cancels, bursts, overlaps }: Schedule): string {
  const end = chosen.findLastIndex((choice) => choice > 0) + 1
  return `v1${cancels ? 'c' : ''}${bursts ? 'b' : ''}${overlaps ? 'o' : ''}:${chosen.slice(0, end).join('.') || '0'}`
}

/** @throws TypeError for what is not a schedule */
export function parseSchedule(text: string): Schedule {
  const parts = typeof text === 'string' ? /^v1(c?)(?:(b)(o?))?:(\d+(?:\.\d+)*)$/.exec(text) : null
  if (parts === null) throw new TypeError(`Cannot replay: not a schedule: ${describe(text)}`)
  return {
    chosen: parts[4]!.split('.').map(Number),
    cancels: parts[1] !== '',
    bursts: parts[2] !== undefined,
    overlaps: parts[3] === 'o',
  }
}

/** Decides as it is told, then as `tail` does, and keeps what was decided. */
export class Recorder implements Chooser {
  readonly choices: Choice[] = []
  /** Whether a decision was not the one that is repeated: then the program does not do the same in the same order. */
  hasStrayed = false
  readonly #repeated: readonly number[]
  readonly #expected: readonly Choice[]
  readonly #tail: Chooser

  constructor(repeated: readonly number[], expected: readonly Choice[], tail: Chooser) {
    this.#repeated = repeated
    this.#expected = expected
    this.#tail = tail
  }

  choose(count: number, why: Why, tasks?: readonly number[]): number {
    const i = this.choices.length
    const repeated = this.#repeated[i]
    let chosen = repeated ?? this.#tail.choose(count, why, tasks)
    const expected = this.#expected[i]
    const isOther = expected !== undefined && (expected.count !== count || expected.why !== why)
    if (chosen >= count || (repeated !== undefined && isOther)) {
      this.hasStrayed = true
      chosen = 0
    }
    this.choices.push({ why, count, chosen })
    return chosen
  }
}
