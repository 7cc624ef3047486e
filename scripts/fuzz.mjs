// npm run fuzz -- 100000 [seed]: the fuzzers of the adapter over that many cases, on all cores, starting from a seed. The
// first case that fails ends the run; its message says how to run it alone.

import { availableParallelism } from 'node:os'
import { ensureDependencies } from './ensure-deps.mjs'
import { runTests } from './tests.mjs'

/** Long enough to make the start of a process cheap, short enough for a line of progress now and then. */
const CHUNK = 5_000
/** Those below 1,001 are the cases of `npm test`. */
const [cases, firstSeed] = [Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 1_001)]
if (![cases, firstSeed].every((number) => Number.isInteger(number) && number > 0)) {
  console.error(`Cannot run the fuzzers: expected numbers, got ${process.argv.slice(2).join(' ')}`)
  process.exit(1)
}

await ensureDependencies()
const chunks = Math.ceil(cases / CHUNK)
const began = Date.now()
let started = 0
let done = 0

await Promise.all(Array.from({ length: Math.min(availableParallelism(), chunks) }, work))

/** Runs chunk after chunk, until none is left. */
async function work() {
  while (started < chunks) {
    const at = started++ * CHUNK
    const size = Math.min(CHUNK, cases - at)
    const { status, output } = await runTests('ws', 'packages/ws/test/fuzz.test.ts', {
      FUZZ_CASES: `${size}`,
      FUZZ_SEED: `${firstSeed + at}`,
    })
    if (status !== 0) {
      console.error(output)
      process.exit(1)
    }
    done += size
    console.log(`${done} of ${cases} cases, ${Math.round((done * 1_000) / (Date.now() - began))} a second`)
  }
}
