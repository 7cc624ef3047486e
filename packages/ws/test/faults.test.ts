// What the network and peers do to a connection. docs/websockets-faults.md has the whole list, including tests that are
// elsewhere.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { type Socket, connect, createServer as createTcpServer } from 'node:net'
import { CloseError, type ConnectionOptions, MessageTooBigError, dial } from '@chansel/ws'
import { listen, serve } from '@chansel/ws/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { portOf } from './support/connecting.ts'
import { encodeFrame } from './support/frames.ts'
import { closeHex, hexOf } from './support/hex.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually, expectPending, pass, rejectionOf, settle, thrownBy } from './support/pending.ts'
import { RawClient, type RawEnd, closeCodeOf, handshake, rawClient } from './support/raw-client.ts'
import { type Spoken, clientRole, rawPair, serverRole } from './support/roles.ts'
import { endOf, listenOn, listening, wsClient } from './support/serving.ts'

expectNoSocketLeft()

const CUT = { code: 1006, wasClean: false, by: 'network' }

describe.each([
  ['a server', serverRole],
  ['a client', clientRole],
] as const)('%s of ours', (_, start) => {
  const pair = (options?: ConnectionOptions): Promise<Spoken> => rawPair(start, options)

  /** The code that the raw end is told, after which it ends the stream; `undefined` if it is told none. */
  async function codeSaid(raw: RawEnd): Promise<number | undefined> {
    await Promise.race([raw.until(() => raw.frames().some(({ opcode }) => opcode === 8)), pass(5_000)])
    raw.socket.end()
    return closeCodeOf(raw.frames())
  }

  test.each<[string, (socket: Socket) => void]>([
    ['ends', (socket) => void socket.end()],
    ['is reset', (socket) => void socket.resetAndDestroy()],
  ])('a stream that %s within a frame is a cut, and keeps what was whole', async (_name, leave) => {
    const { conn, raw, say } = await pair()
    raw.socket.write(Buffer.concat([say(1, 'whole'), say(1, 'not whole').subarray(0, -1)]))
    expect(await conn.incoming.receive()).toEqual({ value: 'whole', ok: true })
    leave(raw.socket)
    expect(await conn.closed).toMatchObject(CUT)
    expect(await rejectionOf(conn.incoming.receive())).toBeInstanceOf(CloseError)
  })

  test.each([
    ['long', 1_000_000],
    ['short', 1_000],
  ])('%s messages are not accepted without end once a write has failed', async (_name, size) => {
    const { conn, raw } = await pair()
    raw.socket.resetAndDestroy()
    await once(raw.socket, 'close')
    const message = new Uint8Array(size)
    let accepted = 0
    await rejectionOf(
      (async () => {
        for (; ; accepted++) await conn.outgoing.send(message)
      })(),
    )
    // What fills the buffers of the kernel, and as much as may wait here.
    expect(accepted * size).toBeLessThanOrEqual(8_000_000)
    expect((await conn.closed).unsent).toBeLessThanOrEqual(accepted)
  })

  test('the error of the stream is the cause of the end', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(say(1, 'here'))
    await conn.incoming.receive()
    raw.socket.resetAndDestroy()
    await conn.closed
    expect(await rejectionOf(conn.incoming.receive())).toMatchObject({ cause: { code: 'ECONNRESET' } })
  })

  test('a pong answers all pings before its own, for a peer may answer the newest alone', async () => {
    const { conn, raw, say } = await pair()
    const asked = [conn.ping(), conn.ping(), conn.ping()]
    await raw.until(() => raw.frames().length === 3)
    const [first, second] = raw.frames().map(({ payload }) => Buffer.from(payload).toString())
    // Of none of ours.
    for (const text of ['', 'said', '1700000000000']) raw.socket.write(say(10, text))
    await expectPending(...asked)
    raw.socket.write(say(10, second))
    expect(await asked[0]).toBeGreaterThan(0)
    expect(await asked[1]).toBeGreaterThan(0)
    await expectPending(asked[2]!)
    raw.socket.write(say(10, first))
    await expectPending(asked[2]!)
  })

  test('a ping that was cancelled is not sent, or answers those before it all the same', async () => {
    const { conn, raw, say } = await pair()
    expect(await rejectionOf(conn.ping({ signal: AbortSignal.abort('early') }))).toBe('early')
    const controller = new AbortController()
    const asked = [conn.ping(), conn.ping(controller)] as const
    await raw.until(() => raw.frames().length === 2)
    controller.abort('late')
    expect(await rejectionOf(asked[1])).toBe('late')
    const newest = raw.frames()[1]!
    raw.socket.write(say(10, Buffer.from(newest.payload).toString()))
    expect(await asked[0]).toBeGreaterThan(0)
    expect(raw.frames().map(({ opcode }) => opcode)).toEqual([9, 9])
  })

  test('a ping under a wrong cancel throws at once', async () => {
    const { conn, raw } = await pair()
    for (const wrong of [5, {}, new AbortController().signal]) {
      expect(thrownBy(() => conn.ping(wrong as never))).toBeInstanceOf(TypeError)
    }
    await conn.outgoing.send('fine')
    await raw.until(() => raw.frames().length > 0)
    expect(raw.frames().map(({ opcode }) => opcode)).toEqual([1])
  })

  test('a fault that nobody listens for ends the connection, and no more', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(say(3))
    expect(await codeSaid(raw)).toBe(1002)
    expect(await conn.closed).toMatchObject({ code: 1002, by: 'local' })
  })

  test('a frame with the mask of the other side is refused', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(say(1, 'x', { wrongMask: true }))
    expect(await codeSaid(raw)).toBe(1002)
    expect(await conn.closed).toMatchObject({ code: 1002, by: 'local' })
  })

  test.each<[string, number[], number]>([
    ['one byte over the limit', [126, 0x03, 0xe9], 1009],
    ['2 ** 31', [127, 0, 0, 0, 0, 0x80, 0, 0, 0], 1009],
    ['2 ** 53', [127, 0, 0x20, 0, 0, 0, 0, 0, 0], 1009],
    ['the highest bit', [127, 0x80, 0, 0, 0, 0, 0, 0, 0], 1009],
    ['all bits', [127, 255, 255, 255, 255, 255, 255, 255, 255], 1009],
  ])('a length of %s is refused before the bytes come', async (_name, length, code) => {
    const { conn, raw, say } = await pair({ maxMessageBytes: 1_000 })
    const mask = say(1).subarray(2)
    raw.socket.write(Buffer.from([0x82, (mask.length && 0x80) | length[0]!, ...length.slice(1), ...mask]))
    expect(await codeSaid(raw)).toBe(code)
    expect(((await rejectionOf(conn.incoming.receive())) as CloseError).cause).toBeInstanceOf(
      MessageTooBigError,
    )
    expect(await conn.closed).toMatchObject({ code, by: 'local' })
  })

  test('a message of exactly maxMessageBytes arrives, in one frame and in two', async () => {
    const { conn, raw, say } = await pair({ maxMessageBytes: 1_000 })
    raw.socket.write(say(1, 'x'.repeat(1_000)))
    raw.socket.write(Buffer.concat([say(1, 'x'.repeat(999), { fin: false }), say(0, 'x')]))
    for (let i = 0; i < 2; i++) expect((await conn.incoming.receive()).value).toHaveLength(1_000)
  })

  test('a length that takes more bytes than it needs is taken for what it says', async () => {
    const { conn, raw, say } = await pair()
    const [first, second, ...rest] = say(1, 'long')
    const bit = second! & 0x80
    raw.socket.write(Buffer.from([first!, bit | 126, 0, 4, ...rest]))
    raw.socket.write(Buffer.from([first!, bit | 127, 0, 0, 0, 0, 0, 0, 0, 4, ...rest]))
    for (let i = 0; i < 2; i++) expect(await conn.incoming.receive()).toEqual({ value: 'long', ok: true })
  })

  test('a flood of empty fragments is refused', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(say(1, '', { fin: false }))
    raw.socket.write(Buffer.concat(Array.from({ length: 20_000 }, () => say(0, '', { fin: false }))))
    expect(await codeSaid(raw)).toBe(1008)
    expect(await conn.closed).toMatchObject({ code: 1008, by: 'local' })
  })

  test('each of 50 pings in one segment is answered, and the messages behind them come', async () => {
    const { conn, raw, say } = await pair()
    const pings = Array.from({ length: 50 }, (_, i) => say(9, String(i)))
    raw.socket.write(Buffer.concat([...pings, say(1, 'behind')]))
    expect(await conn.incoming.receive()).toEqual({ value: 'behind', ok: true })
    await raw.until(() => raw.frames().filter(({ opcode }) => opcode === 10).length === 50)
    const answers = raw.frames().map(({ payload }) => payload.toString())
    expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => String(i)))
    expect(conn.ctx.err).toBeUndefined()
  })

  test('a flood of pings by a peer that reads is answered, the newest at least, and the messages behind it come', async () => {
    const { conn, raw, say } = await pair()
    const pings = Array.from({ length: 5_000 }, (_, i) => say(9, String(i)))
    raw.socket.write(Buffer.concat([...pings, say(1, 'behind')]))
    expect(await conn.incoming.receive()).toEqual({ value: 'behind', ok: true })
    await raw.until(() => raw.frames().at(-1)?.payload.toString() === '4999')
    expect(raw.frames().every(({ opcode }) => opcode === 10)).toBe(true)
    const answers = raw.frames().map(({ payload }) => Number(payload.toString()))
    expect(answers.slice(0, 60)).toEqual(Array.from({ length: 60 }, (_, i) => i))
    expect(answers).toEqual([...answers].sort((a, b) => a - b))
    expect(conn.ctx.err).toBeUndefined()
  })

  test('pings before a close are answered before it', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(Buffer.concat([say(9, 'a'), say(9, 'b'), say(8)]))
    await raw.until(() => raw.frames().length === 3)
    expect(raw.frames().map(({ opcode }) => opcode)).toEqual([10, 10, 8])
    raw.socket.end()
    expect(await conn.closed).toMatchObject({ code: 1005, by: 'remote' })
  })

  test('pings of a peer that is slow to read wait for it, the newest is answered, and it is not cut', async () => {
    const { conn, raw, say } = await pair({ highWaterMarkBytes: 2 ** 24 })
    raw.socket.pause()
    // More than all buffers hold.
    await conn.outgoing.send(new Uint8Array(2 ** 23))
    for (let i = 0; i < 200; i++) {
      raw.socket.write(say(9, String(i)))
      await settle()
    }
    raw.socket.write(say(1, 'behind'))
    expect(await conn.incoming.receive()).toEqual({ value: 'behind', ok: true })
    expect(conn.ctx.err).toBeUndefined()
    raw.socket.resume()
    await raw.until(() => raw.frames().at(-1)?.payload.toString() === '199')
    // The first was written behind the message; of those that came meanwhile, the newest.
    expect(raw.frames().filter(({ opcode }) => opcode === 10).length).toBeLessThanOrEqual(61)
    expect(raw.frames().some(({ opcode }) => opcode === 2)).toBe(true)
  })

  test('a flood of pings by a peer that reads nothing ends the connection', async () => {
    const { conn, raw, say } = await pair({ closeTimeoutMs: 500 })
    raw.socket.pause()
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => say(9, 'p'.repeat(120))))
    const flooding = setInterval(() => raw.socket.writable && raw.socket.write(pings), 1)
    onTestFinished(() => clearInterval(flooding))
    expect(await conn.closed).toMatchObject({ code: 1008, wasClean: false, by: 'local' })
    const error = await rejectionOf(conn.incoming.receive())
    expect((error as CloseError).cause).toHaveProperty(
      'message',
      'Cannot answer pings: the peer has read no answer to 1000',
    )
  }, 20_000)

  test('what comes after our close and does not fit is dropped with all behind it, so what is received has no hole', async () => {
    const { conn, raw, say } = await pair({ incomingCapacity: 4 })
    const messages = Array.from({ length: 10 }, (_, i) => say(1, `m${i}`))
    raw.socket.write(Buffer.concat(messages.slice(0, 4)))
    await eventually('four wait', () => conn.incoming.length === 4)
    const closed = conn.close()
    raw.socket.write(Buffer.concat(messages.slice(4, 8)))
    await pass(50)
    const received: unknown[] = []
    for (let i = 0; i < 4; i++) received.push((await conn.incoming.receive()).value)
    raw.socket.write(Buffer.concat([...messages.slice(8), say(8)]))
    raw.socket.end()
    for await (const message of conn.incoming) received.push(message)
    expect(received).toEqual(['m0', 'm1', 'm2', 'm3'])
    expect(await closed).toMatchObject({ code: 1000, wasClean: true, by: 'local' })
  })

  test('a close of the peer is not clean where ours never left', async () => {
    const { conn, raw, say } = await pair({ closeTimeoutMs: 200 })
    raw.socket.pause()
    while (conn.outgoing.trySend(new Uint8Array(65_536)));
    await pass(50)
    while (conn.outgoing.trySend(new Uint8Array(65_536)));
    raw.socket.write(say(8))
    const info = await conn.closed
    expect(info).toMatchObject({ code: 1005, wasClean: false, by: 'remote' })
    expect(info.unsent).toBeGreaterThan(0)
  })

  test('our close within a message of the peer waits for the peer, and ends cleanly', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(Buffer.concat([say(9, 'here'), say(1, 'begun, ', { fin: false })]))
    await raw.until(() => raw.frames().length > 0)
    const closed = conn.close(1000)
    await raw.until(() => raw.frames().some(({ opcode }) => opcode === 8))
    raw.socket.write(Buffer.concat([say(0, 'and done'), say(1, 'one more'), say(8)]))
    raw.socket.end()
    expect(await closed).toMatchObject({ wasClean: true, by: 'local' })
    expect(await conn.incoming.receive()).toEqual({ value: 'begun, and done', ok: true })
    expect(await conn.incoming.receive()).toEqual({ value: 'one more', ok: true })
    expect(await conn.incoming.receive()).toEqual({ value: undefined, ok: false })
  })

  test('a peer that closes twice, and then some, is answered once', async () => {
    const { conn, raw, say } = await pair()
    raw.socket.write(Buffer.concat([say(8), say(8), say(3), Buffer.from('junk')]))
    await raw.until(() => raw.frames().some(({ opcode }) => opcode === 8))
    raw.socket.end()
    expect(await conn.closed).toMatchObject({ code: 1005, by: 'remote' })
    await raw.until(() => false)
    expect(raw.frames().filter(({ opcode }) => opcode === 8)).toHaveLength(1)
  })
})

describe('handshakes', () => {
  test.each<[string, string, (client: RawClient) => void]>([
    ['leaves within its request', handshake().slice(0, 60), ({ socket }) => void socket.destroy()],
    ['resets within its request', handshake().slice(0, 60), ({ socket }) => void socket.resetAndDestroy()],
    ['ends within its request', handshake().slice(0, 60), ({ socket }) => void socket.end()],
    ['says nothing and leaves', '', ({ socket }) => void socket.destroy()],
    ['resets right behind its request', handshake(), ({ socket }) => void socket.resetAndDestroy()],
  ])('a client that %s leaves nothing, and others are served', async (_, text, leave) => {
    const { port, url, listener } = await listening({ maxConnections: 1 })
    const client = await rawClient(port, text)
    await pass(5)
    leave(client)
    await client.ended()
    // It may have been let in before it left.
    await eventually('there is room', () => {
      const arrived = listener.connections.tryReceive()
      return arrived === undefined || arrived.value?.ctx.err !== undefined
    })
    await wsClient(url)
  })

  test('a client that drips its request byte by byte is cut after handshakeTimeoutMs', async () => {
    const { port, reported } = await listening({ handshakeTimeoutMs: 200 })
    const client = await rawClient(port)
    const request = handshake({ 'X-Long': 'x'.repeat(10_000) })
    let at = 0
    const drip = setInterval(() => client.socket.writable && client.socket.write(request[at++]!), 2)
    onTestFinished(() => clearInterval(drip))
    await client.ended(10_000)
    expect(at).toBeLessThan(request.length)
    expect(client.bytes.toString()).not.toContain('101')
    expect(reported).toMatchObject([{ code: 'ERR_WS_REFUSED', status: 408 }])
  }, 15_000)

  test('a flood of sockets that ask for nothing is bounded, and who is connected does not notice', async () => {
    const { port, url, listener, reported } = await listening({ maxConnections: 2 })
    const client = await wsClient(url)
    const { value: conn } = await listener.connections.receive()
    const flood = Array.from({ length: 300 }, () => new RawClient(port))
    onTestFinished(async () => {
      for (const { socket } of flood) socket.destroy()
      await Promise.all(flood.map((one) => one.ended()))
    })
    await eventually('those beyond are dropped', () => flood.filter(({ hasEnded }) => hasEnded).length >= 171)
    expect(flood.filter(({ hasEnded }) => !hasEnded)).toHaveLength(2 + 128 - 1)
    expect(reported).toHaveLength(171)
    expect(reported.every((error) => (error as { status: number }).status === 503)).toBe(true)
    client.send('still here')
    expect(await conn!.incoming.receive()).toEqual({ value: 'still here', ok: true })
  }, 15_000)

  test('a flood of connections beyond maxConnections is refused, each once, and who is connected does not notice', async () => {
    const { port, url, listener, reported } = await listening({ maxConnections: 2 })
    const client = await wsClient(url)
    const { value: conn } = await listener.connections.receive()
    const answers: number[] = []
    for (let i = 0; i < 100; i++) {
      const one = await rawClient(port, handshake())
      answers.push((await one.answer()).status)
    }
    expect(answers).toEqual([101, ...Array.from({ length: 99 }, () => 503)])
    expect(reported).toHaveLength(99)
    client.send('still here')
    expect(await conn!.incoming.receive()).toEqual({ value: 'still here', ok: true })
  }, 15_000)

  test('a flood of header fields is refused or let in, and nobody else waits', async () => {
    const { port, url } = await listening()
    const fields = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`X-${i}`, '1']))
    const client = await rawClient(port, handshake(fields))
    expect((await client.lastAnswer()).status).toBe(431)
    await wsClient(url)
  })

  test('frames that come with the request are the first messages', async () => {
    const { port, listener } = await listening()
    const first = ['1', '2', '3'].map((text) => encodeFrame({ opcode: 1, hex: hexOf(text) }, true))
    const end = encodeFrame({ opcode: 8, hex: closeHex(1000) }, true)
    await rawClient(port, Buffer.concat([Buffer.from(handshake()), ...first, end]))
    const { value: conn } = await listener.connections.receive()
    const messages: unknown[] = []
    for await (const message of conn!.incoming) messages.push(message)
    expect(messages).toEqual(['1', '2', '3'])
    expect(await conn!.closed).toMatchObject({ code: 1000, by: 'remote' })
  })
})

describe('a proxy that cuts what is idle', () => {
  const IDLE_MS = 400

  /** Forwards to `port`, and resets a connection over which nothing came for a while. */
  async function cuttingProxy(port: number): Promise<string> {
    const proxy = createTcpServer((client) => {
      const server = connect(port, '127.0.0.1')
      const cut = (): void => {
        client.resetAndDestroy()
        server.resetAndDestroy()
      }
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        from.on('error', () => {})
        from.on('close', () => to.destroy())
        from.setTimeout(IDLE_MS, cut)
        from.pipe(to)
      }
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    onTestFinished(() => void proxy.close())
    return `ws://127.0.0.1:${portOf(proxy)}`
  }

  test('is told as a cut on both sides', async () => {
    const { listener, port } = await listening({ heartbeat: false })
    const client = await dial(await cuttingProxy(port), { heartbeat: false })
    const { value: conn } = await listener.connections.receive()
    expect(await client.closed).toMatchObject(CUT)
    expect(await conn!.closed).toMatchObject(CUT)
  })

  test('does not where one side has a heartbeat that is quicker', async () => {
    const { listener, port } = await listening({ heartbeat: { intervalMs: 40, timeoutMs: 10_000 } })
    const client = await dial(await cuttingProxy(port), { heartbeat: false })
    const { value: conn } = await listener.connections.receive()
    await pass(3 * IDLE_MS)
    await client.outgoing.send('still here')
    expect(await conn!.incoming.receive()).toEqual({ value: 'still here', ok: true })
    await client.close()
  })
})

describe('the end of a server', () => {
  test('in mid-traffic loses nothing that was acknowledged', async () => {
    const stored: string[] = []
    const listener = await serve({ port: 0 }, async (conn) => {
      for await (const message of conn.incoming) {
        stored.push(message as string)
        await conn.outgoing.send(`ack ${message as string}`)
      }
    })
    const clients = await Promise.all(
      Array.from({ length: 20 }, async (_, name) => {
        const socket = await wsClient(`ws://127.0.0.1:${listener.address.port}`)
        const acknowledged: string[] = []
        let count = 0
        const send = (): void => socket.send(`${name}/${count++}`, () => {})
        socket.on('message', (data: Buffer) => {
          acknowledged.push(data.toString().slice('ack '.length))
          send()
        })
        for (let i = 0; i < 8; i++) send()
        return { acknowledged, end: endOf(socket), name }
      }),
    )
    await eventually('all are in the midst of it', () => clients.every((one) => one.acknowledged.length > 20))
    await listener.close()
    for (const { acknowledged, end, name } of clients) {
      expect(await end).toEqual({ code: 1001, reason: '' })
      // All that the server stored and acknowledged arrived; only what it stored while it closed may lack its answer.
      const mine = stored.filter((message) => message.startsWith(`${name}/`))
      expect(mine.slice(0, acknowledged.length)).toEqual(acknowledged)
      expect(mine.length - acknowledged.length).toBeLessThanOrEqual(1)
    }
  })

  test('of node:http waits for open sockets until the listener has closed, and then ends', async () => {
    const server = createServer()
    const port = await listenOn(server)
    const listener = await listen({ server })
    const socket = await wsClient(`ws://127.0.0.1:${port}`)
    const end = endOf(socket)
    const closed = once(server, 'close')
    server.close()
    await expectPending(closed)
    await listener.close()
    await closed
    expect(await end).toMatchObject({ code: 1001 })
  })
})
