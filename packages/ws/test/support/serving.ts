import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { Connection } from '@chansel/ws'
import { type ListenOptions, type Listener, accept, type AcceptOptions, listen } from '@chansel/ws/server'
import { onTestFinished } from 'vitest'
import { portOf } from './connecting.ts'
import { WebSocket } from './stock-ws.ts'

/** A listener on a free port that ends with the test, and what it reported. */
export async function listening(
  options: Partial<ListenOptions> = {},
): Promise<{ listener: Listener; port: number; url: string; reported: unknown[] }> {
  const reported: unknown[] = []
  const onError = (error: unknown): void => void reported.push(error)
  const place = 'server' in options ? {} : { port: 0 }
  const listener = await listen({ ...place, onError, ...options } as ListenOptions)
  onTestFinished(() => listener.close({ graceMs: 0 }))
  const { port } = listener.address
  return { listener, port, url: `ws://127.0.0.1:${port}`, reported }
}

/** A server of node:http whose upgrades go to `accept`. */
export async function accepting(
  options?: AcceptOptions,
): Promise<{ port: number; url: string; accepted: Promise<Connection>[]; server: Server }> {
  const accepted: Promise<Connection>[] = []
  const server = createServer()
  server.on('upgrade', (request, socket, head) => {
    const accepting = accept(request, socket, head, options)
    accepting.catch(() => {})
    accepted.push(accepting)
  })
  await listenOn(server)
  onTestFinished(async () => {
    for (const conn of await Promise.allSettled(accepted)) {
      await (conn.status === 'fulfilled' ? conn.value.close() : undefined)
    }
  })
  const port = portOf(server)
  return { port, url: `ws://127.0.0.1:${port}`, accepted, server }
}

/** Listens on a free port until the test is over. */
export async function listenOn(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return portOf(server)
}

/** An open client of stock `ws`; cut when the test is over. */
export async function wsClient(url: string, ...args: ConstructorParameters<typeof WebSocket>[1][]) {
  const socket = new WebSocket(url, ...(args as []))
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

/** How a client of stock `ws` saw the end. */
export async function endOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return { code, reason: reason.toString() }
}

/** The status with which a client of stock `ws` is refused; 101 if it is let in. */
export async function statusFor(url: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(url, { headers })
  socket.on('error', () => {})
  return new Promise((resolve) => {
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
    socket.on('open', () => {
      resolve(101)
      socket.terminate()
    })
  })
}
