import { Library } from './library.ts'
import { step } from './model.ts'
import {
  completionText,
  observationOf,
  observe,
  quietContexts,
  readSignals,
  saidText,
  signalsOf,
} from './observation.ts'
import type { Program } from './programs.ts'
import { Selectors } from './selectors.ts'
import type { Seen } from './seen.ts'
import { type Command, type Completion, type Outcome, type State, initial } from './state.ts'
import { mayHaveHostTimer } from './timers.ts'
import { Values } from './values.ts'
import { clock, throwDiceFrom } from './world.ts'

/** How the library performs the selects of a program. */
export type Selects = 'one-shot' | 'prepared'

/** Where the library left the model; `undefined` if it never did. Has to run in the model's world. */
export async function difference(
  program: Program,
  selects: Selects,
  witness?: (seen: Seen) => void,
): Promise<string | undefined> {
  throwDiceFrom(program.seed)
  const values = new Values(program.seed)
  const selectors = selects === 'prepared' ? new Selectors() : undefined
  const library = new Library(program.channels, values, selectors)
  try {
    const states = new Lockstep(library, values, program, witness)
    for (const [turn, commands] of program.turns.entries()) {
      const found = await states.turn(commands)
      if (found !== undefined) return `turn ${turn}, ${found}`
    }
  } finally {
    library.end()
    await library.completed()
  }
  return clock.timers.length > 0 ? `${clock.timers.length} host timers are left` : undefined
}

interface Branch {
  readonly state: State
  /** In this turn. */
  readonly completed: readonly Completion[]
  readonly seen: readonly Seen[]
}

/** All states in which the library may be, given what was seen of it. */
class Lockstep {
  #states: readonly State[]
  readonly #library: Library
  readonly #values: Values
  readonly #witness: ((seen: Seen) => void) | undefined
  readonly #numberOf = (n: number) => this.#values.numberOf(this.#values.valueOf(n))

  constructor(
    library: Library,
    values: Values,
    { channels }: Program,
    witness: ((seen: Seen) => void) | undefined,
  ) {
    this.#library = library
    this.#values = values
    this.#states = [initial(channels)]
    this.#witness = witness
  }

  async turn(commands: readonly Command[]): Promise<string | undefined> {
    let branches: readonly Branch[] = this.#states.map((state) => ({ state, completed: [], seen: [] }))
    for (const command of commands) {
      const next = this.#command(branches, command)
      if (typeof next === 'string') return next
      branches = next
    }
    const told = (completed: readonly Completion[], numberOf = this.#numberOf) =>
      completed.map((completion) => completionText(completion, numberOf)).join(', ')
    const observed = told(await this.#library.completed(), (n) => n)
    const signals = readSignals(this.#library)
    const textOf = ({ state, completed }: Branch) => `[${told(completed)}] ${signalsOf(state, this.#library)}`
    const left = branches.filter((branch) => textOf(branch) === `[${observed}] ${signals}`)
    if (left.length === 0) {
      return `${JSON.stringify(commands)}: [${observed}] ${signals}, legal: ${anyOf(branches.map(textOf))}`
    }
    for (const seen of left[0]!.seen) this.#witness?.(seen)
    this.#states = distinct(left.map(({ state }) => state))
    return undefined
  }

  #command(branches: readonly Branch[], command: Command): Branch[] | string {
    const legal = branches.flatMap(({ state, completed, seen }) => {
      const outcomes = step(state, command)
      return outcomes.map((outcome) => ({
        outcome,
        state: outcome.state,
        completed: [...completed, ...outcome.completed],
        seen: [...seen, { before: state, command, outcome, legal: outcomes.length }],
      }))
    })
    const said = saidText(this.#library.run(command), (n) => n)
    // What a program sees of contexts does not depend on chance, so all branches are alike there.
    const quiet = quietContexts(legal[0]!.state)
    const observed = `${said} | ${observe(
      this.#library,
      quiet,
      legal.some(({ state }) => mayHaveHostTimer(state)),
    )}`
    const textOf = ({ outcome }: { outcome: Outcome }) =>
      `${saidText(outcome.said, this.#numberOf)} | ${observationOf(outcome.state, quiet, this.#values)}`
    const left = legal.filter((branch) => textOf(branch) === observed)
    if (left.length === 0)
      return `${JSON.stringify(command)}: ${observed}, legal: ${anyOf(legal.map(textOf))}`
    return left
  }
}

function anyOf(texts: readonly string[]): string {
  return [...new Set(texts)].join(' or ')
}

export function distinct(states: State[]): State[] {
  return states.length === 1
    ? states
    : [...new Map(states.map((state) => [JSON.stringify(state), state])).values()]
}
