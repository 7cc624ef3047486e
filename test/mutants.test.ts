// The planted bugs are fit to be planted: `npm run mutants` plants them and runs the tests over each.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'rolldown/parseAst'
import { describe, expect, test } from 'vitest'
import catchers from './mutants/catchers.json' with { type: 'json' }
import { mutants } from './mutants/index.mjs'
import { plant } from './mutants/mutant.mjs'
import { wsMutants } from './mutants/ws.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(`${root}docs/semantics.md`, 'utf8')
const broken = new Set(mutants.flatMap(({ rules }) => rules))

test.each([...mutants, ...wsMutants])('$file: $name', (mutant) => {
  const source = readFileSync(root + mutant.file, 'utf8')
  const mutated = plant(mutant, source)
  expect(mutated).not.toBe(source)
  // Code that does not parse fails every test, and proves nothing about the tests.
  parseAst(mutated, { lang: 'ts' })
})

test('no two have one name', () => {
  const names = [...mutants, ...wsMutants].map(({ name }) => name)
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
})

test('what caught a mutant is a test that there is', () => {
  const named = new Set(mutants.map(({ name }) => name))
  const stale = Object.entries<string>(catchers).filter(
    ([mutant, by]) => !named.has(mutant) || !existsSync(`${root}packages/core/test/${by.split(' > ')[0]}`),
  )
  expect(stale).toEqual([])
})

describe('what is broken', () => {
  // There is no F9: a fault of goroutines on several processors, which a single thread cannot have.
  const common = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15].map((number) => `F${number}`)
  const ground = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `R${number}`)

  test.each([...common, ...ground])('%s', (rule) => {
    expect([...broken]).toContain(rule)
  })

  test.each(['C', 'S', 'X', 'T', 'G', 'M', 'J'])('rules of group %s', (group) => {
    expect([...broken].filter((rule) => rule.startsWith(group)).length).toBeGreaterThan(10)
  })

  test('only rules that there are', () => {
    const unknown = [...broken].filter((rule) => !rule.startsWith('F') && !page.includes(`- **${rule} `))
    expect(unknown).toEqual([])
  })
})

describe('a mutant is stale', () => {
  const mutant = { name: 'a bug', rules: ['R1'], file: 'some.ts', find: 'one', replace: 'two' }

  test.each([
    ['where its place is gone', 'two three', 'not'],
    ['where its place is there twice', 'one two one', 'more than once'],
  ])('%s', (_, source, times) => {
    expect(() => plant(mutant, source)).toThrow(
      `Stale mutant "a bug": what it looks for is ${times} in some.ts`,
    )
  })

  test('not where its place is there once', () => {
    expect(plant(mutant, 'one $& three')).toBe('two $& three')
  })
})
