import type { Connection } from '@chansel/ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Listener, listen } from '@chansel/ws/server'
import { Random } from '../../core/test/support/random.ts'
import { encodeLength } from './support/frames.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { RawClient, closeCodeOf, handshake } from './support/raw-client.ts'
import { eventually } from './support/pending.ts'

const CASES = 1_000
const AT_ONCE = 25
const MAX_MESSAGE_BYTES = 2_000
/** `FUZZ_SEED=n npx vitest run --project ws fuzz` runs one case. */
const ONLY = process.env['FUZZ_SEED']

let listener: Listener
beforeAll(async () => {
  listener = await listen({
    port: 0,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    incomingCapacity: 10_000,
    closeTimeoutMs: 500,
    onError: () => {},
  })
})
afterAll(() => listener.close({ graceMs: 0 }))

expectNoSocketLeft()

/** What a server has to make of some bytes, as RFC 6455 says it. */
interface Expected {
  /** The code with which it ends the connection; `undefined`: it keeps it. */
  code: number | undefined
  messages: number
}

/** One frame, mostly right; masked with zeros, so that the bytes are the payload. */
function frame(opcode: number, payload: Uint8Array, { fin = true, rsv = 0, isMasked = true } = {}): Buffer {
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const mask = isMasked ? [0, 0, 0, 0] : []
  return Buffer.from([first, ...encodeLength(payload.length, isMasked), ...mask, ...payload])
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function isCloseCode(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  )
}

/**
 * Frames at random, and what has to become of them: a model of the receiving side. The first fault or close
 * ends it; what follows is never looked at.
 */
function makeCase(random: Random): { bytes: Buffer; expected: Expected } {
  const frames: Buffer[] = []
  const expected: Expected = { code: undefined, messages: 0 }
  let open: { isText: boolean; parts: Uint8Array[] } | undefined
  const end = (code: number): void => void (expected.code ??= code)

  for (let i = random.below(8); i >= 0; i--) {
    const opcode = random.chance(0.85) ? random.pick([0, 1, 1, 2, 2, 8, 9, 10]) : random.below(16)
    const size = random.pick([0, 1, 2, 5, 125, 126, 200, 1_999, 2_000, 2_001])
    const isAscii = random.chance(0.8)
    const payload = Uint8Array.from({ length: size }, () => random.below(isAscii ? 128 : 256))
    const options = {
      fin: random.chance(0.85),
      rsv: random.chance(0.95) ? 0 : random.below(8),
      isMasked: random.chance(0.97),
    }
    const isControl = opcode >= 8
    const code = random.chance(0.7) ? random.pick([1000, 1001, 1011, 3000, 4999]) : random.below(6_000)
    const content =
      opcode === 8 && size >= 2 ? Uint8Array.of(code >> 8, code & 255, ...payload.subarray(2)) : payload
    frames.push(frame(opcode, content, options))
    if (expected.code !== undefined) continue

    if (options.rsv !== 0 || !options.isMasked) end(1002)
    else if (![0, 1, 2, 8, 9, 10].includes(opcode)) end(1002)
    else if (isControl && (!options.fin || size > 125)) end(1002)
    else if (opcode === 8) {
      if (size === 0) end(1005)
      else if (size === 1 || !isCloseCode(code)) end(1002)
      else end(isUtf8(content.subarray(2)) ? code : 1007)
    } else if (!isControl) {
      if ((opcode === 0) !== (open !== undefined)) end(1002)
      else {
        open ??= { isText: opcode === 1, parts: [] }
        open.parts.push(content)
        const whole = Buffer.concat(open.parts)
        if (whole.length > MAX_MESSAGE_BYTES) end(1009)
        else if (options.fin) {
          if (open.isText && !isUtf8(whole)) end(1007)
          else expected.messages++
          open = undefined
        }
      }
    }
  }
  return { bytes: Buffer.concat(frames), expected }
}

/** Bytes without any sense; mostly something is wrong with them soon. */
function makeNoise(random: Random): Buffer {
  return Buffer.from(Uint8Array.from({ length: 1 + random.below(300) }, () => random.below(256)))
}

async function connected(): Promise<{ client: RawClient; conn: Connection }> {
  const client = new RawClient(listener.address.port)
  client.socket.write(handshake())
  const { value } = await listener.connections.receive()
  await client.answer()
  return { client, conn: value! }
}

/** In pieces, as a network may bring them. */
async function write(client: RawClient, bytes: Buffer, random: Random): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const size = random.chance(0.5) ? bytes.length - at : 1 + random.below(bytes.length - at)
    client.socket.write(bytes.subarray(at, at + size))
    at += size
    if (random.chance(0.3)) await new Promise((resolve) => setImmediate(resolve))
  }
}

async function runCase(seed: number): Promise<void> {
  const random = new Random(seed)
  const { bytes, expected } = makeCase(random)
  const { client, conn } = await connected()
  await write(client, bytes, random)
  // A last word of ours: by its answer all before it was read.
  client.socket.write(frame(9, Buffer.from('last')))
  const isAnswered = (): boolean =>
    client.frames().some(({ opcode, payload }) => opcode === 10 && Buffer.from(payload).equals(LAST))
  await eventually('it answers or closes', () => isAnswered() || closeCodeSaid(client) !== undefined)
  client.socket.end()
  const info = await conn.closed
  let messages = 0
  for (let got = take(conn); got; got = take(conn)) messages++
  const said = closeCodeSaid(client)
  // Without a code the answer has none, either, and is an empty close frame.
  expect({ messages, said }).toEqual({ messages: expected.messages, said: expected.code })
  const told = { 1005: { by: 'remote' } }[info.code] ?? {}
  expect(info).toMatchObject(
    expected.code === undefined ? { code: 1006, by: 'network' } : { code: said, ...told },
  )
}

const LAST = Buffer.from('last')

/** The code of the close frame that came, 1005 for one without. */
function closeCodeSaid(client: RawClient): number | undefined {
  const frames = client.frames()
  const closes = frames.filter(({ opcode }) => opcode === 8)
  return closes.length === 0 ? undefined : (closeCodeOf(closes) ?? 1005)
}

function take(conn: Connection): boolean {
  try {
    return conn.incoming.tryReceive()?.ok === true
  } catch {
    return false
  }
}

async function runNoise(seed: number): Promise<void> {
  const random = new Random(seed)
  const { client, conn } = await connected()
  await write(client, makeNoise(random), random)
  client.socket.end()
  const { code, by } = await conn.closed
  expect([1000, 1002, 1005, 1006, 1007, 1009]).toContain(code >= 3000 ? 1000 : code)
  expect(by).toMatch(/^(local|remote|network)$/)
}

/** Runs `run` for all seeds, some at once; the first that fails is told with how to run it alone. */
async function forSeeds(first: number, count: number, run: (seed: number) => Promise<void>): Promise<void> {
  const seeds = ONLY === undefined ? Array.from({ length: count }, (_, i) => first + i) : [Number(ONLY)]
  const worker = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      await run(seed).catch((error: Error) => {
        error.message = `FUZZ_SEED=${seed} npx vitest run --project ws fuzz\n${error.message}`
        throw error
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

describe('bytes after the upgrade', () => {
  test('frames at random end the connection with the right code, or it stays', async () => {
    await forSeeds(1, CASES, runCase)
  }, 30_000)

  test('noise ends the connection, and nothing else', async () => {
    await forSeeds(100_001, CASES / 4, runNoise)
  }, 30_000)

  test('the server goes on serving', async () => {
    const { client, conn } = await connected()
    client.socket.write(frame(1, Buffer.from('fine')))
    expect(await conn.incoming.receive()).toEqual({ value: 'fine', ok: true })
    client.socket.destroy()
    await conn.closed
  })
})
