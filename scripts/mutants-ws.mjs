// npm run mutants:ws: plants bugs in a copy of @chansel/ws, one at a time, and for each runs the test file that must catch
// it. --only <text> takes those with the text in their name or file.

import { spawnSync } from 'node:child_process'
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { plant } from '../test/mutants/mutant.mjs'
import { wsMutants } from '../test/mutants/ws.mjs'
import { copyRepository } from './copy.mjs'
import { ensureDependencies } from './ensure-deps.mjs'

/** A bug may leave a test waiting: then the test's time limit ends it. */
const LIMIT_MS = 240_000

const { only } = parseArgs({ options: { only: { type: 'string', default: '' } } }).values
const chosen = wsMutants.filter(({ name, file }) => `${file} ${name}`.includes(only))

await ensureDependencies()
const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)))
const copy = copyRepository(root)
process.on('exit', () => rmSync(copy, { recursive: true, force: true, maxRetries: 5 }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

for (const test of new Set(chosen.map((mutant) => mutant.test))) {
  const control = failureIn(test)
  if (control === null) continue
  console.error(`Cannot test mutants: ${test} fails without one: ${control}`)
  process.exit(1)
}

let survived = 0
for (const mutant of chosen) {
  const source = readFileSync(join(root, mutant.file), 'utf8')
  writeFileSync(join(copy, mutant.file), plant(mutant, source))
  const caught = failureIn(mutant.test)
  writeFileSync(join(copy, mutant.file), source)
  if (caught === null) survived++
  const place = mutant.file.replace('packages/ws/src/', '')
  console.log(
    `${caught === null ? 'SURVIVED' : 'caught'}  ${place}  ${mutant.name}${caught === null ? '' : `  <- ${caught}`}`,
  )
}
console.log(`${chosen.length - survived} mutants caught, ${survived} survived`)
process.exitCode = survived === 0 ? 0 : 1

/**
 * The first test that fails, or `null`.
 *
 * @param {string} test
 */
function failureIn(test) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/vitest.mjs', 'run', '--project', 'ws', '--bail', '1', test],
    { cwd: copy, env: { ...process.env, NO_COLOR: '1' }, encoding: 'utf8', timeout: LIMIT_MS },
  )
  if (status === 0) return null
  const failure = /^ *FAIL +(?:\|ws\| +)?(.+)$/m.exec(stdout + stderr)?.[1]
  return failure?.replace(`${test} > `, '') ?? `exit code ${status}`
}
