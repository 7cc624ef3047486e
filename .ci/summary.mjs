// node .ci/summary.mjs <vitest.json> <status of npm test>: one line, "N passed, N failed".

import { readFileSync } from 'node:fs'

const [report = '', status] = process.argv.slice(2)
const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = readReport()
// A type error, a file that does not load or an unhandled rejection fails the run without failing a test.
const failed = numFailedTests || (status === '0' ? 0 : 1)
const skipped = numPendingTests + numTodoTests
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    // The tests never ran.
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
  }
}
