// Both ends are `ws`, and know nothing of the proxy between them.

import { once } from 'node:events'
import { type IncomingMessage, createServer } from 'node:http'
import { type AddressInfo, type Socket, connect, createServer as createTcpServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type CancelContext, background, withCancel } from 'chansel'
import WebSocket, { type ClientOptions, WebSocketServer } from 'ws'
import { collectGarbage } from '../../../packages/core/test/support/gc.ts'
import { type ProxyOptions, proxy } from '../src/proxy.ts'

const DEADLINE = { timeout: 20_000, interval: 20 }
const MIB = 2 ** 20

let backend: WebSocketServer
let requests: IncomingMessage[]
let ctx: CancelContext
let over: Promise<void>
let url: string
let stopServer: () => Promise<unknown>

beforeEach(async () => {
  requests = []
  backend = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/base/echo', verifyClient })
  backend.on('connection', (_, request) => requests.push(request))
  await once(backend, 'listening')
  await startProxy({ backend: new URL(`ws://127.0.0.1:${(backend.address() as AddressInfo).port}/base/`) })
})

async function startProxy(options: ProxyOptions): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/echo`
  ctx = withCancel(background())
  over = proxy(server, options, ctx)
  stopServer = () => once(server.close(), 'close')
}

async function stopProxy(): Promise<void> {
  ctx.cancel()
  await over
  await stopServer()
}

afterEach(async () => {
  await stopProxy()
  for (const socket of backend.clients) socket.terminate()
  backend.close()
  await once(backend, 'close')
})

function verifyClient(
  { req }: { req: IncomingMessage },
  answer: (ok: boolean, status?: number) => void,
): void {
  answer(req.headers.authorization !== 'none', 403)
}

/** A client, and the backend's end of it. */
async function join(protocols: string[] = [], options: ClientOptions = {}): Promise<[WebSocket, WebSocket]> {
  const client = new WebSocket(url, protocols, options)
  const [[behind]] = (await Promise.all([once(backend, 'connection'), once(client, 'open')])) as [
    [WebSocket],
    [],
  ]
  return [client, behind]
}

async function refusal(options: ClientOptions = {}): Promise<number | undefined> {
  const [, response] = (await once(new WebSocket(url, options), 'unexpected-response')) as [
    unknown,
    IncomingMessage,
  ]
  response.resume()
  return response.statusCode
}

/** Asks for a WebSocket by hand: no client sends a path like some of these, or resets its connection. */
function ask(path: string): Socket {
  const { port, host } = new URL(url)
  const client = connect(Number(port), '127.0.0.1').on('error', () => {})
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  client.write(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  return client
}

async function closeOf(socket: WebSocket): Promise<[number, string]> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return [code, String(reason)]
}

test('text stays text, binary stays binary, both ways and in order', async () => {
  const pair = await join()
  for (const [from, to] of [pair, [...pair].reverse() as typeof pair]) {
    const heard: [string, boolean][] = []
    to.on('message', (data: Buffer, isBinary) => heard.push([data.toString(), isBinary]))
    from.send('größe')
    from.send(Buffer.from('bytes'))
    from.send('')
    from.send(Buffer.alloc(0))
    await vi.waitUntil(() => heard.length === 4, DEADLINE)
    expect(heard).toEqual([
      ['größe', false],
      ['bytes', true],
      ['', false],
      ['', true],
    ])
  }
})

test('the backend sees who asks for what, and chooses the subprotocol', async () => {
  url += '?room=1'
  const [client] = await join(['v2', 'v1'], {
    headers: { Cookie: 'session=1' },
    origin: 'https://example.com',
  })
  expect(client.protocol).toBe('v2')
  expect(requests[0]).toMatchObject({
    url: '/base/echo?room=1',
    headers: {
      cookie: 'session=1',
      origin: 'https://example.com',
      host: new URL(url).host,
      'x-forwarded-for': '127.0.0.1',
    },
  })
})

describe('the end', () => {
  const client = 0
  const behind = 1

  test.each([
    {
      name: 'a code of the client',
      of: client,
      end: (s: WebSocket) => s.close(4000, 'enough'),
      told: [4000, 'enough'],
    },
    {
      name: 'a code of the backend',
      of: behind,
      end: (s: WebSocket) => s.close(1011, 'oops'),
      told: [1011, 'oops'],
    },
    { name: 'no code', of: behind, end: (s: WebSocket) => s.close(), told: [1000, ''] },
    { name: 'a client that is cut', of: client, end: (s: WebSocket) => s.terminate(), told: [1001, ''] },
    { name: 'a backend that is cut', of: behind, end: (s: WebSocket) => s.terminate(), told: [1014, ''] },
  ])('$name is the end of the other side', async ({ of, end, told }) => {
    const pair = await join()
    const closed = closeOf(pair[1 - of]!)
    end(pair[of]!)
    expect(await closed).toEqual(told)
  })

  test('what was sent before a close arrives before it', async () => {
    const [client, behind] = await join()
    const heard: string[] = []
    client.on('message', (data: Buffer) => heard.push(data.toString()))
    for (let i = 0; i < 1_000; i++) behind.send(String(i))
    behind.close(4001)
    expect(await closeOf(client)).toEqual([4001, ''])
    expect(heard).toEqual(Array.from({ length: 1_000 }, (_, i) => String(i)))
  })

  test('of one side reaches the other while that one is sending', async () => {
    const [client, behind] = await join()
    const flood = (async () => {
      while (client.readyState === WebSocket.OPEN)
        await new Promise((resolve) => client.send(Buffer.alloc(MIB / 4), resolve))
    })()
    behind.pause()
    await vi.waitUntil(() => client.bufferedAmount > 0, DEADLINE)
    behind.terminate()
    expect(await closeOf(client)).toEqual([1014, ''])
    await flood
  })

  test('of the proxy is 1001 for both', async () => {
    const [client, behind] = await join()
    const closed = Promise.all([closeOf(client), closeOf(behind)])
    ctx.cancel()
    expect(await closed).toEqual([
      [1001, ''],
      [1001, ''],
    ])
    await over
  })
})

describe('no bridge', () => {
  test('where the backend refuses: its status', async () => {
    expect(await refusal({ headers: { Authorization: 'none' } })).toBe(403)
  })

  test('where there is no backend: 502', async () => {
    await stopProxy()
    await startProxy({ backend: new URL('ws://127.0.0.1:1') })
    expect(await refusal()).toBe(502)
  })

  test('where there are too many: 503, until one has gone', async () => {
    const { port } = backend.address() as AddressInfo
    await stopProxy()
    await startProxy({ backend: new URL(`ws://127.0.0.1:${port}/base`), maxConnections: 1 })
    const [client] = await join()
    expect(await refusal()).toBe(503)
    client.close()
    await closeOf(client)
    await vi.waitFor(async () => void (await join()), DEADLINE)
  })

  test.each([
    { name: 'leaves', leave: (client: Socket) => client.destroy() },
    { name: 'resets its connection', leave: (client: Socket) => client.resetAndDestroy() },
  ])('for a client that $name while the backend is dialled: the dial is cancelled', async ({ leave }) => {
    // Takes the connection and never answers.
    const silent = createTcpServer((socket) => void socket.resume()).listen(0, '127.0.0.1')
    const reached = once(silent, 'connection')
    await once(silent, 'listening')
    await stopProxy()
    const { port } = silent.address() as AddressInfo
    await startProxy({ backend: new URL(`ws://127.0.0.1:${port}`), dialTimeoutMs: Infinity })
    const client = ask('/echo')
    const [dialled] = (await reached) as [Socket]
    leave(client)
    await once(dialled, 'close')
    silent.close()
  })

  test.each(['/../echo', '/%2e%2e/echo', '/a/../../echo', '/..'])(
    'for a path that leads out of the backend: %s',
    async (path) => {
      const asked = vi.spyOn(backend, 'shouldHandle')
      const [answer] = (await once(ask(path), 'data')) as [Buffer]
      expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /)
      expect(asked).not.toHaveBeenCalled()
    },
  )
})

describe('a slow reader stops the sender at the far end', () => {
  const PIECE = Buffer.alloc(MIB / 4)
  const PIECES = 128

  test.each([
    { name: 'a client that reads nothing', reader: 0 },
    { name: 'a backend that reads nothing', reader: 1 },
  ])('$name', async ({ reader }) => {
    const pair = await join()
    const to = pair[reader]!
    const from = pair[1 - reader]!
    let received = 0
    to.on('message', () => received++)
    to.pause()
    collectGarbage()
    const before = process.memoryUsage().arrayBuffers

    // The next piece when the kernel has the last: what is not sent is not in anybody's memory.
    let sent = 0
    const sending = (async () => {
      for (; sent < PIECES; sent++) await new Promise((resolve) => from.send(PIECE, resolve))
    })()
    // It has come to rest when nothing moved in a round of many turns.
    let last = -1
    await vi.waitUntil(() => last === (last = sent), { timeout: 20_000, interval: 250 })
    expect(received).toBe(0)
    expect(sent).toBeLessThan(PIECES / 2)
    // The rest is in the buffers of the kernel. Here, where both ends are as well, there is next to nothing.
    await vi.waitUntil(
      () => (collectGarbage(), process.memoryUsage().arrayBuffers - before < 4 * MIB),
      DEADLINE,
    )

    to.resume()
    await sending
    await vi.waitUntil(() => received === PIECES, DEADLINE)
  })
})
