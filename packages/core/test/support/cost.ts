import { expect } from 'vitest'
import { collectGarbage } from './gc.ts'

/**
 * Proves that the cost of `run(n)` grows with n and not with its square. Three doublings are measured as one,
 * since a single one drowns in noise: a linear cost gives a ratio of 8, a square one of 64. The n is to be
 * small enough for a run to end without a garbage collection, for that costs more than it measures. The least
 * of many runs counts, two of up to eight attempts have to agree.
 *
 * Source: Go, test/chanlinear.go.
 */
export async function expectLinear(n: number, run: (n: number) => unknown): Promise<void> {
  const fewer = n / 8
  for (let i = 0; i < 5; i++) await run(fewer)
  const ratios: number[] = []
  while (ratios.length < 8) {
    collectGarbage()
    ratios.push((await leastMsOf(6, () => run(n))) / (await leastMsOf(24, () => run(fewer))))
    if (ratios.filter((ratio) => ratio < LIMIT).length === 2) return
  }
  expect.fail(`${n} costs ${ratios.map(Math.round).join(', ')} times as much as ${fewer}`)
}

/** Proves that one run costs less than `limit` times another. The least of several counts, one of four attempts has to do. */
export async function expectRatio(limit: number, run: () => unknown, control: () => unknown): Promise<void> {
  await control()
  const ratios: number[] = []
  while (ratios.length < 4) {
    ratios.push((await leastMsOf(4, run)) / (await leastMsOf(4, control)))
    if (ratios.at(-1)! < limit) return
  }
  expect.fail(`costs ${ratios.map(Math.round).join(', ')} times as much`)
}

/** Go's limit for one doubling is 3, which makes 27 for three; a little less tells 8 from 64 best. */
const LIMIT = 22

/** Of the process's own time, not of the wall's: what else the machine does is not measured. */
async function leastMsOf(times: number, run: () => unknown): Promise<number> {
  let least = Infinity
  for (let i = 0; i < times; i++) {
    const start = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(start)
    least = Math.min(least, (user + system) / 1e3)
  }
  return least
}
