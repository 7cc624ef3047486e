import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import type { App } from './app.ts'
import { serveLive } from './live.ts'
import { cookieOf, logIn } from './session.ts'

export async function start(port: number): Promise<App> {
  const app = fastify({ forceCloseConnections: true })
  app.post('/login', async (request, reply) => {
    const token = logIn(request.headers.authorization)
    if (token === undefined) return reply.code(401).send()
    return reply.header('Set-Cookie', cookieOf(token)).send(token)
  })
  // Fastify has a server of its own, and says when it is about to close.
  const live = await serveLive(app.server)
  app.addHook('preClose', () => live.close())
  await app.listen({ port, host: '127.0.0.1' })
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() }
}
