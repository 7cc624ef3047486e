// The linter keeps promises of this project, so it is tested like the rest: in a tree of planted mistakes, with
// the configuration of the repository, it must name each of them and nothing else.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Finding {
  rule: string
  file: string
  line: number
}

const promises = [
  { name: 'a forgotten await', code: 'ch.send(1)', rules: ['no-floating-promises'] },
  { name: 'an await', code: 'await ch.send(1)', rules: [] },
  { name: 'a promise left alone on purpose', code: 'void ch.send(1)', rules: [] },
  { name: 'a promise as a condition', code: 'if (ch.receive()) ch.close()', rules: ['no-misused-promises'] },
].flatMap((mistake, index) =>
  // Each folder has a tsconfig of its own; a file that belongs to none is linted without types, silently.
  ['packages/core/src', 'packages/core/test', 'packages/ws/test', 'examples/chat/src'].map((folder) => {
    const code = `import { channel } from 'chansel'\nconst ch = channel<number>()\n${mistake.code}`
    return { name: mistake.name, file: `${folder}/promises-${index}.ts`, code, rules: mistake.rules }
  }),
)

// Imports that a file may or may not have: each becomes a line of its own.
const directions: { file: string; sees: string[]; refused: string[] }[] = [
  {
    file: 'packages/core/src/errors.ts',
    sees: [],
    refused: ['./internal/ring.ts', './channel.ts', 'node:fs'],
  },
  {
    file: 'packages/core/src/internal/ring.ts',
    sees: ['../errors.ts', './waiter.ts'],
    refused: ['../channel.ts', '../context.ts', '../index.ts', 'node:fs'],
  },
  {
    file: 'packages/core/src/channel.ts',
    sees: ['./errors.ts', './internal/ring.ts', './device.ts'],
    refused: ['./select.ts', './context.ts', './sync/mutex.ts', './index.ts', 'node:events'],
  },
  {
    file: 'packages/core/src/device.ts',
    sees: ['./errors.ts', './internal/ring.ts', './channel.ts', './views.ts'],
    refused: ['./select.ts', './time.ts'],
  },
  {
    file: 'packages/core/src/select.ts',
    sees: ['./errors.ts', './internal/ring.ts', './channel.ts', './device.ts'],
    refused: ['./context.ts', './time.ts', './group.ts', './index.ts'],
  },
  {
    file: 'packages/core/src/context.ts',
    sees: ['./errors.ts', './internal/ring.ts', './channel.ts', './select.ts', './time.ts'],
    refused: ['./group.ts', './sync/mutex.ts', './pipeline/map.ts', './index.ts'],
  },
  {
    file: 'packages/core/src/group.ts',
    sees: ['./errors.ts', './internal/ring.ts', './channel.ts', './context.ts', './sync/mutex.ts'],
    refused: ['./pipeline/map.ts', './interop/web.ts', './testing/steps.ts', './index.ts'],
  },
  {
    file: 'packages/core/src/sync/mutex.ts',
    sees: ['../errors.ts', '../internal/ring.ts', '../channel.ts', '../context.ts', './guard.ts'],
    refused: ['../pipeline/map.ts', '../interop/web.ts', '../testing/steps.ts', '../index.ts'],
  },
  {
    file: 'packages/core/src/pipeline/map.ts',
    sees: ['../channel.ts', '../group.ts', '../sync/mutex.ts', './from.ts'],
    refused: ['../index.ts', '../../../ws/src/index.ts'],
  },
  {
    file: 'packages/core/src/interop/from-events.ts',
    sees: [
      '../errors.ts',
      '../internal/listener.ts',
      '../channel.ts',
      '../context.ts',
      './disposable-view.ts',
    ],
    refused: ['../index.ts', 'node:stream', '../../../ws/src/index.ts'],
  },
  {
    file: 'packages/core/src/ts-chan/to.ts',
    sees: ['../errors.ts', '../internal/listener.ts', '../channel.ts', './pairs.ts'],
    refused: ['../index.ts', 'node:stream', '../../../ws/src/index.ts'],
  },
  {
    file: 'packages/core/src/index.ts',
    sees: ['./errors.ts', './group.ts'],
    refused: ['../../ws/src/index.ts'],
  },
  { file: 'packages/core/src/newcomer.ts', sees: [], refused: ['./errors.ts'] },
  {
    file: 'packages/ws/src/connection.ts',
    sees: ['chansel', 'chansel/device', '#platform', './errors.ts', './transport/port.ts'],
    refused: ['chansel/src/channel.ts', 'chansel/dist/channel.js', '../../core/src/index.ts'],
  },
  {
    file: 'packages/ws/src/testing/pipe.ts',
    sees: ['chansel', 'chansel/device', '../connection.ts'],
    refused: ['chansel/src/channel.ts', '../../../core/src/index.ts'],
  },
  {
    file: 'packages/ws/src/transport/node.ts',
    sees: ['chansel', 'chansel/device', 'ws', 'node:http', './ws.ts', './whatwg.ts', '../errors.ts'],
    refused: ['./browser.ts', '../connection.ts', '../codec.ts', 'chansel/src/channel.ts'],
  },
  {
    file: 'packages/ws/src/transport/ws.ts',
    sees: ['ws', 'node:net', './port.ts', './node/frame-writer.ts', '../errors.ts'],
    refused: ['./browser.ts', '../connection.ts', 'chansel/src/channel.ts'],
  },
  {
    file: 'packages/ws/src/transport/browser.ts',
    sees: ['chansel', 'chansel/device', './port.ts', './whatwg.ts', '../errors.ts'],
    refused: ['./node.ts', '../connection.ts', 'ws', 'node:http', 'chansel/src/channel.ts'],
  },
  {
    file: 'packages/ws/src/transport/whatwg.ts',
    sees: ['./port.ts', '../errors.ts'],
    refused: ['./node.ts', './ws.ts', '../connection.ts', 'ws', 'node:http'],
  },
]

let folder: string
let findings: Finding[]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chansel-lint-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const projects = ['packages/core', 'packages/ws', 'examples/chat'].map((path) => `${path}/tsconfig.json`)
  for (const file of ['.oxlintrc.json', 'tsconfig.base.json', ...projects]) plant(file)
  for (const { file, code } of promises) plant(file, code)
  for (const { file, sees, refused } of directions) {
    plant(file, [...sees, ...refused].map((from) => `export type { Something } from '${from}'`).join('\n'))
  }
  plant('packages/core/src/time.ts', "export const late = await import('./group.ts')")
  plant('test/one.ts', "import { two } from './two.ts'\nexport const one = () => two")
  plant('test/two.ts', "import { one } from './one.ts'\nexport const two = () => one")
  findings = lint(['packages', 'examples', 'test'])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('promises', () => {
  test.each(promises)('$name in $file', ({ file, rules }) => {
    expect(findings.filter((finding) => finding.file === file).map(({ rule }) => rule)).toEqual(rules)
  })
})

describe('the direction of imports', () => {
  test.each(directions)('$file', ({ file, sees, refused }) => {
    const lines = findings
      .filter(({ rule }) => rule === 'no-restricted-imports' || rule === 'no-nodejs-modules')
      .filter((finding) => finding.file === file)
      .map(({ line }) => [...sees, ...refused][line - 1])
    expect(new Set(lines)).toEqual(new Set(refused))
  })

  test('a late import counts', () => {
    expect(findings).toContainEqual({
      rule: 'no-restricted-imports',
      file: 'packages/core/src/time.ts',
      line: 1,
    })
  })

  test('a circle is refused', () => {
    expect(findings).toContainEqual({ rule: 'no-cycle', file: 'test/one.ts', line: 1 })
  })
})

function plant(file: string, code?: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  if (code === undefined) cpSync(join(root, file), join(folder, file))
  else writeFileSync(join(folder, file), `${code}\n`)
}

function lint(paths: string[]): Finding[] {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint')
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '--format=json', ...paths], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (!stdout.startsWith('{')) throw new Error(`Cannot lint ${folder}: ${stdout}${stderr}`)
  const report = JSON.parse(stdout) as {
    diagnostics: { code: string; filename: string; labels: { span: { line: number } }[] }[]
  }
  return report.diagnostics.map(({ code, filename, labels }) => ({
    // 'eslint(no-var)' is no-var.
    rule: /\((.*)\)$/.exec(code)?.[1] ?? code,
    file: filename,
    line: labels[0]?.span.line ?? 0,
  }))
}
