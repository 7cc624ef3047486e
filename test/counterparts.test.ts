// What each export of these entry points has to have: a program in its docstring (which examples.test.ts runs), the source
// that it goes back to, and a row in the table for those who come from Go.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import * as chansel from 'chansel'
import * as interop from 'chansel/interop'
import * as pipeline from 'chansel/pipeline'
import * as sync from 'chansel/sync'
import * as tsChan from 'chansel/ts-chan'

const src = fileURLToPath(new URL('../packages/core/src/', import.meta.url))
const page = readFileSync(new URL('../docs/go-to-typescript.md', import.meta.url), 'utf8')

const entries: { entry: string; index: string; module: object }[] = [
  { entry: 'chansel', index: 'index.ts', module: chansel },
  { entry: 'chansel/sync', index: 'sync/index.ts', module: sync },
  { entry: 'chansel/pipeline', index: 'pipeline/index.ts', module: pipeline },
  { entry: 'chansel/interop', index: 'interop/index.ts', module: interop },
  { entry: 'chansel/ts-chan', index: 'ts-chan/index.ts', module: tsChan },
]

/** The docstring before the declaration of `name`; with overloads, that of the first. */
function docstringOf(name: string, code: string): string | undefined {
  const declared = new RegExp(`export (?:abstract )?(?:function|class|const) ${name}\\b`).exec(code)
  const before = declared === null ? '' : code.slice(0, declared.index)
  return /\/\*\*(?:(?!\*\/)[^])*\*\/\n$/.exec(before)?.[0]
}

/** The file that an index takes `name` from. */
function fileOf(name: string, index: string): string {
  const from = new RegExp(`export \\{[^}]*\\b${name}\\b[^}]*\\} from '([^']+)'`).exec(index)
  if (from === null) throw new Error(`No export of ${name}`)
  return from[1]!
}

/** What the middle column of a table says, all rows of it. */
function answersOf(markdown: string): string {
  return [...markdown.matchAll(/^\|.*?\| (.*?) \|/gm)].map(([, answer]) => answer).join('\n')
}

const answers = answersOf(page)
const named = (name: string) => new RegExp(`\\b${name}\\b`).test(answers)

describe.each(entries)('$entry', ({ index, module }) => {
  const folder = new URL(index, `file://${src}`)
  const exports = Object.keys(module).map((name) => {
    const file = new URL(fileOf(name, readFileSync(folder, 'utf8')), folder)
    return { name, doc: docstringOf(name, readFileSync(file, 'utf8')) ?? '' }
  })
  // Nobody calls an error: what throws it names it.
  const called = exports.filter(({ name }) => !name.endsWith('Error'))

  test.each(called)('$name has a program that runs, and says what it goes back to', ({ doc }) => {
    expect(doc).toMatch(/^ \* @example\n/m)
    expect(doc).toMatch(/^ \* Source: /m)
  })

  test.each(called)('$name is in the table that leads from Go to it', ({ name }) => {
    expect(named(name), `a row for ${name}`).toBe(true)
  })
})

describe('the check itself', () => {
  test('finds the docstring of a declaration, and of no other', () => {
    const code = '/** One. */\nexport function one() {}\nexport function two() {}\n'
    expect([docstringOf('one', code), docstringOf('two', code)]).toEqual(['/** One. */\n', undefined])
  })

  test('reads the answers of a table, and not the questions', () => {
    expect(answersOf('| Go | Chansel | note |\n| `take` | `skip` | `drop` |\n')).toBe('Chansel\n`skip`')
  })
})
