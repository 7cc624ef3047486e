import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { Hub, accept } from '@chansel/ws/server'
import { type Connection, type ConnectionOptions, dial } from '@chansel/ws'
import { describe, expect, onTestFinished, test } from 'vitest'
import { encodeFrame, readFrames } from './support/frames.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually, expectPending, pass, rejectionOf, settle, thrownBy } from './support/pending.ts'
import { type RawClient, handshake, rawClient } from './support/raw-client.ts'
import { accepting, listenOn, listening } from './support/serving.ts'
import { WebSocketServer } from './support/stock-ws.ts'

/** It stops for good, its timers included, in some of these tests. Its `ws` writes by itself: they are not about it. */
const isBun = 'bun' in process.versions

expectNoSocketLeft()

/** Passes on what goes through, and counts the writes. */
class CountingDuplex extends Duplex {
  readonly #inner: Duplex
  readonly writes: Buffer[] = []

  constructor(inner: Duplex) {
    super()
    this.#inner = inner
    inner.on('data', (chunk: Buffer) => void (this.push(chunk) || inner.pause()))
    inner.on('end', () => this.push(null))
    inner.on('close', () => this.destroy())
    inner.on('error', (error: Error) => this.destroy(error))
  }

  override _read(): void {
    this.#inner.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.writes.push(chunk)
    this.#inner.write(chunk, done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    const all = Buffer.concat(chunks.map(({ chunk }) => chunk))
    this.writes.push(all)
    this.#inner.write(all, done)
  }

  override _final(done: () => void): void {
    this.#inner.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner.destroy()
    done(error)
  }
}

interface Counted {
  readonly conn: Connection
  /** Since the handshake. */
  readonly writes: Buffer[]
  readonly stream: Duplex
}

/** A connection accepted on a stream that counts. */
async function counted(options?: ConnectionOptions): Promise<Counted> {
  let accepted: Promise<Connection>
  let counting: CountingDuplex
  const server = createServer()
  server.on('upgrade', (request, socket, head) => {
    counting = new CountingDuplex(socket)
    accepted = accept(request, counting, head, options)
  })
  const port = await listenOn(server)
  const client = await rawClient(port, handshake())
  await client.answer()
  const conn = await accepted!
  onTestFinished(async () => {
    client.socket.destroy()
    await conn.closed
  })
  counting!.writes.length = 0
  return { conn, writes: counting!.writes, stream: counting! }
}

const texts = (bytes: Buffer): string[] =>
  readFrames(bytes).map(({ payload }) => Buffer.from(payload).toString())

describe('sends of one turn', () => {
  test('leave in one write, in that turn', async () => {
    const { conn, writes } = await counted()
    for (let i = 0; i < 100; i++) conn.outgoing.trySend(String(i))
    expect(writes).toHaveLength(0)
    await new Promise((resolve) => process.nextTick(resolve))
    expect(writes).toHaveLength(1)
    expect(texts(writes[0]!)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)))
  })

  test('leave in one write when each is awaited', async () => {
    const { conn, writes } = await counted()
    for (let i = 0; i < 50; i++) await conn.outgoing.send(String(i))
    await settle()
    expect(writes).toHaveLength(1)
    expect(texts(writes[0]!)).toHaveLength(50)
  })

  test('leave in one write when several tasks send', async () => {
    const { conn, writes } = await counted()
    const task = async (name: string): Promise<void> => {
      for (let i = 0; i < 10; i++) await conn.outgoing.send(`${name}${i}`)
    }
    await Promise.all(['a', 'b', 'c'].map(task))
    await settle()
    expect(writes).toHaveLength(1)
    expect(texts(writes[0]!)).toHaveLength(30)
  })

  test('of different kinds leave in one write, in order', async () => {
    const { conn, writes } = await counted()
    conn.outgoing.trySend('text')
    conn.outgoing.trySend(Uint8Array.of(1))
    conn.outgoing.trySend('')
    void conn.ping().catch(() => {})
    await settle()
    expect(writes).toHaveLength(1)
    expect(readFrames(writes[0]!).map(({ opcode }) => opcode)).toEqual([1, 2, 1, 9])
  })

  test('and the close leave in one write', async () => {
    const { conn, writes } = await counted()
    conn.outgoing.trySend('last')
    void conn.close()
    await settle()
    expect(writes).toHaveLength(1)
    expect(readFrames(writes[0]!).map(({ opcode }) => opcode)).toEqual([1, 8])
  })

  test('do not wait for those of the next', async () => {
    const { conn, writes } = await counted()
    for (let turn = 0; turn < 5; turn++) {
      conn.outgoing.trySend(`first of ${turn}`)
      conn.outgoing.trySend(`second of ${turn}`)
      await settle()
      expect(writes).toHaveLength(turn + 1)
    }
    expect(texts(writes[4]!)).toEqual(['first of 4', 'second of 4'])
  })

  test('one message alone is written once', async () => {
    const { conn, writes } = await counted()
    conn.outgoing.trySend('alone')
    await settle()
    expect(writes).toHaveLength(1)
  })

  test('a message alone does not wait for the end of the turn, where the last turns had but one', async () => {
    const { conn, writes } = await counted()
    for (let turn = 0; turn < 5; turn++) {
      conn.outgoing.trySend(String(turn))
      await settle()
    }
    writes.length = 0
    conn.outgoing.trySend('alone')
    expect(writes.map(texts)).toEqual([['alone']])
    // What follows in the same turn leaves together with what comes after it.
    for (const text of ['a', 'b', 'c']) conn.outgoing.trySend(text)
    await settle()
    expect(writes.map(texts)).toEqual([['alone'], ['a', 'b', 'c']])
    // And the next turn may have several again.
    for (const text of ['d', 'e']) conn.outgoing.trySend(text)
    await settle()
    expect(writes.map(texts)).toEqual([['alone'], ['a', 'b', 'c'], ['d', 'e']])
  })

  test.each([
    ['empty', ''],
    ['ASCII', 'short'],
    ['the longest with a short size', 'a'.repeat(125)],
    ['the shortest with a long size', 'b'.repeat(126)],
    ['the longest that is written with others', 'c'.repeat(4_096)],
    ['the shortest that does not wait for others', 'd'.repeat(4_097)],
    ['the longest with a size of two bytes', 'e'.repeat(65_535)],
    ['the shortest with a size of eight', 'f'.repeat(65_536)],
    ['one that is written apart', 'g'.repeat(200_000)],
    ['long and beyond ASCII', 'é'.repeat(40_000)],
    ['very long and beyond ASCII', 'é'.repeat(200_000)],
    ['beyond ASCII, as many characters as it has', 'né'],
    ['a control character of Latin-1', '\u0080\u00ff'],
    ['half of a pair', '\ud83d'],
  ])('a text alone, %s, is the same on the wire as among others', async (_, text) => {
    const { listener, port } = await listening()
    const client = await rawClient(port, handshake())
    await client.answer()
    const { value: conn } = await listener.connections.receive()
    for (let turn = 1; turn <= 5; turn++) {
      conn!.outgoing.trySend(text)
      await client.until(() => client.frames().length === turn)
    }
    const payload = Buffer.from(text)
    // Not `toEqual`, which compares byte by byte.
    const isRight = client.frames().map((frame) => frame.opcode === 1 && payload.equals(frame.payload))
    expect(isRight).toEqual([true, true, true, true, true])
  })

  test('are unsent where the peer went before they were written', async () => {
    const { listener, port } = await listening({ highWaterMarkBytes: Infinity })
    const client = await rawClient(port, handshake())
    await client.answer()
    const { value: conn } = await listener.connections.receive()
    client.socket.pause()
    // What the kernel takes it takes whole; then it is full, with a write under way and others behind it.
    for (let turn = 0; turn < 3 || conn!.outgoing.length === 0; turn++) {
      for (let i = 0; i < 10_000; i++) conn!.outgoing.trySend('of a turn that is cut')
      await settle()
    }
    const stuck = conn!.outgoing.length
    const flushed = rejectionOf(conn!.flush())
    for (let i = 0; i < 100; i++) conn!.outgoing.trySend('never written')
    client.socket.resetAndDestroy()
    expect((await conn!.closed).unsent).toBe(stuck + 100)
    expect(await flushed).toMatchObject({ closeCode: 1006 })
  })

  test('are flushed when the kernel has all of them, and not before', async () => {
    const { listener, port } = await listening({ highWaterMarkBytes: Infinity })
    const client = await rawClient(port, handshake())
    await client.answer()
    const { value: conn } = await listener.connections.receive()
    client.socket.pause()
    while (conn!.outgoing.length === 0) {
      for (let i = 0; i < 10_000; i++) conn!.outgoing.trySend('message of the turn')
      await settle()
    }
    const flushed = conn!.flush()
    await expectPending(flushed)
    client.socket.resume()
    await flushed
    expect(conn!.outgoing.length).toBe(0)
  })

  test('R3 J9 a flush under a cancel that has fired rejects, whether or not something is unsent', async () => {
    const { listener, port } = await listening()
    const client = await rawClient(port, handshake())
    await client.answer()
    const { value: conn } = await listener.connections.receive()
    const fired = new AbortController()
    fired.abort('enough')
    expect(await rejectionOf(conn!.flush(fired))).toBe('enough')
    conn!.outgoing.trySend('something')
    expect(await rejectionOf(conn!.flush(fired))).toBe('enough')
    expect(thrownBy(() => void conn!.flush({} as never))).toBeInstanceOf(TypeError)
    await conn!.flush(new AbortController())
  })

  test('more than one write can hold leave in as few as that takes, in order', async () => {
    const { conn, writes } = await counted({ highWaterMarkBytes: Infinity })
    const sent = Array.from({ length: 10_000 }, (_, i) => `message ${i} of the turn`)
    for (const text of sent) conn.outgoing.trySend(text)
    await settle()
    expect(writes.length).toBeLessThanOrEqual(Math.ceil(Buffer.concat(writes).length / 60_000))
    expect(texts(Buffer.concat(writes))).toEqual(sent)
  })

  test('large and small ones leave in order', async () => {
    const { conn, writes } = await counted({ highWaterMarkBytes: Infinity })
    const sent = [
      'a',
      'B'.repeat(100_000),
      'c',
      'd',
      'E'.repeat(5_000),
      'F'.repeat(5_000),
      'g',
      'H'.repeat(200_000),
      'i',
    ]
    for (const text of sent) conn.outgoing.trySend(text)
    await settle()
    expect(texts(Buffer.concat(writes))).toEqual(sent)
  })

  test.each([
    ['the first', []],
    ['later ones', ['before']],
  ])(
    'before a close of the peer that is read in the same turn are written before ours: %s',
    async (_, before) => {
      const { listener, port } = await listening({ incomingCapacity: 1 })
      const client = await rawClient(port, handshake())
      await client.answer()
      const { value: conn } = await listener.connections.receive()
      for (const text of before) await conn!.outgoing.send(text)
      await client.until(() => client.frames().length === before.length)
      client.socket.write(encodeFrame({ opcode: 1, hex: '61' }, true))
      await eventually('reading has paused', () => conn!.incoming.length === 1)
      // Held back by the stream, until the receive below lets it go on in the same turn.
      client.socket.write(encodeFrame({ opcode: 8, hex: '03e8' }, true))
      await pass(50)
      expect(await conn!.incoming.receive()).toEqual({ value: 'a', ok: true })
      conn!.outgoing.trySend('answer')
      expect(await conn!.closed).toMatchObject({ code: 1000, by: 'remote', unsent: 0 })
      expect(client.frames().map(({ opcode }) => opcode)).toEqual([...before.map(() => 1), 1, 8])
    },
  )

  test('of an echo: the answers to messages that came together leave together', async () => {
    const { listener, port } = await listening()
    const client = await rawClient(port, handshake())
    await client.answer()
    const { value: conn } = await listener.connections.receive()
    for (let i = 0; i < 64; i++) conn!.outgoing.trySend(`message ${i}`)
    await eventually('all came', () => client.frames().length === 64)
    // The answer to the handshake, and all messages.
    expect(client.chunks).toHaveLength(2)
  })

  test('of a client leave in one write, too', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => sockets.close())
    const chunks: number[] = []
    sockets.on('headers', (_, request) => void request.socket.on('data', ({ length }) => chunks.push(length)))
    await new Promise((resolve) => sockets.once('listening', resolve))
    const conn = await dial(`ws://127.0.0.1:${(sockets.address() as { port: number }).port}`)
    for (let i = 0; i < 64; i++) conn.outgoing.trySend(`message ${i}`)
    await conn.flush()
    await eventually('it came', () => chunks.length > 0)
    await conn.close()
    // All messages, and the close.
    expect(chunks.length).toBeLessThanOrEqual(2)
  })
})

describe('messages alone, of many connections in a turn of the event loop,', () => {
  const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  /** Connections that write at the end of the turn: each has sent one message in each of the last turns. */
  async function crowd(size: number): Promise<Counted[]> {
    const all = await Promise.all(Array.from({ length: size }, () => counted()))
    for (let turn = 0; turn < 40; turn++) {
      await endOfTurn()
      for (const { conn, writes } of all) {
        writes.length = 0
        conn.outgoing.trySend(String(turn))
      }
      if (turn > 3 && all.every(({ writes }) => writes.length === 0)) break
    }
    expect(all.every(({ writes }) => writes.length === 0)).toBe(true)
    await endOfTurn()
    for (const { writes } of all) writes.length = 0
    return all
  }

  test('leave at its end', async () => {
    const all = await crowd(12)
    for (const [i, { conn }] of all.entries()) conn.outgoing.trySend(`from ${i}`)
    await new Promise((resolve) => process.nextTick(resolve))
    expect(all.flatMap(({ writes }) => writes)).toEqual([])
    await endOfTurn()
    expect(all.map(({ writes }) => writes.map(texts))).toEqual(all.map((_, i) => [[`from ${i}`]]))
  })

  test('leave with what is sent behind them, in order', async () => {
    const [{ conn, writes }] = (await crowd(12)) as [Counted]
    conn.outgoing.trySend('first')
    await new Promise((resolve) => process.nextTick(resolve))
    for (const text of ['second', 'third']) conn.outgoing.trySend(text)
    await endOfTurn()
    expect(writes.map(texts)).toEqual([['first', 'second', 'third']])
  })

  test('leave before what a flush, a large message or our close says', async () => {
    const [one, two] = (await crowd(12)) as [Counted, Counted]
    one.conn.outgoing.trySend('small')
    one.conn.outgoing.trySend('l'.repeat(5_000))
    two.conn.outgoing.trySend('last words')
    void two.conn.close()
    await endOfTurn()
    expect(texts(Buffer.concat(one.writes))).toEqual(['small', 'l'.repeat(5_000)])
    expect(readFrames(Buffer.concat(two.writes)).map(({ opcode }) => opcode)).toEqual([1, 8])
  })

  test('leave before the answer to a close that is read in that turn', async () => {
    const [{ conn, writes, stream }] = (await crowd(12)) as [Counted]
    stream.push(encodeFrame({ opcode: 10 }, true))
    await settle()
    conn.outgoing.trySend('answer')
    stream.push(encodeFrame({ opcode: 8, hex: '03e8' }, true))
    await endOfTurn()
    expect(readFrames(Buffer.concat(writes)).map(({ opcode }) => opcode)).toEqual([1, 8])
    expect(await conn.closed).toMatchObject({ code: 1000, by: 'remote', unsent: 0 })
  })

  test.skipIf(isBun)(
    'leave before it also where a socket is under them, which reads when it likes',
    async () => {
      const { server, port, accepted } = await accepting()
      const sockets: Socket[] = []
      server.on('upgrade', (_, socket) => sockets.push(socket as Socket))
      const clients: RawClient[] = []
      for (let i = 0; i < 12; i++) clients.push(await rawClient(port, handshake()))
      await eventually('all are accepted', () => accepted.length === 12)
      const conns = await Promise.all(accepted)
      const written = (): number => sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0)
      let isCrowd = false
      for (let turn = 0; turn < 40 && !isCrowd; turn++) {
        await endOfTurn()
        const before = written()
        for (const conn of conns) conn.outgoing.trySend(String(turn))
        isCrowd = turn > 3 && written() === before
      }
      expect(isCrowd).toBe(true)
      sockets[0]!.push(encodeFrame({ opcode: 8, hex: '03e8' }, true))
      expect(await conns[0]!.closed).toMatchObject({ code: 1000, by: 'remote', unsent: 0 })
      await clients[0]!.ended()
      expect(clients[0]!.frames().at(-2)!.opcode).toBe(1)
    },
  )

  test('leave at once again when there are few', async () => {
    const all = await crowd(12)
    const [{ conn, writes }] = all as [Counted]
    for (let turn = 0; turn < 3; turn++) {
      writes.length = 0
      conn.outgoing.trySend('alone')
      if (writes.length > 0) break
      await endOfTurn()
      await settle()
    }
    expect(writes.map(texts)).toEqual([['alone']])
  })
})

test('messages alone of a few connections never wait for each other', async () => {
  const all = await Promise.all([counted(), counted(), counted()])
  for (let turn = 0; turn < 100; turn++) {
    for (const { conn, writes } of all) {
      writes.length = 0
      conn.outgoing.trySend(String(turn))
      if (turn > 3) expect(writes).toHaveLength(1)
    }
    await settle()
  }
})

async function* piecesOf<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all
}

describe('what cannot be sent', () => {
  const transferred = (bytes: Uint8Array<ArrayBuffer>): Uint8Array => {
    structuredClone(bytes, { transfer: [bytes.buffer] })
    return bytes
  }

  test('bytes that were transferred are refused at once', async () => {
    const { conn } = await counted()
    expect(thrownBy(() => conn.outgoing.send(transferred(new Uint8Array(5))))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => conn.outgoing.trySend(transferred(new Uint8Array(5))))).toBeInstanceOf(TypeError)
    expect(conn.outgoing.trySend(new Uint8Array(0))).toBe(true)
  })

  test.skipIf(isBun)(
    'bytes that are transferred after their send end that connection, and no other waits for them',
    async () => {
      const { listener, url } = await listening()
      const clients = [await dial(url), await dial(url)]
      const [{ value: unlucky }, { value: other }] = [
        await listener.connections.receive(),
        await listener.connections.receive(),
      ]
      const bytes = new Uint8Array(5)
      await unlucky!.outgoing.send(bytes)
      transferred(bytes)
      await other!.outgoing.send('in the same turn')
      expect(await unlucky!.closed).toMatchObject({ code: 1006, unsent: 1 })
      expect((unlucky!.ctx.cause as Error).cause).toBeInstanceOf(TypeError)
      await other!.outgoing.send('in a later one')
      await other!.flush()
      expect((await clients[1]!.incoming.receive()).value).toBe('in the same turn')
      expect((await clients[1]!.incoming.receive()).value).toBe('in a later one')
      await Promise.all([...clients.map((client) => client.close()), listener.close()])
    },
  )

  test.skipIf(isBun).each<[string, (conn: Connection) => unknown]>([
    ['a message', (conn) => conn.outgoing.trySend('one')],
    [
      'a published message',
      (conn) => {
        const hub = new Hub()
        hub.join('room', conn)
        hub.publish('room', new Uint8Array(5_000))
      },
    ],
    ['a long message', (conn) => conn.outgoing.trySend(new Uint8Array(100_000))],
    [
      'a message in pieces',
      (conn) => conn.sendStream(piecesOf([Uint8Array.of(1), Uint8Array.of(2)])).catch(() => {}),
    ],
    ['a ping', (conn) => conn.ping().catch(() => {})],
    ['a close', (conn) => conn.close()],
  ])('a stream that throws at %s ends its connection, and nothing else', async (_, act) => {
    const { conn, stream } = await counted()
    const error = new Error('of its own')
    stream.write = () => {
      throw error
    }
    await act(conn)
    expect(await conn.closed).toMatchObject({ code: 1006 })
    expect((conn.ctx.cause as Error).cause).toBe(error)
  })
})
