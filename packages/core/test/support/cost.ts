import { expect } from 'vitest'

/**
 * Proves that the cost of `run(n)` grows with n and not with its square. Three doublings are measured as one,
 * since a single one drowns in noise: a linear cost gives a ratio of 8, a square one of 64. The two take turns, of
 * each the least counts, and it ends with a ratio that is below the limit: what must be compiled first or has
 * garbage to collect gets more turns, and a square cost stays one however often it is measured.
 *
 * So many that a square shows, and so few that all of it is in the caches and young: where only the n are too many for
 * that, a linear cost looks like more.
 *
 * Source: Go, test/chanlinear.go.
 */
export async function expectLinear(n: number, run: (n: number) => unknown): Promise<void> {
  const fewer = n / 8
  let least = Infinity
  let leastOfFewer = Infinity
  for (let turn = 1; turn <= MOST_TURNS; turn++) {
    leastOfFewer = Math.min(leastOfFewer, await leastMsOf(4, () => run(fewer)))
    least = Math.min(least, await leastMsOf(1, () => run(n)))
    if (turn >= FEWEST_TURNS && least < LIMIT * leastOfFewer) return
  }
  expect.fail(`${n} costs ${Math.round(least / leastOfFewer)} times as much as ${fewer}`)
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
const FEWEST_TURNS = 12
const MOST_TURNS = 80

/** The process's own CPU time, not the wall time: other work of the machine is not measured. */
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
