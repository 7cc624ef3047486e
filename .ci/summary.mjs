// node .ci/summary.mjs <folder of the reports> <status>: one line, "N passed, N failed".

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [reports = '', status] = process.argv.slice(2)
const tests = JSON.parse(read('vitest.json') ?? '{}')
const [, caught, survived] = /^(\d+) mutants caught, (\d+) survived$/m.exec(read('mutants.txt') ?? '') ?? []
const passed = count(tests.numPassedTests) + count(caught)
// A type error, a file that does not load or an unhandled rejection fails the run without failing a test.
const failed = count(tests.numFailedTests) + count(survived) || (status === '0' ? 0 : 1)
const skipped = count(tests.numPendingTests) + count(tests.numTodoTests)
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)

/** @param {string | number | undefined} given what a report says, if it says anything */
function count(given) {
  return Number(given ?? 0)
}

/** @param {string} name */
function read(name) {
  try {
    return readFileSync(join(reports, name), 'utf8')
  } catch {
    return undefined // It never came to that.
  }
}
