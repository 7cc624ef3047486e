// An example with a Go twin is a program, and prints what its twin prints.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const examples = fileURLToPath(new URL('../examples', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'chansel-twins-'))
const log = join(folder, 'log')
// Without modules nothing is fetched. Where Debian puts the sources of Go's libraries; elsewhere GOPATH says it.
const goPath = [process.env['GOPATH'], '/usr/share/gocode'].filter(Boolean).join(':')
const env = { ...process.env, GO111MODULE: 'off', GOPATH: goPath }
/** Why a twin cannot be run here: there is no Go on the PATH, or no library that it needs. */
function whyNoGo(library: string): string {
  const { status } = spawnSync('go', ['list', library], { env })
  return status === 0 ? '' : `: Go or ${library} is not installed`
}

beforeAll(() => {
  const levels = ['debug', 'info', 'info', 'warn', 'info']
  writeFileSync(log, Array.from({ length: 20_000 }, (_, i) => `${levels[i % 5]} größe ${i}`).join('\n'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Program {
  name: string
  args: string[]
  /** What differs from run to run. */
  timing: RegExp
  lines: string[]
  shown: string
  /** Of Go: one that is not in its standard library. */
  library?: string
}

const programs: Program[] = [
  {
    name: 'rate-limiter',
    args: [],
    timing: / after \d\.\d s$/,
    lines: [1, 2, 3, 4, 5].map((n) => `request ${n}`),
    shown: '',
  },
  {
    name: 'prime-sieve',
    args: [],
    timing: /$^/,
    lines: ['2', '3', '5', '7', '11', '13', '17', '19', '23', '29'],
    shown: '',
  },
  {
    name: 'log-count',
    args: [log],
    timing: /$^/,
    lines: ['debug 4000', 'info 12000', 'warn 4000'],
    shown: '[####################] 100 %\n',
  },
  {
    name: 'go-note',
    args: [],
    timing: /$^/,
    lines: ['4: 25', '0: failed', 'many: failed', '5: 20', 'closed with 1000'],
    shown: '',
    library: 'github.com/gorilla/websocket',
  },
]

describe.each(programs)('$name', ({ name, args, timing, lines, shown, library = 'fmt' }) => {
  function run(command: string, given: string[]): string[] {
    const { status, stdout, stderr } = spawnSync(command, [...given, ...args], { encoding: 'utf8', env })
    // A progress bar is drawn over and over: only its last state stays.
    expect([status, stderr.slice(stderr.lastIndexOf('\r') + 1)]).toEqual([0, shown])
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(timing, ''))
  }

  test('in TypeScript', async () => {
    const bundle = await rolldown({
      input: join(examples, name, 'src/main.ts'),
      platform: 'node',
      // For `using`, which Node 20 does not support.
      transform: { target: 'node20' },
      resolve: { conditionNames: ['@chansel/source', 'import'] },
    })
    const file = join(folder, `${name}.mjs`)
    await bundle.write({ file })
    expect(run(process.execPath, [file])).toEqual(lines)
  })

  const obstacle = whyNoGo(library)
  test.skipIf(obstacle !== '')(`in Go${obstacle}`, () => {
    expect(run('go', ['run', join(examples, name, 'main.go')])).toEqual(lines)
  })
})
