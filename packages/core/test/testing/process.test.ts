// What only a process of its own shows: its end, a signal, a schedule of another process, other runners and none.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { bundled } from '../support/bundle.ts'

vi.setConfig({ testTimeout: 20_000 })

const folder = mkdtempSync(join(tmpdir(), 'chansel-testing-'))
const sourceOf = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))
const quoted = (path: string) => JSON.stringify(sourceOf(path))

beforeAll(async () => {
  // As one file, as a page or a service would have it.
  const entry = join(folder, 'entry.mjs')
  const names = [
    `export * as chansel from ${quoted('index.ts')}`,
    `export * as testing from ${quoted('testing/index.ts')}`,
  ]
  writeFileSync(entry, names.join('\n'))
  const bundle = await bundled(entry)
  await bundle.write({ file: join(folder, 'library.mjs') })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface End {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

let programs = 0

function write(code: string, extension = '.mjs'): string {
  const file = join(folder, `program-${programs++}${extension}`)
  writeFileSync(file, `import { chansel, testing } from './library.mjs'\n${code}`)
  return file
}

type Heard = (output: string, kill: (signal: NodeJS.Signals) => void) => void

/** Runs a program to its end; `heard` is called with what it has written by then. */
function endOf(code: string, args: readonly string[] = [], heard?: Heard): Promise<End> {
  return endOfNode([...args, write(code)], heard)
}

async function endOfNode(args: readonly string[], heard?: Heard, timeout = 15_000): Promise<End> {
  const child = spawn(process.execPath, args, { timeout, cwd: folder })
  let output = ''
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    heard?.(output, (signal) => child.kill(signal))
  })
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code: exitCode, output: output.trim(), errors: errors.trim() }
}

const TWO_BLOCKED = `
  const { channel, select } = chansel
  const jobs = channel(0, { name: 'jobs' })
  const worker = async () => { await jobs.receive() }
  void worker()
  void select({ jobs, more: channel(1, { name: 'more' }) })`

describe('J22 a program that ends in a deadlock', () => {
  test('says who waits where, and exits with 2', async () => {
    const { code, errors } = await endOf(`testing.installDeadlockReport()\n${TWO_BLOCKED}`)
    expect(code).toBe(2)
    expect(errors).toMatch(/^all tasks are asleep - deadlock!/)
    expect(errors).toMatch(
      /main +blocked on receive jobs \(unbuffered\) +program-\d+\.mjs:\d+:\d+ +for \S+ ms/,
    )
    expect(errors).toMatch(/main +blocked on select jobs, more/)
  })

  test('does so at its top level, too', async () => {
    const end = await endOf(
      `testing.installDeadlockReport()\nawait chansel.channel(0, { name: 'top' }).receive()`,
    )
    expect(end.code).toBe(2)
    expect(end.errors).toContain('blocked on receive top')
  })

  test('does so once, with the code and to where it is told', async () => {
    const end = await endOf(`
      testing.installDeadlockReport()
      testing.installDeadlockReport({ exitCode: 7, write: (report) => console.log(report) })
      ${TWO_BLOCKED}`)
    expect(end).toMatchObject({ code: 7, errors: '' })
    expect(end.output.match(/deadlock!/g)).toHaveLength(1)
  })

  test('ends as before if it was taken back, or never installed', async () => {
    expect(await endOf(`testing.installDeadlockReport()()\n${TWO_BLOCKED}`)).toMatchObject({
      code: 0,
      errors: '',
    })
    expect(await endOf(TWO_BLOCKED)).toMatchObject({ code: 0, errors: '' })
  })

  test('one that ends well says nothing', async () => {
    const end = await endOf(`
      testing.installDeadlockReport({ signal: 'SIGUSR2' })
      await chansel.sleep(5)
      const ch = chansel.channel(1)
      await ch.send(1)
      await ch.receive()`)
    expect(end).toMatchObject({ code: 0, output: '', errors: '' })
  })
})

test('J22 a program that hangs tells who waits where when it is asked by a signal', async () => {
  const end = await endOf(
    `
    testing.installDeadlockReport({ signal: 'SIGUSR2', write: (report) => console.log(report) })
    const jobs = chansel.channel(0, { name: 'jobs' })
    const received = jobs.receive()
    const alive = setInterval(() => {}, 1_000)
    console.log('ready')
    process.on('SIGUSR2', () => { clearInterval(alive); jobs.close() })
    await received`,
    [],
    (output, kill) => {
      if (output === 'ready\n') kill('SIGUSR2')
    },
  )
  expect(end).toMatchObject({ code: 0, errors: '' })
  expect(end.output).toMatch(/1 operation waits\n +main +blocked on receive jobs/)
})

test('a schedule repeats a failure in another process, to the letter', async () => {
  const body = `
    const body = async (t) => {
      const out = chansel.channel(4, { name: 'out' })
      const tasks = ['a', 'b', 'c'].map((name) => t.go(name, async () => {
        await out.send(name)
        await chansel.yieldNow()
        await out.send(name)
      }))
      const seen = []
      for (let i = 0; i < 6; i++) seen.push((await out.receive()).value)
      await Promise.all(tasks)
      if (seen.join('').startsWith('cba')) throw new Error('not in this order')
    }
    const show = ({ message, schedule, trace, tasks, cause }) =>
      console.log(JSON.stringify({ schedule, trace, tasks, cause: cause.message }))`
  const strategy = `{ strategy: 'random', runs: 5_000 }`
  const found = await endOf(`${body}\nawait testing.explore(body, ${strategy}).catch(show)`)
  expect(found.output).toContain('not in this order')
  const { schedule } = JSON.parse(found.output) as { schedule: string }
  const again = await endOf(`${body}\nawait testing.replay('${schedule}', body).catch(show)`)
  // The lines of the two programs are the same, their names are not.
  const plain = (output: string) => output.replaceAll(/program-\d+/g, 'program')
  expect(plain(again.output)).toBe(plain(found.output))
})

test('works under node:test', async () => {
  const end = await endOf(
    `
    import { test } from 'node:test'
    import { deepStrictEqual, rejects } from 'node:assert'
    test('simulates', async () => {
      const slept = await testing.simulate(async (t) => {
        const start = t.now()
        await chansel.sleep(60_000)
        return t.now() - start
      })
      deepStrictEqual(slept, 60_000)
    })
    test('explores', async () => {
      await rejects(testing.explore(() => chansel.channel().receive()), { code: 'ERR_EXPLORATION' })
    })
    test('catches what nobody awaits', async () => {
      const failing = testing.simulate(async () => {
        void (async () => { await chansel.sleep(1); throw new Error('unseen') })()
        await chansel.sleep(5)
      })
      await rejects(failing, { message: 'unseen' })
    })`,
    ['--test'],
  )
  expect(end.output).toMatch(/pass 3\b/)
  expect(end.code).toBe(0)
})

/** Installed beside the runtimes, by `npm run test:runtimes` and CI: it is as large as all else that tests need. */
const jest = fileURLToPath(new URL('../../../../runtimes/node_modules/jest/bin/jest.js', import.meta.url))
const canRunJest = existsSync(jest) && !('Bun' in globalThis) && !('Deno' in globalThis)

test.skipIf(!canRunJest)('works under jest', { timeout: 60_000 }, async () => {
  const results = join(folder, 'jest.json')
  write(
    `
    test('simulates', async () => {
      const slept = await testing.simulate(async (t) => {
        const start = t.now()
        await chansel.sleep(60_000)
        return t.now() - start
      })
      expect(slept).toBe(60_000)
    })
    test('finds a deadlock, by name', async () => {
      const asleep = testing.simulate(() => chansel.channel(0, { name: 'jobs' }).receive())
      await expect(asleep).rejects.toThrow(/blocked on receive jobs/)
    })
    test('explores, and replays', async () => {
      const lost = async (t) => {
        let total = 0
        const add = async () => { const read = total; await chansel.sleep(1); total = read + 1 }
        await Promise.all([t.go('one', add), t.go('two', add)])
        expect(total).toBe(2)
      }
      const found = await testing.explore(lost).catch((error) => error)
      expect(found.code).toBe('ERR_EXPLORATION')
      await expect(testing.replay(found.schedule, lost)).rejects.toThrow('Expected: 2')
    })
    test('finds a leak', async () => {
      const leaking = async () => { void chansel.channel(0, { name: 'left' }).receive() }
      await expect(testing.leakCheck(leaking)).rejects.toThrow(/left/)
    })
    test('fails a test whose simulation leaves a rejection that nobody handles', async () => {
      await testing.simulate(async () => {
        void (async () => { await chansel.sleep(1); throw new Error('unseen') })()
        await chansel.sleep(5)
      })
    })`,
    '.test.mjs',
  )
  const config = { rootDir: folder, testMatch: ['**/*.test.mjs'], transform: {} }
  const args = ['--config', JSON.stringify(config), '--json', '--outputFile', results]
  const { code, errors } = await endOfNode(['--experimental-vm-modules', jest, ...args], undefined, 50_000)
  expect(existsSync(results), errors).toBe(true)
  const report = JSON.parse(readFileSync(results, 'utf8')) as JestReport
  const all = report.testResults.flatMap((file) => file.assertionResults)
  expect(all.map(({ title, status }) => `${status}: ${title}`)).toEqual([
    'passed: simulates',
    'passed: finds a deadlock, by name',
    'passed: explores, and replays',
    'passed: finds a leak',
    'failed: fails a test whose simulation leaves a rejection that nobody handles',
  ])
  expect(all.at(-1)!.failureMessages.join()).toContain('unseen')
  expect(code).toBe(1)
})

interface JestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

test('works with no runner, and leaves nothing that keeps the process', async () => {
  const end = await endOf(`
    const { outcomes, complete } = await testing.explore(async (t) => {
      const ch = chansel.channel(2)
      await Promise.all([t.go('a', () => ch.send('a')), t.go('b', () => ch.send('b'))])
      t.log((await ch.receive()).value)
    })
    console.log(complete, outcomes.sort().join())
    await testing.leakCheck(() => chansel.sleep(1))
    await testing.simulate(() => {}).then(() => console.log('over'))`)
  expect(end).toEqual({ code: 0, output: 'true a,b\nover', errors: '' })
})

test('a rejection that nobody handles outside of a simulation ends the program as ever', async () => {
  const end = await endOf(`
    const running = testing.simulate(() => new Promise((resolve) => setTimeout(resolve, 200)))
    setTimeout(() => void Promise.reject(new Error('from outside')), 20)
    await running`)
  expect(end.code).toBe(1)
  expect(end.errors).toContain('from outside')
})

test('R8 never imported it is in no bundle of the library', async () => {
  const bundle = await bundled(sourceOf('index.ts'))
  const { output } = await bundle.generate()
  const modules = output.flatMap((chunk) => ('moduleIds' in chunk ? chunk.moduleIds : []))
  expect(modules.length).toBeGreaterThan(5)
  expect(modules.filter((id) => id.includes('/testing/'))).toEqual([])
})

test('of the whole kit a bundle has no more than what is used', async () => {
  const entry = join(folder, 'only-steps.mjs')
  writeFileSync(entry, `import { steps } from ${quoted('testing/index.ts')}\nsteps()(1)`)
  const bundle = await bundled(entry)
  const { output } = await bundle.generate()
  expect(output[0].code).not.toContain('DeadlockError')
})
