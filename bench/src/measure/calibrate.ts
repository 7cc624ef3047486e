import type { Load } from '../library.ts'
import { measure } from './measure.ts'

const FIRST = 64
const LARGEST = 4_000_000
/** The number of runs after which code is compiled for good. */
const WARM_UPS = 4

/**
 * The number of items for which a warm run takes about `targetMs` of CPU time. Doing so warms the load up: what
 * is measured afterwards is compiled code.
 */
export async function calibrate(load: Load, targetMs: number): Promise<number> {
  const targetNs = targetMs * 1e6
  let n = FIRST
  let cpuNs = 0
  // At least double: the first runs are slow, and a big step would end the search too early.
  while (cpuNs < targetNs / 4 && n < LARGEST) {
    cpuNs = (await measure(load, n)).cpuNs
    if (cpuNs < targetNs / 4) n = Math.min(LARGEST, n * (cpuNs < targetNs / 16 ? 4 : 2))
  }
  for (let i = 0; i < WARM_UPS; i++) {
    const run = await measure(load, n)
    n = rounded(Math.min(LARGEST, Math.max(FIRST, (n * targetNs) / Math.max(run.cpuNs, 1))))
  }
  return n
}

/** To a multiple of 64, which the number of tasks of every load divides. */
function rounded(n: number): number {
  return Math.max(FIRST, Math.round(n / FIRST) * FIRST)
}
