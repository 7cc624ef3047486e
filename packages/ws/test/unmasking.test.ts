// The data of long frames is unmasked before `ws` has it, in place. What anybody receives must not tell.

import type { Socket } from 'node:net'
import { createServer } from 'node:https'
import { connect as connectTls } from 'node:tls'
import type { Connection, ConnectionOptions, Message } from '@chansel/ws'
import { accept } from '@chansel/ws/server'
import { expect, onTestFinished, test } from 'vitest'
import { Random } from '../../core/test/support/random.ts'
import { makeCertificate } from './support/certificate.ts'
import { deflated } from './support/deflate.ts'
import { encodeFrame, readFrames } from './support/frames.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually, settle } from './support/pending.ts'
import { RawEnd, handshake, rawClient } from './support/raw-client.ts'
import { collect } from './support/receiving.ts'
import { accepting, listenOn } from './support/serving.ts'

expectNoSocketLeft()

interface Speaking {
  readonly conn: Connection
  readonly raw: RawEnd
  /** The server's end, as Node has it. */
  readonly socket: Socket
  /** What `ws` was given since the handshake. */
  given(): Buffer
}

/** A client that writes bytes, and a connection of a server of ours that reads them. */
async function speaking(
  options: ConnectionOptions = {},
  fields: Record<string, string> = {},
  head: Buffer = Buffer.alloc(0),
): Promise<Speaking> {
  const { server, port, accepted } = await accepting({
    compression: 'Sec-WebSocket-Extensions' in fields,
    ...options,
  })
  const sockets: Socket[] = []
  server.on('upgrade', (_, socket) => sockets.push(socket as Socket))
  const raw = await rawClient(port, Buffer.concat([Buffer.from(handshake(fields)), head]))
  await eventually('it is accepted', () => accepted.length === 1)
  const conn = await accepted[0]!
  onTestFinished(() => void raw.socket.destroy())
  return { conn, raw, socket: sockets[0]!, given: tap(sockets[0]!) }
}

/** Listens behind `ws`, whose chunks are the same memory. */
function tap(socket: Socket): () => Buffer {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
  return () => Buffer.concat(chunks.splice(0))
}

function bytes(size: number, random = new Random(size)): Uint8Array {
  return Uint8Array.from({ length: size }, () => random.below(256))
}

function frame(opcode: number, data: Uint8Array | string, fin = true): Buffer {
  return encodeFrame({ opcode, hex: Buffer.from(data as string).toString('hex'), fin }, true)
}

/** A frame whose bytes from `at` on look like the beginning of a long one. */
function deceptive(at: number): Buffer {
  const head = Buffer.from([0x82, 0xfe, 0, 0, 1, 2, 3, 4])
  const bytes = Buffer.concat([
    Buffer.alloc(at),
    Buffer.from('82fe0200ffffffff', 'hex'),
    Buffer.alloc(600, 1),
  ])
  head.writeUInt16BE(bytes.length - head.length, 2)
  head.copy(bytes)
  return bytes
}

/** The key of a frame with a length of two bytes, at the beginning of `given`. */
function keyOf(given: Buffer): string {
  return given.subarray(4, 8).toString('hex')
}

/** To compare two arrays of bytes element by element takes long. */
async function receiveSame({ conn }: Pick<Speaking, 'conn'>, expected: Message, why = ''): Promise<void> {
  const { value } = await conn.incoming.receive()
  expect(typeof value).toBe(typeof expected)
  expect(Buffer.from(value as string).equals(Buffer.from(expected as string)), why).toBe(true)
}

/** The first long message, after which the next are unmasked early. */
async function begin(pair: Speaking): Promise<void> {
  await writeApart(pair, frame(2, bytes(256)))
  await receiveSame(pair, bytes(256))
}

/** Writes pieces of which each is read by itself. */
async function writeApart(
  { raw, socket }: Pick<Speaking, 'raw' | 'socket'>,
  ...pieces: Buffer[]
): Promise<void> {
  for (const piece of pieces) {
    const read = socket.bytesRead + piece.length
    raw.socket.write(piece)
    await eventually('it is read', () => socket.bytesRead === read)
  }
}

test('ws is given long frames with a key of zeros, once a long message came by itself', async () => {
  const pair = await speaking()
  await writeApart(
    pair,
    frame(1, 'short'),
    frame(9, 'ping'),
    Buffer.concat([frame(10, 'pong'), frame(1, '')]),
  )
  pair.given()
  const first = frame(2, bytes(256))
  await writeApart(pair, first)
  expect(keyOf(pair.given())).toBe(keyOf(first))
  const data = bytes(256, new Random(1))
  await writeApart(pair, Buffer.concat([frame(2, bytes(255)), frame(2, data)]))
  const unmasked = Buffer.concat([Buffer.from([0x82, 0xfe, 1, 0, 0, 0, 0, 0]), data])
  expect(pair.given().subarray(8 + 255)).toEqual(unmasked)
  // The tap, `ws`, and one that is ours.
  expect(pair.socket.listenerCount('data')).toBe(3)
})

test('with streams long frames are unmasked from the first on, fragments too', async () => {
  const pair = await speaking({ incomingStreams: true, maxMessageBytes: 500 })
  for (const part of [frame(2, bytes(300), false), frame(0, bytes(301))]) {
    await writeApart(pair, part)
    expect(keyOf(pair.given())).toBe('00000000')
  }
  const { value: stream } = await pair.conn.incomingStreams.receive()
  const pieces: Message[] = []
  for await (const piece of stream!.pieces) pieces.push(piece)
  expect(Buffer.concat(pieces as Uint8Array[])).toEqual(Buffer.concat([bytes(300), bytes(301)]))
})

test('a message that came with the handshake is the first, too', async () => {
  const pair = await speaking({}, {}, frame(2, bytes(300)))
  await receiveSame(pair, bytes(300))
  pair.given()
  await writeApart(pair, frame(2, bytes(300)))
  expect(keyOf(pair.given())).toBe('00000000')
})

test('short frames are left to ws', async () => {
  const pair = await speaking()
  await begin(pair)
  pair.given()
  const short = frame(2, bytes(255))
  await writeApart(pair, short)
  expect(keyOf(pair.given())).toBe(keyOf(short))
})

test('a long message with a part of another behind it begins nothing, nor does a short one', async () => {
  const pair = await speaking()
  const [long, next] = [frame(2, bytes(300)), deceptive(20)]
  await writeApart(pair, Buffer.concat([long, next.subarray(0, 20)]), next.subarray(20))
  expect(keyOf(pair.given().subarray(long.length))).toBe(keyOf(next))
  await receiveSame(pair, bytes(300))
  await receiveSame(pair, readFrames(next)[0]!.payload)

  const other = await speaking()
  await writeApart(other, frame(1, 'x'))
  other.given()
  await writeApart(other, long)
  expect(keyOf(other.given())).toBe(keyOf(long))
})

test('frames of all sizes are what was sent, in whatever chunks they come', async () => {
  const SIZES = [0, 1, 3, 125, 126, 255, 256, 257, 300, 1_000, 65_535, 65_536, 70_001]
  for (let seed = 1; seed <= 40; seed++) {
    const random = new Random(seed)
    const pair = await speaking({ incomingBytes: 2 ** 24 })
    if (random.chance(0.8)) await begin(pair)
    const expected: Message[] = []
    const frames: Buffer[] = []
    for (let i = 0; i < 8; i++) {
      const data = bytes(random.pick(SIZES), random)
      const isText = random.chance(0.5)
      const message = isText ? Buffer.from(data).toString('hex') : data
      const whole = Buffer.from(message as string)
      const cut = random.chance(0.3) ? random.below(whole.length + 1) : whole.length
      frames.push(frame(isText ? 1 : 2, whole.subarray(0, cut), cut === whole.length))
      if (random.chance(0.3)) frames.push(frame(9, 'ping'))
      if (cut < whole.length) frames.push(frame(0, whole.subarray(cut)))
      expected.push(message)
    }
    const all = Buffer.concat(frames)
    for (let at = 0; at < all.length;) {
      const size = random.chance(0.5) ? 1 + random.below(20) : 1 + random.below(all.length - at)
      pair.raw.socket.write(all.subarray(at, at + size))
      at += size
      if (random.chance(0.7)) await settle()
    }
    for (const message of expected) await receiveSame(pair, message, `seed ${seed}`)
    pair.raw.socket.destroy()
  }
})

test.each([300, 70_000])('the head of a frame of %i bytes may be cut anywhere', async (size) => {
  const pair = await speaking()
  await begin(pair)
  const data = bytes(size)
  for (let cut = 1; cut <= 16; cut++) {
    const masked = frame(2, data)
    await writeApart(pair, masked.subarray(0, cut), masked.subarray(cut))
    await receiveSame(pair, data)
  }
})

test('a head that is longer than it need be is never taken for the beginning of what follows', async () => {
  const pair = await speaking()
  const data = bytes(300)
  const masked = frame(2, data)
  // The length in eight bytes, and not in two: six more.
  const overlong = Buffer.concat([Buffer.from([0x82, 0xff]), Buffer.alloc(6), masked.subarray(2)])
  await writeApart(pair, overlong)
  for (let i = 0; i < 20; i++) {
    await writeApart(pair, masked.subarray(0, i), masked.subarray(i))
    await receiveSame(pair, data)
  }
  await receiveSame(pair, data)
})

test('a message that was compressed does not tell how long its frame was', async () => {
  const pair = await speaking({}, { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
  const text = 'x'.repeat(400)
  const compressed = encodeFrame({ opcode: 1, rsv: 4, hex: deflated(text).toString('hex') }, true)
  // As many bytes in all as the frame would have had.
  const begun = 8 + text.length - compressed.length
  const next = deceptive(begun)
  await writeApart(pair, Buffer.concat([compressed, next.subarray(0, begun)]))
  await receiveSame(pair, text)
  await writeApart(pair, next.subarray(begun))
  await receiveSame(pair, readFrames(next)[0]!.payload)
})

test('what a stream that was cut still holds is unmasked, too', async () => {
  const pair = await speaking({ incomingCapacity: 1 })
  await begin(pair)
  const data = bytes(3_000)
  const masked = frame(2, data)
  // The first fills `incoming`; of the second `ws` has the beginning when reading stops.
  await writeApart(pair, Buffer.concat([frame(1, '1'), masked.subarray(0, 1_000)]))
  await writeApart(pair, masked.subarray(1_000))
  pair.raw.socket.resetAndDestroy()
  await pair.conn.closed
  expect((await collect(pair.conn)).messages).toEqual(['1', data])
})

test('over TLS, too', async () => {
  const server = createServer(makeCertificate())
  const conns: Connection[] = []
  const sockets: Socket[] = []
  server.on('upgrade', (request, socket, head) => {
    sockets.push(socket as Socket)
    void accept(request, socket, head).then((conn) => conns.push(conn))
  })
  const port = await listenOn(server)
  const raw = new RawEnd(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }))
  onTestFinished(() => void raw.socket.destroy())
  raw.socket.write(handshake())
  await eventually('it is accepted', () => conns.length === 1)
  const pair: Speaking = { conn: conns[0]!, raw, socket: sockets[0]!, given: tap(sockets[0]!) }
  await begin(pair)
  pair.given()
  raw.socket.write(frame(2, bytes(300)))
  await receiveSame(pair, bytes(300))
  expect(pair.given().subarray(4, 8).toString('hex')).toBe('00000000')
})
