// npm run test:runtimes [-- --only node22,bun] [--suite ws] [--save] [--reports <folder>] [--judge] [files]: the tests of core
// and of the adapter on each runtime, one runtime after the other. A test that fails has to be in known.mjs, and a test
// that is there has to fail. --save keeps the results in results.json and writes docs/runtimes.md.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureDependencies } from '../scripts/ensure-deps.mjs'
import { browsers, openDisplay } from './browsers.mjs'
import { tryPublishing } from './jsr.mjs'
import { known } from './known.mjs'
import { saveResults } from './page.mjs'
import { suitesOf } from './suites.mjs'

/** @import { Known } from './known.mjs' */
/** @import { Outcome, Result } from './page.mjs' */
/** @import { SUITES } from './suites.mjs' */

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '..')
const vitest = 'node_modules/vitest/vitest.mjs'
/** The slowest of them takes a tenth of this on a machine that is not busy. */
const LIMIT_MS = 45 * 60_000

/** They measure time, or are about the sources: if they pass on one runtime, they pass on all. */
const LEFT_OUT = [
  '**/*complexity.test.ts',
  '**/{cost,chanlinear}.test.ts',
  '**/{memory,gc,selector-memory,starvation,statistics}.test.ts',
  '**/types/hover.test.ts',
  '**/explore/mutants.test.ts',
  '**/go/table.test.ts',
].flatMap((files) => ['--exclude', files])
/** How long a runtime may go on running after its report. */
const LINGER_MS = 30_000

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} title
 * @property {string | undefined} path where it is; `undefined` if it cannot be had here
 * @property {string[]} args what comes before the script
 * @property {boolean} [isPage] whether Node runs vitest, and the tests run in pages
 * @property {boolean | undefined} [needsDisplay] whether it tells its version only on a screen
 */

/** @type {Runtime[]} */
const runtimes = [
  ...['20', '22', '24', '26'].map((major) => ({
    name: `node${major}`,
    title: 'Node',
    path: installed(`node${major}/bin/node`),
    args: [],
  })),
  { name: 'bun', title: 'Bun', path: installed('@oven/bun-linux-x64/bin/bun'), args: ['--bun'] },
  {
    name: 'deno',
    title: 'Deno',
    path: installed('@deno/linux-x64-glibc/deno'),
    // From the installed modules, as Node does; a lockfile of its own would be another list of versions.
    args: ['run', '--allow-all', '--no-lock', '--node-modules-dir=manual'],
  },
  ...Object.entries(browsers).map(([name, { title, path, needsDisplay }]) => ({
    name,
    title,
    path,
    args: [],
    isPage: true,
    needsDisplay,
  })),
  {
    name: 'workerd',
    title: 'Cloudflare Workers',
    path: installed('@cloudflare/workerd-linux-64/bin/workerd'),
    args: [],
  },
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    suite: { type: 'string' },
    save: { type: 'boolean', default: false },
    // Where vitest's reports are kept; with --judge the reports that are there are judged again, and nothing runs.
    reports: { type: 'string' },
    judge: { type: 'boolean', default: false },
  },
})
const names = runtimes.map(({ name }) => name)
const chosen = values.only?.split(',') ?? names
const unknown = chosen.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`Cannot test ${unknown.join(', ')}: --only takes ${names.join(', ')}`)
  process.exit(1)
}
if (values.save && positionals.length > 0) {
  console.error('Cannot save the results of some files: run all of them')
  process.exit(1)
}

await ensureDependencies()
await ensureDependencies(here)
const reports = values.reports ?? mkdtempSync(join(tmpdir(), 'chansel-runtimes-'))
if (values.reports === undefined) process.on('exit', () => rmSync(reports, { recursive: true, force: true }))
else mkdirSync(reports, { recursive: true })

/** @type {Result[]} */
const results = []
for (const runtime of runtimes.filter(({ name }) => chosen.includes(name))) {
  if (runtime.path === undefined || !existsSync(runtime.path)) {
    console.log(
      `\n${runtime.title} is left out: there is no ${runtime.name} for ${process.platform} ${process.arch} here.`,
    )
    continue
  }
  const version = await versionOf(runtime)
  /** @type {Result} */
  const result = { name: runtime.name, title: runtime.title, version, suites: {} }
  for (const suite of suitesOf(runtime.name).filter(
    (name) => values.suite === undefined || values.suite === name,
  )) {
    if (values.judge && !existsSync(reportOf(runtime, suite))) continue
    console.log(`\n> ${runtime.title} ${version}: ${suite}`)
    const outcome = await runTests(runtime, suite)
    result.suites[suite] = outcome
    tell(outcome)
  }
  if (runtime.name === 'deno' && !values.judge) {
    const obstacle = tryPublishing(root, runtime.path)
    if (obstacle !== undefined) {
      console.error(`\nJSR would not take the packages:\n${obstacle}`)
      process.exit(1)
    }
    console.log('\nJSR would take the packages.')
  }
  results.push(result)
}
if (values.save) saveResults(root, results)
const isRight = results.every(({ suites }) =>
  Object.values(suites).every(
    ({ failures, stale, trouble }) => failures.length + stale.length === 0 && !trouble,
  ),
)
process.exitCode = isRight ? 0 : 1

/**
 * @param {Runtime} runtime
 * @param {typeof SUITES[number]} suite
 * @returns {Promise<Outcome>}
 */
async function runTests(runtime, suite) {
  const report = reportOf(runtime, suite)
  const here = known.filter((entry) => entry.on.includes(runtime.name) && entry.suite === suite)
  const leftOut = here.filter(({ skip }) => skip).flatMap(({ file }) => ['--exclude', `**/${file}`])
  if (values.judge) return judge(JSON.parse(readFileSync(report, 'utf8')), here, 0, '')
  rmSync(report, { force: true })
  const itself = [runtime.path ?? '', ...runtime.args]
  // Node runs vitest for a page, and packs the packages for their programs.
  const [command, ...args] = runtime.isPage || suite === 'packages' ? [process.execPath] : itself
  const config = runtime.isPage ? ['--config', 'runtimes/pages.config.ts'] : []
  const programs =
    runtime.name === 'workerd'
      ? ['--config', 'runtimes/workers/vitest.config.ts']
      : ['--project=house', 'test/packages.test.ts', '--testNamePattern=a program of a user']
  const tests =
    suite === 'packages'
      ? programs
      : [`--project=${suite}`, ...config, ...LEFT_OUT, ...leftOut, ...positionals]
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { status, output } = await run(
    command ?? '',
    [...args, vitest, 'run', '--no-color', ...reporters, ...tests],
    { CHANSEL_RUNTIME: JSON.stringify(itself), CHANSEL_BROWSER: runtime.name },
    report,
  )
  if (!existsSync(report)) {
    return { passed: 0, skipped: 0, known: [], failures: [], stale: [], trouble: lastLines(output) }
  }
  return judge(JSON.parse(readFileSync(report, 'utf8')), here, status, output)
}

/**
 * @param {{ testResults: { name: string, message: string, status: string,
 *   assertionResults: { fullName: string, status: string, failureMessages: string[] }[] }[] }} report
 * @param {Known[]} expected
 * @param {number | null} status
 * @param {string} output
 * @returns {Outcome}
 */
function judge({ testResults }, expected, status, output) {
  let [passed, skipped] = [0, 0]
  /** @type {Map<Known, number>} */
  const seen = new Map(expected.map((entry) => [entry, 0]))
  /** @type {Set<string>} */
  const files = new Set()
  const failures = []
  for (const { name, status: fileStatus, message, assertionResults } of testResults) {
    const file = relative(root, name).replaceAll('\\', '/')
    files.add(file)
    const tests = assertionResults.map((test) => ({ ...test, message: test.failureMessages[0] ?? '' }))
    // A file that cannot be loaded has no tests to fail.
    if (fileStatus === 'failed' && !tests.some((test) => test.status === 'failed'))
      tests.push({ fullName: '', status: 'failed', message, failureMessages: [] })
    for (const test of tests) {
      if (test.status === 'passed') passed++
      else if (test.status !== 'failed') skipped++
      else {
        const entry = expected.find(
          (one) => file.endsWith(one.file) && (one.test?.test(test.fullName) ?? true),
        )
        if (entry === undefined)
          failures.push({
            file,
            test: test.fullName,
            message: test.message.split('\n').slice(0, 8).join('\n'),
          })
        else seen.set(entry, (seen.get(entry) ?? 0) + 1)
      }
    }
  }
  const stale = [...seen]
    .filter(
      ([{ skip, file, flaky }, count]) =>
        !skip && !flaky && count === 0 && [...files].some((one) => one.endsWith(file)),
    )
    .map(([{ file, test, reason }]) => `${file}${test ? ` ${test}` : ''}: ${reason}`)
  const counts = [...seen].filter(([{ skip }, count]) => skip || count > 0)
  const isExplained = status === 0 || failures.length > 0 || counts.length > 0
  return {
    passed,
    skipped,
    known: counts.map(([{ file, reason, fault }, count]) => ({ file, reason, fault, count })),
    failures,
    stale,
    ...(isExplained ? {} : { trouble: lastLines(output) }),
  }
}

/**
 * @param {Runtime} runtime
 * @param {string} suite
 */
function reportOf({ name }, suite) {
  return join(reports, `${name}-${suite}.json`)
}

/** @param {Outcome} outcome */
function tell({ passed, skipped, known: expected, failures, stale, trouble }) {
  const failed = expected.reduce((sum, { count }) => sum + count, 0)
  console.log(`${passed} passed, ${skipped} skipped, ${failed} failed as known, ${failures.length} failed`)
  for (const { file, test, message } of failures) console.log(`\n✗ ${file} ${test}\n${message}`)
  for (const text of stale) console.log(`\nKnown to fail, and does not: ${text}`)
  if (trouble !== undefined) console.log(`\nIt ended in trouble:\n${trouble}`)
}

/** @param {Runtime} runtime */
async function versionOf({ path, args, needsDisplay }) {
  const screen = needsDisplay ? await openDisplay() : undefined
  const { output } = await run(path ?? '', ['--version'], screen && { DISPLAY: screen.display })
  await screen?.close()
  return /\d+(?:[.-]\d+)+/.exec(output)?.[0] ?? `of unknown version (${args.join(' ')})`
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @param {string} [report] the file with which its work is done
 * @returns {Promise<{ status: number | null, output: string }>}
 */
async function run(command, args, env = {}, report) {
  const child = spawn(command, args, {
    cwd: root,
    // Random programs test the engine and not what it runs on: a tenth of them is enough.
    env: {
      CHANSEL_SCENARIOS: '1000',
      FUZZ_CASES: '100',
      CHANSEL_PATIENCE: '4',
      ...process.env,
      NO_COLOR: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  // Each file as it is done, to show the progress.
  createInterface(child.stdout).on('line', (line) => {
    if (/^ [✓❯×↓] \|/.test(line)) console.log(line)
  })
  // A page that does not close, or a handle that a runtime keeps, must not hold up the others.
  let isDone = false
  const watch = setInterval(() => {
    if (isDone) child.kill('SIGKILL')
    isDone = report !== undefined && existsSync(report)
  }, LINGER_MS)
  const status = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject))
  clearInterval(watch)
  return { status: isDone && status === null ? 0 : status, output }
}

/** @param {string} text */
function lastLines(text) {
  return text.trimEnd().split('\n').slice(-40).join('\n')
}

/** @param {string} path */
function installed(path) {
  return join(here, 'node_modules', path)
}
