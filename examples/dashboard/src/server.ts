// The HTTP server: three files, and the two addresses of the dashboard.

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@chansel/ws/server'
import { Dashboard } from './dashboard.ts'
import { POLICIES } from './snapshot.ts'

export interface DashboardServer extends AsyncDisposable {
  readonly dashboard: Dashboard
  readonly port: number
}

/** @param page the bundle of `src/page/main.ts` */
export async function startServer(port: number, page: URL): Promise<DashboardServer> {
  const dashboard = new Dashboard()
  const server = createServer(await serveFiles(page)).listen(port, '127.0.0.1')
  await once(server, 'listening')
  const listeners = await Promise.all(
    POLICIES.map((policy) =>
      serve({ server, path: `/live/${policy}`, onError: console.error }, (conn) =>
        dashboard.attend(conn, policy),
      ),
    ),
  )
  return {
    dashboard,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      await Promise.all(listeners.map((listener) => listener.close({ graceMs: 1_000 })))
      server.closeAllConnections()
    },
  }
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
