// Every row of the Go tables, of docs/go-to-typescript.md and of the README, has a program that does what it says.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { root } from '../scripts/markdown.mjs'
import { rows as engine } from './rows/engine.ts'
import { rows as sockets } from './rows/sockets.ts'
import { rows as tasks } from './rows/tasks.ts'
import { rows as testing } from './rows/testing.ts'

const programs = { ...engine, ...tasks, ...testing, ...sockets }
const read = (path: string): string => readFileSync(root + path, 'utf8')
const source = ['engine', 'tasks', 'testing', 'sockets'].map((name) => read(`test/rows/${name}.ts`)).join('')

/** What the tables have in the column of Chansel. */
const cells = [...new Set(['docs/go-to-typescript.md', 'README.md'].flatMap(cellsOf))]

function cellsOf(page: string): string[] {
  const [, table] = /^\| Go \| Chansel \|.*\n\|[- |]+\n((?:\|.*\n)+)/m.exec(read(page)) ?? []
  if (table === undefined) throw new Error(`Cannot find the table of ${page}`)
  return table
    .trim()
    .split('\n')
    .map((line) => line.split('|')[2]!.trim())
}

/** The names of the library, or of what it makes, in a cell: what is called, what follows a dot, and lone words. */
function namesIn(cell: string): string[] {
  const code = [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!)
  const called = code.flatMap((text) =>
    [...text.matchAll(/(\w+)(?=[(<])|(?<=\.)(\w+)/g)].map(([name]) => name),
  )
  return [...called, ...code.filter((text) => /^\w+$/.test(text))].filter(
    (name) => !/^(?:switch|await)$/.test(name),
  )
}

/** The source of a program, with its types. */
function sourceOf(cell: string): string {
  const start = source.indexOf(cell)
  return source.slice(start + cell.length, source.indexOf('\n  },\n', start))
}

test('each row has its program', () => {
  expect(cells.length).toBeGreaterThan(60)
  expect(cells.filter((cell) => programs[cell] === undefined)).toEqual([])
})

test.each(Object.keys(programs))('%s', async (cell) => {
  for (const name of namesIn(cell)) expect(sourceOf(cell)).toMatch(new RegExp(`\\b${name}\\b`))
  await programs[cell]!()
})
