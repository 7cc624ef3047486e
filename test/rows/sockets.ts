import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { background, isDeadlineExceeded, withCancel, withTimeout } from 'chansel'
import {
  CloseError,
  type Connection,
  DialError,
  MessageTooBigError,
  dial,
  json,
  withCodec,
} from '@chansel/ws'
import { Hub, accept, serve } from '@chansel/ws/server'
import { collect, from } from 'chansel/pipeline'
import { pipe } from '@chansel/ws/testing'
import { expect } from 'vitest'
import { z } from 'zod'
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
  '`withCodec(conn, json(schema))`': async () => {
    const schema = z.object({ n: z.number() })
    const [conn, peer] = pipe()
    const values = withCodec(conn, json(schema))
    await values.outgoing.send({ n: 1 })
    expect((await peer.incoming.receive()).value).toBe('{"n":1}')
    await peer.outgoing.send('{"n":2}')
    expect((await values.incoming.receive()).value).toEqual({ n: 2 })
    await conn.close()
  },
  '`conn.incomingStreams`, `conn.sendStream(source)`': async () => {
    const [conn, peer] = pipe({ incomingStreams: true, maxMessageBytes: 4 })
    const source = from(['one ', 'two ', 'more'])
    void peer.sendStream(source)
    const { value: stream } = await conn.incomingStreams.receive()
    expect(stream?.kind === 'text' && (await collect(stream.pieces)).join('')).toBe('one two more')
    await conn.close()
  },
  '`new Hub()`: `hub.join(room, conn)`, `hub.publish(room, message)`': async () => {
    const hub = new Hub()
    const [conn, peer] = pipe()
    hub.join('news', conn)
    expect(hub.publish('news', 'hello')).toBe(1)
    expect((await peer.incoming.receive()).value).toBe('hello')
    await conn.close()
  },
  '`using limit = withTimeout(ctx, ms)`, `await conn.outgoing.send(message, limit)`': async () => {
    const [conn, peer] = pipe({ highWaterMarkBytes: 1, incomingCapacity: 1 })
    const ctx = background()
    let error: unknown
    while (error === undefined) {
      using limit = withTimeout(ctx, 5)
      await conn.outgoing.send('x'.repeat(100_000), limit).catch((reason) => (error = reason))
    }
    expect([isDeadlineExceeded(error), conn.ctx.err]).toEqual([true, undefined])
    void peer.close()
    await conn.close()
  },
  '`await conn.close(code, reason)`': async () => {
    const [conn, peer] = pipe()
    await conn.close(4_000, 'done')
    expect(await peer.closed).toMatchObject({ code: 4_000, reason: 'done', wasClean: true, by: 'remote' })
  },
  '`origins`, `protocols`': async () => {
    await using listener = await serve(
      { port: 0, origins: ['https://example.com'], protocols: ['chat'] },
      echo,
    )
    const url = `ws://127.0.0.1:${listener.address.port}`
    await using conn = await dial(url, {
      headers: { origin: 'https://example.com' },
      protocols: ['other', 'chat'],
    })
    expect(conn.protocol).toBe('chat')
    const refused: unknown = await dial(url, { headers: { origin: 'https://example.org' } }).catch((e) => e)
    expect(refused instanceof DialError && refused.status).toBe(403)
  },
  '`await listener.close({ graceMs })`': async () => {
    const listener = await serve({ port: 0 }, echo)
    const conn = await dial(`ws://127.0.0.1:${listener.address.port}`)
    const graceMs = 1_000
    await listener.close({ graceMs })
    expect(await conn.closed).toMatchObject({ code: 1_001, by: 'remote' })
  },
}
