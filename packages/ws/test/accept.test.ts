import { once } from 'node:events'
import { type IncomingMessage, createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Connection, type DialError, RefusedError, dial } from '@chansel/ws'
import { type AcceptOptions, accept } from '@chansel/ws/server'
import { describe, expect, test } from 'vitest'
import { hexOf } from './support/hex.ts'
import { encodeFrame } from './support/frames.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually, rejectionOf, thrownBy } from './support/pending.ts'
import { handshake, rawClient } from './support/raw-client.ts'
import { accepting, listenOn, statusFor, wsClient } from './support/serving.ts'

expectNoSocketLeft()

describe('origins', () => {
  const host = (port: number): string => `127.0.0.1:${port}`

  test.each<[string, (port: number) => Record<string, string>, number]>([
    ['a request without Origin passes', () => ({}), 101],
    ['the same origin passes', (port) => ({ Origin: `http://${host(port)}` }), 101],
    [
      'the same host behind a proxy that does TLS passes',
      (port) => ({ Origin: `https://${host(port)}` }),
      101,
    ],
    ['a default port that Host leaves out passes', () => ({ Origin: 'http://a.com:80', Host: 'a.com' }), 101],
    ['a default port that Host names passes', () => ({ Origin: 'http://a.com', Host: 'a.com:80' }), 101],
    ['the default port of https passes', () => ({ Origin: 'https://a.com', Host: 'a.com:443' }), 101],
    ['capitals do not matter', () => ({ Origin: 'http://A.com', Host: 'a.COM' }), 101],
    ['another host does not', () => ({ Origin: 'http://evil.example' }), 403],
    ['another port does not', (port) => ({ Origin: `http://127.0.0.1:${port + 1}` }), 403],
    ['a host that begins like ours does not', () => ({ Origin: 'http://a.com.evil', Host: 'a.com' }), 403],
    ['a host that ends like ours does not', () => ({ Origin: 'http://evil-a.com', Host: 'a.com' }), 403],
    ['a subdomain does not', () => ({ Origin: 'http://sub.a.com', Host: 'a.com' }), 403],
    ['our host as user name does not', () => ({ Origin: 'http://a.com@evil.example', Host: 'a.com' }), 403],
    ['null does not', () => ({ Origin: 'null' }), 403],
    ['what is no URL does not', () => ({ Origin: 'a.com', Host: 'a.com' }), 403],
    ['a file does not', () => ({ Origin: 'file://', Host: 'a.com' }), 403],
    ['two headers do not', () => ({ Origin: ['http://a.com', 'http://a.com'] as never, Host: 'a.com' }), 400],
    ['two origins do not', () => ({ Origin: 'http://a.com http://evil.example', Host: 'a.com' }), 403],
  ])('by default: %s', async (_, headers, status) => {
    const { url, port } = await accepting()
    expect(await statusFor(url, headers(port))).toBe(status)
  })

  test.each<[string, AcceptOptions['origins'], Record<string, string>, number]>([
    ['a listed origin passes', ['https://a.com'], { Origin: 'https://a.com' }, 101],
    ['a listed origin passes with its default port', ['https://a.com'], { Origin: 'https://a.com:443' }, 101],
    ['another scheme does not', ['https://a.com'], { Origin: 'http://a.com' }, 403],
    ['another origin does not', ['https://a.com'], { Origin: 'https://b.com' }, 403],
    [
      'our own host does not, unless listed',
      ['https://a.com'],
      { Origin: 'http://b.com', Host: 'b.com' },
      403,
    ],
    ['null does not', ['https://a.com'], { Origin: 'null' }, 403],
    ['no Origin passes', ['https://a.com'], {}, 101],
    ['an empty list lets no page in', [], { Origin: 'http://b.com', Host: 'b.com' }, 403],
    ['capitals of the list do not matter', ['HTTPS://A.com'], { Origin: 'https://a.com' }, 101],
    ['another port does not', ['https://a.com'], { Origin: 'https://a.com:8443' }, 403],
    ['what ends like a listed one does not', ['https://a.com'], { Origin: 'https://evil-a.com' }, 403],
    ['what begins like a listed one does not', ['https://a.com'], { Origin: 'https://a.com.evil' }, 403],
    ["'*' lets all in", '*', { Origin: 'https://anywhere.example' }, 101],
    ["'*' lets null in", '*', { Origin: 'null' }, 101],
  ])('of options: %s', async (_, origins, headers, status) => {
    const { url } = await accepting({ origins: origins! })
    expect(await statusFor(url, headers)).toBe(status)
  })
})

describe('subprotocols', () => {
  test.each<[string, string[] | undefined, string[], string]>([
    ['ours come in our order of preference', ['b', 'a'], ['a', 'b'], 'b'],
    ['the one in common is chosen', ['x', 'a'], ['c', 'a'], 'a'],
    ['a client that offers none gets none', ['a'], [], ''],
  ])('%s', async (_, protocols, offered, chosen) => {
    const { url, accepted } = await accepting(protocols === undefined ? {} : { protocols })
    const socket = await wsClient(url, offered)
    expect(socket.protocol).toBe(chosen)
    expect((await accepted[0]!).protocol).toBe(chosen)
  })

  test('a client that offers only others is refused with 400', async () => {
    const { port, accepted } = await accepting({ protocols: ['a'] })
    const client = await rawClient(port, handshake({ 'Sec-WebSocket-Protocol': 'b, c' }))
    expect((await client.lastAnswer()).status).toBe(400)
    expect(await rejectionOf(accepted[0]!)).toBeInstanceOf(RefusedError)
  })

  test('without protocols of ours none is chosen, and the client may come in', async () => {
    const { port } = await accepting()
    const client = await rawClient(port, handshake({ 'Sec-WebSocket-Protocol': 'b' }))
    const answer = await client.answer()
    expect(answer.status).toBe(101)
    expect(answer.fields['sec-websocket-protocol']).toBeUndefined()
  })
})

describe('authorize', () => {
  test('sees the request, and lets in by saying nothing', async () => {
    const seen: (string | undefined)[] = []
    const authorize = (request: IncomingMessage): void =>
      void seen.push(request.url, request.headers['authorization'])
    const { port } = await accepting({ authorize })
    const client = await rawClient(port, handshake({ Authorization: 'Bearer t' }, 'GET /room?x=1 HTTP/1.1'))
    expect((await client.answer()).status).toBe(101)
    expect(seen).toEqual(['/room?x=1', 'Bearer t'])
  })

  test.each<[string, AcceptOptions['authorize']]>([
    ['at once', () => ({ status: 401, headers: { 'WWW-Authenticate': 'Bearer' }, body: 'who are you?' })],
    [
      'later',
      async () => {
        await new Promise((resolve) => setImmediate(resolve))
        return { status: 401, headers: { 'WWW-Authenticate': 'Bearer' }, body: 'who are you?' }
      },
    ],
  ])('refuses %s with its status, headers and body', async (_, authorize) => {
    const { port, accepted } = await accepting({ authorize: authorize! })
    const client = await rawClient(port, handshake())
    const answer = await client.lastAnswer()
    expect(answer).toMatchObject({ status: 401, body: 'who are you?' })
    expect(answer.fields).toMatchObject({ 'www-authenticate': 'Bearer', 'content-length': '12' })
    expect(await rejectionOf(accepted[0]!)).toMatchObject({ status: 401, code: 'ERR_WS_REFUSED' })
  })

  test('refuses with a number in a header, as Node does', async () => {
    const headers = { 'Retry-After': 5 as unknown as string }
    const { port } = await accepting({ authorize: () => ({ status: 429, headers }) })
    const answer = await (await rawClient(port, handshake())).lastAnswer()
    expect(answer).toMatchObject({ status: 429, fields: { 'retry-after': '5' } })
  })

  test('refuses with the headers of another answer, but says itself how this one ends', async () => {
    const headers = new Headers({
      'Transfer-Encoding': 'chunked',
      'Content-Length': '99',
      Connection: 'keep-alive',
      'X-Who': 'Jos\u00e9',
    })
    const { port } = await accepting({ authorize: () => ({ status: 401, headers, body: 'log in' }) })
    const answer = await (await rawClient(port, handshake())).lastAnswer()
    expect(answer).toMatchObject({ status: 401, body: 'log in' })
    expect(answer.fields).toMatchObject({ 'content-length': '6', connection: 'close' })
    expect(answer.fields).not.toHaveProperty('transfer-encoding')
    const byNode = await accepting({ authorize: () => ({ status: 401, headers }) })
    const error = (await rejectionOf(dial(`ws://127.0.0.1:${byNode.port}`))) as DialError
    expect(error.headers).toMatchObject({ 'x-who': 'Jos\u00e9' })
  })

  test('a 304 has no body', async () => {
    const { port } = await accepting({ authorize: () => ({ status: 304, body: 'none' }) })
    const { text } = await (await rawClient(port, handshake())).lastAnswer()
    expect(text).toMatch(/^HTTP\/1\.1 304 /)
    expect(text).toMatch(/\r\n\r\n$/)
    expect(text).not.toContain('content-length')
  })

  test('refuses with the fields of a Headers, each as often as it is there', async () => {
    const headers = new Headers([
      ['WWW-Authenticate', 'Bearer'],
      ['Content-Type', 'text/html'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ])
    const { port } = await accepting({ authorize: () => ({ status: 401, headers }) })
    const { text } = await (await rawClient(port, handshake())).lastAnswer()
    const lines = text.split('\r\n')
    expect(lines).toEqual(
      expect.arrayContaining(['www-authenticate: Bearer', 'set-cookie: a=1', 'set-cookie: b=2']),
    )
    expect(lines.filter((line) => line.startsWith('content-type'))).toEqual(['content-type: text/html'])
  })

  test.each<[string, AcceptOptions['authorize']]>([
    [
      'throws',
      () => {
        throw new Error('a secret of the database')
      },
    ],
    ['rejects', () => Promise.reject(new Error('a secret of the database'))],
    ['refuses with 101', () => ({ status: 101 })],
    ['refuses with no number', () => ({ status: 'no' }) as never],
    ['refuses with a header that would be two', () => ({ status: 403, headers: { A: 'b\r\nSecret: c' } })],
    ['says true', () => true as never],
    ['says null', () => null as never],
    ['refuses with a body that is no text', () => ({ status: 401, body: 5 }) as never],
    ['refuses with a body of bytes', () => ({ status: 401, body: new Uint8Array(1) }) as never],
    ['refuses with headers in a Map', () => ({ status: 401, headers: new Map([['a', 'secret']]) }) as never],
    ['refuses with pairs for headers', () => ({ status: 401, headers: [['a', 'secret']] }) as never],
    ['refuses with a header that is no text', () => ({ status: 401, headers: { a: undefined } }) as never],
    ['refuses with null for headers', () => ({ status: 401, headers: null }) as never],
    ['refuses with a text for headers', () => ({ status: 401, headers: 'a secret: x' }) as never],
  ])('that %s is 500 without its text', async (_, authorize) => {
    const { port, accepted } = await accepting({ authorize: authorize! })
    const client = await rawClient(port, handshake())
    const answer = await client.lastAnswer()
    expect(answer.status).toBe(500)
    expect(answer.text).not.toMatch(/secret/i)
    const error = await rejectionOf(accepted[0]!)
    expect(error).toMatchObject({ status: 500 })
    expect((error as RefusedError).cause).toBeInstanceOf(Error)
  })

  test('that is too slow is cut', async () => {
    const authorize = (): Promise<void> => new Promise(() => {})
    const { port, accepted } = await accepting({ authorize, handshakeTimeoutMs: 50 })
    const client = await rawClient(port, handshake())
    await client.ended(1_500)
    expect(client.bytes.toString()).not.toContain('101')
    expect(await rejectionOf(accepted[0]!)).toBeInstanceOf(RefusedError)
  })

  test('a refusal that is not read is cut after handshakeTimeoutMs', async () => {
    const authorize = () => ({ status: 403, body: 'x'.repeat(16 * 1024 * 1024) })
    const { port, server } = await accepting({ authorize, handshakeTimeoutMs: 100 })
    const upgraded = once(server, 'upgrade') as Promise<[IncomingMessage, Duplex, Buffer]>
    const client = await rawClient(port, handshake())
    client.socket.pause()
    const [, socket] = await upgraded
    await once(socket, 'close')
    expect(socket.writableFinished).toBe(false)
  })

  test('that says no when it is too late changes nothing', async () => {
    let say: (verdict: { status: number }) => void
    const authorize = (): Promise<{ status: number }> => new Promise((resolve) => (say = resolve))
    const { port, accepted } = await accepting({ authorize, handshakeTimeoutMs: 30 })
    const client = await rawClient(port, handshake())
    await client.ended(1_500)
    await rejectionOf(accepted[0]!)
    say!({ status: 418 })
    await eventually('the answer was one', () => client.bytes.toString().split('HTTP/1.1').length <= 2)
    expect(client.bytes.toString()).not.toContain('418')
  })

  test.each<[string, (client: Awaited<ReturnType<typeof rawClient>>) => void]>([
    ['resets', ({ socket }) => void socket.resetAndDestroy()],
    ['leaves', ({ socket }) => void socket.destroy()],
  ])('a client that %s meanwhile costs no more than its own handshake', async (_, leave) => {
    let say: () => void
    const authorize = (): Promise<void> => new Promise((resolve) => (say = resolve))
    const { port, accepted } = await accepting({ authorize })
    const client = await rawClient(port, handshake())
    await eventually('the request is here', () => accepted.length === 1)
    leave(client)
    await client.ended()
    say!()
    // It was refused, or let in and then found to be gone.
    const outcome = await accepted[0]!.then(
      (conn: Connection) => conn.closed.then(({ by }) => by),
      (error: unknown) => (error as RefusedError).code,
    )
    expect(['network', 'ERR_WS_REFUSED']).toContain(outcome)
  })

  test('messages that came while it thought are not lost', async () => {
    let say: () => void
    const authorize = (): Promise<void> => new Promise((resolve) => (say = resolve))
    const { port, accepted } = await accepting({ authorize })
    const early = encodeFrame({ opcode: 1, hex: hexOf('early') }, true)
    const client = await rawClient(port, Buffer.concat([Buffer.from(handshake()), early]))
    await eventually('the request is here', () => accepted.length === 1)
    client.socket.write(encodeFrame({ opcode: 1, hex: hexOf('later') }, true))
    await new Promise((resolve) => setImmediate(resolve))
    say!()
    const conn = await accepted[0]!
    expect(await conn.incoming.receive()).toEqual({ value: 'early', ok: true })
    expect(await conn.incoming.receive()).toEqual({ value: 'later', ok: true })
  })
})

describe('a bad handshake', () => {
  const UNLIKELY = 'x-marks-the-spot'

  test.each<[string, string, number, Record<string, string>]>([
    ['by POST', handshake({ 'Content-Length': '0' }, 'POST / HTTP/1.1'), 405, {}],
    ['for another protocol', handshake({ Upgrade: 'h2c' }), 426, { upgrade: 'websocket' }],
    [
      'of version 8',
      handshake({ 'Sec-WebSocket-Version': '8' }),
      426,
      { 'sec-websocket-version': '13', upgrade: 'websocket' },
    ],
    [
      'of no version',
      handshake({ 'Sec-WebSocket-Version': undefined }),
      426,
      { 'sec-websocket-version': '13' },
    ],
    ['of version +13', handshake({ 'Sec-WebSocket-Version': '+13' }), 426, { 'sec-websocket-version': '13' }],
    ['without a key', handshake({ 'Sec-WebSocket-Key': undefined }), 400, {}],
    ['with a short key', handshake({ 'Sec-WebSocket-Key': 'c2hvcnQ=' }), 400, {}],
    ['with a key that is no base64', handshake({ 'Sec-WebSocket-Key': `${UNLIKELY}!!!!!!==` }), 400, {}],
    ['of HTTP 1.0', handshake({}, 'GET / HTTP/1.0'), 400, {}],
    ['for no path', handshake({}, 'GET * HTTP/1.1'), 400, {}],
    ['without a host', handshake({ Host: undefined }), 400, {}],
    ['with two hosts', handshake({}, `GET / HTTP/1.1\r\nHost: ${UNLIKELY}`), 400, {}],
    ['with a body', `${handshake({ 'Content-Length': '16' })}${UNLIKELY}`, 400, {}],
    [
      'with a body in chunks',
      `${handshake({ 'Transfer-Encoding': 'chunked' })}10\r\n${UNLIKELY}\r\n0\r\n\r\n`,
      400,
      {},
    ],
    ['with subprotocols that are none', handshake({ 'Sec-WebSocket-Protocol': `${UNLIKELY},,` }), 400, {}],
    ['from elsewhere', handshake({ Origin: `http://${UNLIKELY}.example` }), 403, {}],
  ])('%s is answered right, with nothing of the request in it', async (_, request, status, fields) => {
    const { port, accepted } = await accepting()
    const client = await rawClient(port, request)
    const answer = await client.lastAnswer()
    expect(answer.status).toBe(status)
    expect(answer.fields).toMatchObject({ connection: 'close', ...fields })
    expect(answer.text).not.toContain(UNLIKELY)
    expect(answer.body.length).toBe(Number(answer.fields['content-length']))
    expect(await rejectionOf(accepted[0]!)).toMatchObject({ code: 'ERR_WS_REFUSED', status })
  })
})

describe('accept', () => {
  test('of a socket a second time rejects and does not touch the first connection', async () => {
    const server = createServer()
    let first: Promise<Connection> | undefined
    let second: Promise<unknown> | undefined
    server.on('upgrade', (request, socket, head) => {
      first = accept(request, socket, head)
      second = rejectionOf(accept(request, socket, head, { authorize: () => ({ status: 403 }) }))
    })
    const client = await wsClient(`ws://127.0.0.1:${await listenOn(server)}`)
    const conn = await first!
    expect(await second).toMatchObject({ message: expect.stringContaining('accepted before') })
    client.send('still here')
    expect(await conn.incoming.receive()).toEqual({ value: 'still here', ok: true })
    client.close()
    await conn.closed
  })

  test('of a socket that is gone already rejects at once, and asks nobody', async () => {
    const server = createServer()
    const asked: string[] = []
    const authorize = (): void => void asked.push('asked')
    let outcome: Promise<Connection> | undefined
    server.on('upgrade', (request, socket, head) => {
      socket.destroy()
      outcome = accept(request, socket, head, { authorize })
      outcome.catch(() => {})
    })
    const client = await rawClient(await listenOn(server), handshake())
    await client.ended()
    expect(await rejectionOf(outcome!)).toMatchObject({ code: 'ERR_WS_REFUSED', status: 400 })
    expect(asked).toEqual([])
  })

  test('of an offer of extensions that cannot be read says why', async () => {
    const { port, accepted } = await accepting({ compression: true })
    const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=99' }
    const client = await rawClient(port, handshake(offer))
    const answer = await client.lastAnswer()
    expect(answer).toMatchObject({ status: 400, body: 'Bad Request' })
    const error = (await rejectionOf(accepted[0]!)) as RefusedError
    expect(error.message).toContain('Sec-WebSocket-Extensions')
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('compression is agreed on only where both want it', async () => {
    const deflate = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }
    const off = await rawClient((await accepting()).port, handshake(deflate))
    expect((await off.answer()).fields['sec-websocket-extensions']).toBeUndefined()
    const on = await rawClient((await accepting({ compression: true })).port, handshake(deflate))
    expect((await on.answer()).fields['sec-websocket-extensions']).toMatch(/^permessage-deflate/)
  })

  test('a bomb is refused by its size when it has burst', async () => {
    const { url, accepted } = await accepting({ compression: true, maxMessageBytes: 100_000 })
    const socket = await wsClient(url)
    socket.on('error', () => {})
    socket.send('x'.repeat(10_000_000))
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).toBe(1009)
    const conn = await accepted[0]!
    expect(await rejectionOf(conn.incoming.receive())).toMatchObject({
      closeCode: 1009,
      by: 'local',
      cause: { code: 'ERR_WS_MESSAGE_TOO_BIG', limitBytes: 100_000 },
    })
  })

  test('url is what the client dialled', async () => {
    const { port, accepted } = await accepting()
    await rawClient(port, handshake({ Host: 'a.example:81' }, 'GET /room?x=1 HTTP/1.1'))
    await eventually('the request is here', () => accepted.length === 1)
    expect((await accepted[0]!).url).toBe('ws://a.example:81/room?x=1')
  })

  test.each<[string, object, string]>([
    ['incomingCapacity: 0', { incomingCapacity: 0 }, '0'],
    ['origins: a text', { origins: 'https://a.com' }, 'origins'],
    ['origins: what is no origin', { origins: ['a.com'] }, 'a.com'],
    ['origins: a pattern', { origins: ['https://*.a.com'] }, '*.a.com'],
    ['origins: a kind of page without origins', { origins: ['file:///a'] }, 'file:///a'],
    ['origins: null', { origins: ['null'] }, 'null'],
    ['protocols: no token', { protocols: ['a b'] }, 'protocols'],
    ['handshakeTimeoutMs: -1', { handshakeTimeoutMs: -1 }, '-1'],
    ['authorize: no function', { authorize: true }, 'authorize'],
    ['parent: a number', { parent: 7 }, 'parent'],
  ])('option %s throws at once, naming it', (_, options, named) => {
    // Never reached: the options come first.
    const call = (): unknown => {
      const accepted = accept({} as never, {} as never, Buffer.alloc(0), options as AcceptOptions)
      accepted.catch(() => {})
      return accepted
    }
    const error = thrownBy(call)
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
    expect((error as Error).message).toContain(named)
  })

  const origin = "an origin, or '*' in the place of the list to let all"
  test.each<[string, unknown, string]>([
    ['are a number', 1, 'Cannot accept: options must be an object, got 1'],
    ['are a text', 'x', 'Cannot accept: options must be an object, got "x"'],
    ['are null', null, 'Cannot accept: options must be an object, got null'],
    [
      'have a text for origins',
      { origins: 'https://a.com' },
      `Cannot use option origins: expected '*' or a list of origins, got "https://a.com"`,
    ],
    [
      'have a star among origins',
      { origins: ['https://a.com', '*'] },
      `Cannot use option origins[1]: expected ${origin}, got "*"`,
    ],
    [
      'have no text among origins',
      { origins: [7] },
      `Cannot use option origins[0]: expected ${origin}, got 7`,
    ],
    [
      'have no token among protocols',
      { protocols: ['a', 'b c'] },
      'Cannot use option protocols[1]: expected another token, got "b c"',
    ],
  ])('options that %s are told so at once', (_, options, text) => {
    const call = (): unknown => accept({} as never, {} as never, Buffer.alloc(0), options as never)
    expect(thrownBy(call)).toEqual(new TypeError(text))
  })
})

describe('what is no upgrade event', () => {
  test.each<[string, (request: IncomingMessage, socket: Duplex, head: Buffer) => unknown[], string]>([
    ['nothing', () => [], 'request must be an IncomingMessage, got undefined'],
    ['null', (_, socket, head) => [null, socket, head], 'request must be an IncomingMessage, got null'],
    [
      'an object',
      (_, socket, head) => [{}, socket, head],
      'request must be an IncomingMessage, got an object',
    ],
    ['no socket', (request, _, head) => [request, {}, head], 'socket must be a Duplex, got an object'],
    ['no head', (request, socket) => [request, socket], 'head must be a Buffer, got undefined'],
    [
      'options in the place of the head',
      (request, socket) => [request, socket, { protocols: ['x'] }],
      'head must be a Buffer, got an object',
    ],
  ])('is told at once, and leaves the socket alone: %s', async (_, given, message) => {
    const server = createServer()
    const upgraded = once(server, 'upgrade') as Promise<[IncomingMessage, Duplex, Buffer]>
    const client = await rawClient(await listenOn(server), handshake())
    const [request, socket, head] = await upgraded
    const error = thrownBy(() => accept(...(given(request, socket, head) as Parameters<typeof accept>)))
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: `Cannot accept: ${message}` })
    const conn = await accept(request, socket, head)
    expect((await client.answer()).status).toBe(101)
    client.socket.destroy()
    await conn.closed
  })
})
