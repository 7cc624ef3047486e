import type { App } from './app.ts'
import { start as startExpress } from './express.ts'
import { start as startFastify } from './fastify.ts'
import { start as startHono } from './hono.ts'
import { start as startNodeHttp } from './node-http.ts'

/** How each of them starts on a port. */
export const frameworks: Readonly<Record<string, (port: number) => Promise<App>>> = {
  'node-http': startNodeHttp,
  express: startExpress,
  fastify: startFastify,
  hono: startHono,
}
