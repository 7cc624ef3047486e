// npm run mutants: plants bugs in copies of the engine, one at a time, and runs the tests of core over each. One that
// passes them all survived: a test is missing. --only <text> takes those with the text in their name, file or rules;
// --list lists them; --minutes <n> starts no more after that time, in an order that differs from commit to commit;
// --save keeps which test caught each in test/mutants/catchers.json: the next run tries that one first.

import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { mutants } from '../test/mutants/index.mjs'
import { plant } from '../test/mutants/mutant.mjs'
import { copyRepository } from './copy.mjs'
import { ensureDependencies } from './ensure-deps.mjs'

/** @import { Mutant } from '../test/mutants/mutant.mjs' */

/** A test that takes several times as long as on a busy machine hangs. */
const LIMIT_MS = { some: 60_000, all: 600_000 }
const TESTS = 'packages/core/test'
/** Between the names of a test, as vitest prints them. */
const SEPARATOR = ' > '
/** Tests of time and memory, and others that take their time. */
const MEASURES = /complexity|memory|starvation|statistics|process|cost|gc|fairness|signals|capacity|hover/

const { only, list, save, minutes } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    minutes: { type: 'string', default: 'Infinity' },
  },
}).values
const endsAt = performance.now() + Number(minutes) * 60_000
const chosen = mutants.filter((mutant) => line(mutant).includes(only))
if (chosen.length === 0) {
  console.error(`No mutant has ${JSON.stringify(only)} in its name, file or rules`)
  process.exit(1)
}
if (list) {
  for (const mutant of chosen) console.log(line(mutant))
  process.exit()
}

await ensureDependencies()
const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)))
/** The mutants in their files, before the first is run, so that a stale one is not found only at the end. */
const planted = inTurn(chosen).map((mutant) => ({
  mutant,
  source: readFileSync(join(root, mutant.file), 'utf8'),
  mutated: plant(mutant, readFileSync(join(root, mutant.file), 'utf8')),
}))
const catchersPath = join(root, 'test/mutants/catchers.json')
/** @type {Record<string, string>} by a mutant's name, the test that caught it: its file and its names */
const catchers = JSON.parse(readFileSync(catchersPath, 'utf8'))
const testFiles = readdirSync(join(root, TESTS), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => ({ path: join(TESTS, name), text: readFileSync(join(root, TESTS, name), 'utf8') }))

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
/** @type {string[]} */
const copies = []
process.on('exit', () => {
  for (const child of running) end(child)
  for (const copy of copies) rmSync(copy, { recursive: true, force: true, maxRetries: 5 })
  if (!save) return
  const kept = mutants.flatMap(({ name }) => (catchers[name] ? [[name, catchers[name]]] : []))
  writeFileSync(catchersPath, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`)
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

// A second time if necessary: some tests compare times, and a busy machine can mislead them.
const intact = makeCopy()
const control = (await failureIn(intact, [], LIMIT_MS.all)) && (await failureIn(intact, [], LIMIT_MS.all))
if (control !== null) {
  console.error(`Cannot test mutants: the tests fail without one: ${control}`)
  process.exit(1)
}

let next = 0
let survived = 0
// Half of the cores are left to the tests that measure time; with at least two processes, one works while one waits.
const workers = Math.max(2, Math.floor(availableParallelism() / 2))
await Promise.all(Array.from({ length: Math.min(workers, chosen.length) }, work))
if (next < planted.length) console.log(`No time for ${planted.length - next} mutants`)
console.log(`${Math.min(next, planted.length) - survived} mutants caught, ${survived} survived`)
process.exitCode = survived === 0 ? 0 : 1

/**
 * Those that come late are not always the same: where time is short, all have their turn over some commits.
 *
 * @param {readonly Mutant[]} all
 */
function inTurn(all) {
  if (minutes === 'Infinity') return all
  const commit = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim()
  const first = Number.parseInt(commit.slice(0, 8), 16) % all.length || 0
  return [...all.slice(first), ...all.slice(0, first)]
}

function makeCopy() {
  const copy = copyRepository(root)
  copies.push(copy)
  return copy
}

/** Takes mutant after mutant, until none is left. */
async function work() {
  const copy = makeCopy()
  while (next < planted.length && performance.now() < endsAt) {
    const { mutant, source, mutated } = /** @type {typeof planted[number]} */ (planted[next++])
    writeFileSync(join(copy, mutant.file), mutated)
    // A bug that depends on time or chance may show only the second time.
    const by = (await catcherOf(mutant, copy)) ?? (await catcherOf(mutant, copy))
    writeFileSync(join(copy, mutant.file), source)
    if (by === null) survived++
    if (by?.includes(SEPARATOR)) catchers[mutant.name] = by
    console.log(`${by === null ? 'SURVIVED' : 'caught'}  ${line(mutant)}${by === null ? '' : `  <- ${by}`}`)
  }
}

/**
 * What the first failure is, `null` if there is none. The test that caught it before runs first, then those of the
 * broken rules, the quick ones before those that measure: mostly it is one of them. An entry point with a folder of
 * its own has its tests in one, too.
 *
 * What measures may fail because the machine is busy: it counts only where it is about a rule that is broken.
 *
 * @param {Mutant} mutant
 * @param {string} copy
 */
async function catcherOf({ name, rules, file }, copy) {
  const [before, ...names] = catchers[name]?.split(SEPARATOR) ?? []
  if (before !== undefined && testFiles.some(({ path }) => path === join(TESTS, before))) {
    // If the test is gone, nothing runs, so nothing fails.
    const failure = await twice(() => failureIn(copy, [before, '-t', exactly(names)], LIMIT_MS.some))
    if (failure !== null) return failure
  }
  const rule = new RegExp(`\\b(?:${rules.join('|')})\\b`)
  const own = dirname(file).replace('/src', '/test')
  const isOwn = own !== TESTS && testFiles.some(({ path }) => dirname(path) === own)
  const [slow, quick] = parted(testFiles, ({ path }) => MEASURES.test(path))
  const [likely, others] = parted(quick, ({ path, text }) =>
    isOwn ? dirname(path) === own : rule.test(text),
  )
  const measuring = slow.filter(({ text }) => rule.test(text))
  return (
    (await among(likely, LIMIT_MS.some)) ??
    (await twice(() => among(measuring, LIMIT_MS.some, '-t', rule.source))) ??
    (await among(others, LIMIT_MS.all))
  )

  /**
   * @param {readonly { path: string }[]} files
   * @param {number} limitMs
   * @param {...string} which
   */
  async function among(files, limitMs, ...which) {
    return files.length === 0 ? null : failureIn(copy, [...files.map(({ path }) => path), ...which], limitMs)
  }
}

/**
 * @template T
 * @param {readonly T[]} all
 * @param {(one: T) => boolean} isFirst
 * @returns {[T[], T[]]}
 */
function parted(all, isFirst) {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))]
}

/**
 * @param {readonly string[]} names a test's and those of what it is in
 * @returns {string} the pattern for vitest
 */
function exactly(names) {
  return `^${names.join(' ').replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)}$`
}

/**
 * A test that measures may fail because the machine is busy: it has to fail twice.
 *
 * @param {() => Promise<string | null>} run
 */
async function twice(run) {
  const failure = await run()
  return failure !== null && MEASURES.test(failure) ? run() : failure
}

/**
 * Runs tests of core, up to the first that fails: its name, or `null`.
 *
 * @param {string} copy
 * @param {string[]} tests files, none: all; and which tests in them
 * @param {number} limitMs
 * @returns {Promise<string | null>}
 */
async function failureIn(copy, tests, limitMs) {
  const vitest = ['scripts/vitest.mjs', 'run', '--project', 'core', '--bail', '1', '--maxWorkers', '1']
  const child = spawn(process.execPath, [...vitest, ...tests], {
    cwd: copy,
    // With patience: a test that is only slow, because the machine is busy, has caught nothing.
    env: { ...process.env, NO_COLOR: '1', CHANSEL_PATIENCE: '4', TMPDIR: join(copy, 'tmp') },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, which can be ended as one.
    detached: true,
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  let hangs = false
  const timer = setTimeout(() => {
    hangs = true
    end(child)
  }, limitMs)
  const status = await new Promise((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  running.delete(child)
  if (status === 0) return null
  if (hangs) return `a hang of ${limitMs / 1_000} s`
  const failure =
    /^ *FAIL +(?:\|core\| +)?(.+)$/m.exec(output)?.[1] ?? /^.*(?:Unhandled|Uncaught).*$/m.exec(output)?.[0]
  // The tests passed before the bug was planted: if they end without a word, the bug ended them.
  return failure?.replace(`${TESTS}/`, '') ?? `a crash, exit code ${status}`
}

/** @param {import('node:child_process').ChildProcess} child */
function end(child) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It ended by itself, or the platform has no process groups.
    child.kill('SIGKILL')
  }
}

/** @param {Mutant} mutant */
function line({ file, rules, name }) {
  return `${file.replace('packages/core/src/', '')}  ${rules.join(' ')}  ${name}`
}
