// Beside the frameworks that people use, with the real packages: the WebSockets and the pages share a server, other
// listeners for upgrades keep theirs, and both stop together.

import { once } from 'node:events'
import { type IncomingMessage, type Server, createServer, request as httpRequest } from 'node:http'
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { createAdaptorServer } from '@hono/node-server'
import { type Connection, type DialOptions, dial } from '@chansel/ws'
import { accept, listen, serve } from '@chansel/ws/server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { describe, expect, test } from 'vitest'
import { makeCertificate } from './support/certificate.ts'
import { portOf } from './support/connecting.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { rejectionOf } from './support/pending.ts'
import { handshake, rawClient } from './support/raw-client.ts'

expectNoSocketLeft()

/** A framework that answers `/page` with "a page", on a server that listens. */
interface App {
  readonly server: Server
  readonly tls: DialOptions
  /** The framework's own end, before which `first` ends. */
  close(first: () => Promise<void>): Promise<void>
}

async function listening(server: Server, tls: DialOptions = {}): Promise<App> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async (first: () => Promise<void>): Promise<void> => {
    await first()
    const closed = once(server, 'close')
    server.close()
    await closed
  }
  return { server, tls, close }
}

const APPS: Readonly<Record<string, () => Promise<App>>> = {
  'node:http': () => listening(createServer((_, response) => response.end('a page'))),
  'node:https': () => {
    const { key, cert } = makeCertificate()
    const server = createHttpsServer({ key, cert }, (_, response) => response.end('a page'))
    return listening(server as unknown as Server, { tls: { ca: cert } })
  },
  express: () => {
    const app = express()
    app.get('/page', (_, response) => void response.send('a page'))
    return listening(createServer(app))
  },
  fastify: async () => {
    const app = fastify()
    app.get('/page', async () => 'a page')
    await app.listen({ port: 0, host: '127.0.0.1' })
    const close = async (first: () => Promise<void>): Promise<void> => {
      await first()
      await app.close()
    }
    return { server: app.server, tls: {}, close }
  },
  hono: () => {
    const app = new Hono()
    app.get('/page', (context) => context.text('a page'))
    return listening(createAdaptorServer({ fetch: app.fetch }) as Server)
  },
  koa: () => {
    const app = new Koa()
    app.use((context) => void (context.body = 'a page'))
    const answer = app.callback()
    return listening(createServer((request, response) => void answer(request, response)))
  },
}

/** A page that is asked for while the WebSockets are open. */
async function page({ server, tls }: App, headers = {}): Promise<string> {
  const request = tls.tls === undefined ? httpRequest : httpsRequest
  const place = { host: '127.0.0.1', port: portOf(server), path: '/page' }
  const asked = request({ ...place, headers, agent: false, ...tls.tls })
  const [response] = (await once(asked.end(), 'response')) as [IncomingMessage]
  return (await response.toArray()).join('')
}

function urlOf({ server, tls }: App, path: string): string {
  return `${tls.tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${portOf(server)}${path}`
}

/** Who has a session, by its cookie. */
const SESSIONS: Readonly<Record<string, string>> = { s1: 'Gopher' }

function userOf({ headers }: IncomingMessage): string | undefined {
  const session = /(?:^|;\s*)session=([^;]*)/.exec(headers.cookie ?? '')?.[1]
  return SESSIONS[session ?? '']
}

async function authorize(request: IncomingMessage): Promise<{ status: number } | undefined> {
  // A look into a store of sessions.
  await new Promise((resolve) => setImmediate(resolve))
  return userOf(request) === undefined ? { status: 401 } : undefined
}

const COOKIE = { headers: { Cookie: 'theme=dark; session=s1' } }

async function expectText({ incoming }: Connection, message: string): Promise<void> {
  expect(await incoming.receive()).toMatchObject({ value: expect.stringContaining(message), ok: true })
}

describe.each(Object.entries(APPS))('behind %s', (_, start) => {
  test('serve has its path, the pages stay, and both stop together', async () => {
    const app = await start()
    const listener = await serve({ server: app.server, path: '/live' }, async (conn, { url }) => {
      await conn.outgoing.send(`you asked for ${url}`)
      for await (const message of conn.incoming) await conn.outgoing.send(message)
    })
    const conn = await dial(urlOf(app, '/live?room=1'), app.tls)
    await expectText(conn, 'you asked for /live?room=1')
    await conn.outgoing.send('echo')
    await expectText(conn, 'echo')
    expect(await page(app)).toBe('a page')
    await app.close(() => listener.close())
    expect(await conn.closed).toMatchObject({ code: 1001, wasClean: true, by: 'remote' })
    expect(app.server.listenerCount('upgrade')).toBe(0)
  })

  test('who offers another protocol gets the page all the same', async () => {
    const app = await start()
    const listener = await listen({ server: app.server, path: '/live' })
    expect(await page(app, { Connection: 'Upgrade', Upgrade: 'h2c' })).toBe('a page')
    await app.close(() => listener.close())
  })

  test('listen lets in who has a session, by its cookie', async () => {
    const app = await start()
    const refused: unknown[] = []
    const onError = (error: unknown): void => void refused.push(error)
    const listener = await listen({ server: app.server, path: '/live', authorize, onError })
    const conn = await dial(urlOf(app, '/live'), { ...app.tls, ...COOKIE })
    const { value } = await listener.connections.receive()
    await value!.outgoing.send('welcome')
    await expectText(conn, 'welcome')
    const without = await rejectionOf(dial(urlOf(app, '/live'), app.tls))
    expect(without).toMatchObject({ code: 'ERR_WS_DIAL', status: 401 })
    expect(refused).toMatchObject([{ code: 'ERR_WS_REFUSED', status: 401 }])
    await app.close(() => listener.close())
    await conn.closed
  })

  test('accept takes the upgrades of a listener of the program’s own', async () => {
    const app = await start()
    const accepted: Connection[] = []
    const upgraded = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
      const conn = await accept(request, socket, head, { authorize }).catch(() => undefined)
      if (conn === undefined) return
      accepted.push(conn)
      await conn.outgoing.send(`hello ${userOf(request)}`)
    }
    const listener = (...args: [IncomingMessage, Duplex, Buffer]): void => void upgraded(...args)
    app.server.on('upgrade', listener)
    const conn = await dial(urlOf(app, '/any'), { ...app.tls, ...COOKIE })
    await expectText(conn, 'hello Gopher')
    expect(await rejectionOf(dial(urlOf(app, '/any'), app.tls))).toMatchObject({ status: 401 })
    await app.close(async () => {
      app.server.off('upgrade', listener)
      await Promise.all(accepted.map((one) => one.close(1001)))
    })
    expect(await conn.closed).toMatchObject({ code: 1001, by: 'remote' })
  })

  test('another listener for upgrades keeps its own, before and after ours left', async () => {
    const app = await start()
    const others: Readonly<Record<string, (socket: Duplex) => void>> = {
      // Later: ours must not be quicker with a 404.
      '/other': (socket) =>
        void setImmediate(() =>
          socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n'),
        ),
    }
    const other = ({ url = '' }: IncomingMessage, socket: Duplex): void => others[url]?.(socket)
    app.server.on('upgrade', other)
    const listener = await listen({ server: app.server, path: '/live' })
    const conn = await dial(urlOf(app, '/live'), app.tls)
    expect(await otherProtocol(app)).toBe(101)
    await listener.close()
    await conn.closed
    expect(await otherProtocol(app)).toBe(101)
    await app.close(async () => void app.server.off('upgrade', other))
  })
})

/** The status of an upgrade to the other protocol. */
async function otherProtocol({ server, tls }: App): Promise<number> {
  const port = portOf(server)
  if (tls.tls === undefined) {
    const client = await rawClient(port, handshake({ Upgrade: 'other' }, 'GET /other HTTP/1.1'))
    return (await client.lastAnswer()).status
  }
  const headers = { Connection: 'Upgrade', Upgrade: 'other' }
  const request = httpsRequest({ host: '127.0.0.1', port, path: '/other', agent: false, headers, ...tls.tls })
  const [response, socket] = (await once(request.end(), 'upgrade')) as [IncomingMessage, Duplex]
  socket.destroy()
  return response.statusCode ?? 0
}

test('fastify ends the WebSockets itself where it is told to', async () => {
  const app = fastify()
  const listener = await serve({ server: app.server }, async (conn) => {
    for await (const message of conn.incoming) await conn.outgoing.send(message)
  })
  app.addHook('preClose', () => listener.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const conn = await dial(`ws://127.0.0.1:${portOf(app.server)}`)
  await app.close()
  expect(await conn.closed).toMatchObject({ code: 1001, by: 'remote' })
})
