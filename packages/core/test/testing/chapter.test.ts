// The reports in docs/testing.md are those that its programs print.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 30_000 })

const page = readFileSync(new URL('../../../../docs/testing.md', import.meta.url), 'utf8')
// In the tree, because the programs import the package as everybody does.
const folder = mkdtempSync(fileURLToPath(new URL('.chapter-', import.meta.url)))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const shown = [...page.matchAll(/```ts\n([^`]*(?:`[^`]+`[^`]*)*?)```\n\n```text\n(.*?)```/gs)].map(
  ([, program, report], i) => ({
    name: ['bank', 'locks', 'timeout'][i]!,
    program: program!,
    report: report!,
  }),
)

test('the chapter shows three', () => {
  expect(shown).toHaveLength(3)
})

test.each(shown)('the report of $name is what its program prints', async ({ name, program, report }) => {
  const file = `${folder}/${name}.ts`
  writeFileSync(file, program)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  try {
    await import(/* @vite-ignore */ file)
    const printed = String(log.mock.calls[0]![0])
    expect(`${printed.replaceAll(/[^\s(]*\/(?=\w+\.ts:\d)/g, '')}\n`).toBe(report)
  } finally {
    log.mockRestore()
  }
})
