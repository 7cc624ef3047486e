// docs/runtimes.md: its tables are made from results.json, which has the last saved results of each runtime.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PAGES } from './known.mjs'
import { SUITES, suitesOf } from './suites.mjs'

export const PAGE = 'docs/runtimes.md'
export const RESULTS = 'runtimes/results.json'

/**
 * @typedef {object} Outcome of the tests of one package on one runtime
 * @property {number} passed
 * @property {number} skipped by the tests themselves, each with its reason
 * @property {{ file: string, reason: string, fault: 'runtime' | 'test', count: number }[]} known
 *   what failed as known.mjs says; a count of 0 is a file that was not started
 * @property {{ file: string, test: string, message: string }[]} failures what failed otherwise
 * @property {string[]} stale what is known to fail, and did not
 * @property {string} [trouble] the last lines of a run that ended without a report, or badly
 * @typedef {{ core?: Outcome, ws?: Outcome, packages?: Outcome }} Suites
 * @typedef {{ name: string, title: string, version: string, suites: Suites }} Result
 */

/**
 * Keeps results, each in the place of the last one of its runtime and suite, and writes the page.
 *
 * @param {string} root
 * @param {Result[]} results
 */
export function saveResults(root, results) {
  const before = readResults(root)
  const others = before.filter(({ name }) => !results.some((result) => result.name === name))
  const merged = results.map((result) => {
    const last = before.find(({ name, version }) => name === result.name && version === result.version)
    return { ...result, suites: { ...last?.suites, ...result.suites } }
  })
  const all = [...others, ...merged].sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name))
  writeFileSync(join(root, RESULTS), `${JSON.stringify(all, null, 2)}\n`)
  const page = readFileSync(join(root, PAGE), 'utf8')
  writeFileSync(join(root, PAGE), withTables(page, all))
}

const ORDER = ['node20', 'node22', 'node24', 'node26', 'bun', 'deno', ...PAGES, 'workerd']

/**
 * @param {string} root
 * @returns {Result[]}
 */
export function readResults(root) {
  try {
    return JSON.parse(readFileSync(join(root, RESULTS), 'utf8'))
  } catch {
    return []
  }
}

/**
 * @param {string} page
 * @param {readonly Result[]} results
 * @returns {string} the page with its tables anew
 */
export function withTables(page, results) {
  return replacePart(replacePart(page, 'table', table(results)), 'differences', differences(results))
}

/** @param {readonly Result[]} results */
function table(results) {
  const rows = results.map(({ name, title, version, suites }) =>
    [
      title,
      version,
      ...SUITES.map((suite) => (suitesOf(name).includes(suite) ? cell(suites[suite]) : 'see below')),
    ].join(' | '),
  )
  const head = [
    '| runtime | version | tests of `chansel` | of `@chansel/ws` | programs on the packages as published |',
    '| --- | --- | ---: | ---: | ---: |',
  ]
  return [...head, ...rows.map((row) => `| ${row} |`)].join('\n')
}

/** @param {Outcome | undefined} outcome */
function cell(outcome) {
  if (outcome === undefined) return 'not run'
  const { passed, known, failures, trouble } = outcome
  if (trouble !== undefined) return '**did not end**'
  const differ = known.reduce((sum, { count }) => sum + count, 0)
  const parts = [`${format(passed)} pass`]
  if (differ > 0) parts.push(`${format(differ)} differ`)
  if (failures.length > 0) parts.push(`**${format(failures.length)} fail**`)
  return parts.join(', ')
}

/** @param {readonly Result[]} results */
function differences(results) {
  const rows = results.flatMap(({ title, version, suites }) => {
    const known = Object.values(suites).flatMap((outcome) => outcome.known)
    const reasons = new Set(known.map(({ reason }) => reason))
    return [...reasons].map((reason) => {
      const same = known.filter((one) => one.reason === reason)
      const count = same.reduce((sum, one) => sum + one.count, 0)
      const files = new Set(same.map(({ file }) => file)).size
      const tests = count > 0 ? format(count) : files === 1 ? 'a file' : `${files} files`
      const whose = same[0]?.fault === 'runtime' ? 'the runtime' : 'the test'
      return `| ${title.replace('Node', `Node ${version.split('.')[0]}`)} | ${tests} | ${reason} | ${whose} |`
    })
  })
  if (rows.length === 0) return 'Nothing.'
  return ['| on | tests | what happens | because of |', '| --- | ---: | --- | --- |', ...rows].join('\n')
}

/**
 * @param {string} page
 * @param {string} name
 * @param {string} text
 */
function replacePart(page, name, text) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`Cannot write ${PAGE}: it has no part ${name}`)
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`
}

/** @param {number} count */
function format(count) {
  return count.toLocaleString('en-US')
}
