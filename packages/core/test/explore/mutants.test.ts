// Exploration catches bugs of the engine: some of those of test/mutants are planted in a bundle of the engine, the kit
// and the programs, and in a process of its own one of the programs has to fail.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { afterAll, expect, test, vi } from 'vitest'
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

const DRIVER = `
import { explore } from '${root}packages/core/src/testing/index.ts'
import { ofChannels, ofContexts } from '${root}packages/core/test/explore/programs.ts'
for (const { name, body, search, outcomes } of [...ofChannels, ...ofContexts]) {
  try {
    const found = await explore(body, { ...search, runs: 400 })
    if (outcomes !== undefined && !found.outcomes.every((one) => outcomes.includes(one))) throw new Error('outcomes')
  } catch (error) {
    console.log(name, '<-', error.message.split('\\n')[0])
    process.exit()
  }
}
console.log('nothing found')`

/** What exploration finds in the engine with this bug, or without one. */
async function foundWith(mutant: Mutant | null): Promise<string> {
  const entry = join(folder, 'driver.ts')
  writeFileSync(entry, DRIVER)
  const transform = (code: string, id: string): string =>
    mutant !== null && id === root + mutant.file ? plant(mutant, code) : code
  const alias = {
    'chansel/testing': `${root}packages/core/src/testing/index.ts`,
    chansel: `${root}packages/core/src/index.ts`,
  }
  const plugins = [{ name: 'plant', transform: { order: 'pre' as const, handler: transform } }]
  const bundle = await rolldown({
    input: entry,
    plugins,
    resolve: { alias },
    transform: { target: 'node20' },
  })
  const file = join(folder, `driver-${mutant === null ? 'intact' : mutants.indexOf(mutant)}.mjs`)
  await bundle.write({ file })
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 25_000 })
  return stdout.trim()
}

test('in the engine as it is nothing is found', async () => {
  expect(await foundWith(null)).toBe('nothing found')
})

const planted = ['M1', 'M3', 'M4', 'M5', 'M13'].map(
  (rule) => [rule, mutants.find(({ rules }) => rules.includes(rule))!] as const,
)
test.each(planted)('%s: a bug of the engine is found', async (_, mutant) => {
  expect(await foundWith(mutant)).toContain('<-')
})
