// The page about Go's programs is generated from the headers of their tests, and says everything.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { TABLE, goTable } from '../../../../scripts/go-table.mjs'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

test('every program and test of Go is rewritten or has a reason, and the page is up to date', () => {
  const { text, problems } = goTable(root)
  expect(problems).toEqual([])
  expect(readFileSync(join(root, TABLE), 'utf8') === text, 'stale: run node scripts/go-table.mjs').toBe(true)
})

const LIST = '# Channels\ntest/chan/one.go\ntest/chan/two.go — does not apply: stacks.\n'
const TEST = '// Go: test/chan/one.go — values\n//   arrive.\n\nexport {}\n'

describe('the generator', () => {
  test('makes a row of each line, with a link or a reason', () => {
    const { text, problems } = goTable(planted({ list: LIST, test: TEST }))
    expect(problems).toEqual([])
    const link = '[go/chan/one.test.ts](../packages/core/test/go/chan/one.test.ts)'
    expect(text).toContain(`| \`test/chan/one.go\` | values arrive. | ${link} |`)
    expect(text).toContain('| `test/chan/two.go` | Does not apply: stacks. |  |')
  })

  const file = 'packages/core/test/go/chan/one.test.ts'
  const subject = 'test/chan/one.go'
  test.each([
    {
      mistake: 'a test without a header',
      list: '# Channels\n',
      test: 'export {}\n',
      problem: `${file}: no header, “// Go: …”`,
    },
    {
      mistake: 'a header that does not say what is proved',
      list: LIST,
      test: `${TEST.replace('\n\n', '\n// Go: test/chan/two.go\n\n')}`,
      problem: `${file}: not a line of a header: // Go: test/chan/two.go`,
    },
    {
      mistake: 'a program that nobody rewrote',
      list: `${LIST}test/chan/three.go\n`,
      test: TEST,
      problem: 'test/chan/three.go: neither rewritten nor a reason',
    },
    {
      mistake: 'a reason for a program that is rewritten',
      list: LIST.replace('one.go', 'one.go — does not apply: it does.'),
      test: TEST,
      problem: `${subject}: a reason, and rewritten in ${file}`,
    },
    {
      mistake: 'a rewritten program that Go does not have',
      list: LIST,
      test: TEST.replace('\n\n', '\n// Go: test/chan/none.go — nothing.\n\n'),
      problem: `${file}: in no list: test/chan/none.go`,
    },
    {
      mistake: 'a program that is listed twice',
      list: `${LIST}${subject}\n`,
      test: TEST,
      problem: `${subject}: listed twice`,
    },
    {
      mistake: 'a line that is none',
      list: `${LIST}test/chan/two.go because of stacks\n`,
      test: TEST,
      problem:
        'packages/core/test/go/chan/list.txt: not a line of a list: test/chan/two.go because of stacks',
    },
  ])('names $mistake', ({ list, test: text, problem }) => {
    expect(goTable(planted({ list, test: text })).problems).toEqual([problem])
  })
})

/** A repository that has one list and one test. */
function planted(files: { list: string; test: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'chansel-go-table-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const paths = { list: 'list.txt', test: 'one.test.ts' }
  for (const kind of ['list', 'test'] as const) {
    const path = join(folder, 'packages/core/test/go/chan', paths[kind])
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, files[kind])
  }
  return folder
}
