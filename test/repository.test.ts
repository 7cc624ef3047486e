// What has to be true of every file in the repository.

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = [...walk(root)].map((path) => relative(root, path))
const isBinary = /\.(gz|png|ico|woff2)$/
const texts = files.filter((file) => !isBinary.test(file)).map((file) => ({ file, text: read(file) }))
const sources = texts.filter(({ file }) => /^packages\/[^/]+\/src\/.*\.ts$/.test(file))

test('a source file has at most 500 lines', () => {
  const tooLong = sources.map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
  expect(tooLong.filter(({ lines }) => lines > 500)).toEqual([])
})

test('a note to do something later names its issue: TODO(#12)', () => {
  // Go's context.TODO is not such a note.
  expect(matches(sources, /(?<!\.)\b(?:TODO|FIXME)\b(?!\(#\d+\))/)).toEqual([])
})

test('no file names a place on somebody’s machine', () => {
  expect(matches(texts, /(?<![\w.*~/-])\/(?:home|root|Users|work|mnt)\/[\w.-]/)).toEqual([])
})

test('no file names a package registry', () => {
  expect(matches(texts, /\bregistry\.\w|\bnpm\.pkg\.\w|(?:^|\W)registry\s*=|"resolved": "\w+:/)).toEqual([])
})

test('the list of examples has each of them', () => {
  const listed = [...read('examples/README.md').matchAll(/^\| \[`(\S+)`\]\(\1\)/gm)].map(([, name]) => name!)
  const folders = files.flatMap((file) => /^examples\/([^/]+)\/README\.md$/.exec(file)?.[1] ?? [])
  expect(new Set(listed)).toEqual(new Set(folders))
})

test('every package carries the license of the repository', () => {
  const licenses = files.filter((file) => /^packages\/[^/]+\/LICENSE$/.test(file))
  expect(licenses).toHaveLength(readdirSync(join(root, 'packages')).length)
  for (const license of licenses) expect(read(license)).toBe(read('LICENSE'))
})

/** Every file that git would track. */
function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (isIgnored(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* walk(path)
    else if (entry.isFile()) yield path
  }
}

// The lines of .gitignore are plain names, some with a star at the start or at the end.
function isIgnored(name: string): boolean {
  return ['.git', ...read('.gitignore').split('\n')].some((line) => {
    if (line.startsWith('*')) return name.endsWith(line.slice(1))
    if (line.endsWith('*')) return name.startsWith(line.slice(0, -1))
    return name === line
  })
}

function matches(among: { file: string; text: string }[], pattern: RegExp): string[] {
  return among.flatMap(({ file, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line}`] : [])),
  )
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
