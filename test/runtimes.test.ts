// The page about runtimes says what the last saved run found, and each test that is known to differ exists.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { known } from '../runtimes/known.mjs'
import { PAGE, readResults, withTables } from '../runtimes/page.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

test('docs/runtimes.md has the results that were saved', () => {
  const page = readFileSync(join(root, PAGE), 'utf8')
  expect(page).toBe(withTables(page, readResults(root)))
})

test('nothing that was saved failed unexpectedly', () => {
  const bad = readResults(root).flatMap(({ name, suites }) =>
    Object.entries(suites)
      .filter(([, { failures, stale, trouble }]) => failures.length + stale.length > 0 || trouble)
      .map(([suite]) => `${name} ${suite}`),
  )
  expect(bad).toEqual([])
})

test.each(known)('$file, known to differ on $on, is there', ({ suite, file }) => {
  const folders = { core: 'packages/core/test', ws: 'packages/ws/test', packages: 'test' }
  const files = readdirSync(join(root, folders[suite]), { recursive: true, encoding: 'utf8' })
  expect(
    files.some((path) => `/${path}`.endsWith(`/${file.split('/test/').at(-1)}`)) ||
      existsSync(join(root, file)),
  ).toBe(true)
})
