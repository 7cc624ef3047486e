// What connections publish on `node:diagnostics_channel`. See docs/observability.md.

import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { background, channel, select, sendCase, sleep, withCancel } from 'chansel'
import { DialError, RefusedError, dial, json, redial, withCodec, wrap } from '@chansel/ws'
import { Hub, listen } from '@chansel/ws/server'
import { cut, pipe } from '@chansel/ws/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { acceptPeer, portOf } from './support/connecting.ts'
import { eventsOf, hearing, namesOf, onEvent } from './support/heard.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually, rejectionOf, settle } from './support/pending.ts'
import { handshake, rawClient } from './support/raw-client.ts'
import { listening, statusFor } from './support/serving.ts'

expectNoSocketLeft()

const OPENED = 'chansel:ws:connection:opened'
const REFUSED = 'chansel:ws:connection:refused'
const CLOSED = 'chansel:ws:connection:closed'
const RECEIVED = 'chansel:ws:message:received'
const SENT = 'chansel:ws:message:sent'
const WAITING = 'chansel:ws:send:waiting'
const WAITED = 'chansel:ws:send:waited'
const PAUSED = 'chansel:ws:reading:paused'
const RESUMED = 'chansel:ws:reading:resumed'

async function* pieces<T>(...all: T[]): AsyncGenerator<T> {
  yield* all
}

describe('a connection', () => {
  test('that is dialled, and its other end, which is accepted, is opened first and closed last', async () => {
    const heard = hearing()
    const { listener, url } = await listening()
    const ours = await dial(url)
    const { value: theirs } = await listener.connections.receive()
    await ours.outgoing.send('hello')
    await theirs!.incoming.receive()
    await ours.close(3001, 'enough')
    await theirs!.closed
    expect(namesOf(heard, ours)).toEqual(['opened', 'sent', 'closed'])
    expect(namesOf(heard, theirs!)).toEqual(['opened', 'received', 'closed'])
    expect(eventsOf(heard, OPENED)).toEqual(
      expect.arrayContaining([
        { connection: ours, via: 'dial' },
        { connection: theirs, via: 'accept' },
      ]),
    )
    const end = { code: 3001, reason: 'enough', wasClean: true, unsent: 0, cause: undefined }
    expect(eventsOf(heard, CLOSED)).toEqual(
      expect.arrayContaining([
        { connection: ours, by: 'local', ...end },
        { connection: theirs, by: 'remote', ...end },
      ]),
    )
  })

  test('that is made of a WebSocket, or of nothing, says so', async () => {
    const heard = hearing()
    const { url } = await listening()
    const wrapped = wrap(new WebSocket(url))
    const [one, other] = pipe()
    await wrapped.close()
    await one.close()
    expect(eventsOf(heard, OPENED)).toEqual(
      expect.arrayContaining([
        { connection: wrapped, via: 'wrap' },
        { connection: one, via: 'pipe' },
        { connection: other, via: 'pipe' },
      ]),
    )
    expect(namesOf(heard, wrapped)).toEqual(['opened', 'closed'])
  })

  test('that is cut says how many messages were lost, and by whom', async () => {
    const heard = hearing()
    const [ours, theirs] = pipe({}, { incomingCapacity: 1 })
    for (const text of ['read', 'unread', 'unread']) await ours.outgoing.send(text)
    await eventually('one was read', () => theirs.incoming.length === 1)
    cut(ours)
    await theirs.closed
    expect(eventsOf(heard, CLOSED)[0]).toMatchObject({
      connection: ours,
      code: 1006,
      by: 'network',
      unsent: 2,
    })
  })

  test('that breaks the protocol says what broke it', async () => {
    const heard = hearing()
    const [ours, theirs] = pipe({}, { maxMessageBytes: 3 })
    await ours.outgoing.send('four')
    await theirs.closed
    const end = eventsOf(heard, CLOSED).find(({ connection }) => connection === theirs)
    expect(end).toMatchObject({ code: 1009, by: 'local', cause: { code: 'ERR_WS_MESSAGE_TOO_BIG' } })
  })

  test('of a redial is a connection each time', async () => {
    const heard = hearing()
    const { listener, url } = await listening()
    await using conn = redial(url, { backoff: { maxMs: 1 } })
    await (await listener.connections.receive()).value!.close(3000)
    await (await listener.connections.receive()).value!.outgoing.send('again')
    await conn.incoming.receive()
    expect(eventsOf(heard, OPENED).filter(({ via }) => via === 'dial')).toHaveLength(2)
  })
})

describe('a refusal', () => {
  test('is told by both sides', async () => {
    const heard = hearing()
    const { url, reported } = await listening({ authorize: () => ({ status: 403 }) })
    const error = await rejectionOf(dial(`${url}/news`))
    expect(eventsOf(heard, REFUSED)).toEqual([
      { via: 'accept', url: `${url}/news`, error: reported[0], status: 403 },
      { via: 'dial', url: `${url}/news`, error, status: 403 },
    ])
    expect(error).toBeInstanceOf(DialError)
    expect(reported[0]).toBeInstanceOf(RefusedError)
    expect(eventsOf(heard, OPENED)).toEqual([])
  })

  test('is a dial without an answer, or with one that is late', async () => {
    const heard = hearing()
    const silent = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await once(silent, 'listening')
    const sockets: { destroy(): void }[] = []
    silent.on('connection', (socket) => sockets.push(socket))
    const late = await rejectionOf(dial(`ws://127.0.0.1:${portOf(silent)}`, { handshakeTimeoutMs: 20 }))
    for (const socket of sockets) socket.destroy()
    silent.close()
    const nobody = await rejectionOf(dial('ws://127.0.0.1:1'))
    expect(eventsOf(heard, REFUSED)).toMatchObject([
      { via: 'dial', error: late, status: undefined },
      { via: 'dial', error: nobody, status: undefined, url: 'ws://127.0.0.1:1/' },
    ])
  })

  test('is no dial that was cancelled', async () => {
    const heard = hearing()
    const ctx = withCancel(background())
    const dialling = dial('ws://127.0.0.1:1', {}, ctx)
    ctx.cancel('changed my mind')
    await rejectionOf(dialling)
    expect(heard).toEqual([])
  })

  test.each<[string, string, number, string]>([
    ['for a path that is not served', handshake({}, 'GET /other HTTP/1.1'), 404, 'ws://127.0.0.1/other'],
    ['whose headers are too large', handshake({ 'X-Large': 'x'.repeat(20_000) }), 431, ''],
    ['that is no HTTP', 'junk\r\n\r\n', 400, ''],
    ['that does not come', '', 408, ''],
  ])('is a request %s', async (_, request, status, url) => {
    const heard = hearing()
    const { port, reported } = await listening({ path: '/news', handshakeTimeoutMs: 100 })
    expect((await (await rawClient(port, request)).lastAnswer()).status).toBe(status)
    expect(eventsOf(heard, REFUSED)).toEqual([{ via: 'accept', url, error: reported[0], status }])
  })

  test('is a request that comes while the listener closes, which is not reported', async () => {
    const heard = hearing()
    const gate = channel<never>()
    const { listener, port, reported } = await listening({
      authorize: async () => void (await gate.receive()),
    })
    const early = await rawClient(port, handshake({}, 'GET /early HTTP/1.1'))
    const late = await rawClient(port, 'GET /late HTTP/1.1\r\n')
    const served = await rawClient(port, handshake())
    await eventually('they are here', () => inspect(listener).includes('handshakes: 2'))
    const closed = listener.close()
    late.socket.write(handshake({}, '').trimStart())
    for (const client of [early, late, served]) expect((await client.lastAnswer()).status).toBe(503)
    await closed
    const url = 'ws://127.0.0.1'
    const told = eventsOf(heard, REFUSED).map((event) => `${event.status} ${event.url}`)
    expect(told.toSorted()).toEqual([`503 ${url}/`, `503 ${url}/early`, `503 ${url}/late`])
    expect(reported).toEqual([])
  })

  test('of a client that has gone has no status, for it was told nothing', async () => {
    const heard = hearing()
    const asked = channel<void>(1)
    const authorize = (): Promise<void> => {
      asked.trySend()
      return new Promise(() => {})
    }
    const { port, reported } = await listening({ authorize })
    const client = await rawClient(port, handshake())
    await asked.receive()
    client.socket.resetAndDestroy()
    await eventually('it was noticed', () => reported.length === 1)
    expect(eventsOf(heard, REFUSED)).toMatchObject([{ error: reported[0], status: undefined }])
  })

  test('is a socket that is dropped, for there are as many as may be', async () => {
    const heard = hearing()
    const { port, reported } = await listening({ maxConnections: 1 })
    for (let i = 0; i < 129; i++) await rawClient(port)
    await (await rawClient(port)).ended()
    expect(eventsOf(heard, REFUSED)).toEqual([
      { via: 'accept', url: '', error: reported[0], status: undefined },
    ])
  })

  test('is a connection too many', async () => {
    const heard = hearing()
    const server = await listen({ port: 0, maxConnections: 1, onError() {} })
    onTestFinished(() => server.close({ graceMs: 0 }))
    const url = `ws://127.0.0.1:${server.address.port}`
    await using _ = await dial(url)
    expect(await statusFor(`${url}/second`, {})).toBe(503)
    expect(eventsOf(heard, REFUSED)).toMatchObject([{ via: 'accept', url: `${url}/second`, status: 503 }])
  })
})

describe('messages', () => {
  const kinds = [
    ['a text', 'é漢', 'text', 5],
    ['bytes', new Uint8Array(7), 'binary', 7],
    ['an empty text', '', 'text', 0],
  ] as const

  test.each(kinds)('%s has its kind and its bytes, on both sides', async (_, message, kind, bytes) => {
    const heard = hearing()
    const { listener, url } = await listening()
    await using ours = await dial(url)
    const { value: theirs } = await listener.connections.receive()
    await ours.outgoing.send(message)
    await theirs!.incoming.receive()
    expect(eventsOf(heard, SENT)).toEqual([{ connection: ours, kind, bytes }])
    expect(eventsOf(heard, RECEIVED)).toEqual([{ connection: theirs, kind, bytes }])
  })

  test('of a hub, of a codec and of a select are messages', async () => {
    const heard = hearing()
    const [ours, theirs] = pipe()
    const hub = new Hub()
    hub.join('news', ours)
    hub.publish('news', 'to all')
    await withCodec(ours, json<number>()).outgoing.send(42)
    await select({ sent: sendCase(ours.outgoing, 'one of two') })
    for (let i = 0; i < 3; i++) await theirs.incoming.receive()
    expect(eventsOf(heard, SENT).map(({ bytes }) => bytes)).toEqual([6, 2, 10])
    expect(eventsOf(heard, RECEIVED).map(({ bytes }) => bytes)).toEqual([6, 2, 10])
  })

  test('that are streamed are one, with the bytes of all pieces', async () => {
    const heard = hearing()
    const { listener, url } = await listening()
    await using ours = await dial(url)
    await ours.sendStream(pieces('one, ', 'two, ', 'drei ✓'))
    expect(await (await listener.connections.receive()).value!.incoming.receive()).toMatchObject({
      value: 'one, two, drei ✓',
    })
    expect(eventsOf(heard, SENT)).toEqual([{ connection: ours, kind: 'text', bytes: 18 }])
  })

  test('is received once as a stream, too: at its end, with the bytes of all its pieces', async () => {
    const heard = hearing()
    const { listener, url } = await listening({ incomingStreams: true, maxMessageBytes: 10 })
    await using ours = await dial(url)
    await ours.sendStream(pieces('one, ', 'two, ', 'drei ✓'))
    const { value: theirs } = await listener.connections.receive()
    const { value: stream } = await theirs!.incomingStreams.receive()
    for await (const _ of stream!.pieces);
    expect(eventsOf(heard, RECEIVED)).toEqual([{ connection: theirs, kind: 'text', bytes: 18 }])
  })
})

describe('a send that waits', () => {
  /** A connection in which one byte is unsent and no more may be. */
  async function crowded() {
    const [ours, theirs] = pipe({ highWaterMarkBytes: 1 }, { incomingCapacity: 1 })
    await ours.outgoing.send('1')
    await eventually('it was read', () => theirs.incoming.length === 1)
    await ours.outgoing.send('2')
    return { ours, theirs }
  }

  test('says when it begins and when its message is accepted', async () => {
    const heard = hearing()
    const { ours, theirs } = await crowded()
    expect(eventsOf(heard, WAITING)).toEqual([])
    const waiting = ours.outgoing.send('3')
    await settle()
    expect(eventsOf(heard, WAITING)).toEqual([{ connection: ours, bufferedBytes: 1, bufferedMessages: 1 }])
    expect(eventsOf(heard, WAITED)).toEqual([])
    await sleep(5)
    await theirs.incoming.receive()
    await waiting
    expect(eventsOf(heard, WAITED)).toEqual([{ connection: ours, ms: expect.any(Number), isSent: true }])
    expect(eventsOf(heard, WAITED)[0]!.ms).toBeGreaterThanOrEqual(5)
  })

  test('says so when it is cancelled', async () => {
    const heard = hearing()
    const { ours } = await crowded()
    const ctx = withCancel(background())
    const waiting = ours.outgoing.send('3', ctx)
    ctx.cancel()
    await rejectionOf(waiting)
    expect(eventsOf(heard, WAITED)).toMatchObject([{ connection: ours, isSent: false }])
  })

  test('says so when the connection closes', async () => {
    const heard = hearing()
    const { ours } = await crowded()
    const waiting = [ours.outgoing.send('3'), ours.outgoing.send('4')].map(rejectionOf)
    cut(ours)
    await Promise.all(waiting)
    expect(eventsOf(heard, WAITED)).toMatchObject([{ isSent: false }, { isSent: false }])
  })

  test('says so when its select chooses another case', async () => {
    const heard = hearing()
    const { ours } = await crowded()
    const other = channel<number>()
    const event = select({ sent: sendCase(ours.outgoing, '3'), other })
    other.trySend(1)
    expect((await event).case).toBe('other')
    expect(eventsOf(heard, WAITING)).toHaveLength(1)
    expect(eventsOf(heard, WAITED)).toMatchObject([{ connection: ours, isSent: false }])
  })

  test('may be a piece of a stream', async () => {
    const heard = hearing()
    const { conn, peer } = await acceptPeer({ name: 'deaf' }, { highWaterMarkBytes: 1024 })
    const chunk = new Uint8Array(65_536)
    const streaming = conn.sendStream(pieces(...Array.from({ length: 200 }, () => chunk)))
    await eventually('it waits', () => eventsOf(heard, WAITING).length > eventsOf(heard, WAITED).length)
    await peer.read()
    await streaming
    expect(eventsOf(heard, WAITED)).toHaveLength(eventsOf(heard, WAITING).length)
    expect(eventsOf(heard, WAITED).every(({ isSent }) => isSent)).toBe(true)
  })

  test('is told to whoever asks for its end alone', async () => {
    const told: boolean[] = []
    onEvent(WAITED, ({ isSent }) => told.push(isSent))
    const { ours, theirs } = await crowded()
    const waiting = ours.outgoing.send('3')
    await theirs.incoming.receive()
    await waiting
    expect(told).toEqual([true])
  })

  test('that began before anybody subscribed is not told', async () => {
    const { ours, theirs } = await crowded()
    const waiting = ours.outgoing.send('3')
    const heard = hearing()
    await theirs.incoming.receive()
    await waiting
    expect(eventsOf(heard, WAITED)).toEqual([])
  })
})

describe('reading', () => {
  test('is paused at the limit and goes on when half was received', async () => {
    const heard = hearing()
    const [ours, theirs] = pipe({}, { incomingCapacity: 4 })
    for (let i = 0; i < 4; i++) await ours.outgoing.send('x')
    await eventually('all were read', () => theirs.incoming.length === 4)
    expect(eventsOf(heard, PAUSED)).toEqual([{ connection: theirs, messages: 4 }])
    await theirs.incoming.receive()
    expect(eventsOf(heard, RESUMED)).toEqual([])
    await sleep(5)
    await theirs.incoming.receive()
    expect(eventsOf(heard, RESUMED)).toEqual([{ connection: theirs, ms: expect.any(Number) }])
    expect(eventsOf(heard, RESUMED)[0]!.ms).toBeGreaterThanOrEqual(5)
  })

  test('that goes on is told to whoever asks for that alone, once for each pause', async () => {
    let count = 0
    onEvent(RESUMED, () => count++)
    const [ours, theirs] = pipe({}, { incomingCapacity: 1 })
    for (let pauses = 1; pauses <= 2; pauses++) {
      await ours.outgoing.send('x')
      await eventually('it was read', () => theirs.incoming.length === 1)
      await theirs.incoming.receive()
      expect(count).toBe(pauses)
    }
    await theirs.close()
    expect(count).toBe(2)
  })

  test('that was paused while nobody heard goes on without a word, whatever was heard before', async () => {
    const [ours, theirs] = pipe({}, { incomingCapacity: 1 })
    const paused = async (): Promise<void> => {
      await ours.outgoing.send('x')
      await eventually('it was read', () => theirs.incoming.length === 1)
    }
    let count = 0
    const listener = (): number => count++
    subscribe(RESUMED, listener)
    onTestFinished(() => void unsubscribe(RESUMED, listener))
    await paused()
    await theirs.incoming.receive()
    expect(count).toBe(1)
    unsubscribe(RESUMED, listener)
    await paused()
    subscribe(RESUMED, listener)
    await theirs.incoming.receive()
    await settle()
    expect(count).toBe(1)
  })

  test('goes on once we close', async () => {
    const heard = hearing()
    const [ours, theirs] = pipe({}, { incomingCapacity: 1 })
    await ours.outgoing.send('x')
    await eventually('it was read', () => theirs.incoming.length === 1)
    await theirs.close()
    expect(namesOf(heard, theirs)).toEqual(['opened', 'received', 'paused', 'resumed', 'closed'])
  })
})

describe('a heartbeat', () => {
  const heartbeat = { intervalMs: 20, timeoutMs: 40 }

  test('pings a silent peer, which answers', async () => {
    const heard = hearing()
    const { conn } = await acceptPeer({ name: 'silent' }, { heartbeat: { intervalMs: 20, timeoutMs: 5_000 } })
    await eventually('it has answered', () => namesOf(heard, conn).includes('answered'))
    expect(namesOf(heard, conn).slice(0, 3)).toEqual(['opened', 'pinged', 'answered'])
    expect(eventsOf(heard, 'chansel:ws:heartbeat:pinged')[0]!.quietMs).toBeGreaterThanOrEqual(20)
    expect(eventsOf(heard, 'chansel:ws:heartbeat:answered')[0]!.ms).toBeGreaterThanOrEqual(0)
  })

  test('expires for one that does not', async () => {
    const heard = hearing()
    const { conn } = await acceptPeer({ name: 'mute' }, { heartbeat })
    await conn.closed
    expect(namesOf(heard, conn)).toEqual(['opened', 'pinged', 'expired', 'closed'])
    const [expired] = eventsOf(heard, 'chansel:ws:heartbeat:expired')
    expect(expired!.quietMs).toBeGreaterThanOrEqual(heartbeat.timeoutMs)
  })
})

describe('a subscriber', () => {
  test('is told after the step in which something happened, and before who waits for it goes on', async () => {
    const heard = hearing()
    const [ours] = pipe()
    ours.outgoing.trySend('x')
    expect(heard).toEqual([])
    await ours.outgoing.send('y')
    expect(namesOf(heard, ours)).toEqual(['opened', 'sent', 'sent'])
    const end = ours.closed.then(() => [...namesOf(heard, ours)])
    void ours.close()
    expect((await end).at(-1)).toBe('closed')
  })

  test('is told in the async context of what happened', async () => {
    const user = new AsyncLocalStorage<string>()
    const users: (string | undefined)[] = []
    onEvent(SENT, () => users.push(user.getStore()))
    const [ours] = pipe()
    await Promise.all(['ann', 'ben'].map((name) => user.run(name, () => ours.outgoing.send('x'))))
    expect(users).toEqual(['ann', 'ben'])
  })

  test('may use the connection it is told of', async () => {
    const [ours, theirs] = pipe()
    onEvent(RECEIVED, ({ connection, bytes }) => {
      if (bytes === 4) connection.outgoing.trySend('an answer')
      else void connection.close(3000, 'read')
    })
    await ours.outgoing.send('ping')
    expect(await ours.incoming.receive()).toEqual({ value: 'an answer', ok: true })
    expect(await ours.closed).toMatchObject({ code: 3000, reason: 'read', by: 'local' })
    expect(await theirs.incoming.receive()).toEqual({ value: 'ping', ok: true })
  })

  test('that throws is an uncaught exception, and does nothing to the connection', async () => {
    const failure = new Error('of the subscriber')
    const uncaught: unknown[] = []
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => uncaught.push(error))
    onTestFinished(() => {
      process.removeAllListeners('uncaughtException')
      for (const other of others) process.on('uncaughtException', other)
    })
    onEvent(RECEIVED, () => {
      throw failure
    })
    const heard = hearing()
    const [ours, theirs] = pipe()
    await ours.outgoing.send('one')
    await ours.outgoing.send('two')
    expect(await theirs.incoming.receive()).toEqual({ value: 'one', ok: true })
    expect(await theirs.incoming.receive()).toEqual({ value: 'two', ok: true })
    await settle()
    expect(uncaught).toEqual([failure, failure])
    // Nor to the other subscribers.
    expect(eventsOf(heard, RECEIVED)).toHaveLength(2)
  })
})
