// The page about runtimes says what the last saved run found, and each test that is known to differ exists.

import { readFileSync, readdirSync } from 'node:fs'
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
  const folders = {
    core: ['packages/core/test', 'packages/core/test-browser'],
    ws: ['packages/ws/test', 'packages/ws/test-browser'],
    packages: ['test'],
  }
  const files = folders[suite].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (path) => `/${folder}/${path}`,
    ),
  )
  expect(files.some((path) => path.endsWith(`/${file}`))).toBe(true)
})
