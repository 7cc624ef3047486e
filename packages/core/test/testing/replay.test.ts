// Each bug is found by default, within 500 runs, and its schedule shows it again in a process of its own.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ExplorationError, explore } from 'chansel/testing'
import { bundled } from '../support/bundle.ts'
import { rejectionOf } from '../support/pending.ts'
import { buggyTasks } from './buggy-tasks.ts'
import { buggyPrograms } from './buggy.ts'

const programs = [...buggyPrograms, ...buggyTasks]
const schedules: Record<string, string> = {}
/** What the other process says of each. */
let replayed: Record<string, string>

describe('R8 explore finds by default', () => {
  test.each(programs)('$name', async ({ name, body, shows }) => {
    const error = (await rejectionOf(explore(body))) as ExplorationError
    expect(error.message).toMatch(shows)
    expect(error).toMatchObject({ code: 'ERR_EXPLORATION', kind: 'failure' })
    expect(error.runs).toBeLessThanOrEqual(500)
    schedules[name] = error.schedule
  })
})

describe('replay shows in another process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chansel-replay-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  beforeAll(async () => {
    const here = fileURLToPath(new URL('.', import.meta.url))
    const driver = join(folder, 'driver.ts')
    writeFileSync(
      driver,
      `
import { replay } from '${here}../../src/testing/index.ts'
import { buggyPrograms } from '${here}buggy.ts'
import { buggyTasks } from '${here}buggy-tasks.ts'
const schedules = JSON.parse(process.argv[2]!) as Record<string, string>
const said: Record<string, string> = {}
for (const { name, body } of [...buggyPrograms, ...buggyTasks]) {
  if (name in schedules) await replay(schedules[name]!, body).catch((error: Error) => (said[name] = error.message))
}
console.log(JSON.stringify(said))`,
    )
    const bundle = await bundled(driver)
    const file = join(folder, 'driver.mjs')
    await bundle.write({ file })
    const said = execFileSync(process.execPath, [file, JSON.stringify(schedules)], { encoding: 'utf8' })
    replayed = JSON.parse(said) as Record<string, string>
  })

  test.each(programs)('$name', ({ name, shows }) => {
    expect(replayed[name]).toMatch(shows)
    expect(replayed[name]).toContain(`schedule ${schedules[name]}`)
  })
})
