import { Server, createServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import { type Connection, RefusedError, dial } from '@chansel/ws'
import { type ListenOptions, type Listener, listen, serve } from '@chansel/ws/server'
import { channel } from 'chansel'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeCertificate } from './support/certificate.ts'
import { encodeFrame } from './support/frames.ts'
import { onEvent } from './support/heard.ts'
import { hexOf } from './support/hex.ts'
import { expectNoSocketLeft, expectResources, resourcesInUse } from './support/nothing-left.ts'
import { eventually, expectPending, pass, rejectionOf, thrownBy } from './support/pending.ts'
import { closeCodeOf, handshake, rawClient } from './support/raw-client.ts'
import { endOf, listenOn, listening, wsClient } from './support/serving.ts'

expectNoSocketLeft()

/** More than the kernel takes of an answer that nobody reads. */
const LONG_REFUSAL = { status: 403, body: 'x'.repeat(16 * 1024 * 1024) }
afterEach(() => void vi.restoreAllMocks())

describe('listen', () => {
  test('connections are received in Go’s accept loop', async () => {
    const { listener, url } = await listening()
    const served: string[] = []
    const loop = (async () => {
      for await (const conn of listener.connections) served.push(conn.url)
    })()
    for (const path of ['/a', '/b', '/c']) {
      const socket = await wsClient(url + path)
      await eventually('it was accepted', () => served.length > 0 && served.at(-1)!.endsWith(path))
      expect(socket.readyState).toBe(socket.OPEN)
    }
    await listener.close({ graceMs: 100 })
    await loop
    expect(served).toEqual(['/a', '/b', '/c'].map((path) => url + path))
  })

  test('the address is the one of the port that was free, on 127.0.0.1', async () => {
    const { listener, port } = await listening()
    expect(listener.address).toMatchObject({ address: '127.0.0.1', family: 'IPv4', port })
    expect(port).toBeGreaterThan(0)
  })

  test('a connection that is accepted late has every message', async () => {
    const { listener, port } = await listening()
    const messages = Array.from({ length: 10 }, (_, i) =>
      encodeFrame({ opcode: 1, hex: hexOf(String(i)) }, true),
    )
    // The first five come in one segment with the request, before there is an answer.
    const client = await rawClient(port, Buffer.concat([Buffer.from(handshake()), ...messages.slice(0, 5)]))
    expect((await client.answer()).status).toBe(101)
    client.socket.write(Buffer.concat(messages.slice(5)))
    await expectPending(new Promise((resolve) => client.socket.once('close', resolve)))
    const { value: conn } = await listener.connections.receive()
    for (let i = 0; i < 10; i++) {
      expect(await conn!.incoming.receive()).toEqual({ value: String(i), ok: true })
    }
  })

  test('a client that came and went is still received, with its messages and its end', async () => {
    const { listener, url } = await listening()
    const socket = await wsClient(url)
    socket.send('last words')
    socket.close(3000, 'gone')
    await endOf(socket)
    const { value: conn } = await listener.connections.receive()
    expect(await conn!.incoming.receive()).toEqual({ value: 'last words', ok: true })
    expect(await conn!.closed).toMatchObject({ code: 3000, by: 'remote' })
  })

  test('those that nobody received keep their places, also once they have ended', async () => {
    const { listener, port, reported } = await listening({ maxConnections: 2 })
    const message = encodeFrame({ opcode: 1, hex: hexOf('last words') }, true)
    const request = Buffer.concat([Buffer.from(handshake()), message])
    for (let i = 0; i < 2; i++) {
      const client = await rawClient(port, request)
      expect((await client.answer()).status).toBe(101)
      client.socket.resetAndDestroy()
    }
    for (let i = 0; i < 3; i++) {
      expect((await (await rawClient(port, handshake())).lastAnswer()).status).toBe(503)
    }
    expect([listener.connections.length, reported.length]).toEqual([2, 3])
    const { value: conn } = await listener.connections.receive()
    expect(await conn!.incoming.receive()).toEqual({ value: 'last words', ok: true })
    await conn!.closed
    expect((await (await rawClient(port, handshake())).answer()).status).toBe(101)
  })

  test('those that ended unreceived keep their places beside those that are open', async () => {
    const { listener, port } = await listening({ maxConnections: 2 })
    const receiving = listener.connections.receive()
    const open = await rawClient(port, handshake())
    const { value: conn } = await receiving
    const unreceived = await rawClient(port, handshake())
    expect((await unreceived.answer()).status).toBe(101)
    unreceived.socket.resetAndDestroy()
    for (let i = 0; i < 2; i++) {
      expect((await (await rawClient(port, handshake())).lastAnswer()).status).toBe(503)
    }
    expect(inspect(listener)).toContain('connections: 2')
    open.socket.resetAndDestroy()
    await conn!.closed
    expect(inspect(listener)).toContain('connections: 1')
    await (
      await listener.connections.receive()
    ).value!.closed
    expect(inspect(listener)).toContain('connections: 0')
  })

  test('a request that names the whole URL is one for its path', async () => {
    const { listener, port } = await listening({ path: '/ws' })
    const client = await rawClient(port, handshake({}, 'GET http://other.example/ws?room=1 HTTP/1.1'))
    expect((await client.answer()).status).toBe(101)
    expect((await listener.connections.receive()).value!.url).toBe('ws://127.0.0.1/ws?room=1')
    const other = await rawClient(port, handshake({}, 'GET http://other.example/ HTTP/1.1'))
    expect((await other.answer()).status).toBe(404)
  })

  test.each(['ex ample', 'a/b', 'a?b', 'a@b', 'a#b', 'a:b', 'a\\\\b', '', '[::1'])(
    'a request for the host %j is refused with 400, for its URL is none',
    async (host) => {
      const { port } = await listening()
      expect((await (await rawClient(port, handshake({ Host: host }))).answer()).status).toBe(400)
    },
  )

  test.each(['a.example', 'a.example:8080', '[::1]:80', 'a_b', '127.0.0.1'])(
    'a request for the host %j is let in',
    async (host) => {
      const { listener, port } = await listening()
      expect((await (await rawClient(port, handshake({ Host: host }))).answer()).status).toBe(101)
      expect((await listener.connections.receive()).value!.url).toBe(`ws://${host}/`)
    },
  )

  test('an upgrade that is left to others, and reset before they listen, ends nothing', async () => {
    const server = createServer()
    const left: Duplex[] = []
    server.on('upgrade', (request, socket) => void (request.url === '/theirs' && left.push(socket)))
    const port = await listenOn(server)
    const { url } = await listening({ server, path: '/ours' })
    const client = await rawClient(port, handshake({}, 'GET /theirs HTTP/1.1'))
    await eventually('it is theirs', () => left.length === 1)
    client.socket.resetAndDestroy()
    await eventually('it is gone', () => left[0]!.destroyed)
    await wsClient(`${url}/ours`)
  })

  test('a port that is taken rejects with EADDRINUSE, and leaves nothing', async () => {
    const { port } = await listening()
    const before = resourcesInUse()
    expect(await rejectionOf(listen({ port }))).toMatchObject({ code: 'EADDRINUSE' })
    await expectResources(before)
  })

  test('the path is the only one that is served', async () => {
    const { listener, port, reported } = await listening({ path: '/ws' })
    for (const [target, status] of [
      ['/ws', 101],
      ['/ws?room=1', 101],
      ['/', 404],
      ['/ws/', 404],
      ['/wsx', 404],
      ['/WS', 404],
    ] as const) {
      const client = await rawClient(port, handshake({}, `GET ${target} HTTP/1.1`))
      expect((await client.answer()).status, target).toBe(status)
    }
    expect(reported).toHaveLength(4)
    expect(reported[0]).toMatchObject({ status: 404, code: 'ERR_WS_REFUSED' })
    expect(listener.connections.length).toBe(2)
  })

  test.each([
    ['GET', 'GET /x-marks HTTP/1.1\r\nHost: x\r\nX-Marks: the-spot\r\n\r\n'],
    ['POST', 'POST /x-marks HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nthe-spot'],
  ])('a plain %s is answered with 426', async (_, request) => {
    const { port } = await listening()
    const client = await rawClient(port, request)
    const answer = await client.lastAnswer()
    expect(answer.status).toBe(426)
    expect(answer.fields['upgrade']).toBe('websocket')
    expect(answer.text).not.toMatch(/x-marks|the-spot/i)
  })

  test.each([
    ['junk', 'the-spot the-spot the-spot\r\n\r\n'],
    ['bytes', '\u0000\u0001the-spot\u00ff\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fcthe-spot'],
    ['a bad header', 'GET / HTTP/1.1\r\nthe-spot\r\n\r\n'],
  ])('%s instead of HTTP is answered with 400, reported once, and others go on', async (_, text) => {
    const { port, url, reported, listener } = await listening()
    const client = await rawClient(port, text)
    const answer = await client.lastAnswer()
    expect(answer.status).toBe(400)
    expect(answer.text).not.toContain('the-spot')
    expect(reported).toHaveLength(1)
    expect(reported[0]).toBeInstanceOf(RefusedError)
    await wsClient(url)
    expect(await listener.connections.receive()).toMatchObject({ ok: true })
  })

  test('an error of the listening socket is reported, and ends nothing', async () => {
    const opened = vi.spyOn(Server.prototype, 'listen')
    onTestFinished(() => opened.mockRestore())
    const { url, reported } = await listening()
    const noMore = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' })
    ;(opened.mock.contexts[0] as Server).emit('error', noMore)
    expect(reported).toEqual([noMore])
    await wsClient(url)
  })

  test('what follows a request that was answered gets no answer of its own', async () => {
    const { port, reported } = await listening()
    const client = await rawClient(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\njunk\r\n\r\n')
    const { status, text } = await client.lastAnswer()
    expect(status).toBe(426)
    expect(text.split('HTTP/1.1 ')).toHaveLength(2)
    expect(reported).toEqual([])
  })

  test('headers that are too large are answered with 431', async () => {
    const { port } = await listening()
    const client = await rawClient(port, handshake({ 'X-Large': 'x'.repeat(20_000) }))
    expect((await client.lastAnswer()).status).toBe(431)
  })

  test.each([
    ['says nothing', ''],
    ['stops within its headers', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  ])('a client that %s is cut after handshakeTimeoutMs', async (_, text) => {
    const { port } = await listening({ handshakeTimeoutMs: 100 })
    const client = await rawClient(port, text)
    const startedAt = performance.now()
    await client.ended(2_500)
    expect(performance.now() - startedAt).toBeLessThan(1_500)
  })

  test('a client that drips its headers is cut after handshakeTimeoutMs', async () => {
    const { port } = await listening({ handshakeTimeoutMs: 150 })
    const client = await rawClient(port, 'GET / HTTP/1.1\r\n')
    const drip = setInterval(() => client.socket.write('X-Drip: drop\r\n'), 10)
    onTestFinished(() => clearInterval(drip))
    await client.ended(2_500)
  })

  test.each([0, 1, 99.5, 150, 10_001, Infinity])(
    'handshakeTimeoutMs may be any duration: %s',
    async (handshakeTimeoutMs) => {
      const listener = await listen({ port: 0, handshakeTimeoutMs })
      onTestFinished(() => listener.close())
      expect(listener.address.port).toBeGreaterThan(0)
    },
  )

  test('more than maxConnections are refused with 503, and there is room again after an end', async () => {
    const { listener, port, url, reported } = await listening({ maxConnections: 2 })
    const first = await wsClient(url)
    await wsClient(url)
    expect((await (await rawClient(port, handshake())).lastAnswer()).status).toBe(503)
    expect(reported).toHaveLength(1)
    expect(reported[0]).toMatchObject({ status: 503 })
    const { value: conn } = await listener.connections.receive()
    first.close()
    await conn!.closed
    expect((await (await rawClient(port, handshake())).answer()).status).toBe(101)
  })

  test('handshakes count as connections', async () => {
    const gate = channel<never>()
    const authorize = async (): Promise<void> => void (await gate.receive())
    const { port, listener } = await listening({ maxConnections: 1, authorize })
    // Either may be the first: it waits, and the other is refused.
    const clients = [await rawClient(port, handshake()), await rawClient(port, handshake())]
    await eventually('one is refused', () => clients.some(({ hasEnded }) => hasEnded))
    gate.close()
    const answers = await Promise.all(clients.map((client) => client.answer()))
    expect(answers.map(({ status }) => status).sort((x, y) => x - y)).toEqual([101, 503])
    expect(listener.connections.length).toBe(1)
  })

  test('what onError throws ends nothing', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { port, url } = await listening({
      onError: () => {
        throw new Error('a bad reporter')
      },
    })
    await (await rawClient(port, 'junk\r\n\r\n')).ended()
    await wsClient(url)
    expect(said).toHaveBeenCalled()
  })

  test('what onError rejects with ends nothing', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    const failure = new Error('a bad reporter')
    const { port, url } = await listening({ onError: (() => Promise.reject(failure)) as () => void })
    await (await rawClient(port, 'junk\r\n\r\n')).ended()
    await wsClient(url)
    expect(said.mock.calls).toEqual([['[@chansel/ws] onError failed:', failure]])
  })

  test('close takes an object', async () => {
    const { listener } = await listening()
    expect(thrownBy(() => listener.close(null as never))).toMatchObject({
      message: 'Cannot close: options must be an object, got null',
    })
  })

  test('without onError the console is told of a refusal, in one call and one line', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    const listener = await listen({ port: 0 })
    onTestFinished(() => listener.close())
    const client = await rawClient(listener.address.port, handshake({ Origin: 'http://evil.example' }))
    expect((await client.lastAnswer()).status).toBe(403)
    expect(said).toHaveBeenCalledTimes(1)
    expect(said.mock.calls[0]).toEqual([expect.stringMatching(/^\[@chansel\/ws\] [^\n]+$/)])
  })

  test.each<[string, object, string]>([
    ['maxConnections: 0', { port: 0, maxConnections: 0 }, '0'],
    ['maxMessageBytes: -1', { port: 0, maxMessageBytes: -1 }, '-1'],
    ['handshakeTimeoutMs: a text', { port: 0, handshakeTimeoutMs: 'soon' }, 'soon'],
    ['parent: a number', { port: 0, parent: 7 }, 'parent'],
    ['neither port nor server', {}, 'port'],
    ['port: 65536', { port: 65_536 }, '65536'],
    ['port: a text', { port: '80' }, '80'],
    ['host: a number', { port: 0, host: 7 }, 'host'],
    ['server: a text', { server: 'http' }, 'server'],
    ['server: null', { server: null }, 'server'],
    ['both port and server', { port: 0, server: createServer() }, 'server'],
    ['path: a number', { port: 0, path: 7 }, 'path'],
    ['onError: no function', { port: 0, onError: true }, 'onError'],
    ['maxConnections: a part of one', { port: 0, maxConnections: 1.5 }, '1.5'],
    ['maxConnections: NaN', { port: 0, maxConnections: NaN }, 'NaN'],
  ])('option %s throws at once, naming it', (_, options, named) => {
    const error = thrownBy(() => {
      const opened = listen(options as ListenOptions)
      void opened.then((listener) => listener.close()).catch(() => {})
    })
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
    expect((error as Error).message).toContain(named)
  })
})

describe('the path of a listener', () => {
  const wrong = (got: string): RangeError =>
    new RangeError(`Cannot use option path: expected one as in a URL, "/chat" for example, got ${got}`)

  test.each([
    '',
    'chat',
    'http://h/chat',
    '/chat?room=1',
    '/chat#top',
    '/chat room',
    '/chät',
    '/a/../b',
    ':x',
  ])('%j, which no request has, throws at once', (path) => {
    const call = (): void => void listen({ port: 0, path }).then((listener) => listener.close())
    expect(thrownBy(call)).toEqual(wrong(JSON.stringify(path)))
  })

  test.each(['/', '/chat', '/chat/', '//chat', '/ch%C3%A4t', '/a:b@c;d=e'])('%j is served', async (path) => {
    const { port } = await listening({ path })
    const client = await rawClient(port, handshake({}, `GET ${path}?x=1 HTTP/1.1`))
    expect((await client.answer()).status).toBe(101)
  })
})

test.each([
  ['listen', (options: never) => listen(options)],
  ['serve', (options: never) => serve(options, async () => {})],
])('%s with options that are no object throws at once', (operation, call) => {
  for (const [options, got] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [1, '1'],
    ['x', '"x"'],
  ])
    expect(thrownBy(() => call(options as never))).toEqual(
      new TypeError(`Cannot ${operation}: options must be an object, got ${got}`),
    )
})

describe('listen on a server that exists', () => {
  test('the server stays open, and serves its other requests', async () => {
    const server = createServer((_, response) => response.end('page'))
    const port = await listenOn(server)
    const { listener } = await listening({ server } as Partial<ListenOptions>)
    expect(listener.address.port).toBe(port)
    const socket = await wsClient(`ws://127.0.0.1:${port}`)
    const end = endOf(socket)
    await listener.close()
    expect(await end).toMatchObject({ code: 1001 })
    expect(server.listening).toBe(true)
    expect(server.listenerCount('upgrade')).toBe(0)
    const page = await rawClient(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(await page.lastAnswer()).toMatchObject({ status: 200, body: 'page' })
  })

  test('other upgrade listeners keep theirs', async () => {
    const server = createServer()
    const port = await listenOn(server)
    const seen: string[] = []
    const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\n\r\n'
    const theirs: Record<string, (socket: Duplex) => void> = {
      '/other': (socket) => void socket.end(switching),
    }
    server.on('upgrade', (request, socket) => {
      seen.push(request.url!)
      theirs[request.url!]?.(socket)
    })
    const { listener } = await listening({ server, path: '/ws' } as Partial<ListenOptions>)
    const other = await rawClient(port, handshake({ Upgrade: 'other' }, 'GET /other HTTP/1.1'))
    expect((await other.lastAnswer()).fields['upgrade']).toBe('other')
    await wsClient(`ws://127.0.0.1:${port}/ws`)
    expect(await listener.connections.receive()).toMatchObject({ ok: true })
    expect(seen).toEqual(['/other', '/ws'])
  })

  test('two copies of the library share it (J18)', async () => {
    const server = createServer()
    const port = await listenOn(server)
    vi.resetModules()
    const copy = await import('@chansel/ws/server')
    expect(copy.listen).not.toBe(listen)
    const { listener: ours, reported } = await listening({ server, path: '/a' } as Partial<ListenOptions>)
    const theirs = await copy.listen({ server, path: '/b', onError() {} })
    onTestFinished(() => theirs.close({ graceMs: 0 }))
    const statusOf = async (path: string): Promise<number> => {
      const client = await rawClient(port, handshake({}, `GET ${path} HTTP/1.1`))
      return (await client.answer()).status
    }
    expect([await statusOf('/a'), await statusOf('/b'), await statusOf('/c')]).toEqual([101, 101, 404])
    expect(reported).toHaveLength(1)
    await ours.close({ graceMs: 0 })
    expect([await statusOf('/a'), await statusOf('/b')]).toEqual([404, 101])
    await theirs.close({ graceMs: 0 })
    expect(server.listenerCount('upgrade')).toBe(0)
  })

  test('a path that no listener of ours serves is answered with 404, however many there are', async () => {
    const server = createServer()
    const port = await listenOn(server)
    await listening({ server, path: '/a' } as Partial<ListenOptions>)
    await listening({ server, path: '/b' } as Partial<ListenOptions>)
    await wsClient(`ws://127.0.0.1:${port}/a`)
    await wsClient(`ws://127.0.0.1:${port}/b`)
    const client = await rawClient(port, handshake({}, 'GET /c HTTP/1.1'))
    await client.ended(1_000)
    expect((await client.lastAnswer()).status).toBe(404)
  })

  test('a server of node:https makes wss', async () => {
    const { key, cert } = makeCertificate()
    const server = createHttpsServer({ key, cert })
    const port = await listenOn(server)
    const { listener } = await listening({ server } as Partial<ListenOptions>)
    const client = await dial(`wss://127.0.0.1:${port}/x`, { tls: { ca: cert } })
    const { value: conn } = await listener.connections.receive()
    expect(conn!.url).toBe(`wss://127.0.0.1:${port}/x`)
    await client.outgoing.send('over TLS')
    expect(await conn!.incoming.receive()).toEqual({ value: 'over TLS', ok: true })
    await client.close()
  })
})

describe('close of a listener', () => {
  async function open(options: Partial<ListenOptions> = {}): Promise<{
    listener: Listener
    url: string
    port: number
    accepted: () => Promise<Connection>
  }> {
    const { listener, url, port } = await listening(options)
    const accepted = async (): Promise<Connection> => (await listener.connections.receive()).value!
    return { listener, url, port, accepted }
  }

  test('tells all connections 1001, ends the accept loop and resolves when all have ended', async () => {
    const { listener, url, port, accepted } = await open()
    const sockets = await Promise.all([1, 2, 3].map(() => wsClient(url)))
    const ends = sockets.map(endOf)
    const conn = await accepted()
    await listener.close()
    expect(await Promise.all(ends)).toEqual([1, 2, 3].map(() => ({ code: 1001, reason: '' })))
    expect(await conn.closed).toEqual({ code: 1001, reason: '', wasClean: true, by: 'local', unsent: 0 })
    const rest = [await accepted(), await accepted()]
    expect(rest.map(({ ctx }) => ctx.err === undefined)).toEqual([false, false])
    expect(await listener.connections.receive()).toEqual({ value: undefined, ok: false })
    expect(await rejectionOf(dial(`ws://127.0.0.1:${port}`))).toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    })
  })

  test('sends what was sent before', async () => {
    const { listener, url, accepted } = await open()
    const socket = await wsClient(url)
    const received: string[] = []
    socket.on('message', (data: Buffer) => received.push(data.toString()))
    const end = endOf(socket)
    const conn = await accepted()
    for (let i = 0; i < 100; i++) await conn.outgoing.send(String(i))
    await listener.close()
    expect(await end).toMatchObject({ code: 1001 })
    expect(received).toHaveLength(100)
  })

  test('cuts what has not ended after graceMs', async () => {
    const { listener, url, accepted } = await open()
    const socket = await wsClient(url)
    socket.pause()
    const conn = await accepted()
    const startedAt = performance.now()
    await listener.close({ graceMs: 100 })
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(99)
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    expect(await conn.closed).toMatchObject({ wasClean: false, by: 'local' })
  })

  test('cuts handshakes and idle sockets', async () => {
    const authorize = (): Promise<void> => new Promise(() => {})
    const { listener, port } = await open({ authorize })
    const idle = await rawClient(port)
    const half = await rawClient(port, 'GET / HTTP/1.1\r\nHost:')
    const slow = await rawClient(port, handshake())
    await eventually('they are here', () => slow.socket.bytesWritten > 0)
    await listener.close({ graceMs: 50 })
    await Promise.all([idle, half, slow].map((client) => client.ended(1_500)))
  })

  test.each([
    ['a server of its own', {}],
    ['a server that exists', { server: createServer() }],
  ])('waits for a refusal that is not read, and cuts it after graceMs, on %s', async (_, place) => {
    if ('server' in place) await listenOn(place.server)
    const { listener, port, reported } = await listening({
      ...place,
      authorize: () => LONG_REFUSAL,
      handshakeTimeoutMs: Infinity,
    })
    const client = await rawClient(port, handshake())
    client.socket.pause()
    await eventually('it was refused', () => reported.length === 1)
    expect(inspect(listener)).toContain('handshakes: 1')
    const closed = listener.close({ graceMs: 600 })
    await expectPending(closed)
    await closed
    client.socket.resume()
    await client.ended()
    expect(client.bytes.length).toBeLessThan(LONG_REFUSAL.body.length)
  })

  test('lets a refusal go that is read', async () => {
    const { listener, port, reported } = await listening({ authorize: () => LONG_REFUSAL })
    const client = await rawClient(port, handshake())
    client.socket.pause()
    await eventually('it was refused', () => reported.length === 1)
    const closed = listener.close()
    client.socket.resume()
    expect((await client.lastAnswer()).body).toHaveLength(LONG_REFUSAL.body.length)
    await closed
  })

  test('twice is once, and so is `await using`', async () => {
    const listener = await listen({ port: 0 })
    {
      await using scoped = listener
      expect(scoped.address.port).toBeGreaterThan(0)
    }
    const first = listener.close()
    await Promise.all([first, listener.close(), listener[Symbol.asyncDispose]()])
    expect(await listener.connections.receive()).toEqual({ value: undefined, ok: false })
  })

  test('leaves nothing that would keep the process', async () => {
    const before = resourcesInUse()
    const listener = await listen({ port: 0 })
    const client = await dial(`ws://127.0.0.1:${listener.address.port}`)
    const { value: conn } = await listener.connections.receive()
    await client.outgoing.send('hello')
    expect(await conn!.incoming.receive()).toEqual({ value: 'hello', ok: true })
    await listener.close()
    await client.closed
    await expectResources(before)
  })

  test('a bad graceMs throws at once and closes nothing', async () => {
    const { listener, url } = await open()
    expect(thrownBy(() => void listener.close({ graceMs: -1 }))).toBeInstanceOf(RangeError)
    expect(thrownBy(() => void listener.close({ graceMs: 'soon' as never }))).toBeInstanceOf(TypeError)
    await wsClient(url)
  })

  test('a handshake that ends after close began is not let in', async () => {
    let say: () => void
    const authorize = (): Promise<void> => new Promise((resolve) => (say = resolve))
    const { listener, port } = await open({ authorize })
    const client = await rawClient(port, handshake())
    await eventually('it is at the handshake', () => say !== undefined)
    const closed = listener.close({ graceMs: 200 })
    say!()
    await closed
    await client.ended()
    expect(client.bytes.toString()).not.toContain('101 ')
    expect(await listener.connections.receive()).toEqual({ value: undefined, ok: false })
  })

  test('in the step in which a connection opens tells it 1001', async () => {
    const { listener, url } = await listening()
    const closing = new Promise<void>((resolve) => {
      onEvent('chansel:ws:connection:opened', ({ via }) => via === 'accept' && resolve(listener.close()))
    })
    expect(await (await dial(url)).closed).toMatchObject({ code: 1001, by: 'remote' })
    await closing
  })

  test('whenever it comes, a client hears 503 or 1001, and nothing else', async () => {
    for (let microtasks = 0; microtasks < 12; microtasks++) {
      let say: () => void
      const authorize = (): Promise<void> => new Promise((resolve) => (say = resolve))
      const { listener, port } = await open({ authorize })
      const client = await rawClient(port, handshake())
      await eventually('it is at the handshake', () => say !== undefined)
      say!()
      for (let i = 0; i < microtasks; i++) await Promise.resolve()
      const closed = listener.close({ graceMs: 200 })
      const { status, text } = await client.answer()
      if (status === 101) await client.until(() => closeCodeOf(client.frames()) === 1001)
      else expect(status).toBe(503)
      expect(text.split('HTTP/1.1 ')).toHaveLength(2)
      client.socket.destroy()
      await closed
    }
  })

  test('a request by a socket that was open is told 503: it may come again', async () => {
    const { listener, port } = await listening()
    const holding = await rawClient(port, handshake())
    await holding.answer()
    const late = await rawClient(port)
    // A request that has begun keeps its socket open.
    const [first, rest] = [handshake().slice(0, 10), handshake().slice(10)]
    late.socket.write(first)
    await pass(50)
    const closing = listener.close({ graceMs: 2_000 })
    late.socket.write(rest)
    expect((await late.lastAnswer()).status).toBe(503)
    holding.socket.destroy()
    await closing
  })

  test('waits for a server of its own to be closed', async () => {
    const { listener, port } = await open()
    await listener.close()
    const again = await listen({ port })
    onTestFinished(() => again.close())
    expect(again.address.port).toBe(port)
  })
})
