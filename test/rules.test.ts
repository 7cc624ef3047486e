// Every rule of docs/semantics.md has a test that carries its number, or says there why not; and no test carries a
// number that means nothing.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { root } from '../scripts/markdown.mjs'
import { type NamedTest, type Rule, allTests, rulesOf, testFiles, testsIn } from '../scripts/rules.mjs'

const page = readFileSync(`${root}docs/semantics.md`, 'utf8')

/** How many rules each group has, from 1 on: a rule that is dropped from the page is missed. */
const groups = { R: 8, C: 35, S: 32, X: 33, T: 18, G: 16, M: 26, B: 14, K: 13, J: 24 }
const numbers = Object.entries(groups).flatMap(([group, count]) =>
  Array.from({ length: count }, (_, i) => `${group}${i + 1}`),
)

function numbersIn(name: string): string[] {
  return name.match(new RegExp(`\\b[${Object.keys(groups).join('')}]\\d{1,2}\\b`, 'g')) ?? []
}

/** The rules with neither a test nor a reason, and those with both: there, a test has made the reason untrue. */
function gapsIn(rules: readonly Rule[], tests: readonly Pick<NamedTest, 'file' | 'name'>[]): string[] {
  const tested = new Set(tests.flatMap(({ name }) => numbersIn(name)))
  return rules.flatMap(({ number, name, text }) => {
    const isExcused = text.includes('Not tested:')
    if (tested.has(number) !== isExcused) return []
    return [`${number} ${name} ${isExcused ? 'is tested, though the page says why not' : 'has no test'}`]
  })
}

const files = testFiles()
const tests = allTests()
const rules = rulesOf(page)

test('the page states each rule once', () => {
  expect(rules.map(({ number }) => number).sort()).toEqual([...numbers].sort())
})

test('each rule has a test that carries its number, or the reason why not', () => {
  expect(gapsIn(rules, tests)).toEqual([])
})

test('a number in the name of a test is that of a rule', () => {
  const unknown = tests.filter(({ name }) => numbersIn(name).some((number) => !numbers.includes(number)))
  expect(unknown).toEqual([])
})

test('the page leads to each file that tests a rule by its number, and to no other', () => {
  const spec = 'packages/core/test/spec/'
  const holding = tests.filter(({ file, name }) => file.startsWith(spec) && numbersIn(name).length > 0)
  const links = [...page.matchAll(/\(\.\.\/(packages\/[^)]+\.ts)\)/g)].map(([, path]) => path!)
  expect(links.filter((link) => !files.includes(link))).toEqual([])
  expect(holding.map(({ file }) => file).filter((file) => !links.includes(file))).toEqual([])
})

describe('the check itself', () => {
  const planted = rulesOf(
    '- **C1 Capacity.** Whole.\n- **C2 Handing\n- **C3 Order** is kept,\n  always. Not tested: no.\n',
  )

  test('reads rules and their second lines', () => {
    expect(planted).toEqual([
      { number: 'C1', name: 'Capacity.', text: ' Whole.' },
      { number: 'C3', name: 'Order', text: ' is kept,\n  always. Not tested: no.' },
    ])
  })

  test('finds a rule without a test, and a reason that is no longer true', () => {
    const naming = (name: string) => [{ file: 'a.test.ts', name }]
    expect(gapsIn(planted, naming('C1 capacity'))).toEqual([])
    expect(gapsIn(planted, naming('C10 C11 close'))).toEqual(['C1 Capacity. has no test'])
    expect(gapsIn(planted, naming('C1 C3 order'))).toEqual([
      'C3 Order is tested, though the page says why not',
    ])
  })

  test('reads names wherever a test is given one, and not from comments, code or skipped tests', () => {
    const code = `
      // test('C4 a comment')
      describe('C5 a group', () => {
        test.each([1])('C6 a row %d', () => void 'C7 a text')
        test(\`C8 a template \${1}\`, { timeout: 5 }, () => {})
        test.skip('C9 skipped', () => {})
        contest('C10 another function')
      })`
    expect(testsIn('a.test.ts', code).flatMap(({ name }) => numbersIn(name))).toEqual(['C5', 'C6', 'C8'])
  })
})
