// The HTTP server: three files, and the address of the cursors.

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { background, withCancel } from 'chansel'
import { serve } from '@chansel/ws/server'
import { Space } from './space.ts'

export interface CursorServer extends AsyncDisposable {
  readonly port: number
}

/** @param page the bundle of `src/page/main.ts` */
export async function startServer(port: number, page: URL): Promise<CursorServer> {
  const server = createServer(await serveFiles(page)).listen(port, '127.0.0.1')
  await once(server, 'listening')
  const space = new Space()
  const ctx = withCancel(background())
  const running = space.run(ctx).catch(() => {})
  const listener = await serve(
    {
      server,
      path: '/cursors',
      maxConnections: 200,
      maxMessageBytes: 256,
      authorize: (request) => (isId(idOf(request)) ? undefined : { status: 400 }),
    },
    (conn, request) => space.attend(conn, idOf(request)),
  )
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      await listener.close({ graceMs: 1_000 })
      ctx.cancel()
      await running
      server.closeAllConnections()
    },
  }
}

function idOf({ url = '' }: IncomingMessage): string {
  return new URL(url, 'http://localhost').searchParams.get('id') ?? ''
}

function isId(id: string): boolean {
  return /^[\w-]{1,40}$/.test(id)
}

async function serveFiles(page: URL): Promise<RequestListener> {
  const folder = new URL('../public/', import.meta.url)
  const files = new Map([
    ['/', { type: 'text/html; charset=utf-8', body: await readFile(new URL('index.html', folder)) }],
    ['/style.css', { type: 'text/css; charset=utf-8', body: await readFile(new URL('style.css', folder)) }],
    ['/main.js', { type: 'text/javascript; charset=utf-8', body: await readFile(page) }],
  ])
  return (request, response) => {
    const file = request.method === 'GET' ? files.get(request.url ?? '') : undefined
    if (file === undefined) return void response.writeHead(404).end()
    response.setHeader('Content-Security-Policy', "default-src 'self'; img-src data:; frame-ancestors 'none'")
    response.setHeader('Content-Type', file.type)
    response.end(file.body)
  }
}
