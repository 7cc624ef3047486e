// What a release changes, and what has to be the same in several files.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { PACKAGES } from '../scripts/pack.mjs'
import { versionEdits } from '../scripts/version.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = readJson('package.json') as { version: string }

test('every file that says the version says the same', () => {
  expect([...versionEdits(root, version).keys()]).toEqual([])
})

test('a release sets the version in all of them', () => {
  const edits = versionEdits(root, '98.7.6')
  const changed = [
    'package.json',
    'packages/core/package.json',
    'packages/core/jsr.json',
    'packages/ws/package.json',
    'packages/ws/jsr.json',
    'package-lock.json',
  ]
  expect([...edits.keys()]).toEqual(expect.arrayContaining(changed))
  const edited = (file: string): unknown => JSON.parse(edits.get(file)!)
  expect(edited('packages/ws/package.json')).toMatchObject({
    version: '98.7.6',
    dependencies: { chansel: '^98.7.6', ws: expect.stringMatching(/^\^8/) },
  })
  expect(edited('packages/ws/jsr.json')).toMatchObject({
    version: '98.7.6',
    imports: { chansel: 'jsr:@chansel/core@^98.7.6', 'chansel/device': 'jsr:@chansel/core@^98.7.6/device' },
  })
  expect(edited('package-lock.json')).toMatchObject({
    version: '98.7.6',
    packages: {
      '': { version: '98.7.6' },
      'packages/ws': { version: '98.7.6', dependencies: { chansel: '^98.7.6' } },
    },
  })
})

describe.each(PACKAGES)('$name on JSR', ({ folder }) => {
  const { exports, imports = {} } = readJson(`${folder}/package.json`) as Manifest
  const jsr = readJson(`${folder}/jsr.json`) as Record<'exports' | 'imports', Record<string, string>>

  test('has the same entry points, as sources', () => {
    const sources = Object.entries(exports).flatMap(([entry, { '@chansel/source': source }]) =>
      source === undefined ? [] : [[entry, source]],
    )
    expect(Object.entries(jsr.exports)).toEqual(sources)
  })

  // It has no conditions: Deno gets what Node gets.
  test('has the same imports of its own', () => {
    const sources = Object.entries(imports).map(([name, { '@chansel/source': source }]) => [
      name,
      (source as { default: string }).default,
    ])
    const own = Object.entries(jsr.imports ?? {}).filter(([name]) => name.startsWith('#'))
    expect(own).toEqual(sources)
  })
})

interface Manifest {
  readonly exports: Readonly<Record<string, { '@chansel/source'?: string }>>
  readonly imports?: Readonly<Record<string, { '@chansel/source': unknown }>>
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(root, file), 'utf8'))
}
