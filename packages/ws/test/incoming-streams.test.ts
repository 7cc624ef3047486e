// Messages larger than maxMessageBytes, as they come in fragments.

import { once } from 'node:events'
import { channel, select } from 'chansel'
import {
  CloseError,
  type ConnectionOptions,
  type IncomingStream,
  type Message,
  UnsupportedError,
  dial,
  json,
  redial,
  withCodec,
  wrap,
} from '@chansel/ws'
import { pipe } from '@chansel/ws/testing'
import { chromium } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { collectGarbage } from '../../core/test/support/gc.ts'
import { chromiumFlags, findChromium } from '../../../scripts/chromium.mjs'
import { portOf } from './support/connecting.ts'
import { deflated } from './support/deflate.ts'
import { encodeFrame } from './support/frames.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { closeCodeOf, handshake, rawClient } from './support/raw-client.ts'
import { eventually, expectPending, isStuck, rejectionOf, settle, thrownBy } from './support/pending.ts'
import { collect } from './support/receiving.ts'
import { type Spoken, clientRole, rawPair, serverRole } from './support/roles.ts'
import { listening } from './support/serving.ts'

expectNoSocketLeft()

/** All of a stream, and into how many pieces it was. */
async function all(stream: IncomingStream): Promise<{ message: Message; pieces: number }> {
  const pieces: Message[] = []
  for await (const piece of stream.pieces) pieces.push(piece)
  const message =
    stream.kind === 'text' ? pieces.join('') : new Uint8Array(Buffer.concat(pieces as Uint8Array[]))
  return { message, pieces: pieces.length }
}

async function* pieces<T>(...of: T[]): AsyncGenerator<T> {
  yield* of
}

async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await settle()
}

describe.each([
  ['a server', serverRole],
  ['a client', clientRole],
] as const)('%s of ours', (_, start) => {
  const pair = (options: ConnectionOptions = {}): Promise<Spoken> =>
    rawPair(start, { maxMessageBytes: 10, incomingStreams: true, ...options })

  test('hands on a message over the limit as it comes', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(say(1, '12345', { fin: false }))
    raw.socket.write(say(0, '67890', { fin: false }))
    await turns()
    expect(conn.incomingStreams.length).toBe(0)
    raw.socket.write(say(0, 'a', { fin: false }))
    const { value: stream } = await conn.incomingStreams.receive()
    expect(stream!.kind).toBe('text')
    expect(await stream!.pieces.receive()).toEqual({ value: '1234567890', ok: true })
    expect(await stream!.pieces.receive()).toEqual({ value: 'a', ok: true })
    const next = stream!.pieces.receive()
    await expectPending(next)
    raw.socket.write(say(0, 'bc', { fin: false }))
    expect(await next).toEqual({ value: 'bc', ok: true })
    raw.socket.write(say(0, 'd'))
    expect(await all(stream!)).toEqual({ message: 'd', pieces: 1 })
  })

  test('hands on whole what is within the limit, in whatever fragments, and keeps the order', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(
      Buffer.concat([
        say(1, 'whole'),
        say(2, '12345', { fin: false }),
        say(9, 'ping'),
        say(0, '', { fin: false }),
        say(0, '67890'),
        say(1, 'ein é', { fin: false }),
        say(0),
        say(1, '', { fin: false }),
        say(0),
        say(2, '1234567890', { fin: false }),
        say(0, 'over'),
        say(1, 'after'),
      ]),
    )
    const received: Message[] = []
    for (let i = 0; i < 5; i++) received.push((await conn.incoming.receive()).value!)
    expect(received).toEqual(['whole', new TextEncoder().encode('1234567890'), 'ein é', '', 'after'])
    const { value: stream } = await conn.incomingStreams.receive()
    expect(await all(stream!)).toEqual({ message: new TextEncoder().encode('1234567890over'), pieces: 2 })
    await raw.until(() => raw.frames().length > 0)
    expect(raw.frames()[0]).toMatchObject({ opcode: 10 })
  })

  test('reads heads that are split anywhere, and lengths of each size', async () => {
    const { conn, raw, say } = await pair({ maxMessageBytes: 70_000 })
    const texts = ['a'.repeat(3), 'b'.repeat(200), 'c'.repeat(69_000), 'd'.repeat(2_000)]
    const bytes = Buffer.concat([
      ...texts.map((text, i) => say(i === 0 ? 1 : 0, text, { fin: i === 3 })),
      say(1, 'after'),
    ])
    const arriving = conn.incomingStreams.receive()
    for (let at = 0; at < bytes.length;) {
      // One by one where a head may be.
      const size = at % 69_000 < 300 || bytes.length - at < 2_100 ? 1 : 50
      raw.socket.write(bytes.subarray(at, (at += size)))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await all((await arriving).value!)).message).toBe(texts.join(''))
    expect(await conn.incoming.receive()).toEqual({ value: 'after', ok: true })
  })

  test('gives no half of a character', async () => {
    const { conn, raw } = await pair({ maxMessageBytes: 1 })
    const isMasked = start === serverRole
    const text = '\ufeffé漢𝒳'
    const hex = Buffer.from(text).toString('hex').match(/../g)!
    hex.forEach((byte, i) => {
      const spec = { opcode: i === 0 ? 1 : 0, hex: byte, fin: i === hex.length - 1 }
      raw.socket.write(encodeFrame(spec, isMasked))
    })
    const { value: stream } = await conn.incomingStreams.receive()
    expect(await all(stream!)).toEqual({ message: text, pieces: 4 })
  })

  test.each([
    ['within the limit', 10, ['c3', '28']],
    ['in its first piece', 1, ['c3', '28']],
    ['in a later one', 2, ['6161', 'c328', '61']],
    ['at its end', 2, ['6161', 'c3']],
  ])('a text that is not UTF-8 %s is refused with 1007', async (_case, maxMessageBytes, parts) => {
    const { conn, raw, say } = await pair({ maxMessageBytes })
    const isMasked = start === serverRole
    const arriving = conn.incomingStreams.receive()
    parts.forEach((hex, i) => {
      const spec = { opcode: i === 0 ? 1 : 0, hex, fin: i === parts.length - 1 }
      raw.socket.write(encodeFrame(spec, isMasked))
    })
    raw.socket.write(Buffer.concat([say(2, '123', { fin: false }), say(0, '456'), say(1, 'late')]))
    await raw.until(() => raw.frames().length > 0)
    expect(closeCodeOf(raw.frames())).toBe(1007)
    raw.socket.end()
    const outcome = await arriving.then(
      ({ value }) => rejectionOf(all(value!)),
      (error: unknown) => error,
    )
    expect(outcome).toMatchObject({ closeCode: 1007, by: 'local', cause: { name: 'TypeError' } })
    expect((await collect(conn)).messages).toEqual([])
  })

  test.each([
    ['a continuation of nothing', (say: Spoken['say']) => [say(0, 'x')]],
    ['a continuation after the end', (say: Spoken['say']) => [say(1, 'x', { fin: false }), say(0), say(0)]],
    ['a message within a message', (say: Spoken['say']) => [say(1, 'x', { fin: false }), say(1, 'y')]],
    [
      'fragments within a message',
      (say: Spoken['say']) => [say(2, 'x', { fin: false }), say(2, '', { fin: false })],
    ],
    [
      'a frame that is masked wrongly',
      (say: Spoken['say']) => [say(1, 'x', { fin: false }), say(0, 'y', { wrongMask: true })],
    ],
  ] as const)('%s is refused with 1002', async (_case, frames) => {
    const { conn, raw, say } = await pair()
    raw.socket.write(Buffer.concat(frames(say)))
    await raw.until(() => raw.frames().length > 0)
    expect(closeCodeOf(raw.frames())).toBe(1002)
    raw.socket.end()
    expect(await conn.closed).toMatchObject({ code: 1002, by: 'local' })
  })

  test('a single frame over the limit is refused with 1009 all the same, also within a stream', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(Buffer.concat([say(1, '1234567890', { fin: false }), say(0, 'x', { fin: false })]))
    const { value: stream } = await conn.incomingStreams.receive()
    raw.socket.write(say(0, '12345678901'))
    const error = await rejectionOf(all(stream!))
    expect(error).toBeInstanceOf(CloseError)
    expect(error).toMatchObject({ closeCode: 1009, cause: { name: 'MessageTooBigError', limitBytes: 10 } })
    raw.socket.destroy()
  })

  test('without the option it is refused with 1009, and the streams say that they are off', async () => {
    const { conn, raw, say } = await pair({ incomingStreams: false })
    expect(await rejectionOf(conn.incomingStreams.receive())).toEqual(
      new UnsupportedError('use incomingStreams', 'the option is off'),
    )
    expect(conn.incomingStreams).toBe(conn.incomingStreams)
    raw.socket.write(Buffer.concat([say(1, '12345', { fin: false }), say(0, '678901', { fin: false })]))
    await raw.until(() => raw.frames().length > 0)
    expect(closeCodeOf(raw.frames())).toBe(1009)
    raw.socket.end()
  })

  test('nobody receives the pieces: reading pauses, at as many of them and of messages together', async () => {
    const { conn, raw, say } = await pair({ incomingCapacity: 8 })
    raw.socket.write(Buffer.concat([say(1, 'a'), say(1, 'b'), say(2, '1234567890', { fin: false })]))
    raw.socket.write(say(0, 'x', { fin: false }))
    const { value: stream } = await conn.incomingStreams.receive()
    for (let i = 0; i < 10; i++) {
      raw.socket.write(say(0, 'x', { fin: false }))
      await turns()
    }
    expect(stream!.pieces.length).toBe(6)
    raw.socket.write(Buffer.concat([say(0, 'z'), say(1, 'c')]))
    await turns()
    expect(conn.incoming.length).toBe(2)
    const rest = all(stream!)
    expect((await rest).message).toEqual(new TextEncoder().encode(`1234567890${'x'.repeat(11)}z`))
    for (const value of ['a', 'b', 'c']) expect(await conn.incoming.receive()).toEqual({ value, ok: true })
  })

  test('what is discarded holds nothing up', async () => {
    const { conn, raw, say } = await pair({ incomingCapacity: 4 })
    const begin = (): boolean =>
      raw.socket.write(Buffer.concat([say(1, '1234567890', { fin: false }), say(0, 'x', { fin: false })]))
    begin()
    const { value: first } = await conn.incomingStreams.receive()
    for (let i = 0; i < 20; i++) raw.socket.write(say(0, 'x', { fin: false }))
    await eventually('it is full', () => first!.pieces.length >= 4)
    first!.discard()
    first!.discard()
    expect(await first!.pieces.receive()).toEqual({ value: undefined, ok: false })
    raw.socket.write(Buffer.concat([say(0, 'x'), say(1, 'after')]))
    expect(await conn.incoming.receive()).toEqual({ value: 'after', ok: true })
    begin()
    const { value: second } = await conn.incomingStreams.receive()
    {
      using stream = second!
      expect(await stream.pieces.receive()).toEqual({ value: '1234567890', ok: true })
    }
    expect(await second!.pieces.receive()).toEqual({ value: undefined, ok: false })
    // Over, with a piece that waits.
    raw.socket.write(say(0, 'x'))
    begin()
    raw.socket.write(say(0, 'x'))
    const { value: third } = await conn.incomingStreams.receive()
    await eventually('it is over', () => third!.pieces.length === 3)
    third!.discard()
    expect(await third!.pieces.receive()).toEqual({ value: undefined, ok: false })
    for (let i = 0; i < 20; i++) raw.socket.write(say(1, String(i)))
    for (let i = 0; i < 20; i++) expect((await conn.incoming.receive()).value).toBe(String(i))
  })

  test('a cut within a message fails its pieces after the last, and no stream follows', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(Buffer.concat([say(1, '1234567890', { fin: false }), say(0, 'x', { fin: false })]))
    const { value: stream } = await conn.incomingStreams.receive()
    raw.socket.resetAndDestroy()
    expect(await stream!.pieces.receive()).toEqual({ value: '1234567890', ok: true })
    expect(await stream!.pieces.receive()).toEqual({ value: 'x', ok: true })
    const error = await rejectionOf(stream!.pieces.receive())
    expect(error).toMatchObject({ closeCode: 1006, by: 'network' })
    expect(await rejectionOf(conn.incomingStreams.receive())).toMatchObject({ closeCode: 1006 })
  })

  test('a peer that closes within a message fails its pieces, however it closes; streams end as incoming does', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(Buffer.concat([say(1, '1234567890', { fin: false }), say(0, 'x', { fin: false })]))
    raw.socket.write(encodeFrame({ opcode: 8, hex: '03e8' }, start === serverRole))
    const { value: stream } = await conn.incomingStreams.receive()
    expect(await rejectionOf(all(stream!))).toMatchObject({ closeCode: 1000, by: 'remote' })
    expect(await conn.incomingStreams.receive()).toEqual({ value: undefined, ok: false })
    raw.socket.end()
  })

  test('what came while reading was paused counts after a cut, too', async () => {
    const { conn, raw, say } = await pair({ incomingCapacity: 1 })
    raw.socket.write(Buffer.concat([say(1, '1'), say(1, '2')]))
    await eventually('it pauses', () => conn.incoming.length === 2)
    const bytes = [
      say(1, '1234567890', { fin: false }),
      say(0, 'x', { fin: false }),
      say(0, 'y'),
      say(1, '3'),
    ]
    for (const chunk of bytes) raw.socket.write(chunk)
    await turns()
    raw.socket.resetAndDestroy()
    await conn.closed
    const { messages } = await collect(conn)
    expect(messages).toEqual(['1', '2', '3'])
    const { value: stream } = await conn.incomingStreams.receive()
    expect((await all(stream!)).message).toBe('1234567890xy')
  })

  test('after our close nobody has to receive for the end to come', async () => {
    const { conn, raw, say } = await pair({ incomingCapacity: 2 })
    raw.socket.write(Buffer.concat([say(1, '1234567890', { fin: false }), say(0, 'x', { fin: false })]))
    const { value: stream } = await conn.incomingStreams.receive()
    const closed = conn.close(1000)
    for (let i = 0; i < 10; i++) raw.socket.write(say(0, 'y', { fin: i === 9 }))
    raw.socket.write(say(1, 'late'))
    raw.socket.write(encodeFrame({ opcode: 8, hex: '03e8' }, start === serverRole))
    raw.socket.end()
    expect(await closed).toMatchObject({ code: 1000, wasClean: true })
    // A piece was dropped, so the message has no end.
    expect(await rejectionOf(all(stream!))).toMatchObject({ closeCode: 1000, by: 'local' })
  })

  test.each<
    [what: string, dropped: (say: Spoken['say']) => Buffer[], behind: (say: Spoken['say']) => Buffer[]]
  >([
    [
      'a stream behind a message that was dropped',
      (say) => [say(1, 'dropped')],
      (say) => [say(1, '1234567890', { fin: false }), say(0, 'x')],
    ],
    [
      'a message behind one in fragments that was dropped',
      (say) => [say(1, 'dro', { fin: false }), say(0, 'pped')],
      (say) => [say(1, 'behind')],
    ],
    [
      'a message behind a stream that was dropped',
      (say) => [say(1, '1234567890', { fin: false }), say(0, 'x')],
      (say) => [say(1, 'behind')],
    ],
  ])('after our close nothing has a hole: %s is dropped, too', async (_what, dropped, behind) => {
    const { conn, raw, say } = await pair({ incomingCapacity: 2 })
    const closed = conn.close(1000)
    raw.socket.write(Buffer.concat([say(1, '1'), say(1, '2'), ...dropped(say)]))
    await eventually('it is full', () => conn.incoming.length === 2)
    for (const value of ['1', '2']) expect(await conn.incoming.receive()).toEqual({ value, ok: true })
    raw.socket.write(
      Buffer.concat([...behind(say), encodeFrame({ opcode: 8, hex: '03e8' }, start === serverRole)]),
    )
    raw.socket.end()
    await closed
    expect(await conn.incoming.receive()).toEqual({ value: undefined, ok: false })
    expect(await conn.incomingStreams.receive()).toEqual({ value: undefined, ok: false })
  })

  test('is in selects, and its pieces are', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(Buffer.concat([say(1, '1234567890', { fin: false }), say(0, 'x')]))
    const event = await select({ message: conn.incoming, stream: conn.incomingStreams })
    if (event.case !== 'stream') throw new Error('expected a stream')
    const never = channel<never>()
    const { pieces: parts } = event.value! as Extract<IncomingStream, { kind: 'text' }>
    expect(await select({ never, part: parts })).toMatchObject({ case: 'part', value: '1234567890' })
  })

  test('the same bytes are the same messages, however they are cut', async () => {
    const { conn, raw, say } = await pair({ maxMessageBytes: 100 })
    for (let round = 0; round < 30; round++) {
      const text = 'x'.repeat(60 + round * 4)
      const size = 1 + ((round * 7) % 40)
      const frames: Buffer[] = []
      for (let at = 0; at < text.length; at += size) {
        frames.push(say(at === 0 ? 1 : 0, text.slice(at, at + size), { fin: at + size >= text.length }))
      }
      raw.socket.write(Buffer.concat(frames))
      const event = await select({ message: conn.incoming, stream: conn.incomingStreams })
      const message = event.case === 'message' ? event.value : (await all(event.value!)).message
      expect([event.case, message]).toEqual([text.length > 100 ? 'stream' : 'message', text])
    }
  })
})

test('a stream of 32 MiB passes with little of it in memory, as fast as its consumer takes it', async () => {
  const { listener, url } = await listening({ incomingStreams: true, maxMessageBytes: 128 * 1024 })
  await using ours = await dial(url)
  const { value: theirs } = await listener.connections.receive()
  const piece = new Uint8Array(64 * 1024).fill(7)
  let taken = 0
  async function* source(): AsyncGenerator<Uint8Array> {
    for (; taken < 512; taken++) yield piece
  }
  const sent = ours.sendStream(source())
  const { value: stream } = await theirs!.incomingStreams.receive()
  expect(await isStuck(sent)).toBe(true)
  // What waits here is within incomingBytes and one read; the rest is in the buffers of the kernel.
  expect(stream!.pieces.length).toBeLessThan(10)
  expect(taken).toBeLessThan(400)
  const expected = Buffer.alloc(128 * 1024, 7)
  let bytes = 0
  for await (const part of stream!.pieces as AsyncIterable<Uint8Array>) {
    bytes += part.length
    expect(Buffer.from(part).equals(expected.subarray(0, part.length))).toBe(true)
  }
  await sent
  expect(bytes).toBe(32 * 1024 * 1024)
}, 20_000)

test('a message of very many fragments is kept in one place', async () => {
  const { listener, port } = await listening({ incomingStreams: true })
  const client = await rawClient(port, handshake())
  const { value: conn } = await listener.connections.receive()
  const frame = encodeFrame({ opcode: 0, hex: '78', fin: false }, true)
  collectGarbage()
  const before = process.memoryUsage()
  client.socket.write(encodeFrame({ opcode: 1, hex: '78', fin: false }, true))
  for (let i = 0; i < 20; i++) client.socket.write(Buffer.concat(Array.from({ length: 10_000 }, () => frame)))
  // By its answer all before it was read.
  client.socket.write(encodeFrame({ opcode: 9 }, true))
  await client.until(() => client.frames().length === 1)
  collectGarbage()
  // As a buffer for each they would be more than 20 MB.
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  expect(heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(8_000_000)
  client.socket.write(encodeFrame({ opcode: 0 }, true))
  const { value } = await conn!.incoming.receive()
  // `ws` alone refuses a message of more than 16,384 fragments.
  expect(value).toHaveLength(200_001)
})

const chromiumPath = findChromium()

test.skipIf(chromiumPath === undefined)(
  'what a page of Chromium sends is a stream',
  async () => {
    const { listener, url } = await listening({ incomingStreams: true, origins: '*' })
    const browser = await chromium.launch({ executablePath: chromiumPath!, args: chromiumFlags })
    onTestFinished(() => browser.close())
    const page = await browser.newPage()
    await page.evaluate((address) => {
      const socket = new globalThis.WebSocket(address)
      socket.onopen = () => {
        socket.send('é'.repeat(2_000_000))
        socket.send(new Uint8Array(3_000_000).fill(7))
        socket.send('last')
      }
    }, url)
    const { value: conn } = await listener.connections.receive()
    const text = await all((await conn!.incomingStreams.receive()).value!)
    expect(text.message === 'é'.repeat(2_000_000)).toBe(true)
    const bytes = await all((await conn!.incomingStreams.receive()).value!)
    expect(Buffer.alloc(3_000_000, 7).equals(bytes.message as Uint8Array)).toBe(true)
    expect(await conn!.incoming.receive()).toEqual({ value: 'last', ok: true })
  },
  15_000,
)

test('what is streamed may be sent on as it comes', async () => {
  const options = { incomingStreams: true, maxMessageBytes: 1_000 }
  const { listener, url } = await listening(options)
  await using ours = await dial(url, options)
  const { value: theirs } = await listener.connections.receive()
  const sent = ours.sendStream(pieces(...Array.from({ length: 100 }, (_, i) => `${i} ✓ `.repeat(20))))
  const { value: there } = await theirs!.incomingStreams.receive()
  const sentBack = theirs!.sendStream(there!.pieces)
  const { value: back } = await ours.incomingStreams.receive()
  expect((await all(back!)).message).toBe(
    Array.from({ length: 100 }, (_, i) => `${i} ✓ `.repeat(20)).join(''),
  )
  await Promise.all([sent, sentBack])
})

describe('with compression', () => {
  test('a message in fragments that is compressed is whole, or refused; one that is not is streamed', async () => {
    const { listener, port } = await listening({
      incomingStreams: true,
      compression: true,
      maxMessageBytes: 20,
    })
    const client = await rawClient(port, handshake({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }))
    const { value: conn } = await listener.connections.receive()
    const data = deflated('123456789').toString('hex')
    const frames = [
      { opcode: 1, hex: data.slice(0, 6), fin: false, rsv: 4 },
      { opcode: 0, hex: data.slice(6, 12), fin: false },
      { opcode: 0, hex: data.slice(12) },
      { opcode: 1, hex: '31'.repeat(20), fin: false },
      { opcode: 0, hex: '78' },
      { opcode: 1, hex: deflated('whole').toString('hex'), rsv: 4 },
    ]
    client.socket.write(Buffer.concat(frames.map((frame) => encodeFrame(frame, true))))
    expect(await conn!.incoming.receive()).toEqual({ value: '123456789', ok: true })
    const { value: stream } = await conn!.incomingStreams.receive()
    expect((await all(stream!)).message).toBe(`${'1'.repeat(20)}x`)
    expect(await conn!.incoming.receive()).toEqual({ value: 'whole', ok: true })
    const large = deflated('x'.repeat(21)).toString('hex')
    const spec = [
      { opcode: 1, hex: large.slice(0, 4), fin: false, rsv: 4 },
      { opcode: 0, hex: large.slice(4) },
    ]
    client.socket.write(Buffer.concat(spec.map((frame) => encodeFrame(frame, true))))
    expect(await conn!.closed).toMatchObject({ code: 1009 })
  })

  test('a bit that says compressed in a continuation is refused with 1002', async () => {
    const { listener, port } = await listening({ incomingStreams: true, compression: true })
    const client = await rawClient(port, handshake({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }))
    const { value: conn } = await listener.connections.receive()
    const frames = [
      { opcode: 1, hex: '31', fin: false },
      { opcode: 0, hex: '78', rsv: 4 },
    ]
    client.socket.write(Buffer.concat(frames.map((frame) => encodeFrame(frame, true))))
    expect(await conn!.closed).toMatchObject({ code: 1002 })
  })
})

describe('where there are no streams', () => {
  test('the option is refused at once: for a redial, and for a WebSocket that is open', async () => {
    expect(thrownBy(() => redial('ws://127.0.0.1:1', { incomingStreams: true } as never))).toEqual(
      new UnsupportedError('use incomingStreams', 'a redial has none'),
    )
    expect(thrownBy(() => pipe({ incomingStreams: 1 as never }))).toEqual(
      new TypeError('Cannot use option incomingStreams: expected a boolean, got 1'),
    )
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => server.close())
    await once(server, 'listening')
    const socket = new WebSocket(`ws://127.0.0.1:${portOf(server)}`)
    await once(socket, 'open')
    expect(thrownBy(() => wrap(socket, { incomingStreams: true }))).toEqual(
      new UnsupportedError('use incomingStreams', 'the WebSocket is open, wrap it before'),
    )
    socket.terminate()
  })

  test('a WebSocket that is wrapped before it is open has them', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => server.close())
    await once(server, 'listening')
    server.on('connection', (socket) => {
      socket.send('12345', { fin: false })
      socket.send('67890', { fin: false })
      socket.send('x', { fin: true })
    })
    const socket = new WebSocket(`ws://127.0.0.1:${portOf(server)}`)
    await using conn = wrap(socket, { incomingStreams: true, maxMessageBytes: 10 })
    const { value: stream } = await conn.incomingStreams.receive()
    expect((await all(stream!)).message).toBe('1234567890x')
  })

  test('a codec lets streams pass', async () => {
    const [one, other] = pipe({ incomingStreams: true, maxMessageBytes: 10 })
    const coded = withCodec(one, json<number>())
    await other.outgoing.send('1')
    const sent = other.sendStream(pieces('12345', '67890', 'x'))
    expect(await coded.incoming.receive()).toEqual({ value: 1, ok: true })
    expect((await all((await coded.incomingStreams.receive()).value!)).message).toBe('1234567890x')
    await sent
  })
})

describe('a pipe', () => {
  test('carries a message in fragments, whole or as a stream', async () => {
    const [ours, theirs] = pipe({ maxMessageBytes: 10 }, { maxMessageBytes: 10, incomingStreams: true })
    await ours.sendStream(pieces('12345', '67890'))
    await theirs.sendStream(pieces('12345', 'é'))
    await theirs.sendStream(pieces(Uint8Array.of(1), Uint8Array.of(2)))
    expect(await theirs.incoming.receive()).toEqual({ value: '1234567890', ok: true })
    expect(await ours.incoming.receive()).toEqual({ value: '12345é', ok: true })
    expect(await ours.incoming.receive()).toEqual({ value: Uint8Array.of(1, 2), ok: true })
    await ours.sendStream(pieces('12345', '67890', 'x'))
    expect((await all((await theirs.incomingStreams.receive()).value!)).message).toBe('1234567890x')
    void theirs.sendStream(pieces('12345', '67890', 'x')).catch(() => {})
    expect(await ours.closed).toMatchObject({ code: 1009, by: 'local' })
  })

  test('refuses a single piece over the limit', async () => {
    const [ours, theirs] = pipe({ maxMessageBytes: 10, incomingStreams: true })
    void ours.sendStream(pieces('12345678901')).catch(() => {})
    expect(await theirs.closed).toMatchObject({ code: 1009, by: 'local' })
  })

  test('makes a sender wait while the pieces are not received', async () => {
    const [ours, theirs] = pipe({
      maxMessageBytes: 10,
      incomingStreams: true,
      incomingCapacity: 4,
      highWaterMarkBytes: 10,
    })
    let taken = 0
    async function* source(): AsyncGenerator<string> {
      for (; taken < 100; taken++) yield 'x'
    }
    const sent = ours.sendStream(source())
    const { value: stream } = await theirs.incomingStreams.receive()
    await expectPending(sent)
    expect(taken).toBeLessThan(40)
    expect((await all(stream!)).message).toBe('x'.repeat(100))
    await sent
  })
})
