import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent, createServer as createHttpsServer } from 'node:https'
import { type Server, type Socket, createServer, connect as connectTo } from 'node:net'
import { type Connection, DialError, type DialOptions, dial, redial } from '@chansel/ws'
import { type Context, background, isDeadlineExceeded, withCancel, withTimeout } from 'chansel'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeCertificate } from './support/certificate.ts'
import { portOf } from './support/connecting.ts'
import { countTimers, expectNoSocketLeft, expectResources, resourcesInUse } from './support/nothing-left.ts'
import { type PeerServer, startPeerServer } from './support/peer-server.ts'
import { scriptUrl } from './support/peer.ts'
import { eventually, expectPending, rejectionOf, thrownBy } from './support/pending.ts'
import { listening } from './support/serving.ts'
import { WebSocketServer } from './support/stock-ws.ts'

expectNoSocketLeft()

/** A TCP server that lives as long as the test, and the sockets that came. */
async function tcpServer(
  serve: (socket: Socket) => void,
): Promise<{ server: Server; url: string; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    serve(socket)
    // Otherwise its end would never be seen.
    socket.on('data', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { server, url: `ws://127.0.0.1:${portOf(server)}/`, sockets }
}

/** Answers a request, once it came, with what `answer` makes of it. */
function answering(answer: (request: string) => string): (socket: Socket) => void {
  return (socket) =>
    socket.once('data', (chunk: Buffer) => void socket.write(answer(chunk.toString('latin1'))))
}

/** The right answer to a request for a WebSocket. */
function switching(request: string, more = ''): string {
  const key = /sec-websocket-key: (.*)\r\n/i.exec(request)![1]!
  const digest = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${digest}\r\n${more}\r\n`
}

const plain = (status: string, more = '', body = ''): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`

describe('a dial that fails', () => {
  test('to a port where nobody listens rejects with a DialError', async () => {
    const { server, url } = await tcpServer(() => {})
    server.close()
    await once(server, 'close')
    const error = await rejectionOf(dial(url))
    expect(error).toBeInstanceOf(DialError)
    expect(error).toMatchObject({ code: 'ERR_WS_DIAL', url, status: undefined, name: 'DialError' })
    expect((error as DialError).cause).toMatchObject({ code: 'ECONNREFUSED' })
    expect((error as DialError).message).toContain(url)
  })

  test.each([
    ['user:secret@', ''],
    ['secret@', ''],
    ['us%40er:sec%2Fret@', ''],
    ['', 'a@b//c@d?e=f@g'],
    ['user:secret@', 'a@b'],
  ])('shows no credentials in its text: %sHOST/%s', async (credentials, path) => {
    const { url } = await tcpServer(answering(() => plain('401 Unauthorized')))
    const given = url.replace('//', `//${credentials}`) + path
    const error = await rejectionOf(dial(given))
    expect(error).toMatchObject({ name: 'DialError', url: given, status: 401 })
    expect((error as Error).message).toContain(`Cannot dial ${url}${path}: `)
  })

  test.each<[string, (mine: Error, told: (error: Error) => void) => void]>([
    ['throws', (mine) => { throw mine }], // prettier-ignore
    ['tells its callback', (mine, told) => told(mine)],
  ])('by an agent whose createConnection %s is a DialError, and a redial goes on', async (_, fail) => {
    const agent = new HttpAgent()
    const mine = new Error('no way there')
    const createConnection = (_options: object, told: (error: Error) => void): void => fail(mine, told)
    Object.assign(agent, { createConnection })
    const error = await rejectionOf(dial('ws://127.0.0.1:9/', { agent }))
    expect(error).toBeInstanceOf(DialError)
    expect(error).toMatchObject({ message: 'Cannot dial ws://127.0.0.1:9/: no way there', cause: mine })
    await using conn = redial('ws://127.0.0.1:9/', { agent, backoff: { maxMs: 0 } })
    for await (const { attempt } of conn.state) if (attempt > 1) break
    expect(conn.ctx.err).toBeUndefined()
  })

  test.each([
    ['200', 200, plain('200 OK', '', 'hello'), 'hello'],
    ['302', 302, plain('302 Found', 'Location: http://127.0.0.1:1/elsewhere\r\n'), ''],
    ['401', 401, plain('401 Unauthorized', 'WWW-Authenticate: Basic\r\n', 'no'), 'no'],
    ['426', 426, plain('426 Upgrade Required'), ''],
    ['500', 500, plain('500 Internal Server Error', '', 'a long story'), 'a long story'],
    ['503 with a long body', 503, plain('503 Busy', '', 'x'.repeat(5_000)), 'x'.repeat(1_024)],
    ['418 that breaks off', 418, 'HTTP/1.1 418 Tea\r\nContent-Length: 9\r\n\r\nI am', 'I am'],
    ['503 without a length', 503, 'HTTP/1.1 503 Service Unavailable\r\n\r\nbusy', 'busy'],
  ])('with %s has that status, and the first KiB of the body', async (_, status, text, body) => {
    const { url, sockets } = await tcpServer(answering(() => text))
    const error = await rejectionOf(dial(url))
    expect(error).toBeInstanceOf(DialError)
    expect(error).toMatchObject({ code: 'ERR_WS_DIAL', url, status, body })
    expect((error as DialError).message).toContain(String(status))
    await eventually('our side is gone', () => sockets[0]!.destroyed)
  })

  test('says what else the server answered, and that redirects are not followed', async () => {
    const { url } = await tcpServer(
      answering(() => plain('307 Later', 'Location: /here\r\nX-Why: moved\r\n')),
    )
    const error = (await rejectionOf(dial(url))) as DialError
    expect(error.headers).toMatchObject({ location: '/here', 'x-why': 'moved' })
    expect(error.message).toBe(
      `Cannot dial ${url}: the server answered 307 (redirects are not followed, to /here)`,
    )
  })

  test('by an answer whose body never ends can be cancelled', async () => {
    const { url, sockets } = await tcpServer(answering(() => 'HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nx'))
    const controller = new AbortController()
    const dialled = dial(url, {}, controller)
    await eventually('it has answered', () => (sockets[0]?.bytesWritten ?? 0) > 0)
    await expectPending(dialled)
    controller.abort('enough')
    expect(await rejectionOf(dialled)).toBe('enough')
    await eventually('our side is gone', () => sockets[0]!.destroyed || sockets[0]!.readableEnded)
  })

  test.each<[string, string, (socket: Socket) => void, number]>([
    ['has no length, and stays open', 'HTTP/1.1 401 No\r\n\r\n', () => {}, 500],
    ['is promised and does not come', 'HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nx', () => {}, 500],
    [
      'is reset',
      'HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nx',
      (socket) => void setTimeout(() => socket.resetAndDestroy(), 20),
      5_000,
    ],
  ])('by an answer whose body %s has its status all the same', async (_, head, then, handshakeTimeoutMs) => {
    const { url, sockets } = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.write(head)
        then(socket)
      })
    })
    const error = await rejectionOf(dial(url, { handshakeTimeoutMs }))
    expect(error).toMatchObject({ code: 'ERR_WS_DIAL', status: 401 })
    expect((error as DialError).message).toContain('the server answered 401')
    await eventually('our side is gone', () => sockets[0]!.destroyed || sockets[0]!.readableEnded)
  })

  test('to a name with several addresses says why', async () => {
    const { server, url } = await tcpServer(() => {})
    server.close()
    await once(server, 'close')
    const error = (await rejectionOf(dial(url.replace('127.0.0.1', 'localhost')))) as DialError
    expect(error.message).toContain('ECONNREFUSED')
  })

  test.each([
    ['what is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['bytes', '\u0000\u0001\u0002\u0003\u0004\u0005'],
    ['a wrong accept key', switching('Sec-WebSocket-Key: d3Jvbmc=\r\n')],
    [
      'no accept key',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    ],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'],
  ])('with %s is a DialError with a cause', async (_, text) => {
    const { url, sockets } = await tcpServer(answering(() => text))
    const error = await rejectionOf(dial(url))
    expect(error).toBeInstanceOf(DialError)
    expect(error).toMatchObject({ url })
    expect((error as DialError).cause).toBeInstanceOf(Error)
    await eventually('our side is gone', () => sockets[0]!.destroyed)
  })

  test.each([
    ['a subprotocol that nobody offered', {}, 'Sec-WebSocket-Protocol: chat\r\n'],
    ['a subprotocol that was not offered', { protocols: ['a'] }, 'Sec-WebSocket-Protocol: b\r\n'],
    ['no subprotocol where some were offered', { protocols: ['a'] }, ''],
    ['an extension that nobody offered', {}, 'Sec-WebSocket-Extensions: permessage-deflate\r\n'],
    ['another accept key', {}, 'Sec-WebSocket-Accept: d3Jvbmc=\r\n'],
  ])('with %s is a DialError with that answer', async (_, options, more) => {
    const { url, sockets } = await tcpServer(
      answering((request) => switching(request, `X-Server: nginx\r\n${more}`)),
    )
    const error = await rejectionOf(dial(url, options))
    expect(error).toBeInstanceOf(DialError)
    expect(error).toMatchObject({ status: 101, headers: { upgrade: 'websocket', 'x-server': 'nginx' } })
    await eventually('our side is gone', () => sockets[0]!.destroyed)
  })

  test.each([
    ['as soon as it is connected', (socket: Socket) => void socket.end()],
    ['with a reset', (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy())],
    ['within the answer', (socket: Socket) => void socket.once('data', () => socket.end('HTTP/1.1 101 Swi'))],
  ])('for the server closes %s is a DialError with a cause', async (_, serve) => {
    const { url } = await tcpServer(serve)
    const error = await rejectionOf(dial(url))
    expect(error).toBeInstanceOf(DialError)
    expect(error).toMatchObject({ url, status: undefined })
    expect((error as DialError).cause).toBeInstanceOf(Error)
  })

  test.each([
    ['a server that says nothing', () => {}],
    [
      'a server that never ends its answer',
      answering(() => 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'),
    ],
  ])('of %s is cut after handshakeTimeoutMs', async (_, serve) => {
    const { url, sockets } = await tcpServer(serve)
    const startedAt = performance.now()
    const error = await rejectionOf(dial(url, { handshakeTimeoutMs: 100 }))
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(99)
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    expect(error).toBeInstanceOf(DialError)
    expect(error).toMatchObject({ url, status: undefined })
    expect((error as DialError).message).toBe(`Cannot dial ${url}: no answer in 100 ms`)
    expect(isDeadlineExceeded((error as DialError).cause)).toBe(true)
    await eventually('the socket is gone', () => sockets[0]!.destroyed || sockets[0]!.readableEnded)
  })

  test('with TLS to a server without is a DialError', async () => {
    const { url } = await tcpServer((socket) => void socket.once('data', () => socket.end('no TLS here')))
    const error = await rejectionOf(dial(url.replace('ws:', 'wss:')))
    expect(error).toBeInstanceOf(DialError)
    expect((error as DialError).cause).toBeInstanceOf(Error)
  })

  test('of a name that does not resolve is a DialError', async () => {
    const error = await rejectionOf(dial('ws://no-such-host.invalid/'))
    expect(error).toBeInstanceOf(DialError)
    expect((error as DialError).cause).toBeInstanceOf(Error)
  })

  test.each([
    ['no URL', 'not a URL', TypeError],
    ['another scheme', 'ftp://127.0.0.1/', TypeError],
    ['a fragment', 'ws://127.0.0.1/#here', TypeError],
    ['a number', 42, TypeError],
    ['undefined', undefined, TypeError],
    ['a fragment that is empty', 'ws://127.0.0.1/#', TypeError],
  ])('with %s throws at once', (_, url, type) => {
    const error = thrownBy(() => dial(url as never))
    expect(error).toBeInstanceOf(type)
    expect((error as Error).message).toContain(String(url))
  })

  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['undefined', '"undefined"'],
    [{}, 'an object'],
  ])('with the URL %j tells what it got as it is', (url, got) => {
    expect(thrownBy(() => dial(url as never))).toEqual(
      new TypeError(`Cannot dial: expected a URL, got ${got}`),
    )
  })

  test.each<[unknown, string]>([
    [1, '1'],
    ['x', '"x"'],
    [null, 'null'],
  ])('with the options %j throws at once', (options, got) => {
    expect(thrownBy(() => dial('ws://127.0.0.1:9/', options as never))).toEqual(
      new TypeError(`Cannot dial: options must be an object, got ${got}`),
    )
  })

  test.each<[string, object, string]>([
    ['incomingCapacity: 0', { incomingCapacity: 0 }, '0'],
    ['incomingCapacity: 1.5', { incomingCapacity: 1.5 }, '1.5'],
    ['incomingBytes: -1', { incomingBytes: -1 }, '-1'],
    ['highWaterMarkBytes: NaN', { highWaterMarkBytes: NaN }, 'NaN'],
    ['maxMessageBytes: 0', { maxMessageBytes: 0 }, '0'],
    ['maxMessageBytes: 2 ** 31', { maxMessageBytes: 2 ** 31 }, '2147483648'],
    ['closeTimeoutMs: -5', { closeTimeoutMs: -5 }, '-5'],
    ['closeTimeoutMs: a text', { closeTimeoutMs: '5' }, '5'],
    ['heartbeat.intervalMs: 0', { heartbeat: { intervalMs: 0, timeoutMs: 1 } }, '0'],
    ['heartbeat.timeoutMs: NaN', { heartbeat: { intervalMs: 1, timeoutMs: NaN } }, 'NaN'],
    ['heartbeat: true', { heartbeat: true }, 'heartbeat'],
    ['heartbeat: null', { heartbeat: null }, 'heartbeat'],
    ['compression: a text', { compression: 'yes' }, 'yes'],
    ['handshakeTimeoutMs: NaN', { handshakeTimeoutMs: NaN }, 'NaN'],
    ['protocols: a text', { protocols: 'chat' }, 'chat'],
    ['protocols: no token', { protocols: ['a b'] }, 'protocols'],
    ['protocols: one twice', { protocols: ['a', 'a'] }, 'a'],
    ['parent: a bare signal', { parent: new AbortController().signal }, 'signal'],
    ['parent: a number', { parent: 7 }, 'parent'],
  ])('with option %s throws at once, naming it', (_, options, named) => {
    const call = (): unknown => {
      const dialled = dial('ws://127.0.0.1:9/', options as DialOptions)
      dialled.catch(() => {})
      return dialled
    }
    const error = thrownBy(call)
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
    expect((error as Error).message).toContain(named)
  })

  test('with a cancel that is none throws at once', () => {
    for (const cancel of [5, null, {}]) {
      const call = (): unknown => dial('ws://127.0.0.1:9/', {}, cancel as never).catch(() => {})
      expect(thrownBy(call)).toBeInstanceOf(TypeError)
    }
  })

  const record = 'a record of strings or a Headers'
  const agent = 'an http.Agent, an https.Agent or one that is like them'
  test.each<[string, object, Error]>([
    ['headers: a number', { headers: 1 }, wrong('headers', record, '1')],
    ['headers: a text', { headers: 'x' }, wrong('headers', record, '"x"')],
    ['headers: null', { headers: null }, wrong('headers', record, 'null')],
    ['headers: a Map', { headers: new Map([['a', 'b']]) }, wrong('headers', record, 'an object')],
    ['headers: pairs', { headers: [['a', 'b']] }, wrong('headers', record, 'an array')],
    ['headers: a boolean in it', { headers: { a: true } }, wrong('headers["a"]', 'a string', 'true')],
    [
      'headers: undefined in it',
      { headers: { a: undefined } },
      wrong('headers["a"]', 'a string', 'undefined'),
    ],
    ['headers: a list in it', { headers: { a: ['b'] } }, wrong('headers["a"]', 'a string', 'an array')],
    ['agent: a number', { agent: 1 }, wrong('agent', agent, '1')],
    ['agent: null', { agent: null }, wrong('agent', agent, 'null')],
    ['agent: any object', { agent: {} }, wrong('agent', agent, 'an object')],
    ['tls: a number', { tls: 1 }, wrong('tls', 'options of tls.connect', '1')],
    ['tls: a text', { tls: 'x' }, wrong('tls', 'options of tls.connect', '"x"')],
    ['tls: null', { tls: null }, wrong('tls', 'options of tls.connect', 'null')],
    ['webSocketStream: a text', { webSocketStream: 'no' }, wrong('webSocketStream', 'a boolean', '"no"')],
    ['webSocketStream: null', { webSocketStream: null }, wrong('webSocketStream', 'a boolean', 'null')],
    ['protocols: a text', { protocols: 'a' }, wrong('protocols', 'a list of tokens', '"a"')],
    ['protocols: no token', { protocols: ['a', 'b c'] }, wrong('protocols[1]', 'another token', '"b c"')],
    ['protocols: no text', { protocols: [undefined] }, wrong('protocols[0]', 'another token', 'undefined')],
    ['protocols: one twice', { protocols: ['a', 'b', 'a'] }, wrong('protocols[2]', 'another token', '"a"')],
    [
      'parent: a bare signal',
      { parent: new AbortController().signal },
      wrong('parent', 'a Context, an AbortController or { signal }', 'an object'),
    ],
  ])('with option %s says so at once, by a redial, too', (_, options, error) => {
    expect(thrownBy(() => dial('ws://127.0.0.1:9/', options as DialOptions))).toEqual(error)
    expect(thrownBy(() => redial('ws://127.0.0.1:9/', options as DialOptions))).toEqual(error)
  })

  test.each<[string, Record<string, string>, RegExp]>([
    ['name that is no token', { 'a b': 'c' }, /^Cannot use option headers: .*a b/],
    ['name that is empty', { '': 'c' }, /^Cannot use option headers: /],
    ['value of two lines', { a: 'secret\r\ny: z' }, /^Cannot use option headers: (?!.*secret).*a/],
    ['value beyond Latin-1', { a: 'secret €' }, /^Cannot use option headers: (?!.*secret).*a/],
  ])('with a header whose %s throws a RangeError at once', (_, headers, text) => {
    const error = thrownBy(() => dial('ws://127.0.0.1:9/', { headers }))
    expect(error).toBeInstanceOf(RangeError)
    expect((error as Error).message).toMatch(text)
  })

  test('with an agent of the other protocol throws a RangeError at once', () => {
    const text = 'Cannot use option agent: expected one for'
    expect(thrownBy(() => dial('ws://127.0.0.1:9/', { agent: new HttpsAgent() }))).toEqual(
      new RangeError(`${text} http:, got one for https:`),
    )
    expect(thrownBy(() => dial('wss://127.0.0.1:9/', { agent: new HttpAgent() }))).toEqual(
      new RangeError(`${text} https:, got one for http:`),
    )
  })
})

/** What is thrown for an option of a wrong type. */
function wrong(name: string, expected: string, got: string): TypeError {
  return new TypeError(`Cannot use option ${name}: expected ${expected}, got ${got}`)
}

describe('a dial that is cancelled', () => {
  test('before it began rejects with the reason and does not connect', async () => {
    const { url, sockets } = await tcpServer(() => {})
    const controller = new AbortController()
    controller.abort('before')
    expect(await rejectionOf(dial(url, {}, controller))).toBe('before')
    using cancelled = withCancel(background())
    cancelled.cancel('cause')
    expect(await rejectionOf(dial(url, {}, cancelled))).toBe(cancelled.err)
    expect(sockets).toEqual([])
  })

  test.each([
    ['before the request came', (connected: Promise<unknown>) => connected, () => {}],
    ['while the server thinks', (_: unknown, asked: Promise<unknown>) => asked, () => {}],
    [
      'within the answer',
      (_: unknown, asked: Promise<unknown>) => asked,
      (socket: Socket) => void socket.write('HTTP/1.1 101 Switching'),
    ],
  ])('%s rejects with the reason, and the server sees the end', async (_, when, serve) => {
    let connect: (socket: Socket) => void
    let ask: (socket: Socket) => void
    const connected = new Promise<Socket>((resolve) => (connect = resolve))
    const asked = new Promise<Socket>((resolve) => (ask = resolve))
    const { url, sockets } = await tcpServer((socket) => {
      connect(socket)
      socket.on('data', () => {
        serve(socket)
        ask(socket)
      })
    })
    const controller = new AbortController()
    const dialled = dial(url, {}, controller)
    await when(connected, asked)
    await expectPending(dialled)
    const reason = new Error('enough')
    controller.abort(reason)
    expect(await rejectionOf(dialled)).toBe(reason)
    await eventually('the server saw the end', () => sockets[0]!.destroyed || sockets[0]!.readableEnded)
  })

  test('in the turn in which it was called leaves nothing', async () => {
    const before = resourcesInUse()
    const { url } = await tcpServer(() => {})
    const controller = new AbortController()
    const dialled = dial(url, {}, controller)
    controller.abort('at once')
    expect(await rejectionOf(dialled)).toBe('at once')
    await expectResources([...before, 'TCPServerWrap'])
  })

  test('after any number of turns rejects and leaves no socket, or gives a connection that works', async () => {
    const server = await startPeerServer()
    onTestFinished(() => server[Symbol.asyncDispose]())
    let opened = 0
    let cancelled = 0
    for (let turns = 0; turns < 60; turns++) {
      const controller = new AbortController()
      const dialled = dial(scriptUrl(server.origin, { name: 'echo' }, `turn ${turns}`), {}, controller)
      const outcome = dialled.then(
        async (conn) => {
          opened++
          await conn.outgoing.send('works')
          expect(await conn.incoming.receive()).toEqual({ value: 'works', ok: true })
          await conn.close()
        },
        (error: unknown) => {
          cancelled++
          expect(error).toBe(controller.signal.reason)
        },
      )
      for (let turn = 0; turn < turns / 4; turn++) await new Promise((resolve) => setImmediate(resolve))
      controller.abort(new Error(`after ${turns}`))
      await outcome
    }
    expect(opened).toBeGreaterThan(0)
    expect(cancelled).toBeGreaterThan(0)
    await expectResources(['TCPServerWrap', ...resourcesInUse().filter((kind) => !/TCP/.test(kind))])
  })

  test('in the turn in which the answer comes rejects with the reason and leaves no socket', async () => {
    const server = await startPeerServer()
    onTestFinished(() => server[Symbol.asyncDispose]())
    const controller = new AbortController()
    const dialled = dial(scriptUrl(server.origin, { name: 'silent' }, 'same turn'), {}, controller)
    // The peer has answered, and its answer is on the way to us: it opens in the next turn.
    void server.peer('same turn').then(() => controller.abort('same turn'))
    expect(await rejectionOf(dialled)).toBe('same turn')
    const peer = await server.peer('same turn')
    expect(await peer.ended()).toMatchObject({ code: 1006 })
  })

  test('by a context rejects with its error, and by a deadline, too', async () => {
    const { url } = await tcpServer(() => {})
    using ctx = withTimeout(background(), 50)
    expect(await rejectionOf(dial(url, {}, ctx))).toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' })
    const signal = AbortSignal.timeout(30)
    expect(await rejectionOf(dial(url, {}, { signal }))).toBe(signal.reason)
  })
})

describe('an open connection', () => {
  let server: PeerServer
  beforeAll(async () => {
    server = await startPeerServer()
  })
  afterAll(() => server[Symbol.asyncDispose]())
  let ids = 0
  const echoUrl = (): string => scriptUrl(server.origin, { name: 'echo' }, `open ${++ids}`)

  async function expectWorks(conn: Connection): Promise<void> {
    await conn.outgoing.send('works')
    expect(await conn.incoming.receive()).toEqual({ value: 'works', ok: true })
    await conn.close()
  }

  test('is not governed by the cancel of its dial', async () => {
    const controller = new AbortController()
    const conn = await dial(echoUrl(), {}, controller)
    controller.abort()
    await expectWorks(conn)
  })

  test('is not governed by the deadline of its dial', async () => {
    using ctx = withTimeout(background(), 400)
    const conn = await dial(echoUrl(), { handshakeTimeoutMs: 400 }, ctx)
    await ctx.done.receive()
    await expectWorks(conn)
  })

  test.each([
    ['a URL object', (url: string) => new URL(url)],
    ['http:', (url: string) => url.replace('ws:', 'http:')],
    ['a name', (url: string) => url.replace('127.0.0.1', 'localhost')],
  ])('is made with %s', async (_, form) => {
    const conn = await dial(form(echoUrl()))
    expect(conn.url).toMatch(/^ws:/)
    await expectWorks(conn)
  })

  test('asks for the path and the query of the URL, with the headers that were given', async () => {
    let asked = ''
    const { url } = await tcpServer(
      answering((request) => {
        asked = request
        return switching(request)
      }),
    )
    await dial(`${url}a/b?c=d%20e`, { headers: { Authorization: 'Bearer t', Origin: 'http://x' } })
    expect(asked).toMatch(/^GET \/a\/b\?c=d%20e HTTP\/1\.1\r\n/)
    expect(asked).toMatch(/\r\nAuthorization: Bearer t\r\n/i)
    expect(asked).toMatch(/\r\nOrigin: http:\/\/x\r\n/i)
    expect(asked).toMatch(/\r\nSec-WebSocket-Version: 13\r\n/i)
    expect(asked).not.toMatch(/Sec-WebSocket-(Extensions|Protocol)/i)
  })

  test('asks with the headers of a Headers, of whichever make, and of a record without a prototype', async () => {
    const asked: string[] = []
    const { url } = await tcpServer(
      answering((request) => {
        asked.push(request)
        return switching(request)
      }),
    )
    await dial(url, { headers: new Headers({ Authorization: 'Bearer t' }) })
    const record = Object.assign(Object.create(null), { Authorization: 'Bearer t' }) as DialOptions['headers']
    await dial(url, { headers: record! })
    // As that of another library, or realm.
    class OtherHeaders {
      *[Symbol.iterator](): Generator<[string, string]> {
        yield ['authorization', 'Bearer t']
      }
      readonly [Symbol.toStringTag] = 'Headers'
    }
    await dial(url, { headers: new OtherHeaders() as unknown as Headers })
    expect(asked).toHaveLength(3)
    for (const request of asked) expect(request).toMatch(/\r\nAuthorization: Bearer t\r\n/i)
    // Node takes one, too.
    await dial(url, { headers: { 'X-Number': 5 as unknown as string } })
    expect(asked[3]).toContain('\r\nX-Number: 5\r\n')
  })

  test('made again asks with the headers that were checked, whatever became of the record', async () => {
    const asked: string[] = []
    const { url } = await tcpServer((socket) =>
      socket.once('data', (chunk: Buffer) => {
        asked.push(chunk.toString('latin1'))
        socket.end(plain('503 Service Unavailable'))
      }),
    )
    const headers: Record<string, string> = { 'X-Name': 'checked' }
    const conn = redial(url, { headers, backoff: { maxMs: 0 } })
    headers['X-Name'] = 'changed'
    await eventually('it asked again', () => asked.length > 1)
    await conn.close()
    expect(asked[1]).toMatch(/\r\nX-Name: checked\r\n/i)
  })

  test('is made with an agent of the right protocol', async () => {
    const agent = new HttpAgent()
    onTestFinished(() => agent.destroy())
    const addRequest = vi.spyOn(agent, 'addRequest' as never)
    await expectWorks(await dial(echoUrl(), { agent }))
    expect(addRequest).toHaveBeenCalledTimes(1)
  })

  test('has the subprotocol that the server chose', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'second' })
    await once(sockets, 'listening')
    onTestFinished(() => sockets.close())
    const conn = await dial(`ws://127.0.0.1:${portOf(sockets)}`, { protocols: ['first', 'second'] })
    expect(conn.protocol).toBe('second')
    await conn.close()
  })

  test('compresses where it is asked to', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true })
    await once(sockets, 'listening')
    onTestFinished(() => sockets.close())
    sockets.on('connection', (socket) =>
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
    )
    const conn = await dial(`ws://127.0.0.1:${portOf(sockets)}`, { compression: true })
    const text = 'again and again '.repeat(10_000)
    await conn.outgoing.send(text)
    expect((await conn.incoming.receive()).value).toBe(text)
    await conn.close()
  })

  test('what comes in one piece with the answer is not lost', async () => {
    const { url } = await tcpServer((socket) =>
      socket.once('data', (chunk: Buffer) => {
        const answer = `${switching(chunk.toString('latin1'))}\u0081\u0005hello\u0088\u0002\u0003\u00e8`
        socket.end(Buffer.from(answer, 'latin1'))
      }),
    )
    const conn = await dial(url)
    await conn.closed
    expect(await conn.incoming.receive()).toEqual({ value: 'hello', ok: true })
    expect(await conn.incoming.receive()).toEqual({ value: undefined, ok: false })
  })
})

describe('wss', () => {
  const { key, cert } = makeCertificate()

  async function tlsEcho(): Promise<string> {
    const server = createHttpsServer({ key, cert })
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (socket) =>
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      sockets.close()
      server.close()
      server.closeAllConnections()
    })
    return `wss://127.0.0.1:${portOf(server)}/`
  }

  test('works with a certificate that the caller trusts', async () => {
    const conn = await dial(await tlsEcho(), { tls: { ca: cert } })
    const large = new Uint8Array(300_000).fill(7)
    await conn.outgoing.send('secret')
    await conn.outgoing.send(large)
    expect(await conn.incoming.receive()).toEqual({ value: 'secret', ok: true })
    expect(((await conn.incoming.receive()).value as Uint8Array).byteLength).toBe(300_000)
    expect(await conn.close()).toMatchObject({ code: 1000, wasClean: true, by: 'local' })
  })

  test('refuses a certificate that nobody trusts', async () => {
    const error = await rejectionOf(dial(await tlsEcho()))
    expect(error).toBeInstanceOf(DialError)
    expect((error as DialError).message).toMatch(/self.signed certificate/)
    expect((error as DialError).cause).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  })

  test('a cancel while TLS is being set up leaves no socket', async () => {
    const { url, sockets } = await tcpServer(() => {})
    const controller = new AbortController()
    const dialled = dial(url.replace('ws:', 'wss:'), {}, controller)
    await eventually('it is connected', () => sockets.length === 1)
    controller.abort('enough')
    expect(await rejectionOf(dialled)).toBe('enough')
    await eventually('the server saw the end', () => sockets[0]!.destroyed || sockets[0]!.readableEnded)
  })
})

describe('through a proxy', () => {
  /** An HTTP proxy that makes tunnels, or answers otherwise. */
  async function proxy(answer?: string): Promise<{ agent: object; targets: string[]; tunnels: Socket[] }> {
    const targets: string[] = []
    const tunnels: Socket[] = []
    const { url } = await tcpServer((socket) => {
      socket.once('data', (chunk: Buffer) => {
        const target = /^CONNECT (\S+):(\d+) /.exec(chunk.toString('latin1'))!
        targets.push(`${target[1]}:${target[2]}`)
        if (answer === 'never') return
        if (answer !== undefined) return void socket.end(answer)
        const tunnel = connectTo(Number(target[2]), target[1]!, () => {
          socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
          socket.pipe(tunnel).pipe(socket)
        })
        tunnel.on('error', () => socket.destroy())
        socket.on('close', () => tunnel.destroy())
        tunnels.push(tunnel)
      })
    })
    return { agent: new HttpsProxyAgent(url.replace('ws:', 'http:')), targets, tunnels }
  }

  test('that the agent knows, a connection works', async () => {
    const server = await startPeerServer()
    onTestFinished(() => server[Symbol.asyncDispose]())
    const { agent, targets } = await proxy()
    const conn = await dial(scriptUrl(server.origin, { name: 'echo' }, 'proxied'), { agent })
    await conn.outgoing.send('through')
    expect(await conn.incoming.receive()).toEqual({ value: 'through', ok: true })
    expect(await conn.close()).toMatchObject({ code: 1000, wasClean: true })
    expect(targets).toEqual([new URL(server.origin).host])
  })

  test.each(['ws:', 'wss:'])('what it refuses is a DialError, of %s', async (scheme) => {
    const { agent } = await proxy(
      'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\npay!',
    )
    const error = await rejectionOf(dial(`${scheme}//127.0.0.1:9/`, { agent }))
    expect(error).toBeInstanceOf(DialError)
    expect((error as DialError).status).toBe(407)
  })

  test('a cancel while it makes the tunnel leaves no socket', async () => {
    const { agent, targets } = await proxy('never')
    const controller = new AbortController()
    const dialled = dial('ws://127.0.0.1:9/', { agent }, controller)
    await eventually('it was asked', () => targets.length === 1)
    controller.abort('enough')
    expect(await rejectionOf(dialled)).toBe('enough')
  })
})

describe('a context with a deadline', () => {
  test.each<[string, (url: string, ctx: Context) => Promise<unknown>]>([
    ['a dial that fails', (url, ctx) => dial(`${url}nowhere`, {}, ctx).catch(() => {})],
    ['a redial that was closed', (url, ctx) => redial(url, {}, ctx).close()],
    [
      'a ping',
      async (url, ctx) => {
        const conn = await dial(url)
        void conn.incoming.tryReceive()
        await conn.ping(ctx)
        await conn.close()
      },
    ],
  ])('J14 does not hold the process behind %s', async (_, act) => {
    const timers = countTimers()
    const { listener, url } = await listening({ path: '/' })
    await act(`${url}/`, withTimeout(background(), 60_000))
    await listener.close()
    await eventually('no timer holds the process', () => timers() === 0, 1_000)
  })
})
