import { inOrder } from './chooser.ts'
import { isError } from './errors.ts'
import { type Run, type Setting, runOnce } from './run.ts'

/**
 * The shortest and plainest choices that were found to lead to a failure like that of `run`: departures are taken back,
 * the last first, as long as the failure stays.
 */
export async function shrunk(setting: Setting, run: Run): Promise<readonly number[]> {
  let best = trimmed(run.choices.map(({ chosen }) => chosen))
  let attempts = 0
  let choices = 0
  const fails = async (chosen: readonly number[]): Promise<boolean> => {
    if (++attempts > MOST_ATTEMPTS || choices > MOST_CHOICES) return false
    const other = await runOnce(setting, chosen, [], inOrder)
    choices += other.choices.length
    return other.failure !== null && isAlike(other.failure.error, run.failure!.error)
  }
  const tries = async (chosen: readonly number[]): Promise<boolean> => {
    const shorter = trimmed(chosen)
    if (!(await fails(shorter))) return false
    best = shorter
    return true
  }
  // A long schedule of a random search is mostly beside the point.
  while (best.length > 1 && (await tries(best.slice(0, best.length >> 1))));
  for (let at = best.length - 1; at >= 0; at--) {
    if (at >= best.length || best[at] === 0) continue
    if (await tries(best.with(at, 0))) continue
    if (best[at]! > 1) await tries(best.with(at, 1))
  }
  return best
}

/** Two failures for one reason: the texts of some have numbers in them. */
export function isAlike(a: unknown, b: unknown): boolean {
  if (!isError(a) || !isError(b)) return Object.is(a, b)
  const kind = (error: Error & { code?: unknown; kind?: unknown }): unknown[] => [
    error.name,
    error.code,
    error.kind,
  ]
  return kind(a).every((part, i) => part === kind(b)[i])
}

/** Choices without the last that are what the engine does anyway. */
function trimmed(chosen: readonly number[]): number[] {
  return chosen.slice(0, chosen.findLastIndex((choice) => choice > 0) + 1)
}

/** Runs, and choices in them, that are spent on it. */
const MOST_ATTEMPTS = 300
const MOST_CHOICES = 50_000
