import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as pass } from 'node:timers/promises'
import { serve } from '@chansel/ws/server'

export interface ChaosOptions {
  readonly ms: number
  /** How many clients misbehave. */
  readonly unruly: number
  /** How many count. */
  readonly counting: number
  readonly seed: number
  /** The folder of `unruly.mjs` and `counting.mjs`. */
  readonly folder: URL
  progress?(state: { readonly connections: number; readonly refused: number; readonly heapMb: number }): void
}

export interface ChaosReport {
  /** Of the clients that count: numbers that came back, that did not, clients that saw them in another order or were cut. */
  readonly counted: number
  readonly lost: number
  readonly outOfOrder: number
  readonly cut: number
  /** What the others did, and how often. */
  readonly unruly: Readonly<Record<string, number>>
  readonly refused: number
  /** What handlers rejected with that was not their connection's own end. */
  readonly faults: readonly unknown[]
  readonly mostConnections: number
  /** After all clients have left, before the listener closes. */
  readonly connectionsLeft: number
  /** What keeps the process after the listener has closed, beyond what did before it opened. */
  readonly handlesLeft: readonly string[]
  /** Bytes of the heap and of buffers: once warm, at the end, and the most in between. */
  readonly memory: { readonly before: number; readonly after: number; readonly peak: number }
  readonly rss: { readonly before: number; readonly after: number }
}

/** How long stragglers may take: the heartbeat finds those that vanished. */
const HEARTBEAT = { intervalMs: 10_000, timeoutMs: 10_000 }
const SETTLE_MS = 30_000

/**
 * An echo of ours in this process, clients that misbehave and clients that count in two others.
 * With `--expose-gc` the figures of the memory mean something.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { ms, unruly, counting, seed, folder } = options
  const handlesBefore = handles()
  let connections = 0
  let mostConnections = 0
  let refused = 0
  let peak = 0
  const faults: unknown[] = []
  const listener = await serve(
    {
      port: 0,
      heartbeat: HEARTBEAT,
      closeTimeoutMs: 1_000,
      handshakeTimeoutMs: 5_000,
      onError: (error, conn) => void (conn === undefined ? refused++ : faults.push(error)),
    },
    async (conn) => {
      connections++
      mostConnections = Math.max(mostConnections, connections)
      void conn.closed.then(() => connections--)
      for await (const message of conn.incoming) await conn.outgoing.send(message)
    },
  )
  const { port } = listener.address
  const start = (file: string, ...args: number[]): Process =>
    new Process(fork(new URL(file, folder), [port, ...args].map(String), { execArgv: [] }))
  const settled = async (): Promise<void> => {
    for (let waited = 0; connections > 0 && waited < SETTLE_MS; waited += 50) await pass(50)
  }

  // What is compiled and cached at first is not counted.
  await start('unruly.mjs', Math.min(unruly, 200), Math.min(ms / 4, 15_000), seed + 1).report()
  await settled()
  const before = await memory()
  const rssBefore = process.memoryUsage().rss

  const watching = setInterval(
    () => {
      const { heapUsed, external } = process.memoryUsage()
      peak = Math.max(peak, heapUsed + external)
      options.progress?.({ connections, refused, heapMb: (heapUsed + external) / 2 ** 20 })
    },
    Math.min(5_000, ms / 4),
  )
  const [others, counts] = await Promise.all([
    start('unruly.mjs', unruly, ms, seed).report<Record<string, number>>(),
    start('counting.mjs', counting, ms).report<
      Pick<ChaosReport, 'counted' | 'lost' | 'outOfOrder' | 'cut'>
    >(),
  ])
  clearInterval(watching)
  await settled()
  const connectionsLeft = connections
  const after = await memory()
  const rss = { before: rssBefore, after: process.memoryUsage().rss }
  await listener.close({ graceMs: 1_000 })
  return {
    ...counts,
    unruly: others,
    refused,
    faults,
    mostConnections,
    connectionsLeft,
    handlesLeft: await handlesBeyond(handlesBefore),
    memory: { before, after, peak },
    rss,
  }
}

/** A process of clients, which ends by saying what it saw. */
class Process {
  readonly #child: ChildProcess
  readonly #said: Promise<unknown>

  constructor(child: ChildProcess) {
    this.#child = child
    this.#said = new Promise((resolve, reject) => {
      let said: unknown
      child.on('message', (message) => (said = message))
      child.on('error', reject)
      child.on('close', (code) => {
        if (said === undefined) reject(new Error(`Cannot read the report of a client: it ended with ${code}`))
        else resolve(said)
      })
    })
    this.#said.catch(() => this.#child.kill())
  }

  report<T>(): Promise<T> {
    return this.#said as Promise<T>
  }
}

async function memory(): Promise<number> {
  // Some garbage is found in the second round only.
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.()
    await pass(50)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function handles(): string[] {
  // The pipes of the console are there once something was said.
  return process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|HTTP|Timeout/.test(kind))
}

async function handlesBeyond(before: readonly string[]): Promise<string[]> {
  let left = beyond(handles(), before)
  for (let i = 0; i < 100 && left.length > 0; i++) {
    await pass(10)
    left = beyond(handles(), before)
  }
  return left
}

function beyond(now: readonly string[], before: readonly string[]): string[] {
  const known = [...before]
  return now.filter((kind) => {
    const at = known.indexOf(kind)
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
}
