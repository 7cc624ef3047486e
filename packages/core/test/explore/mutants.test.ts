// Exploration catches bugs of the engine: some of those of test/mutants are planted in a bundle of the engine, the kit
// and the programs, and in a process of its own one of the programs has to fail.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test, vi } from 'vitest'
import { bundled } from '../support/bundle.ts'
import { mutants } from '../../../../test/mutants/index.mjs'
import { plant } from '../../../../test/mutants/mutant.mjs'

vi.setConfig({ testTimeout: 30_000 })

/** As `test/mutants/mutant.mjs` has it. */
interface Mutant {
  readonly name: string
  readonly rules: readonly string[]
  readonly file: string
  readonly find: string
  readonly replace: string
}

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'chansel-explore-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The programs that should show it come first: each is a search. */
const driverFor = (programs: readonly string[]): string => `
import { explore } from '${root}packages/core/src/testing/index.ts'
import { ofChannels, ofContexts } from '${root}packages/core/test/explore/programs.ts'
import { ofGroups } from '${root}packages/core/test/explore/tasks.ts'
import { ofHandOvers } from '${root}packages/core/test/explore/hand-over.ts'
for (const { name, body, search, outcomes } of [${programs.map((list) => `...${list}`).join()}]) {
  try {
    const found = await explore(body, { ...search, runs: 400 })
    if (outcomes !== undefined && !found.outcomes.every((one) => outcomes.includes(one))) throw new Error('outcomes')
  } catch (error) {
    console.log(name, '<-', error.message.split('\\n')[0])
    process.exit()
  }
}
console.log('nothing found')`

/** What exploration finds in the engine with this bug; without one, nothing (`programs.test.ts`). */
async function foundWith(mutant: Mutant, programs: readonly string[]): Promise<string> {
  const entry = join(folder, 'driver.ts')
  writeFileSync(entry, driverFor(programs))
  const transform = (code: string, id: string): string =>
    id === root + mutant.file ? plant(mutant, code) : code
  const plugins = [{ name: 'plant', transform: { order: 'pre' as const, handler: transform } }]
  const bundle = await bundled(entry, { plugins })
  const file = join(folder, `driver-${mutants.indexOf(mutant)}.mjs`)
  await bundle.write({ file })
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 25_000 })
  return stdout.trim()
}

const byRule = (rule: string) => mutants.find(({ rules }) => rules.includes(rule))!
const byName = (wanted: string) => mutants.find(({ name }) => name === wanted)!
const planted: readonly { mutant: Mutant; programs: string[] }[] = [
  ...['F1', 'F3', 'F6'].map((rule) => ({ mutant: byRule(rule), programs: ['ofChannels', 'ofContexts'] })),
  { mutant: byName('a failed task keeps its slot'), programs: ['ofGroups'] },
  { mutant: byName('a guard releases what somebody else holds'), programs: ['ofHandOvers'] },
  { mutant: byName('readers enter beside a writer when another gave up'), programs: ['ofHandOvers'] },
]
test.each(planted)('$mutant.name: a bug of the engine is found', async ({ mutant, programs }) => {
  expect(await foundWith(mutant, programs)).toContain('<-')
})
