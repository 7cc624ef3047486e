import type { Patience } from './bubble-options.ts'
import type { Chooser } from './chooser.ts'
import { EndlessError } from './errors.ts'
import { inColumns } from './report.ts'
import { type Choice, Recorder, type Schedule } from './schedule.ts'
import { type Simulation, runInBubble } from './simulation.ts'

/** What is the same for all runs of an exploration. */
export interface Setting {
  readonly body: (t: Simulation) => unknown
  readonly externalTimeoutMs: number
  readonly maxSteps: number
  readonly cancels: boolean
  readonly bursts: boolean
  readonly overlaps: boolean
  readonly patience: Patience
}

/** One run of a body in one order. */
export interface Run {
  readonly choices: readonly Choice[]
  /** What it noted. */
  readonly outcome: string
  readonly failure: { readonly error: unknown } | null
  /** Whether it went on for ever. */
  readonly isEndless: boolean
  /** Whether it did not come to the choices that it was to repeat. */
  readonly hasStrayed: boolean
  readonly hasInnerAwaits: boolean
  readonly hasOverlaps: boolean
  /** The tasks at the end. */
  readonly tasks: string
}

export interface TracedRun extends Run {
  readonly trace: string
}

export async function runOnce(
  setting: Setting,
  chosen: readonly number[],
  expected: readonly Choice[],
  tail: Chooser,
  trace?: (task: string, what: string, at: string) => void,
): Promise<Run> {
  const recorder = new Recorder(chosen, expected, tail)
  const { body, ...rest } = setting
  const options = { ...rest, chooser: recorder, trace, notesSites: trace !== undefined }
  const { bubble, log, result } = await runInBubble(body, options)
  const failure = 'error' in result ? result : null
  return {
    choices: recorder.choices,
    outcome: log.join('\n'),
    failure,
    isEndless: failure?.error instanceof EndlessError,
    hasStrayed: recorder.hasStrayed || recorder.choices.length < chosen.length,
    hasInnerAwaits: bubble.hasInnerAwaits,
    hasOverlaps: bubble.hasOverlaps,
    tasks: failure === null ? '' : bubble.report().text || '  no task waits',
  }
}

/** The same with a line for each step: who, what, and where. */
export async function runTraced(
  setting: Setting,
  chosen: readonly number[],
  tail: Chooser,
): Promise<TracedRun> {
  const steps: string[][] = []
  const run = await runOnce(setting, chosen, [], tail, (...step) => steps.push(step))
  const shown = steps.length > MOST_STEPS ? steps.slice(-MOST_STEPS) : steps
  const lines = inColumns(shown)
  if (shown !== steps) lines.unshift(`  … ${steps.length - shown.length} steps before these`)
  return { ...run, trace: lines.join('\n') }
}

/** As many as somebody may read. */
const MOST_STEPS = 200

export function scheduleOf(setting: Setting, chosen: readonly number[]): Schedule {
  const { cancels, bursts, overlaps } = setting
  return { chosen, cancels, bursts, overlaps }
}
