// Each row of docs/websockets-faults.md names an existing test, and the page names every file that is about faults alone.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8')
const page = read('docs/websockets-faults.md')

interface Row {
  readonly title: string
  readonly path: string
}

function rowsOf(markdown: string): Row[] {
  return [...markdown.matchAll(/\| \[([^\]]+)\]\(\.\.\/([^)]+)\) +\|$/gm)].map(([, title, path]) => ({
    title: title!,
    path: path!,
  }))
}

const rows = rowsOf(page)

test('each row names its test', () => {
  const faults = page.split('\n').filter((line) => /^\| (?!fault|---)/.test(line))
  expect(rows).toHaveLength(faults.length)
  expect(rows.length).toBeGreaterThan(50)
})

test.each(rows)('$title is a test of $path', ({ title, path }) => {
  expect(existsSync(`${root}${path}`)).toBe(true)
  expect(read(path)).toContain(title)
})

test('the page leads to each file of protocol tests', () => {
  const files = ['faults', 'protocol', 'compression', 'fuzz', 'chaos'].map(
    (name) => `packages/ws/test/${name}.test.ts`,
  )
  expect(files.filter((file) => !rows.some(({ path }) => path === file))).toEqual([])
})
