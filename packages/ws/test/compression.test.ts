// Classes 12 and 13 of the Autobahn testsuite: permessage-deflate (RFC 7692), against both roles of ours, where it is
// switched on; and what a peer may try with it.

import { randomBytes } from 'node:crypto'
import { type Connection, type ConnectionOptions, dial } from '@chansel/ws'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Inflater, deflated } from './support/deflate.ts'
import { encodeFrame } from './support/frames.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { rejectionOf } from './support/pending.ts'
import { type RawEnd, closeCodeOf, handshake, rawClient } from './support/raw-client.ts'
import { RawServer } from './support/raw-server.ts'
import { isSame } from './support/receiving.ts'
import { listening } from './support/serving.ts'

expectNoSocketLeft()

interface Pair {
  readonly conn: Connection
  readonly raw: RawEnd
  readonly isRawMasked: boolean
}

/** @param extension what the raw end, which is the client, offers */
async function asServer(extension: string, options: ConnectionOptions = {}): Promise<Pair> {
  const { listener, port } = await listening({ compression: true, ...options })
  const raw = await rawClient(port, handshake({ 'Sec-WebSocket-Extensions': extension }))
  const { value } = await listener.connections.receive()
  return { conn: value!, raw, isRawMasked: true }
}

/** @param extension what the raw end, which is the server, answers */
async function asClient(extension: string, options: ConnectionOptions = {}): Promise<Pair> {
  const server = await RawServer.start()
  const answered = server.next(`Sec-WebSocket-Extensions: ${extension}\r\n`)
  const conn = await dial(server.url, { compression: true, ...options })
  const raw = await answered
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { conn, raw, isRawMasked: false }
}

interface Sending {
  readonly isText?: boolean
  /** The size of the fragments; one frame if left out. */
  readonly size?: number
}

/** Sends a compressed payload, in fragments if told; only the first says that it is compressed. */
function sendDeflated({ raw, isRawMasked }: Pair, payload: Uint8Array, { isText, size }: Sending = {}): void {
  const hex = Buffer.from(payload).toString('hex')
  const parts = (size === undefined ? [hex] : hex.match(new RegExp(`.{1,${2 * size}}`, 'g'))) ?? ['']
  for (const [i, part] of parts.entries()) {
    const opcode = i > 0 ? 0 : isText ? 1 : 2
    const fin = i === parts.length - 1
    raw.socket.write(encodeFrame({ opcode, hex: part, fin, rsv: i === 0 ? 4 : 0 }, isRawMasked))
  }
}

/** How our side refuses what the raw end sent. */
async function refusalOf({ conn, raw }: Pair): Promise<{ said: number | undefined; error: unknown }> {
  const error = await rejectionOf(conn.incoming.receive())
  await raw.until(() => raw.frames().at(-1)?.opcode === 8)
  raw.socket.end()
  await conn.closed
  return { said: closeCodeOf(raw.frames()), error }
}

const words = (size: number): string => 'all work and no play '.repeat(size / 21 + 1).slice(0, size)
const SIZES = [0, 1, 16, 64, 256, 1024, 1025, 4096, 8192, 16_384, 32_768, 65_536, 131_072]

describe.each([
  ['a server', asServer],
  ['a client', asClient],
] as const)('%s of ours that compresses', (_, connect) => {
  test.each([
    ['12.1 words in one frame', words, undefined],
    [
      '12.2 noise in one frame',
      (size: number) => randomBytes(size).toString('base64').slice(0, size),
      undefined,
    ],
    ['12.3 words in fragments of 256 bytes', words, 256],
    ['12.4 words byte by byte', (size: number) => words(Math.min(size, 256)), 1],
    ['12.5 words in fragments of 8 KiB', words, 8192],
  ] as const)('%s come and go', async (_name, make, size) => {
    const pair = await connect('permessage-deflate; client_no_context_takeover')
    const { conn, raw } = pair
    const inflater = new Inflater()
    for (const [i, length] of SIZES.entries()) {
      const message = make(length)
      sendDeflated(pair, deflated(message), { isText: true, ...(size === undefined ? {} : { size }) })
      const { value } = await conn.incoming.receive()
      expect(isSame(value, message), `${length} in`).toBe(true)
      await conn.outgoing.send(message)
      await raw.until(() => raw.frames().length > i)
      const { rsv, payload, opcode } = raw.frames()[i]!
      const back = rsv === 4 ? await inflater.inflate(payload) : Buffer.from(payload)
      expect(opcode).toBe(1)
      expect(isSame(back.toString(), message), `${length} out`).toBe(true)
      // Short messages are not worth it.
      expect(rsv === 4).toBe(message.length >= 1024)
    }
    raw.socket.destroy()
    await conn.closed
  })

  test('a message that is not compressed may come between', async () => {
    const pair = await connect('permessage-deflate')
    sendDeflated(pair, deflated('compressed'), { isText: true })
    pair.raw.socket.write(encodeFrame({ opcode: 1, hex: '706c61696e' }, pair.isRawMasked))
    sendDeflated(pair, deflated('again'), { isText: true })
    const texts = [1, 2, 3].map(async () => (await pair.conn.incoming.receive()).value)
    expect(await Promise.all(texts)).toEqual(['compressed', 'plain', 'again'])
    pair.raw.socket.destroy()
    await pair.conn.closed
  })

  test.each([
    ['of one block that is the last', Buffer.from('f348cdc9c90700', 'hex'), 'Hello'],
    ['of a block that is not compressed', Buffer.from('000500faff48656c6c6f00', 'hex'), 'Hello'],
  ])('a message %s is right', async (_name, payload, message) => {
    const pair = await connect('permessage-deflate')
    sendDeflated(pair, payload, { isText: true })
    expect(await pair.conn.incoming.receive()).toEqual({ value: message, ok: true })
    pair.raw.socket.destroy()
    await pair.conn.closed
  })

  test.each<[string, (pair: Pair) => void, number]>([
    ['bytes that are no DEFLATE', (pair) => sendDeflated(pair, Buffer.from('ffffffffffff', 'hex')), 1007],
    [
      'a text that is none once inflated',
      (pair) => sendDeflated(pair, deflated(Buffer.from('eda080', 'hex')), { isText: true }),
      1007,
    ],
    [
      'a continuation that says it is compressed',
      ({ raw, isRawMasked }) => {
        raw.socket.write(encodeFrame({ opcode: 1, hex: 'f2', fin: false, rsv: 4 }, isRawMasked))
        raw.socket.write(encodeFrame({ opcode: 0, hex: '4805', rsv: 4 }, isRawMasked))
      },
      1002,
    ],
    [
      'a compressed ping',
      ({ raw, isRawMasked }) => void raw.socket.write(encodeFrame({ opcode: 9, rsv: 4 }, isRawMasked)),
      1002,
    ],
    [
      'RSV 2',
      ({ raw, isRawMasked }) => void raw.socket.write(encodeFrame({ opcode: 1, rsv: 2 }, isRawMasked)),
      1002,
    ],
    ['a bomb', (pair) => sendDeflated(pair, deflated(Buffer.alloc(10_000_000))), 1009],
    [
      'a bomb in fragments',
      (pair) => sendDeflated(pair, deflated(Buffer.alloc(10_000_000)), { size: 500 }),
      1009,
    ],
    ['one byte over the limit', (pair) => sendDeflated(pair, deflated(Buffer.alloc(100_001))), 1009],
  ])('%s is refused', async (_name, send, code) => {
    const pair = await connect('permessage-deflate', { maxMessageBytes: 100_000 })
    send(pair)
    const { said, error } = await refusalOf(pair)
    expect(said).toBe(code)
    expect(error).toMatchObject({ closeCode: code, by: 'local' })
  })

  test('a message of maxMessageBytes that is longer when it is compressed is not too big', async () => {
    const pair = await connect('permessage-deflate', { maxMessageBytes: 100_000 })
    const payload = deflated(randomBytes(100_000))
    expect(payload.length).toBeGreaterThan(100_000)
    sendDeflated(pair, payload, { size: 16_384 })
    expect((await pair.conn.incoming.receive()).value).toHaveLength(100_000)
    pair.raw.socket.destroy()
    await pair.conn.closed
  })

  test('a message of maxMessageBytes, once inflated, is not too big', async () => {
    const pair = await connect('permessage-deflate', { maxMessageBytes: 100_000 })
    sendDeflated(pair, deflated(Buffer.alloc(100_000)))
    expect((await pair.conn.incoming.receive()).value).toHaveLength(100_000)
    pair.raw.socket.destroy()
    await pair.conn.closed
  })
})

describe('13 what a server of ours agrees on', () => {
  const LONG = words(4_096)

  test.each([
    ['nothing else', 'permessage-deflate', 15],
    ['no context of the server', 'permessage-deflate; server_no_context_takeover', 15],
    ['no context of the client', 'permessage-deflate; client_no_context_takeover', 15],
    ['a window of the client', 'permessage-deflate; client_max_window_bits', 15],
    ['a window of the client with its size', 'permessage-deflate; client_max_window_bits=9', 15],
    ['a window of the server', 'permessage-deflate; server_max_window_bits=9', 9],
    ['the first offer that is right', 'permessage-foo, permessage-deflate; server_max_window_bits=10', 10],
    [
      'all at once',
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=12',
      12,
    ],
  ])('%s', async (_name, offer, windowBits) => {
    const pair = await asServer(offer)
    const answer = (await pair.raw.answer()).fields['sec-websocket-extensions'] ?? ''
    const [name, ...params] = answer.split(';').map((part) => part.trim())
    expect(name).toBe('permessage-deflate')
    // Nothing is agreed on that was not offered, except that contexts are not kept.
    const allowed = params.map((param) => param.split('=')[0]!)
    expect(
      allowed.filter((param) => !offer.includes(param) && !param.endsWith('no_context_takeover')),
    ).toEqual([])
    const inflater = new Inflater(windowBits)
    for (let i = 0; i < 3; i++) {
      await pair.conn.outgoing.send(LONG)
      await pair.raw.until(() => pair.raw.frames().length > i)
      const { payload, rsv } = pair.raw.frames()[i]!
      expect(rsv).toBe(4)
      expect(isSame((await inflater.inflate(payload)).toString(), LONG)).toBe(true)
    }
    pair.raw.socket.destroy()
    await pair.conn.closed
  })

  test.each([
    ['a size of 7', 'permessage-deflate; server_max_window_bits=7'],
    ['a size of 16', 'permessage-deflate; client_max_window_bits=16'],
    ['a parameter twice', 'permessage-deflate; server_no_context_takeover; server_no_context_takeover'],
    ['an unknown parameter', 'permessage-deflate; unknown'],
    ['what is no list', 'permessage-deflate;;'],
  ])('%s is refused with 400', async (_name, offer) => {
    const { port } = await listening({ compression: true })
    const client = await rawClient(port, handshake({ 'Sec-WebSocket-Extensions': offer }))
    expect((await client.lastAnswer()).status).toBe(400)
  })
})
