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
import { runWs } from './suites/ws/run.ts'
import { ws } from './suites/ws/suite.ts'

/** `dist/main.js` is where this runs. */
const modules = fileURLToPath(new URL('.', import.meta.url))
const bench = join(modules, '..')
const root = join(bench, '..')

const suites: readonly Suite[] = [engine, tasks, pipelines]

export async function main(parameters: readonly string[]): Promise<void> {
  let options
  try {
    options = readOptions(parameters)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
    process.exitCode = 2
    return
  }
  if (options.suite === 'ws') {
    // Its results stay in `dist/results`: the pages and plots are made for the engine's.
    console.log(report(ws, await measureSuite(ws, options)))
    return
  }
  for (const suite of suites.filter(({ name }) => name.includes(options.suite))) {
    const results = options.report ? readResults(bench, suite) : await measureSuite(suite, options)
    console.log(report(suite, results))
    const isWhole = !options.quick && options.libraries.length === 0 && options.loads.length === 0
    if (options.report || isWhole || options.save) publish(bench, suite, results)
  }
}

async function measureSuite(suite: Suite, options: Options): Promise<Results> {
  const targetMs = options.quick ? 40 : 150
  const startedAt = performance.now()
  const common = {
    modules,
    wantsLibrary: wanted(options.libraries),
    wantsLoad: wanted(options.loads),
    progress: progressSince(startedAt),
  }
  const cells =
    suite === ws
      ? await runWs({ ...common, rounds: options.rounds, targetMs })
      : await runSuite({
          ...common,
          suite,
          effort: { rounds: options.rounds, targetMs, limitMs: options.quick ? 4_000 : 20_000 },
          probeRuns: options.quick ? 1 : 3,
          probeLimitMs: options.quick ? 5_000 : 60_000,
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
    const folder = name === 'chansel' ? join(root, 'packages/core') : join(bench, 'node_modules', name)
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    versions[id] = version
  }
  return versions
}

/** On a terminal one line that tells what runs now, elsewhere a line for each load or group. */
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
