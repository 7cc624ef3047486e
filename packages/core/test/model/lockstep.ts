import { Library } from './library.ts'
import { type Command, type Completion, type State, initial, step } from './model.ts'

/** Commands by turns: those of one turn run without anything settling in between. */
export interface Program {
  readonly capacities: readonly number[]
  readonly turns: readonly (readonly Command[])[]
}

/** Where the library left the model, `undefined` where it never did. */
export async function difference(program: Program, values: readonly unknown[]): Promise<string | undefined> {
  const library = new Library(program.capacities, values)
  const keyOf = (completion: Completion) => detailedKey(completion, (n) => library.numberOf(values[n]))
  let states: readonly State[] = [initial(program.capacities)]
  for (const [turn, commands] of program.turns.entries()) {
    let branches: { state: State; completed: readonly Completion[] }[] = states.map((state) => ({
      state,
      completed: [],
    }))
    for (const command of commands) {
      const legal = branches.flatMap(({ state, completed }) =>
        step(state, command).map((outcome) => ({
          ...outcome,
          completed: [...completed, ...outcome.completed],
        })),
      )
      const threw = library.run(command)
      const lengths = String(library.lengths)
      branches = legal.filter((outcome) => outcome.threw === threw && lengthsOf(outcome.state) === lengths)
      if (branches.length === 0) {
        const expected = [
          ...new Set(legal.map((outcome) => `${lengthsOf(outcome.state)}${outcome.threw ? ' threw' : ''}`)),
        ]
        return `turn ${turn}, ${JSON.stringify(command)}: lengths ${lengths}${threw ? ' threw' : ''}, legal: ${expected.join(' or ')}`
      }
    }
    const observed = (await library.completed())
      .map((completion) => detailedKey(completion, (n) => n))
      .sort(byText)
    const legal = branches.map(({ state, completed }) => ({ state, keys: completed.map(keyOf).sort(byText) }))
    const left = legal.filter(({ keys }) => String(keys) === String(observed))
    if (left.length === 0) {
      const expected = [...new Set(legal.map(({ keys }) => `[${keys.join(', ')}]`))]
      return `turn ${turn}, ${JSON.stringify(commands)}: [${observed.join(', ')}], legal: ${expected.join(' or ')}`
    }
    states = distinct(left.map(({ state }) => state))
  }
  return undefined
}

/** A program that still differs after anything more is left out of it. */
export async function shrink(
  program: Program,
  differs: (program: Program) => Promise<boolean>,
): Promise<Program> {
  let smallest = program
  for (let turn = program.turns.length - 1; turn >= 0; turn--) {
    for (let i = smallest.turns[turn]!.length - 1; i >= 0; i--) {
      const turns = smallest.turns.with(turn, smallest.turns[turn]!.toSpliced(i, 1))
      const smaller = { ...smallest, turns }
      if (await differs(smaller)) smallest = smaller
    }
  }
  return { ...smallest, turns: smallest.turns.filter((commands) => commands.length > 0) }
}

/** Whether the model accepts a trace: what was observed after each command. */
export interface TraceStep {
  readonly command: Command
  readonly completed: readonly Completion[]
  readonly threw?: boolean
  readonly lengths: readonly number[]
}

/** The first step that the model does not allow, -1 where it allows all. */
export function firstRefused(capacities: readonly number[], steps: readonly TraceStep[]): number {
  let states: readonly State[] = [initial(capacities)]
  for (const [i, { command, completed, threw = false, lengths }] of steps.entries()) {
    const observed = String(completed.map(traceKey).sort(byText))
    const legal = states
      .flatMap((state) => step(state, command))
      .filter((outcome) => outcome.threw === threw && lengthsOf(outcome.state) === String(lengths))
      .filter((outcome) => String(outcome.completed.map(traceKey).sort(byText)) === observed)
    if (legal.length === 0) return i
    states = distinct(legal.map(({ state }) => state))
  }
  return -1
}

function lengthsOf(state: State): string {
  return String(state.channels.map(({ buffer }) => buffer.length))
}

function distinct(states: State[]): State[] {
  return states.length === 1
    ? states
    : [...new Map(states.map((state) => [JSON.stringify(state), state])).values()]
}

/** A failure tells its value, not its case. */
function detailedKey(
  { op, case: index, ok, value, default: isDefault, error }: Completion,
  numberOf: (n: number) => number,
): string {
  const shown = value === undefined ? '' : ` #${numberOf(value)}`
  if (isDefault) return `${op}: default`
  return error === undefined ? `${op}: case ${index} ${ok ?? 'sent'}${shown}` : `${op}: ${error}${shown}`
}

/** A trace tells neither. */
function traceKey({ op, case: index, ok, value, default: isDefault, error }: Completion): string {
  return error === undefined ? `${op} ${index} ${ok} ${value} ${isDefault}` : `${op} ${error}`
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
