// The broker here, workers as processes. They are killed for real.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type CancelContext, background, withCancel } from 'chansel'
import { type Connection, dial } from '@chansel/ws'
import { bundleProgram } from '../../../scripts/bundle-example.mjs'
import { Broker, type BrokerOptions } from '../src/broker.ts'
import { Client } from '../src/client.ts'
import { keepWorkers, startWorker } from '../src/pool.ts'
import { workFor } from '../src/work.ts'
import { hesitate } from './hesitate.ts'

const DEADLINE = { timeout: 20_000, interval: 10 }
const root = fileURLToPath(new URL('../../..', import.meta.url))

let folder: string
let steady: string
let hesitant: string

beforeAll(async () => {
  // Where node_modules is found.
  folder = await mkdtemp(`${root}/node_modules/.job-queue-`)
  const build = async (name: string): Promise<string> => {
    const file = `${folder}/${name.replace(/^.*\/|\.ts$/g, '')}.js`
    await bundleProgram(fileURLToPath(new URL(`../${name}`, import.meta.url)), file)
    return file
  }
  steady = await build('src/worker.ts')
  hesitant = await build('test/hesitant-worker.ts')
})
afterAll(() => rm(folder, { recursive: true }))

let server: Server
let broker: Broker
let serving: AsyncDisposable
let url: string
let client: Client
const workers: ChildProcess[] = []
/** For as long as a test. */
let helping: CancelContext

async function startBroker(options: BrokerOptions = {}, port = 0): Promise<void> {
  server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  broker = new Broker(options)
  serving = await broker.serve(server)
  client = await Client.connect(`${url}/jobs`)
}

async function stopBroker(): Promise<void> {
  await client[Symbol.asyncDispose]()
  await serving[Symbol.asyncDispose]()
  await once(server.close(), 'close')
}

beforeEach(async () => {
  helping = withCancel(background())
  await startBroker({ maxAttempts: 2 })
})
afterEach(async () => {
  helping.cancel()
  for (const worker of workers.splice(0)) worker.kill('SIGKILL')
  await stopBroker()
})

function start(script: string): ChildProcess {
  const worker = startWorker(script, `${url}/work`)
  workers.push(worker)
  return worker
}

/** A worker in this process, where it need not be one that can be killed. */
function help(): Promise<void> {
  return workFor(`${url}/work`, hesitate, helping)
}

async function exitOf(worker: ChildProcess): Promise<number | null> {
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit')
  return worker.exitCode
}

/** A worker has a job. */
async function taken(): Promise<void> {
  await vi.waitUntil(() => broker.busy === 1, DEADLINE)
}

test('many jobs, several workers, each outcome where it belongs', async () => {
  for (let i = 0; i < 2; i++) start(steady)
  const inputs = Array.from({ length: 200 }, (_, i) => i)
  const isPrime = (n: number): boolean => n > 1 && !inputs.slice(2, n).some((d) => n % d === 0)
  const counts = await Promise.all(inputs.map((below) => client.run(below)))
  expect(counts).toEqual(inputs.map((below) => inputs.filter((n) => n < below && isPrime(n)).length))
})

test('a failure of the job is its outcome, and it is not tried again', async () => {
  void help()
  await expect(client.run(-1)).rejects.toThrow(/^Cannot do -1$/)
  expect(await client.run(1)).toBe(1_001)
})

describe('at least once', () => {
  test('the job of a worker that is killed goes to another one', async () => {
    const first = start(hesitant)
    const outcome = client.run(100)
    await taken()
    first.kill('SIGKILL')
    await vi.waitUntil(() => broker.waiting === 1, DEADLINE)
    void help()
    expect(await outcome).toBe(100_002)
  })

  test('what was given back is done before what waits', async () => {
    const order: number[] = []
    const run = (input: number): Promise<unknown> => client.run(input).then((value) => order.push(value))
    const lost = [1, 2, 3, 4, 5].map(run)
    const conns: Connection[] = []
    for (let i = 0; i < 5; i++) {
      const conn = await dial(`${url}/work`)
      await conn.incoming.receive()
      conns.push(conn)
    }
    const waiting = [6, 7, 8, 9].map(run)
    await vi.waitUntil(() => broker.waiting === 4, DEADLINE)
    for (const conn of conns.splice(0)) await conn.close(4000)
    await vi.waitUntil(() => broker.waiting === 9, DEADLINE)
    void help()
    await Promise.all([...lost, ...waiting])
    expect(new Set(order.slice(0, 5))).toEqual(new Set([1_002, 2_002, 3_002, 4_002, 5_002]))
    expect(order.slice(5)).toEqual([6_001, 7_001, 8_001, 9_001])
  })

  test('a worker that does not come to an end loses its job, and goes', async () => {
    await stopBroker()
    await startBroker({ leaseMs: 2_000 })
    const first = start(hesitant)
    const outcome = client.run(100)
    expect(await exitOf(first)).toBe(1)
    void help()
    expect(await outcome).toBe(100_002)
  })
})

describe('a worker that leaves', () => {
  test('on SIGTERM finishes its job first', async () => {
    const worker = start(steady)
    const outcome = client.run(20_000_000)
    await taken()
    worker.kill('SIGTERM')
    expect(await outcome).toBe(1_270_607)
    expect(await exitOf(worker)).toBe(0)
    await vi.waitUntil(() => broker.workers === 0, DEADLINE)
  })

  test('with a job that it has not begun: no attempt of that job', async () => {
    const outcome = client.run(7)
    for (let i = 0; i < 3; i++) {
      const conn = await dial(`${url}/work`)
      expect(await conn.incoming.receive()).toMatchObject({ value: expect.stringContaining('"attempt":1') })
      await conn.close()
    }
    void help()
    expect(await outcome).toBe(7_001)
  })
})

test('a pool starts another worker for one that is lost; a job that kills its workers fails', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  using ctx = withCancel(background())
  const pool = keepWorkers(1, hesitant, `${url}/work`, ctx)
  expect(await client.run(13).catch((error: Error) => error.message)).toBe('given up after 2 attempts')
  expect(await client.run(1)).toBe(1_001)
  ctx.cancel()
  await pool
  await vi.waitUntil(() => broker.workers === 0, DEADLINE)
  vi.restoreAllMocks()
})

test('a broker that starts anew finds its workers again', async () => {
  void help()
  const { port } = server.address() as AddressInfo
  await vi.waitUntil(() => broker.workers === 1, DEADLINE)
  await stopBroker()
  await startBroker({}, port)
  expect(await client.run(2)).toBe(2_001)
})

test('while the queue is full, clients wait', async () => {
  await stopBroker()
  await startBroker({ capacity: 2 })
  const inputs = Array.from({ length: 20 }, (_, i) => 20 + i)
  const outcomes = inputs.map((input) => client.run(input))
  await vi.waitUntil(() => broker.waiting === 2, DEADLINE)
  void help()
  expect(await Promise.all(outcomes)).toEqual(inputs.map((input) => input * 1_000 + 1))
})

test('a message that is no outcome ends its worker, and no other', async () => {
  const conn = await dial(`${url}/work`)
  const outcome = client.run(3)
  await conn.incoming.receive()
  await conn.outgoing.send('{"id":1}')
  expect(await conn.closed).toMatchObject({ code: 1007 })
  void help()
  expect(await outcome).toBe(3_002)
})
