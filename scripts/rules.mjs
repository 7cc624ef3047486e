// The rules of docs/semantics.md, and the tests that carry their numbers.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { parseAst } from 'rolldown/parseAst'
import { root } from './markdown.mjs'

/**
 * @typedef {{ readonly number: string, readonly name: string, readonly text: string }} Rule
 * @typedef {{ readonly file: string, readonly name: string, readonly line: number }} NamedTest
 * @typedef {{ readonly [key: string]: unknown }} Syntax
 */

/**
 * `- **C17 Length.** Counts values …`, with the indented lines that follow.
 *
 * @param {string} markdown
 * @returns {Rule[]}
 */
export function rulesOf(markdown) {
  return [...markdown.matchAll(/^- \*\*([A-Z]\d+) ([^*\n]+)\*\*(.*(?:\n {2}\S.*)*)/gm)].map(
    ([, number = '', name = '', text = '']) => ({ number, name, text }),
  )
}

/** Every test file, from the root. */
export function testFiles() {
  return ['packages', 'examples'].flatMap((folder) =>
    readdirSync(root + folder)
      .map((name) => `${folder}/${name}/test`)
      .filter((path) => existsSync(root + path))
      .flatMap(filesIn),
  )
}

/** @param {string} folder */
function filesIn(folder) {
  const entries = readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
  return entries.filter((path) => /\.test(?:-d)?\.ts$/.test(path)).map((path) => `${folder}/${path}`)
}

/** Every test that is named in the test files. */
export function allTests() {
  return testFiles().flatMap((file) => testsIn(file, readFileSync(root + file, 'utf8')))
}

/**
 * The names that calls of `test` and `describe` give, as far as they are written there. Skipped ones prove nothing.
 *
 * @param {string} file
 * @param {string} code
 * @returns {NamedTest[]}
 */
export function testsIn(file, code) {
  /** @type {NamedTest[]} */
  const found = []
  visit(parseAst(code, { lang: 'ts' }), (node) => {
    if (node['type'] !== 'CallExpression') return
    const start = /** @type {number} */ (node['start'])
    const callee = code.slice(start, /** @type {number} */ (/** @type {Syntax} */ (node['callee'])['end']))
    const name = textOf(/** @type {Syntax[]} */ (node['arguments'])[0])
    if (name !== undefined && /^(?:test|describe)\b(?!\s*\.\s*(?:skip|todo))/.test(callee))
      found.push({ file, name, line: code.slice(0, start).split('\n').length })
  })
  return found
}

/**
 * @param {unknown} node
 * @param {(node: Syntax) => void} see
 */
function visit(node, see) {
  if (typeof node !== 'object' || node === null) return
  if (!Array.isArray(node)) see(/** @type {Syntax} */ (node))
  for (const child of Object.values(node)) visit(child, see)
}

/**
 * The text of a literal; of a template what stands between the expressions.
 *
 * @param {Syntax | undefined} node
 * @returns {string | undefined}
 */
function textOf(node) {
  if (node?.['type'] === 'Literal') return typeof node['value'] === 'string' ? node['value'] : undefined
  if (node?.['type'] !== 'TemplateLiteral') return undefined
  const quasis = /** @type {{ value: { cooked: string } }[]} */ (node['quasis'])
  return quasis.map(({ value }) => value.cooked).join(' ')
}
