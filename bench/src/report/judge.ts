import type { Measured, Suite, Target } from '../suites/suite.ts'
import { ResultFigures, type Results } from './results.ts'

export interface Verdict {
  readonly target: Target
  readonly measured: Measured | null
  readonly met: boolean | null
}

/** Every target with what was measured; a target whose load was not measured is neither met nor missed. */
export function judge(suite: Suite, results: Results): Verdict[] {
  const figures = new ResultFigures(results)
  return suite.targets.map((target) => {
    const measured = target.measure(figures)
    if (measured === null) return { target, measured, met: null }
    const { value } = measured
    return {
      target,
      measured,
      met: target.better === 'lower' ? value <= target.limit : value >= target.limit,
    }
  })
}
