// Who is asking: a signed token, in the cookie that a browser sends or in the `Authorization` header of a program.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Refusal } from '@chansel/ws/server'

export interface User {
  readonly name: string
  /** Epoch ms. */
  readonly expiresAt: number
}

const SESSION_MS = 15 * 60_000
/** New with each start, after which everybody has to log in again. */
const secret = randomBytes(32)

/** Stands in for a table of password hashes. */
const passwords = new Map([
  ['ada', 'engine'],
  ['rob', 'plan9'],
])

/** The token of a session, for the header that `curl -u ada:engine` sends; `undefined` for a wrong password. */
export function logIn(authorization = ''): string | undefined {
  const basic = /^Basic (\S+)$/i.exec(authorization)?.[1] ?? ''
  const [name = '', password] = Buffer.from(basic, 'base64').toString().split(':')
  if (password === undefined || passwords.get(name) !== password) return undefined
  return sign({ name, expiresAt: Date.now() + SESSION_MS })
}

export function sign(user: User): string {
  const claims = Buffer.from(JSON.stringify(user)).toString('base64url')
  return `${claims}.${signatureOf(claims).toString('base64url')}`
}

/** `HttpOnly`: no script can read it. `SameSite`: the pages of other sites do not send it along. */
export function cookieOf(token: string): string {
  return `session=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1_000}`
}

// `serve` passes the same request to `authorize` and to the handler: the second can look up what the first found out.
const users = new WeakMap<IncomingMessage, User>()

/** For the option `authorize`: lets in whoever has a token, before there is a WebSocket. */
export function authorize(request: IncomingMessage): Refusal | undefined {
  const user = verify(tokenOf(request))
  if (user === undefined) return { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } }
  users.set(request, user)
  return undefined
}

/** The user whom `authorize` let in. */
export function userOf(request: IncomingMessage): User {
  const user = users.get(request)
  if (user === undefined) throw new Error('Cannot tell the user: the request was not authorized')
  return user
}

function tokenOf({ headers }: IncomingMessage): string {
  const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')
  const cookie = /(?:^|;\s*)session=([^;]*)/.exec(headers.cookie ?? '')
  return (bearer ?? cookie)?.[1] ?? ''
}

function verify(token: string): User | undefined {
  const [claims = '', signature = ''] = token.split('.')
  const given = Buffer.from(signature, 'base64url')
  const right = signatureOf(claims)
  // The time that a comparison takes must not tell how much of a forged signature is right.
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
  const user = JSON.parse(Buffer.from(claims, 'base64url').toString()) as User
  return user.expiresAt > Date.now() ? user : undefined
}

function signatureOf(claims: string): Buffer {
  return createHmac('sha256', secret).update(claims).digest()
}
