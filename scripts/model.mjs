// npm run model -- 1000000: the library in lock-step with the model over that many random programs, on all cores.
// Says how often each situation came up in them. A difference stops the run; it is shrunk, and printed with a line that
// runs it again.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDependencies } from './ensure-deps.mjs'
import { runTests } from './tests.mjs'

const file = 'random-first.test.ts'
/** Long enough to make the start of a process cheap, short enough for a line of progress now and then. */
const CHUNK = 10_000
/** The seeds before are those of `npm test`. */
const FIRST_SEED = Number(process.env['CHANSEL_SEED'] ?? 1_000)

const scenarios = Number(process.argv[2] ?? 1_000_000)
if (!Number.isInteger(scenarios) || scenarios < 1) {
  console.error(`Cannot run the model: expected a number of programs, got ${process.argv[2]}`)
  process.exit(1)
}

await ensureDependencies()
const reports = mkdtempSync(join(tmpdir(), 'chansel-model-'))
process.on('exit', () => rmSync(reports, { recursive: true, force: true }))

/** @type {Map<string, number>} */
const counts = new Map()
const chunks = Math.ceil(scenarios / CHUNK)
const began = Date.now()
let started = 0
let done = 0

await Promise.all(Array.from({ length: Math.min(availableParallelism(), chunks) }, work))

for (const [situation, times] of [...counts].sort(([, a], [, b]) => a - b)) {
  console.log(`${String(times).padStart(10)}  ${situation}`)
}
const least = Math.min(...counts.values())
console.log(
  `${done} programs inside the model, ${rate()} a second; each situation came up at least ${least} times`,
)
// A situation in which the model never gets proves nothing.
if (least === 0) process.exitCode = 1

/** Runs chunk after chunk, until none is left. */
async function work() {
  while (started < chunks) {
    const chunk = started++
    const size = Math.min(CHUNK, scenarios - chunk * CHUNK)
    const report = join(reports, `${chunk}.json`)
    await run(FIRST_SEED + chunk, size, report)
    for (const [situation, times] of Object.entries(JSON.parse(readFileSync(report, 'utf8')))) {
      counts.set(situation, (counts.get(situation) ?? 0) + times)
    }
    done += size
    console.log(`${done} of ${scenarios} programs, ${rate()} a second`)
  }
}

function rate() {
  return Math.round((done * 1_000) / (Date.now() - began))
}

/**
 * @param {number} seed
 * @param {number} size
 * @param {string} report
 */
async function run(seed, size, report) {
  const { status, output } = await runTests('core', `packages/core/test/model/${file}`, {
    CHANSEL_SEED: `${seed}`,
    CHANSEL_SCENARIOS: `${size}`,
    CHANSEL_REPORT: report,
  })
  if (status === 0) return
  console.error(output)
  process.exit(1)
}
