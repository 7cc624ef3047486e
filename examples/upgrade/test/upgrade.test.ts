// The real frameworks, and the client of `ws`: nothing here is ours but the server's handler.

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createConnection } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import WebSocket, { type ClientOptions } from 'ws'
import type { App } from '../src/app.ts'
import { frameworks } from '../src/frameworks.ts'
import { SESSION_OVER } from '../src/live.ts'
import { sign } from '../src/session.ts'

let app: App
let stop: () => Promise<void>
const lines: unknown[] = []

async function begin(start: (port: number) => Promise<App>): Promise<void> {
  app = await start(0)
  stop = () => app.close()
}

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line)))
afterEach(async () => {
  await stop()
  vi.restoreAllMocks()
  lines.length = 0
})

describe.each(Object.entries(frameworks))('behind %s', (_, start) => {
  beforeEach(() => begin(start))

  test('who logs in is let in with the cookie, and greeted by name', async () => {
    const response = await logIn('ada:engine')
    expect(response.status).toBe(200)
    const cookie = response.headers.get('set-cookie')!
    expect(cookie).toMatch(/^session=\S+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=900$/)
    const socket = connect({ headers: { Cookie: `theme=dark; ${cookie.split(';')[0]}` } })
    expect(await next(socket)).toBe('Hello, ada')
    socket.send('hi')
    expect(await next(socket)).toBe('ada said hi')
    socket.close()
    await once(socket, 'close')
  })

  test('a program is let in with the token', async () => {
    const token = await (await logIn('rob:plan9')).text()
    const socket = connect({ headers: { Authorization: `Bearer ${token}` } })
    expect(await next(socket)).toBe('Hello, rob')
    socket.close()
    await once(socket, 'close')
  })

  test('a wrong password gets no token', async () => {
    expect((await logIn('ada:wrong')).status).toBe(401)
    expect((await logIn('nobody:')).status).toBe(401)
  })

  test('without a token there is a 401 and no WebSocket', async () => {
    const response = await refusal({})
    expect(response.statusCode).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Bearer')
    expect(lines).toEqual(['Cannot accept a connection: authorize refused with 401'])
  })

  test('at the end the WebSockets hear 1001, and the server closes', async () => {
    const socket = connect(bearer(sign({ name: 'ada', expiresAt: Date.now() + 60_000 })))
    await next(socket)
    const closed = once(socket, 'close')
    await app.close()
    stop = async () => {}
    expect((await closed)[0]).toBe(1001)
    await expect(logIn('ada:engine')).rejects.toThrow('fetch failed')
  })
})

test.each(Object.entries(frameworks))(
  '%s: a socket that asks for nothing holds up no end',
  async (_, start) => {
    await begin(start)
    const idle = createConnection(app.port, '127.0.0.1')
    await once(idle, 'connect')
    const closed = once(idle, 'close')
    await app.close()
    stop = async () => {}
    await closed
  },
)

describe('the token', () => {
  beforeEach(() => begin(frameworks['node-http']!))

  const user = { name: 'ada', expiresAt: Date.now() + 60_000 }
  const [claims, signature] = sign(user).split('.') as [string, string]
  const other = Buffer.from(JSON.stringify({ ...user, name: 'rob' })).toString('base64url')

  test.each([
    ['of another user', `${other}.${signature}`],
    ['without a signature', claims],
    ['with half a signature', `${claims}.${signature.slice(0, 20)}`],
    ['that has expired', sign({ ...user, expiresAt: Date.now() - 1 })],
    ['that is none', 'x'],
  ])('one %s is refused', async (_, token) => {
    expect((await refusal(bearer(token))).statusCode).toBe(401)
  })

  test('a page of another site is refused, whatever cookies its user has', async () => {
    const response = await refusal({
      headers: { Cookie: `session=${sign(user)}` },
      origin: 'https://evil.example',
    })
    expect(response.statusCode).toBe(403)
  })

  test('its end is the end of the connection', async () => {
    const socket = connect(bearer(sign({ name: 'ada', expiresAt: Date.now() + 250 })))
    expect(await next(socket)).toBe('Hello, ada')
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
    expect([code, String(reason)]).toEqual([SESSION_OVER, 'Your session is over'])
  })
})

function logIn(credentials: string): Promise<Response> {
  const headers = {
    Authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    Connection: 'close',
  }
  return fetch(`http://127.0.0.1:${app.port}/login`, { method: 'POST', headers })
}

function bearer(token: string): ClientOptions {
  return { headers: { Authorization: `Bearer ${token}` } }
}

function connect(options: ClientOptions): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${app.port}/live`, options)
}

async function next(socket: WebSocket): Promise<string> {
  const [message] = (await once(socket, 'message')) as [Buffer]
  return String(message)
}

/** The server's answer where it is no WebSocket. */
async function refusal(options: ClientOptions): Promise<IncomingMessage> {
  const socket = connect(options)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  response.resume()
  return response
}
