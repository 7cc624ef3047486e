import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { distinct } from './lockstep.ts'
import { step } from './model.ts'
import { type ChannelKind, type Command, type Completion, type Outcome, initial } from './state.ts'

/** What the Go runtime did in one scenario. */
export interface Trace {
  readonly capacities: readonly number[]
  readonly steps: readonly TraceStep[]
}

/** What was observed after a command. */
export interface TraceStep {
  readonly command: Command
  readonly completed: readonly Completion[]
  readonly threw?: boolean
  readonly lengths: readonly number[]
}

export function readTraces(): Trace[] {
  return gunzipSync(readFileSync(new URL('go-traces.ndjson.gz', import.meta.url)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Trace)
}

export function channelsOf({ capacities }: Pick<Trace, 'capacities'>): ChannelKind[] {
  return capacities.map((capacity) => ({ capacity, overflow: 'wait' }))
}

/** The first step that the model does not allow, -1 if it allows all. */
export function firstRefused({ capacities, steps }: Trace): number {
  let states = [initial(channelsOf({ capacities }))]
  for (const [i, { command, completed, threw = false, lengths }] of steps.entries()) {
    const observed = `${threw} ${String(lengths)} ${textOf(completed)}`
    const legal = states.flatMap((state) => step(state, command)).filter((out) => seenOf(out) === observed)
    if (legal.length === 0) return i
    states = distinct(legal.map(({ state }) => state))
  }
  return -1
}

function seenOf({ state, completed, said }: Outcome): string {
  const all = typeof said === 'object' ? [...completed, said] : completed
  return `${said === 'threw'} ${String(state.channels.map(({ buffer }) => buffer.length))} ${textOf(all)}`
}

/** A trace lists what ended in no particular order, and has neither the case nor the value of a failure. */
function textOf(completed: readonly Completion[]): string {
  return completed
    .map(({ op, case: index, ok, value, default: isDefault, error }) =>
      error === undefined ? `${op} ${index} ${ok} ${value} ${isDefault}` : `${op} ${error}`,
    )
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    .join()
}
