import { inOrder } from './chooser.ts'
import { type Run, type Setting, runOnce } from './run.ts'
import type { Choice } from './schedule.ts'

/**
 * The shortest and plainest choices that were found to lead to a failure like that of `run`: departures are taken back,
 * the last first, as long as the failure stays.
 */
export async function shrunk(setting: Setting, run: Run): Promise<readonly number[]> {
  let best = trimmed(run.choices)
  let attempts = 0
  let choices = 0
  const tries = async (chosen: readonly number[]): Promise<boolean> => {
    if (++attempts > MOST_ATTEMPTS || choices > MOST_CHOICES) return false
    const other = await runOnce(setting, chosen, [], inOrder)
    choices += other.choices.length
    if (other.failure === null || !isAlike(other.failure.error, run.failure!.error)) return false
    // What it did, not what it was told: with one choice taken back, those behind it may not fit any more.
    best = trimmed(other.choices)
    return true
  }
  // A long schedule of a random search is mostly beside the point.
  while (best.length > 1 && (await tries(chosenIn(best.slice(0, best.length >> 1)))));
  for (let at = best.length - 1; at >= 0; at--) {
    if (at >= best.length || best[at]!.chosen === 0) continue
    const chosen = chosenIn(best)
    if (await tries(chosen.with(at, 0))) continue
    if (chosen[at]! > 1) await tries(chosen.with(at, 1))
  }
  // One departure may do for all from there on.
  for (let at = 0; at < best.length - 1; at++) {
    const before = chosenIn(best.slice(0, at))
    for (let choice = best[at]!.count - 1; choice > 0; choice--) if (await tries([...before, choice])) break
  }
  return chosenIn(best)
}

/** Two failures for one reason: each run makes its own, and the texts and numbers in some differ. */
export function isAlike(a: unknown, b: unknown): boolean {
  const others = traitsOf(b)
  return traitsOf(a).every((trait, i) => Object.is(trait, others[i]))
}

function traitsOf(failure: unknown): unknown[] {
  if (typeof failure === 'symbol') return ['symbol', failure.description]
  if ((typeof failure !== 'object' && typeof failure !== 'function') || failure === null) {
    return [typeof failure, failure]
  }
  const named = ['name', 'code', 'kind'].map((property) => {
    try {
      const value = (failure as Record<string, unknown>)[property]
      return typeof value === 'string' ? value : undefined
    } catch {
      return undefined
    }
  })
  return [typeof failure, ...named]
}

/** Choices without those at the end that the engine makes anyway. */
function trimmed(choices: readonly Choice[]): readonly Choice[] {
  return choices.slice(0, choices.findLastIndex(({ chosen }) => chosen > 0) + 1)
}

function chosenIn(choices: readonly Choice[]): number[] {
  return choices.map(({ chosen }) => chosen)
}

/** Runs, and choices in them, that are spent on it. */
const MOST_ATTEMPTS = 300
const MOST_CHOICES = 50_000
