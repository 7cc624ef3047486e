import { describe } from '../errors.ts'
import { checkLeast } from '../internal/check.ts'
import { inOrder } from './chooser.ts'
import { DeadlockError, ExplorationError, textOf } from './errors.ts'
import { type Run, type Setting, runOnce, runTraced, scheduleOf } from './run.ts'
import { formatSchedule, parseSchedule } from './schedule.ts'
import { isAlike, shrunk } from './shrink.ts'
import { PATIENCE_MS, type SimulateOptions, checked } from './simulate.ts'
import type { Simulation } from './simulation.ts'
import { DelayBounded } from './strategies/delays.ts'
import { DepthFirst } from './strategies/dfs.ts'
import { PriorityChanges } from './strategies/pct.ts'
import { RandomWalk } from './strategies/random.ts'
import type { Strategy } from './strategies/strategy.ts'

/** Options of `explore`. */
export interface ExploreOptions extends SimulateOptions {
  /**
   * Which orders are tried: `'delays'` (the default), all that depart from the engine's own at no more than `delays`
   * places; `'dfs'`, all; `'pct'`, by random priorities, for programs that are too long for the others; `'random'`, any.
   */
  strategy?: 'delays' | 'dfs' | 'pct' | 'random' | undefined
  /** For `'delays'`: how many departures there may be; 2, and more as long as there were fewer than 500 runs. */
  delays?: number | undefined
  /** How many runs there are at most; 10_000 for `'delays'` and `'dfs'`, 1_000 for the others. */
  runs?: number | undefined
  /** The seed of all that is random: the same seed, the same runs; 1. */
  seed?: number | undefined
  /** After how many steps a run is taken to go on for ever; 10_000. */
  maxSteps?: number | undefined
  /** `'every-step'`: also cancels `t.ctx` before each step, one in each run; for `'delays'` that is one of them. */
  cancelAt?: 'every-step' | false | undefined
}

/** What an exploration that found no failure has seen. */
export interface Exploration {
  /** Whether every order was tried that the strategy can reach. */
  readonly complete: boolean
  /** How many runs there were. */
  readonly runs: number
  /** The distinct outcomes: of each run, what it noted by `t.log`, a line for each note. */
  readonly outcomes: readonly string[]
}

/**
 * Runs `body` in virtual time under many orders: of wake-ups, of what selects choose, of timers that are due at once,
 * of starting tasks, and, if asked for, of a cancel. Rejects with an `ExplorationError` for the first order in which it
 * fails as a `simulate` would: it has the schedule, shrunk and ready for `replay`, a trace and the state of the tasks.
 *
 * The body is run again and again, so it has to make anew what it needs, and to do the same in the same order: no clock
 * but the library's, no `Math.random`. One that does not is reported as such.
 *
 * Cancellation: `t.ctx` is cancelled when the body has returned, and with `cancelAt` earlier.
 *
 * @throws TypeError, RangeError for a body or options that are not valid
 * @throws ExplorationError if the body fails in some order, or is not deterministic
 * @example
 * import { yieldNow } from 'chansel'
 * import { explore } from 'chansel/testing'
 *
 * const found = await explore(async (t) => {
 *   let balance = 0
 *   const deposit = async (amount: number) => {
 *     const before = balance
 *     await yieldNow()
 *     balance = before + amount
 *   }
 *   await Promise.all([t.go('a', () => deposit(1)), t.go('b', () => deposit(2))])
 *   if (balance !== 3) throw new Error(`lost an update: ${balance}`)
 * }).catch((error) => error)
 * found.cause.message // => 'lost an update: 2'
 */
export async function explore(
  body: (t: Simulation) => unknown,
  options: ExploreOptions = {},
): Promise<Exploration> {
  const { runs: mostRuns, strategyOf, ...settings } = readOptions(body, options)
  let setting: Setting = { body, ...settings, bursts: false, overlaps: false, patience: { ms: PATIENCE_MS } }
  let strategy = strategyOf(0)
  const outcomes = new Set<string>()
  let runs = 0
  let wasCut = false
  while (runs < mostRuns) {
    const plan = strategy.next()
    if (plan === null) {
      return { complete: strategy.isExhaustive && !wasCut, runs, outcomes: [...outcomes] }
    }
    const run = await runOnce(setting, plan.repeated, plan.expected, plan.tail)
    runs++
    if (run.hasStrayed) throw nondeterministic(setting, run, runs)
    // An order in which nobody goes on but a task that polls proves nothing.
    const isCut = run.isEndless && !strategy.isFair
    if (run.failure !== null && !isCut) throw await failureOf(setting, run, runs)
    const overlaps = setting.overlaps || run.hasOverlaps
    const bursts = overlaps || setting.bursts || run.hasInnerAwaits
    if (bursts !== setting.bursts || overlaps !== setting.overlaps) {
      // From here on tasks have to take turns within steps, too: what was tried before is a part of that.
      setting = { ...setting, bursts, overlaps }
      strategy = strategyOf(runs)
      continue
    }
    wasCut ||= isCut
    if (!isCut) outcomes.add(run.outcome)
    if ((runs - 1) % REPEATED === 0) await expectSame(setting, run, runs)
    strategy.ran(run.choices)
  }
  return {
    complete: strategy.isExhaustive && !wasCut && strategy.next() === null,
    runs,
    outcomes: [...outcomes],
  }
}

/**
 * Runs `body` in the one order that `schedule` says. Rejects as `explore` did if it fails, and resolves if it does not.
 *
 * @param schedule what an `ExplorationError` has
 * @throws TypeError for what is not a schedule
 * @throws ExplorationError if the body fails, or if the schedule does not fit it
 * @example
 * import { channel } from 'chansel'
 * import { replay } from 'chansel/testing'
 *
 * const again = replay('v1:0', async () => void (await channel().receive()))
 * const error = await again.catch((error) => error)
 * error.cause.code // => 'ERR_DEADLOCK'
 */
export async function replay(
  schedule: string,
  body: (t: Simulation) => unknown,
  options: SimulateOptions = {},
): Promise<void> {
  const { chosen, ...how } = parseSchedule(schedule)
  const settings = checked('replay', body, options, STEPS)
  const setting = { body, ...settings, ...how, patience: { ms: PATIENCE_MS } }
  const run = await runTraced(setting, chosen, inOrder)
  // Of a schedule that says no more than "in order", such as `v1:0`, the 0 need not stand for a choice.
  if (run.hasStrayed && chosen.some((choice) => choice > 0)) throw unfit(setting, chosen, run)
  if (run.failure !== null) throw errorOf(setting, chosen, run, 'on replay')
}

/** How many departures there may be, where nobody says how many. */
const DELAYS = 2
/** How many runs a search is worth, if so many departures take fewer. */
const LEAST = 500
/** After so many runs one is repeated, to see that it does the same again. */
const REPEATED = 100
const STEPS = 10_000

async function expectSame(setting: Setting, run: Run, runs: number): Promise<void> {
  const chosen = run.choices.map((choice) => choice.chosen)
  const again = await runOnce(setting, chosen, run.choices, inOrder)
  const isSame =
    !again.hasStrayed && again.choices.length === run.choices.length && again.outcome === run.outcome
  if (!isSame || again.failure !== null) throw nondeterministic(setting, again, runs)
}

async function failureOf(setting: Setting, run: Run, runs: number): Promise<ExplorationError> {
  const chosen = run.choices.map((choice) => choice.chosen)
  const again = await runOnce(setting, chosen, run.choices, inOrder)
  if (again.hasStrayed || again.failure === null || !isAlike(again.failure.error, run.failure!.error)) {
    return nondeterministic(setting, run, runs)
  }
  const least = await shrunk(setting, run)
  const traced = await runTraced(setting, least, inOrder)
  if (traced.failure === null) return nondeterministic(setting, run, runs)
  return errorOf(setting, least, traced, `in run ${runs} of its exploration`, runs)
}

function errorOf(
  setting: Setting,
  chosen: readonly number[],
  { failure, trace, tasks }: { failure: Run['failure']; trace: string; tasks: string },
  when: string,
  runs = 1,
): ExplorationError {
  const schedule = formatSchedule(scheduleOf(setting, chosen))
  const { error: cause } = failure!
  const what = textOf(cause)
  // The report that a deadlock has in its text comes below.
  const headline = cause instanceof DeadlockError ? what.split('\n', 1)[0]! : what
  const text = [
    `Cannot rely on the program: it failed ${when}: ${headline}`,
    `schedule ${schedule}, which replay('${schedule}', body) repeats:`,
    trace,
    'tasks at the failure:',
    tasks,
  ].join('\n')
  return new ExplorationError(text, { kind: 'failure', schedule, cause, trace, tasks, runs })
}

function nondeterministic(setting: Setting, run: Run, runs: number): ExplorationError {
  const chosen = run.choices.map((choice) => choice.chosen)
  return strayed(setting, chosen, run, runs, (schedule) => {
    return `Cannot explore: the body is not deterministic: in the same order it does not do the same (schedule ${schedule}). ${DOES_IT}`
  })
}

function unfit(setting: Setting, chosen: readonly number[], run: Run): ExplorationError {
  return strayed(setting, chosen, run, 1, (schedule) => {
    return `Cannot replay: the schedule ${schedule} does not fit the body. Was it found with another one, or is this one not deterministic? ${DOES_IT}`
  })
}

const DOES_IT =
  'Does it use the clock or the dice of the host, what an earlier run left behind, or something outside?'

function strayed(
  setting: Setting,
  chosen: readonly number[],
  { failure, tasks }: Run,
  runs: number,
  textOf: (schedule: string) => string,
): ExplorationError {
  const schedule = formatSchedule(scheduleOf(setting, chosen))
  const cause = failure?.error
  return new ExplorationError(textOf(schedule), {
    kind: 'nondeterministic',
    schedule,
    cause,
    trace: '',
    tasks,
    runs,
  })
}

function readOptions(
  body: unknown,
  options: ExploreOptions,
): Omit<Setting, 'body' | 'bursts' | 'overlaps' | 'patience'> & {
  runs: number
  strategyOf: (runsBefore: number) => Strategy
} {
  const common = checked('explore', body, options, STEPS)
  const { strategy = 'delays', delays = DELAYS, seed = 1, cancelAt = false } = options
  const { runs = strategy === 'delays' || strategy === 'dfs' ? 10_000 : 1_000 } = options
  checkLeast('explore: runs', runs, 1)
  if (typeof seed !== 'number' || Number.isNaN(seed)) {
    throw new TypeError(`Cannot explore: seed must be a number, got ${describe(seed)}`)
  }
  if (cancelAt !== 'every-step' && cancelAt !== false) {
    throw new TypeError(`Cannot explore: cancelAt must be 'every-step' or false, got ${describe(cancelAt)}`)
  }
  // A cancel is a departure, too.
  checkLeast('explore: delays', delays, cancelAt === false ? 0 : 1)
  const least = options.delays === undefined ? Math.min(LEAST, runs) : 0
  const strategies: { [name: string]: (runsBefore: number) => Strategy } = {
    delays: (runsBefore) => new DelayBounded(delays, seed, least - runsBefore),
    dfs: () => new DepthFirst(),
    pct: () => new PriorityChanges(seed),
    random: () => new RandomWalk(seed),
  }
  if (!Object.hasOwn(strategies, strategy)) {
    const names = Object.keys(strategies).join(', ')
    throw new TypeError(`Cannot explore: strategy must be one of ${names}, got ${describe(strategy)}`)
  }
  return { ...common, cancels: cancelAt === 'every-step', runs, strategyOf: strategies[strategy]! }
}
