import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { type App, share } from './app.ts'
import { cookieOf, logIn } from './session.ts'

export function start(port: number): Promise<App> {
  const app = new Hono()
  app.post('/login', (context) => {
    const token = logIn(context.req.header('Authorization'))
    if (token === undefined) return context.body(null, 401)
    context.header('Set-Cookie', cookieOf(token))
    return context.text(token)
  })
  // Hono runs anywhere; on Node its adaptor makes the server.
  return share(createAdaptorServer({ fetch: app.fetch }) as Server, port)
}
