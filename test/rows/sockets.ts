import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { background, withCancel } from 'chansel'
import { CloseError, type Connection, MessageTooBigError, dial } from '@chansel/ws'
import { accept, serve } from '@chansel/ws/server'
import { pipe } from '@chansel/ws/testing'
import { expect } from 'vitest'
import type { Rows } from './row.ts'

const echo = async (conn: Connection): Promise<void> => {
  for await (const message of conn.incoming) await conn.outgoing.send(message)
}

export const rows: Rows = {
  '`dial(url, {}, ctx)`': async () => {
    await using listener = await serve({ port: 0 }, echo)
    using ctx = withCancel(background())
    const url = `ws://127.0.0.1:${listener.address.port}`
    await using conn = await dial(url, {}, ctx)
    expect(conn.url).toContain(url)
  },
  '`accept(request, socket, head)`': async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    server.on('upgrade', (request, socket, head) => {
      void accept(request, socket, head).then((conn) => conn.outgoing.send('accepted'))
    })
    const conn = await dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    expect((await conn.incoming.receive()).value).toBe('accepted')
    await conn.close()
    server.close()
  },
  '`conn.incoming.receive()`': async () => {
    const [conn, peer] = pipe()
    await peer.outgoing.send('text')
    await peer.outgoing.send(new Uint8Array([1]))
    expect((await conn.incoming.receive()).value).toBe('text')
    expect((await conn.incoming.receive()).value).toEqual(new Uint8Array([1]))
    await conn.close()
  },
  '`conn.outgoing.send(message)`': async () => {
    const [conn, peer] = pipe()
    await Promise.all(['a', 'b'].map((message) => conn.outgoing.send(message)))
    expect([await peer.incoming.receive(), await peer.incoming.receive()].map(({ value }) => value)).toEqual([
      'a',
      'b',
    ])
    await conn.close()
  },
  '`conn.incoming`': async () => {
    const [conn, peer] = pipe()
    void echo(conn)
    await peer.outgoing.send('hello')
    expect((await peer.incoming.receive()).value).toBe('hello')
    await peer.close()
  },
  '`conn.outgoing`': async () => {
    const [conn, peer] = pipe()
    expect(conn.outgoing.trySend('hello')).toBe(true)
    expect((await peer.incoming.receive()).value).toBe('hello')
    await conn.close()
  },
  '`maxMessageBytes`': async () => {
    const [conn, peer] = pipe({ maxMessageBytes: 4 })
    void peer.outgoing.send('hello')
    const error: CloseError = await conn.incoming.receive().catch((reason) => reason)
    expect([error.closeCode, error.cause]).toEqual([1009, expect.any(MessageTooBigError)])
  },
  '`heartbeat`': async () => {
    await using listener = await serve({ port: 0, heartbeat: false }, echo)
    await using conn = await dial(`ws://127.0.0.1:${listener.address.port}`, {
      heartbeat: { intervalMs: 1_000, timeoutMs: 1_000 },
    })
    expect(await conn.ping()).toBeGreaterThanOrEqual(0)
  },
  '`error instanceof CloseError`, `error.closeCode`': async () => {
    const [conn, peer] = pipe()
    void peer.close(4_001, 'why')
    const error: unknown = await conn.incoming.receive().catch((reason) => reason)
    expect(error instanceof CloseError && error.closeCode).toBe(4_001)
  },
}
