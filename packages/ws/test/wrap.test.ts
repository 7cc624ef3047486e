import { once } from 'node:events'
import { type Socket, createServer } from 'node:net'
import { CloseError, type ConnectionOptions, type WebSocketLike, dial, wrap } from '@chansel/ws'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { describeTransport } from './conformance.ts'
import type { Ends } from './conformance/suite.ts'
import { endWithTest, portOf } from './support/connecting.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { type PeerServer, startPeerServer } from './support/peer-server.ts'
import { type Script, scriptUrl } from './support/peer.ts'
import { pass, rejectionOf, settle, thrownBy } from './support/pending.ts'
import { fill } from './support/receiving.ts'

let server: PeerServer
let ids = 0
beforeAll(async () => {
  server = await startPeerServer()
})
afterAll(() => server[Symbol.asyncDispose]())

expectNoSocketLeft()

/** A WebSocket of stock `ws` that is not open yet, and where its peer will be. */
function connecting(script: Script): { socket: WebSocket; id: string } {
  const id = `wrapped ${++ids}`
  return { socket: new WebSocket(scriptUrl(server.origin, script, id), { maxPayload: 2 ** 20 }), id }
}

async function wrapConnecting(script: Script, options?: ConnectionOptions): Promise<Ends> {
  const { socket, id } = connecting(script)
  const conn = wrap(socket, options)
  await once(socket, 'open')
  return endWithTest(conn, await server.peer(id))
}

/** In the step in which it opens, as the documentation asks for. */
async function wrapOpen(script: Script, options?: ConnectionOptions): Promise<Ends> {
  const { socket, id } = connecting(script)
  const conn = await new Promise<Ends['conn']>((resolve) =>
    socket.once('open', () => resolve(wrap(socket, options))),
  )
  return endWithTest(conn, await server.peer(id))
}

const noStream = 'the stream under an open ws is not public, and Node calls a write done that it cut off'
const skip = {
  'a peer that closes and then keeps the stream open is cut after closeTimeoutMs':
    'ws was told its limit when it was made, and does not tell of the close before the stream has ended',
}

describeTransport({ name: 'wrap of a ws that is connecting', connect: wrapConnecting, skip })
describeTransport({
  name: 'wrap of an open ws',
  connect: wrapOpen,
  skip: {
    ...skip,
    'unsent says how many messages never left': noStream,
    'a peer that reads nothing is cut after closeTimeoutMs, and what it missed is unsent': noStream,
    'flush fails with the CloseError if the connection ends before': noStream,
  },
})

describe('wrap', () => {
  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a URL', 'ws://localhost'],
    ['an object', {}],
    ['a function', () => {}],
  ])('throws a TypeError at once for %s', (_, socket) => {
    expect(thrownBy(() => wrap(socket as never))).toBeInstanceOf(TypeError)
  })

  test('loses nothing of a ws that was paused until it is wrapped', async () => {
    const { socket, id } = connecting({ name: 'echo' })
    await once(socket, 'open')
    socket.pause()
    for (let i = 0; i < 3; i++) socket.send(String(i))
    await pass(50)
    const conn = wrap(socket)
    endWithTest(conn, await server.peer(id))
    for (let i = 0; i < 3; i++) expect(await conn.incoming.receive()).toEqual({ value: String(i), ok: true })
  })

  test('with options that it cannot have takes nothing: it may be wrapped without them', async () => {
    const { socket, id } = connecting({ name: 'echo' })
    await once(socket, 'open')
    expect(thrownBy(() => wrap(socket, { incomingStreams: true }))).toBeInstanceOf(Error)
    const conn = wrap(socket)
    endWithTest(conn, await server.peer(id))
    await conn.outgoing.send('hello')
    expect(await conn.incoming.receive()).toEqual({ value: 'hello', ok: true })
  })

  test('throws for a WebSocket that was wrapped before, whose connection goes on', async () => {
    const { socket, id } = connecting({ name: 'echo' })
    const conn = wrap(socket)
    expect((thrownBy(() => wrap(socket)) as Error).message).toBe('Cannot wrap: it was wrapped before')
    endWithTest(conn, await server.peer(id))
    await conn.outgoing.send('hello')
    expect(await conn.incoming.receive()).toEqual({ value: 'hello', ok: true })
  })

  test.each<[unknown, string]>([
    [1, '1'],
    ['x', '"x"'],
    [null, 'null'],
  ])('throws a TypeError at once for the options %j', (options, got) => {
    const socket = { on() {}, terminate() {}, pause() {} }
    expect(thrownBy(() => wrap(socket as never, options as never))).toEqual(
      new TypeError(`Cannot wrap: options must be an object, got ${got}`),
    )
  })

  test('sends wait while it is connecting, and go in order once it is open', async () => {
    const { socket, id } = connecting({ name: 'silent' })
    const conn = wrap(socket)
    expect(conn.outgoing.trySend('too early')).toBe(false)
    const isOpen: boolean[] = []
    const send = (i: number): Promise<unknown> =>
      conn.outgoing.send(String(i)).then(() => isOpen.push(socket.readyState === socket.OPEN))
    const sent = [0, 1, 2].map(send)
    const { peer } = endWithTest(conn, await server.peer(id))
    await Promise.all(sent)
    expect(await peer.counted(3)).toEqual({ messages: 3, inOrder: 3 })
    expect(isOpen).toEqual([true, true, true])
  })

  test('close while it is connecting ends it', async () => {
    const { socket } = connecting({ name: 'silent' })
    const conn = wrap(socket)
    const sent = rejectionOf(conn.outgoing.send('never'))
    expect(await conn.close()).toMatchObject({ by: 'local', unsent: 0 })
    expect(await sent).toMatchObject({ code: 'ERR_WS_CLOSED', value: 'never' })
    expect(await conn.incoming.receive()).toEqual({ value: undefined, ok: false })
  })

  test('one that never opens ends with 1006 and its error as cause', async () => {
    const refusing = createServer((stream) => stream.destroy())
    refusing.listen(0, '127.0.0.1')
    await once(refusing, 'listening')
    onTestFinished(() => void refusing.close())
    const conn = wrap(new WebSocket(`ws://127.0.0.1:${portOf(refusing)}`))
    expect(await conn.closed).toMatchObject({ code: 1006, by: 'network', wasClean: false })
    const error = await rejectionOf(conn.incoming.receive())
    expect(error).toBeInstanceOf(CloseError)
    expect((error as CloseError).cause).toBeInstanceOf(Error)
  })

  test('one that is closed already has ended', async () => {
    const { socket } = connecting({ name: 'count', count: 0, then: { code: 1000 } })
    await once(socket, 'close')
    const conn = wrap(socket)
    expect((await conn.closed).unsent).toBe(0)
    expect(conn.ctx.err).toBeDefined()
    expect(await rejectionOf(conn.outgoing.send('late'))).toBeInstanceOf(CloseError)
  })

  test('a ping while it is connecting fails or waits, and harms nothing', async () => {
    const { socket, id } = connecting({ name: 'silent' })
    const conn = wrap(socket)
    const asked = conn.ping()
    asked.catch(() => {})
    endWithTest(conn, await server.peer(id))
    await conn.outgoing.send('open')
    expect(await conn.ping()).toBeGreaterThan(0)
  })

  test('the watch over peers survives one that is connecting for long', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const held: Socket[] = []
    const mute = createServer((stream) => held.push(stream.resume()))
    mute.listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const heartbeat = { intervalMs: 40, timeoutMs: 41 }
    const conn = wrap(new WebSocket(`ws://127.0.0.1:${portOf(mute)}`), { heartbeat, closeTimeoutMs: 50 })
    // A neighbour with the same times: its peer answers no ping, and has to be cut all the same.
    const neighbour = await dial(scriptUrl(server.origin, { name: 'mute' }, `wrapped ${++ids}`), {
      heartbeat,
    })
    expect(await Promise.race([neighbour.closed, pass(1_000)])).toMatchObject({ code: 1006, by: 'network' })
    await conn.close()
    for (const stream of held) stream.destroy()
    mute.close()
    await once(mute, 'close')
    expect(unhandled).toEqual([])
  })

  test('a pause of the program’s own listeners is not needed: messages right behind the handshake count', async () => {
    const { socket, id } = connecting({ name: 'count', count: 1_000, then: { code: 1000 } })
    const conn = wrap(socket, { incomingCapacity: 4 })
    endWithTest(conn, await server.peer(id))
    const seen: string[] = []
    for await (const message of conn.incoming) seen.push(message as string)
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, i) => String(i)))
  })
})

/** Stock `ws` behind the interface of the web, which is all that is shown of it. */
class WebSocketOfTheWeb extends EventTarget {
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    super()
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => this.dispatchEvent(new Event('open')))
    socket.addEventListener('error', () => this.dispatchEvent(new Event('error')))
    socket.addEventListener('message', ({ data }) =>
      this.dispatchEvent(new MessageEvent('message', { data })),
    )
    socket.addEventListener('close', ({ code, reason, wasClean }) =>
      this.dispatchEvent(Object.assign(new Event('close'), { code, reason, wasClean })),
    )
  }

  binaryType = 'blob'
  get readyState(): number {
    return this.#socket.readyState
  }
  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }
  get url(): string {
    return this.#socket.url
  }
  get protocol(): string {
    return this.#socket.protocol
  }
  send(data: string | Uint8Array): void {
    this.#socket.send(data)
  }
  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }
}

/** One of which the test says what becomes of it. */
class UnopenedWebSocket extends EventTarget {
  readyState = 0
  readonly bufferedAmount = 0
  readonly url = 'ws://127.0.0.1:1/'
  readonly protocol = ''
  send(): void {}
  close(): void {}
}

/** The WHATWG WebSocket of this Node, where it has one. */
const Native = (globalThis as { WebSocket?: new (url: string) => WebSocketLike }).WebSocket

describe('wrap of a WebSocket like the web’s', () => {
  async function wrapped(script: Script, options?: ConnectionOptions): Promise<Ends> {
    const { socket, id } = connecting(script)
    const conn = wrap(new WebSocketOfTheWeb(socket) as unknown as WebSocketLike, options)
    await once(socket, 'open')
    return endWithTest(conn, await server.peer(id))
  }

  test('messages go both ways, their kinds kept', async () => {
    const { conn } = await wrapped({ name: 'echo' })
    await conn.outgoing.send('text')
    await conn.outgoing.send(Uint8Array.of(1, 2))
    expect(await conn.incoming.receive()).toEqual({ value: 'text', ok: true })
    expect(await conn.incoming.receive()).toEqual({ value: Uint8Array.of(1, 2), ok: true })
  })

  test('reading cannot pause: an overflow of incoming closes with 1013', async () => {
    const { conn, peer } = await wrapped({ name: 'count', count: 50 }, { incomingCapacity: 8 })
    expect(await conn.closed).toMatchObject({ code: 1013, by: 'local' })
    const seen: unknown[] = []
    const error = await (async () => {
      for await (const message of conn.incoming) seen.push(message)
    })().catch((reason: unknown) => reason)
    expect(seen.slice(0, 8)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
    expect(error).toMatchObject({ closeCode: 1013, cause: { code: 'ERR_WS_INCOMING_OVERFLOW' } })
    // In the range that a page may use.
    expect(await peer.ended()).toMatchObject({ code: 4013 })
  })

  test('a send waits for bufferedAmount to go down', async () => {
    const { conn, peer } = await wrapped({ name: 'silent' })
    for (let i = 0; i < 200; i++) await conn.outgoing.send(new Uint8Array(64 * 1024))
    await conn.flush()
    expect((await peer.counted(200)).messages).toBe(200)
    expect(conn.outgoing.length).toBe(0)
  })

  test('no send overtakes one that waits', async () => {
    const { conn, peer } = await wrapped({ name: 'deaf' })
    const { accepted, waiting } = await fill(conn, new Uint8Array(64 * 1024))
    await peer.read()
    const later: Promise<void>[] = []
    for (let i = 0; i < 200; i++) {
      later.push(conn.outgoing.send(String(i)))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all([waiting, ...later])
    const kept = await peer.received(accepted + 201)
    expect(kept.slice(accepted + 1)).toEqual(Array.from({ length: 200 }, (_, i) => ({ text: String(i) })))
  })

  test('one that cannot connect ends, though like Node 22’s own it fires error alone and stays connecting', async () => {
    const socket = new UnopenedWebSocket()
    const conn = wrap(socket as unknown as WebSocketLike)
    const sent = rejectionOf(conn.outgoing.send('never'))
    socket.dispatchEvent(new Event('error'))
    expect(await conn.closed).toEqual({ code: 1006, reason: '', wasClean: false, by: 'network', unsent: 0 })
    expect(await sent).toMatchObject({ code: 'ERR_WS_CLOSED', value: 'never' })
    // Another one tells of its end later.
    socket.dispatchEvent(Object.assign(new Event('close'), { code: 1006, reason: '' }))
  })

  test('an error with a close behind it, as the standard has it, ends with the code of that', async () => {
    const socket = new UnopenedWebSocket()
    const conn = wrap(socket as unknown as WebSocketLike)
    socket.readyState = 1
    socket.dispatchEvent(new Event('open'))
    socket.readyState = 3
    socket.dispatchEvent(new Event('error'))
    await settle()
    socket.dispatchEvent(Object.assign(new Event('close'), { code: 1009, reason: 'told' }))
    expect(await conn.closed).toMatchObject({ code: 1009, reason: 'told' })
  })

  test('it has no pings', async () => {
    const { conn } = await wrapped({ name: 'silent' })
    expect(await rejectionOf(conn.ping())).toMatchObject({ code: 'ERR_WS_UNSUPPORTED' })
  })

  test('it cannot stream a message, and leaves the source as it was', async () => {
    const { conn, peer } = await wrapped({ name: 'silent' })
    const { body } = new Response('whole')
    expect(await rejectionOf(conn.sendStream(body!))).toMatchObject({ code: 'ERR_WS_UNSUPPORTED' })
    await conn.outgoing.send(await new Response(body).text())
    expect(await peer.received(1)).toEqual([{ text: 'whole' }])
  })

  test('close ends it cleanly', async () => {
    const { conn, peer } = await wrapped({ name: 'silent' })
    expect(await conn.close(3001, 'bye')).toEqual({
      code: 3001,
      reason: 'bye',
      wasClean: true,
      by: 'local',
      unsent: 0,
    })
    expect(await peer.ended()).toEqual({ code: 3001, reason: 'bye' })
  })

  test('a cut is 1006 by the network', async () => {
    const { conn, peer } = await wrapped({ name: 'silent' })
    await peer.cut()
    expect(await conn.closed).toMatchObject({ code: 1006, by: 'network', wasClean: false })
  })

  test('a peer that never answers the close is given up after closeTimeoutMs', async () => {
    const { conn } = await wrapped({ name: 'mute' }, { closeTimeoutMs: 100 })
    expect(await conn.close()).toMatchObject({ code: 1006, wasClean: false, by: 'local' })
  })

  test.skipIf(Native === undefined)('Node’s own is one of them', async () => {
    const id = `wrapped ${++ids}`
    const conn = wrap(new Native!(scriptUrl(server.origin, { name: 'echo' }, id)))
    endWithTest(conn, await server.peer(id))
    await conn.outgoing.send('text')
    expect(await conn.incoming.receive()).toEqual({ value: 'text', ok: true })
    expect(await conn.close()).toMatchObject({ code: 1000, wasClean: true, by: 'local' })
  })
})
