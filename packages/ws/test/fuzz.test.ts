// Seeded fuzzers: frames, noise and requests at random. `npm run fuzz -- 100000` runs more of it, and
// `npm run fuzz -- 1 <seed>` one case.

import type { ReceiveChannel } from 'chansel'
import type { Connection, Message } from '@chansel/ws'
import { type Listener, serve } from '@chansel/ws/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../core/test/support/random.ts'
import { MAX_MESSAGE_BYTES, frame, makeFrames, makeNoise } from './fuzz/frames.ts'
import { MARK, makeRequest } from './fuzz/requests.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { RawClient, type RawEnd, closeCodeOf, handshake } from './support/raw-client.ts'
import { type Role, clientRole, serverRole, unmaskingRole } from './support/roles.ts'

const CASES = Number(process.env['FUZZ_CASES'] ?? 1_000)
const FIRST_SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const AT_ONCE = 25
const OPTIONS = {
  maxMessageBytes: MAX_MESSAGE_BYTES,
  incomingCapacity: 10_000,
  closeTimeoutMs: 10_000,
  onError: () => {},
}
const TIMEOUT_MS = 60_000 + 10 * CASES

expectNoSocketLeft()

let server: Role
let unmasking: Role
let client: Role
/** A server and a client with streams, where the runtime has them. */
let streaming: Role[] = []
let listener: Listener
let neighbour: Promise<number> | undefined
let isOver = false

beforeAll(async () => {
  server = await serverRole(OPTIONS)
  unmasking = await unmaskingRole(OPTIONS)
  client = await clientRole(OPTIONS)
  const options = { ...OPTIONS, incomingStreams: true }
  if (!('bun' in process.versions))
    streaming = [await serverRole(options), await unmaskingRole(options), await clientRole(options)]
  listener = await serve({ port: 0, ...OPTIONS }, async (conn) => {
    for await (const message of conn.incoming) await conn.outgoing.send(message)
  })
  neighbour = count(await server.connect(), server.isRawMasked)
})
afterAll(async () => {
  isOver = true
  await neighbour
  await listener.close({ graceMs: 0 })
  for (const role of streaming) await role[Symbol.asyncDispose]()
  await client[Symbol.asyncDispose]()
  await unmasking[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

/** A connection beside those that are fuzzed; it counts, and must not notice them. */
async function count({ conn, raw }: { conn: Connection; raw: RawEnd }, isMasked: boolean): Promise<number> {
  let counted = 0
  for (; !isOver; counted++) {
    raw.socket.write(frame(1, Buffer.from(String(counted)), { isMasked }))
    expect(await conn.incoming.receive()).toEqual({ value: String(counted), ok: true })
    await new Promise((resolve) => setImmediate(resolve))
  }
  raw.socket.destroy()
  await conn.closed
  return counted
}

/** In pieces, as a network may bring them. */
async function write({ socket }: RawEnd, bytes: Buffer, random: Random): Promise<void> {
  for (let at = 0; at < bytes.length && socket.writable;) {
    const size = random.chance(0.5) ? bytes.length - at : 1 + random.below(bytes.length - at)
    socket.write(bytes.subarray(at, at + size))
    at += size
    if (random.chance(0.3)) await new Promise((resolve) => setImmediate(resolve))
  }
}

const LAST = Buffer.from('last')

/** Frames for which a model says what has to happen. */
async function runFrames(role: Role, random: Random, hasStreams = false): Promise<void> {
  const { bytes, expected } = makeFrames(random, role.isRawMasked, hasStreams)
  const { conn, raw } = await role.connect()
  await write(raw, bytes, random)
  // A last word of the peer: by its answer all before it was read.
  raw.socket.write(frame(9, LAST, { isMasked: role.isRawMasked }))
  const isAnswered = (): boolean =>
    raw.frames().some(({ opcode, payload }) => opcode === 10 && LAST.equals(payload))
  await raw.until(() => isAnswered() || closeCodeSaid(raw) !== undefined)
  raw.socket.end()
  const info = await conn.closed
  const messages = drain(conn.incoming).length
  const streams = drain(conn.incomingStreams).filter(({ pieces }) => isWhole(pieces)).length
  const code = closeCodeSaid(raw)
  // Without a code the answer has none, either, and is an empty close frame.
  expect({ messages, streams, code }).toEqual(expected)
  const told = { 1005: { by: 'remote' } }[info.code] ?? {}
  expect(info).toMatchObject(code === undefined ? { code: 1006, by: 'network' } : { code, ...told })
}

/** The code of the close frame that came, 1005 for one without. */
function closeCodeSaid(raw: RawEnd): number | undefined {
  const closes = raw.frames().filter(({ opcode }) => opcode === 8)
  return closes.length === 0 ? undefined : (closeCodeOf(closes) ?? 1005)
}

/** What waits in a channel that has ended. */
function drain<T>(ch: ReceiveChannel<T>): T[] {
  return Array.from({ length: ch.length }, () => ch.tryReceive()!.value!)
}

/** Whether a message that was streamed came to its end. */
function isWhole(pieces: ReceiveChannel<Message>): boolean {
  drain(pieces)
  try {
    return pieces.tryReceive()?.ok === false
  } catch {
    return false
  }
}

const ENDINGS = [
  ({ socket }: RawEnd): void => void socket.end(),
  ({ socket }: RawEnd): void => void socket.destroy(),
  ({ socket }: RawEnd): void => void socket.resetAndDestroy(),
]

/** Bytes about which nobody can say much: whatever happens, it is an end with the right code. */
async function runNoise(role: Role, random: Random): Promise<void> {
  const { conn, raw } = await role.connect()
  await write(raw, makeNoise(random), random)
  random.pick(ENDINGS)(raw)
  const { code, by } = await conn.closed
  expect([1000, 1002, 1005, 1006, 1007, 1009]).toContain(code >= 3000 ? 1000 : code)
  expect(by).toMatch(/^(local|remote|network)$/)
  expect(conn.ctx.err).toBeDefined()
}

/** Requests for an upgrade, right and wrong: they are let in and served, or refused once with an answer of ours. */
async function runRequest(random: Random): Promise<void> {
  const { bytes, isRight } = makeRequest(random)
  const raw = new RawClient(listener.address.port)
  await write(raw, bytes, random)
  // A request that is not whole waits for more; this ends it.
  if (isRight === undefined) raw.socket.end()
  await raw.until(() => raw.bytes.includes('\r\n\r\n'))
  const head = raw.bytes.toString('latin1')
  const status = Number(head.split(' ')[1])
  if (head !== '') expect(status === 101 || (status >= 400 && status < 600), head).toBe(true)
  if (isRight !== undefined) expect(status === 101, head).toBe(isRight)
  if (status === 101 && isRight === true) {
    raw.socket.write(frame(1, Buffer.from('hello')))
    await raw.until(() => raw.frames().length > 0)
    expect(Buffer.from(raw.frames()[0]!.payload).toString()).toBe('hello')
  }
  if (status !== 101) {
    await raw.until(() => false)
    expect(raw.bytes.toString('latin1')).not.toMatch(new RegExp(MARK, 'i'))
    expect(raw.bytes.toString('latin1').split('HTTP/1.1 ').length).toBeLessThanOrEqual(2)
  }
  raw.socket.destroy()
}

const KINDS: readonly (readonly [name: string, run: (random: Random) => Promise<void>])[] = [
  [
    'frames at random end a connection of a server with the right code, or it stays',
    (random) => runFrames(random.pick([server, unmasking]), random),
  ],
  [
    'frames at random end a connection of a client with the right code, or it stays',
    (random) => runFrames(client, random),
  ],
  [
    'fragments at random are the right messages and streams',
    (random) => runFrames(random.pick(streaming), random, true),
  ],
  [
    'noise ends a connection, and nothing else',
    (random) => runNoise(random.chance(0.5) ? server : client, random),
  ],
  ['requests at random are let in and served, or refused', runRequest],
]

/** Runs `run` for all seeds of the kind, some at once; the error of the first that fails says how to run it alone. */
async function forSeeds(kind: number, run: (random: Random) => Promise<void>): Promise<void> {
  const seeds = Array.from({ length: CASES }, (_, i) => FIRST_SEED + i).filter(
    (seed) => seed % KINDS.length === kind,
  )
  const worker = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      await run(new Random(seed)).catch((error: Error) => {
        seeds.length = 0
        error.message = `npm run fuzz -- 1 ${seed}\n${error.message}`
        throw error
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

describe('bytes at random', () => {
  for (const [kind, [name, run]] of KINDS.entries()) {
    test(name, () => forSeeds(kind, run), TIMEOUT_MS)
  }

  test('the server goes on serving', async () => {
    const raw = new RawClient(listener.address.port)
    raw.socket.write(Buffer.concat([Buffer.from(handshake()), frame(1, Buffer.from('fine'))]))
    await raw.until(() => raw.frames().length > 0)
    expect(Buffer.from(raw.frames()[0]!.payload).toString()).toBe('fine')
    raw.socket.destroy()
  })

  test('a connection beside them counts on', async () => {
    isOver = true
    expect(await neighbour).toBeGreaterThan(0)
  })
})
