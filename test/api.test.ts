// The public surface of each entry point is kept in `api`: a change to it shows in a review, and has a line in the
// changelog.

import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Surface, digest, entriesOf, pageOf, readPage, readSurfaces, record } from '../scripts/api.mjs'
import { levelOf, notesOf, release, unreleasedEntries } from '../scripts/changelog.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const entries = entriesOf(root)

let surfaces: Surface[]
beforeAll(async () => {
  surfaces = await readSurfaces(root)
})

test('api has a page for each entry point, and no other', () => {
  expect(readdirSync(`${root}/api`).toSorted()).toEqual(
    entries.map(({ file }) => file.slice('api/'.length)).toSorted(),
  )
})

test.each(entries)('$file is the surface of $specifier, written by npm run api', ({ specifier, file }) => {
  const page = readPage(readFileSync(`${root}/${file}`, 'utf8'))
  expect(page?.text).toBe(surfaces.find((surface) => surface.specifier === specifier)!.text)
  // A page that was written by hand went around the changelog.
  expect(page!.surface).toBe(digest(page!.text))
})

describe('a change of a surface', () => {
  const surface = {
    specifier: 'chansel/sync',
    file: 'api/core.sync.md',
    source: '',
    text: 'class Mutex {}\n',
  }
  const page = pageOf(surface, ['chansel/sync: locks.'])
  const changed = { ...surface, text: 'class Lock {}\n' }

  test('is written with a new entry of its module', () => {
    const after = { page: pageOf(changed, ['chansel/sync: `Lock`.', 'chansel/sync: locks.']) }
    expect(record(changed, page, ['chansel/sync: `Lock`.', 'chansel/sync: locks.'])).toEqual(after)
  })

  test.each([
    ['no new entry', ['chansel/sync: locks.']],
    ['no entry, as after a release', []],
  ])('is not written with %s', (_, changes) => {
    expect(record(changed, page, changes)).toEqual({
      problem:
        'Cannot write api/core.sync.md: CHANGELOG.md says nothing new of chansel/sync under Unreleased',
    })
  })

  test('a new entry without a change writes nothing', () => {
    expect(record(surface, page, ['chansel/sync: faster.'])).toBeUndefined()
  })

  test('a page that was changed by hand is no page that says it', () => {
    const byHand = page.replace('Mutex', 'Lock')
    expect(record(changed, byHand, ['chansel/sync: locks.'])).toHaveProperty('problem')
    expect(readPage(byHand)!.surface).not.toBe(digest(readPage(byHand)!.text))
  })
})

describe('the changelog', () => {
  const changelog = `# Changes

## Unreleased

### Added

- chansel: \`never\`, which
  never comes.
- chansel/testing: \`steps\`.

### Fixed

- @chansel/ws/server: a leak.

## 0.1.0 (2026-01-01)

### Added

- chansel: \`channel\`.
`

  test.each([
    ['chansel', ['chansel: `never`, which never comes.']],
    ['chansel/testing', ['chansel/testing: `steps`.']],
    ['chansel/testing/vitest', ['chansel/testing: `steps`.']],
    ['chansel/sync', []],
    ['@chansel/ws', []],
    ['@chansel/ws/server', ['@chansel/ws/server: a leak.']],
  ])('says of %s what is led by it', (specifier, said) => {
    expect(unreleasedEntries(changelog, specifier)).toEqual(said)
  })

  test.each([
    ['additions', '0.1.0', 'Added', 'a new name', 'minor'],
    ['repairs', '0.1.0', 'Fixed', 'a leak', 'patch'],
    ['removals below 1.0', '0.1.0', 'Removed', 'a name', 'minor'],
    ['removals', '1.0.0', 'Removed', 'a name', 'major'],
    ['what breaks', '1.0.0', 'Changed', '**Breaking** another name', 'major'],
  ])('takes the version by %s', (_, version, heading, text, level) => {
    const text_ = `# Changes\n\n## Unreleased\n\n### ${heading}\n\n- chansel: ${text}.\n`
    expect(levelOf(text_, version)).toBe(level)
  })

  test('is released under a version and a date, and empty after that', () => {
    const after = release(changelog, '0.2.0', '2026-02-03')
    expect(after).toContain('## Unreleased\n\n## 0.2.0 (2026-02-03)\n\n### Added\n\n- chansel: `never`')
    expect(unreleasedEntries(after, 'chansel')).toEqual([])
    expect(notesOf(after, '0.1.0')).toBe('### Added\n\n- chansel: `channel`.')
    expect(notesOf(after, '0.3.0')).toBeUndefined()
  })
})
