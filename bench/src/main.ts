import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildGo } from './measure/go.ts'
import { describeMachine } from './measure/machine.ts'
import { runSuite } from './measure/suite-run.ts'
import { type Options, USAGE, readOptions } from './options.ts'
import { publish, readResults, writeResults } from './report/publish.ts'
import type { Results } from './report/results.ts'
import { report } from './report/table.ts'
import { engine } from './suites/engine/suite.ts'
import { pipelines } from './suites/pipelines/suite.ts'
import type { Suite } from './suites/suite.ts'
import { tasks } from './suites/tasks/suite.ts'
import { findPrograms } from './suites/ws/processes.ts'
import { runWs } from './suites/ws/run.ts'
import { ws } from './suites/ws/suite.ts'

/** `dist/main.js` is where this runs. */
const modules = fileURLToPath(new URL('.', import.meta.url))
const bench = join(modules, '..')
const root = join(bench, '..')

const suites: readonly Suite[] = [engine, tasks, pipelines, ws]

export async function main(parameters: readonly string[]): Promise<void> {
  let options
  try {
    options = readOptions(parameters)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
    process.exitCode = 2
    return
  }
  const wantedSuites = suites.filter(({ name }) => name.includes(options.suite))
  if (wantedSuites.length === 0) {
    const names = suites.map(({ name }) => name).join(', ')
    console.error(`There is no suite with ${options.suite} in its name: there are ${names}\n${USAGE}`)
    process.exitCode = 2
  }
  for (const suite of wantedSuites) {
    const results = options.report ? readResults(bench, suite) : await measureSuite(suite, options)
    console.log(report(suite, results))
    const isWhole = !options.quick && options.libraries.length === 0 && options.loads.length === 0
    if (options.report || isWhole || options.save) publish(bench, suite, results)
  }
}

async function measureSuite(suite: Suite, options: Options): Promise<Results> {
  const { quick } = options
  const targetMs = suite === ws ? (quick ? 25 : 60) : quick ? 40 : 150
  const startedAt = performance.now()
  const common = {
    modules,
    wantsLibrary: wanted(options.libraries),
    wantsLoad: wanted(options.loads),
    progress: progressSince(startedAt),
  }
  const cells =
    suite === ws
      ? await runWs({
          ...common,
          programs: findPrograms(modules, join(bench, 'go/ws')),
          rounds: options.rounds,
          targetMs,
          probeRuns: quick ? 1 : 2,
          isQuick: quick,
          floodMs: quick ? 2_000 : 4_000,
        })
      : await runSuite({
          ...common,
          suite,
          effort: { rounds: options.rounds, targetMs, limitMs: quick ? 4_000 : 20_000 },
          probeRuns: quick ? 1 : 3,
          probeLimitMs: quick ? 5_000 : 60_000,
          go: buildGo(join(bench, 'go')),
        })
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  console.log(`Measured in ${Math.round((performance.now() - startedAt) / 1_000)} s`)
  const results = {
    suite: suite.name,
    machine: describeMachine(root),
    effort: { rounds: options.rounds, targetMs },
    versions: versionsOf(suite),
    cells,
  }
  writeResults(modules, suite, results)
  return results
}

function wanted(texts: readonly string[]): (name: string) => boolean {
  return (name) => texts.length === 0 || texts.some((text) => name.includes(text))
}

function versionsOf(suite: Suite): { [library: string]: string } {
  const versions: { [library: string]: string } = {}
  for (const { id, package: name } of suite.libraries) {
    if (name === undefined) continue
    const own = { chansel: 'packages/core', '@chansel/ws': 'packages/ws' }[name]
    const folder = own === undefined ? join(bench, 'node_modules', name) : join(root, own)
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    versions[id] = version
  }
  return versions
}

/** On a terminal, one line that says what runs now; elsewhere, a line for each load or group. */
function progressSince(startedAt: number): (text: string) => void {
  let last = ''
  return (text) => {
    const seconds = Math.round((performance.now() - startedAt) / 1_000)
    const [part = ''] = text.split(':')
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${seconds} s  ${text}`)
    else if (part !== last) process.stderr.write(`${seconds} s  ${part}\n`)
    last = part
  }
}
