// Requests for the pages of a server that has a listener of ours, from clients that offer another protocol with each.

import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { ListenOptions, Listener } from '@chansel/ws/server'
import { describe, expect, test } from 'vitest'
import { makeCertificate } from './support/certificate.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually, pass } from './support/pending.ts'
import { RawEnd, handshake, rawClient } from './support/raw-client.ts'
import { listenOn, listening } from './support/serving.ts'

expectNoSocketLeft()

/** What `curl --http2` asks for. */
function h2c(line = 'GET /page HTTP/1.1', fields: Readonly<Record<string, string | undefined>> = {}): string {
  return handshake(
    {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: 'h2c',
      'HTTP2-Settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
      'Sec-WebSocket-Version': undefined,
      'Sec-WebSocket-Key': undefined,
      ...fields,
    },
    line,
  )
}

type Page = (request: IncomingMessage, response: ServerResponse) => unknown

/** A server with a page, and a listener of ours on its path `/live`. */
async function site(
  page: Page = (_, response) => response.end('a page'),
  options: Partial<ListenOptions> = { path: '/live' },
): Promise<{ server: Server; port: number; listener: Listener; reported: unknown[] }> {
  const server = createServer((request, response) => void page(request, response))
  const port = await listenOn(server)
  const { listener, reported } = await listening({ server, ...options } as Partial<ListenOptions>)
  return { server, port, listener, reported }
}

/** A promise that `open` resolves. */
function gate(): { passed: Promise<void>; open: () => void } {
  let open!: () => void
  const passed = new Promise<void>((resolve) => (open = resolve))
  return { passed, open }
}

describe('a request that offers another protocol', () => {
  test.each([
    ['of curl', h2c()],
    ['of another protocol', h2c('GET /page HTTP/1.1', { Upgrade: 'TLS/1.0, other' })],
    ['for the path of the WebSockets', h2c('GET /live HTTP/1.1')],
    ['with an empty body', h2c('POST /page HTTP/1.1', { 'Content-Length': '0' })],
  ])('%s is answered by the pages of the server', async (_, text) => {
    const { port, reported } = await site()
    const client = await rawClient(port, text)
    const answer = await client.lastAnswer()
    expect(answer).toMatchObject({ status: 200, fields: { connection: 'close' } })
    expect(answer.text).toMatch(/a page(\r\n0\r\n\r\n)?$/)
    expect(reported).toEqual([])
  })

  test('is answered by the pages where all paths are served', async () => {
    const { port, reported } = await site(undefined, {})
    expect((await (await rawClient(port, h2c())).lastAnswer()).status).toBe(200)
    expect(reported).toEqual([])
  })

  test('is answered once, however many listeners of ours there are', async () => {
    let asked = 0
    const { server, port } = await site((_, response) => response.end(String(++asked)))
    await listening({ server, path: '/other' } as Partial<ListenOptions>)
    const client = await rawClient(port, h2c())
    expect((await client.lastAnswer()).text.match(/HTTP\/1.1/g)).toHaveLength(1)
    expect(asked).toBe(1)
  })

  test('to HEAD is answered without a body', async () => {
    const { port } = await site()
    const answer = await (await rawClient(port, h2c('HEAD /page HTTP/1.1'))).lastAnswer()
    expect(answer).toMatchObject({ status: 200, body: '' })
  })

  test('of HTTP 1.0 is answered without chunks', async () => {
    const { port } = await site((_, response) => {
      response.write('a ')
      response.end('page')
    })
    const answer = await (await rawClient(port, h2c('GET /page HTTP/1.0'))).lastAnswer()
    expect(answer).toMatchObject({ status: 200, body: 'a page' })
  })

  test('is the last of its socket: what comes with it, and behind it, is for nobody', async () => {
    const { passed, open } = gate()
    const seen: unknown[] = []
    const { port } = await site(async ({ url }, response) => {
      seen.push(url)
      await passed
      response.end('a page')
    })
    const client = await rawClient(port, h2c() + h2c('GET /second HTTP/1.1'))
    await eventually('it was asked', () => seen.length > 0)
    client.socket.write(h2c('GET /third HTTP/1.1'))
    await pass(20)
    open()
    expect(await client.lastAnswer()).toMatchObject({ status: 200, fields: { connection: 'close' } })
    expect(seen).toEqual(['/page'])
  })

  test('has the socket, no body, and ends with its answer', async () => {
    const seen: string[] = []
    const { port } = await site(async (request, response) => {
      for (const name of ['aborted', 'close', 'error']) request.on(name, () => seen.push(`request ${name}`))
      for (const name of ['finish', 'close']) response.on(name, () => seen.push(`response ${name}`))
      for await (const chunk of request) seen.push(String(chunk))
      response.end(`${request.socket.remoteAddress} ${response.req === request}`)
    })
    const { text } = await (await rawClient(port, h2c())).lastAnswer()
    expect(text).toContain('127.0.0.1 true')
    await eventually('all ended', () => seen.length === 3)
    expect(seen).toEqual(['request close', 'response finish', 'response close'])
  })

  test('that was not read ends with its answer, too', async () => {
    const seen: string[] = []
    const { port } = await site((request, response) => {
      for (const name of ['aborted', 'close']) request.on(name, () => seen.push(name))
      response.end('a page')
    })
    await (await rawClient(port, h2c())).lastAnswer()
    await eventually('it ended', () => seen.length > 0)
    expect(seen).toEqual(['close'])
  })

  test('gets a long page whole, as fast as it reads', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const waits: boolean[] = []
    const { port } = await site(async (_, response) => {
      response.setHeader('Content-Length', 400 * chunk.length)
      for (let i = 0; i < 200; i++) if (!response.write(chunk)) await once(response, 'drain')
      waits.push(response.writableNeedDrain)
      Readable.from(Array.from({ length: 200 }, () => chunk)).pipe(response)
    })
    const client = await rawClient(port)
    client.socket.pause()
    client.socket.write(h2c())
    await pass(50)
    expect(waits).toEqual([])
    client.socket.resume()
    expect((await client.lastAnswer()).body).toHaveLength(400 * chunk.length)
    expect(waits).toEqual([false])
  })

  test.each<[string, (client: RawEnd) => void]>([
    ['ends', ({ socket }) => void socket.end()],
    ['goes', ({ socket }) => void socket.destroy()],
    ['resets', ({ socket }) => void socket.resetAndDestroy()],
  ])('whose client %s meanwhile ends, and nothing else does', async (_, leave) => {
    const seen: string[] = []
    const { port, reported } = await site((request, response) => {
      if (request.url === '/other') return void response.end('another')
      request.on('close', () => seen.push('request'))
      response.on('close', () => seen.push('response'))
      response.write('a part')
    })
    const client = await rawClient(port, h2c())
    await client.answer()
    leave(client)
    await eventually('it ended', () => seen.length === 2)
    expect((await (await rawClient(port, h2c('GET /other HTTP/1.1'))).lastAnswer()).status).toBe(200)
    expect(reported).toEqual([])
  })

  test('may take longer than a handshake, and than the listener lives', async () => {
    const { passed, open } = gate()
    const { port, listener, server } = await site(
      async (request, response) => {
        await passed
        response.end(`a page for ${request.url}`)
      },
      { path: '/live', handshakeTimeoutMs: 10 },
    )
    const client = await rawClient(port, h2c())
    await pass(50)
    await listener.close()
    server.closeIdleConnections()
    const closed = once(server, 'close')
    server.close()
    await pass(20)
    expect(client.hasEnded).toBe(false)
    open()
    expect((await client.lastAnswer()).text).toContain('a page for /page')
    await closed
  })

  test.each<[string, (server: Server, told: () => void) => Page, string[], string]>([
    ['nobody hears it', () => (_, response) => response.setTimeout(20), [], ''],
    [
      'the response hears it',
      (_server, told) => (_, response) => {
        response.setTimeout(20, () => {
          told()
          setImmediate(() => response.end('late'))
        })
      },
      ['told'],
      'late',
    ],
    [
      'the server hears it',
      (server, told) => {
        server.on('timeout', (socket) => {
          told()
          socket.destroy()
        })
        return ({ socket }) => socket.setTimeout(20)
      },
      ['told'],
      '',
    ],
  ])('can time out, where %s', async (_, page, heard, body) => {
    const seen: string[] = []
    const { server, port } = await site()
    server.removeAllListeners('request')
    const told = (): void => void seen.push('told')
    server.on('request', page(server, told))
    const client = await rawClient(port, h2c())
    expect((await client.lastAnswer()).body).toBe(body)
    expect(seen).toEqual(heard)
  })

  test('by TLS is answered as well', async () => {
    const { key, cert } = makeCertificate()
    const server = createHttpsServer({ key, cert }, (_, response) => void response.end('a page'))
    const port = await listenOn(server as unknown as Server)
    await listening({ server, path: '/live' } as Partial<ListenOptions>)
    const client = new RawEnd(connectTls({ port, host: '127.0.0.1', ca: cert }))
    client.socket.write(h2c())
    expect((await client.lastAnswer()).text).toContain('a page')
  })
})

describe('is no request for a page, and refused as ever,', () => {
  test.each([
    ['who offers a WebSocket', { Upgrade: 'websocket' }, 404],
    ['who offers a WebSocket among others', { Upgrade: 'h2c, WebSocket' }, 404],
    ['who has a body', { 'Content-Length': '5' }, 404],
    ['who has a body in chunks', { 'Transfer-Encoding': 'chunked' }, 404],
    ['who expects something', { Expect: '100-continue' }, 404],
    ['who names no host', { Host: undefined }, 404],
  ])('%s', async (_, fields, status) => {
    const seen: unknown[] = []
    const { port, reported } = await site(({ url }) => seen.push(url))
    const client = await rawClient(port, h2c('POST /page HTTP/1.1', fields))
    expect((await client.lastAnswer()).status).toBe(status)
    expect(seen).toEqual([])
    expect(reported).toMatchObject([{ code: 'ERR_WS_REFUSED', status }])
  })

  test('who asks a server without pages', async () => {
    const { server, port, reported } = await site()
    server.removeAllListeners('request')
    expect((await (await rawClient(port, h2c())).lastAnswer()).status).toBe(404)
    expect(reported).toHaveLength(1)
  })

  test('who asks a port of our own', async () => {
    const { port, reported } = await listening()
    const answer = await (await rawClient(port, h2c())).lastAnswer()
    expect(answer).toMatchObject({ status: 426, fields: { upgrade: 'websocket' } })
    expect(reported).toMatchObject([{ status: 426 }])
  })

  test('who may be meant for another listener for upgrades', async () => {
    const seen: unknown[] = []
    const { server, port } = await site(({ url }) => seen.push(url))
    server.on('upgrade', ({ headers }: IncomingMessage, socket) => {
      seen.push(headers.upgrade)
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    })
    expect((await (await rawClient(port, h2c())).lastAnswer()).status).toBe(101)
    expect(seen).toEqual(['h2c'])
  })

  test('who has not waited for an earlier answer', async () => {
    const seen: unknown[] = []
    const { port, reported } = await site(({ url }) => seen.push(url))
    const plain = 'GET /first HTTP/1.1\r\nHost: a\r\n\r\n'
    await (await rawClient(port, plain + h2c())).ended()
    expect(seen).toEqual(['/first'])
    expect(reported).toMatchObject([{ status: 404 }])
  })
})
