// What keeps a process alive and how it ends: separate programs, because a test runner never ends by itself.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { bundled } from '../support/bundle.ts'

vi.setConfig({ testTimeout: 20_000 })

const folder = mkdtempSync(join(tmpdir(), 'chansel-process-'))
const source = fileURLToPath(new URL('../../src/index.ts', import.meta.url))

beforeAll(async () => {
  const bundle = await bundled(source)
  await bundle.write({ file: join(folder, 'chansel.mjs') })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface End {
  readonly code: number | null
  readonly output: string
}

let programs = 0

/**
 * Runs a program and returns how it ended; if it does not end by itself in time, the code is `null`.
 *
 * @param host what happens before the package is loaded
 */
async function expectEnd(code: string, expected: End, host = ''): Promise<void> {
  const file = join(folder, `program-${programs++}.mjs`)
  writeFileSync(`${file}.host.mjs`, host)
  writeFileSync(file, `import '${file}.host.mjs'\nimport * as chansel from './chansel.mjs'\n${code}`)
  const child = spawn(process.execPath, [file], { timeout: 10_000 })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve))
  expect({ code: exitCode, output: output.trim() }).toEqual(expected)
}

test('J14 T10 timers, tickers and deadlines that nobody waits for keep nothing alive', () =>
  expectEnd(
    `
    const { after, background, ticker, timer, withTimeout } = chansel
    const kept = [after(3_600_000), timer(3_600_000), ticker(1_000), withTimeout(background(), 3_600_000)]
    for (const ch of kept.slice(0, 3)) ch.tryReceive()
    console.log('over')`,
    { code: 0, output: 'over' },
  ))

test('J14 T10 a timer that lost a select, and a deadline whose wait is over, keep nothing alive', () =>
  expectEnd(
    `
    const { after, background, channel, select, withTimeout } = chansel
    const ch = channel(2)
    const waiting = select({ ch, late: after(3_600_000) }, withTimeout(background(), 3_600_000))
    ch.trySend(1)
    console.log((await waiting).case)`,
    { code: 0, output: 'ch' },
  ))

test('J14 who waits for a timer, a tick or a deadline keeps the process alive', () =>
  expectEnd(
    `
    const { after, background, channel, sleep, ticker, withTimeout, isDeadlineExceeded } = chansel
    await sleep(5)
    await after(5).receive()
    await ticker(5).receive()
    const error = await channel().receive(withTimeout(background(), 5)).catch((error) => error)
    await withTimeout(background(), 5).done.receive()
    console.log(isDeadlineExceeded(error))`,
    { code: 0, output: 'true' },
  ))

test('J14 an afterFunc of a deadline keeps the process alive for it, a stopped one does not', () =>
  expectEnd(
    `
    const { afterFunc, background, withTimeout } = chansel
    afterFunc(withTimeout(background(), 3_600_000), () => console.log('never'))()
    afterFunc(withTimeout(background(), 5), () => console.log('ran'))`,
    { code: 0, output: 'ran' },
  ))

test('J22 a program whose tasks all wait for each other ends, as one of promises does', () =>
  expectEnd(
    `
    const { channel } = chansel
    const ch = channel()
    void ch.send(1).then(() => ch.send(2)).then(() => console.log('never'))
    await ch.receive()
    console.log('one')`,
    { code: 0, output: 'one' },
  ))

test('J22 if its main task waits, too, its exit code says so', () =>
  expectEnd(
    `
    console.log('waits')
    await chansel.never.receive()`,
    { code: 13, output: 'waits' },
  ))

test('J5 a send that fails and that nobody awaits ends the program, like a panic', () =>
  expectEnd(
    `
    const ch = chansel.channel()
    void ch.send(1)
    ch.close()
    setTimeout(() => console.log('never'), 1_000)`,
    { code: 1, output: '' },
  ))

test('J5 X17 so does an afterFunc that throws', () =>
  expectEnd(
    `
    const { afterFunc, background, withCancel } = chansel
    const ctx = withCancel(background())
    afterFunc(ctx, () => { throw new Error('nobody handles this') })
    ctx.cancel()
    setTimeout(() => console.log('never'), 1_000)`,
    { code: 1, output: '' },
  ))

test('J5 a failure that is handled in the same turn harms nobody', () =>
  expectEnd(
    `
    const ch = chansel.channel()
    const sent = ch.send(1)
    ch.close()
    console.log(await sent.catch((error) => error.code))`,
    { code: 0, output: 'ERR_CHANNEL_CLOSED' },
  ))

test('J16 X4 a frozen Error, which nobody can tell to take no stack, keeps no cancel from its work', () =>
  expectEnd(
    `
    Object.freeze(Error)
    const ctx = chansel.withCancel(chansel.background())
    ctx.cancel('why')
    console.log(chansel.isCanceled(ctx.err), ctx.cause)`,
    { code: 0, output: 'true why' },
  ))

test.each([
  ['has no setImmediate', 'delete globalThis.setImmediate'],
  ['has one that throws', 'globalThis.setImmediate = () => { throw new Error("not at the edge") }'],
  ['has no MessageChannel either', 'delete globalThis.setImmediate; delete globalThis.MessageChannel'],
])('R5 J14 a host that %s is yielded to all the same, and ends', (_, host) =>
  expectEnd(
    `
    const { channel, yieldNow } = chansel
    const [there, back] = [channel(), channel()]
    let isOver = false
    setTimeout(() => (isOver = true), 1)
    void (async () => {
      for await (const n of there) await back.send(n)
    })()
    while (!isOver) {
      await there.send(1)
      await back.receive()
    }
    await Promise.all([yieldNow(), yieldNow()])
    console.log('over')`,
    { code: 0, output: 'over' },
    host,
  ),
)
