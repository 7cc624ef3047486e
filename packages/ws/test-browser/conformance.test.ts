import { DialError, type DialOptions, IncomingOverflowError, UnsupportedError, dial } from '@chansel/ws'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { describeTransport } from '../test/conformance.ts'
import type { Ends } from '../test/conformance/suite.ts'
import { REFUSALS } from '../test/support/refusals.ts'
import { type Script, remotePeer, scriptUrl } from '../test/support/peer.ts'
import { expectPending, pass, rejectionOf, thrownBy } from '../test/support/pending.ts'
import { collect } from '../test/support/receiving.ts'

const origin = inject('peerOrigin')
let ids = 0

/** A page dials, the peer serves. */
async function connect(script: Script, options?: DialOptions): Promise<Ends> {
  const id = `${performance.timeOrigin} ${++ids}`
  const conn = await dial(scriptUrl(origin, script, id), options)
  const peer = remotePeer(origin.replace('ws:', 'http:'), id)
  onTestFinished(async () => {
    void conn.close()
    // Reads first: see `crash`.
    await peer.read()
    await Promise.race([peer.ended(), pass(500)])
    await peer.cut()
    await conn.closed
  })
  return { conn, peer }
}

/** A page may send 1000 and 3000 to 4999; the others go out 3000 higher. */
function pageCode(code: number): number {
  return code === 1000 || code >= 3000 ? code : code + 3000
}

const noPings = 'a browser has no pings'
const ownRefusal = 'the browser refuses it itself, and says 1006'

const crash = 'Chromium 156 crashes the page if a WebSocketStream is cut while a write waits'

const skippedInPages: Record<string, string> = {
  'ping measures the round trip': noPings,
  'a ping that is not answered waits until it is cancelled': noPings,
  'a ping that waits fails at the end with the CloseError, and so does a later one': noPings,
  'a ping behind a message does not hold up a send that waits': noPings,
  'short messages that wait for the peer are not written over by later ones':
    'a page writes no frames itself',
  'messages that are on their way when we close still arrive': 'a page hears nothing after its own close',
  'the socket of a peer that never answers the close is destroyed': 'a page cannot destroy a socket',
  'a peer that closes and then keeps the stream open is cut after closeTimeoutMs':
    'nothing tells a page of the close before the stream has ended',
  ...Object.fromEntries(
    REFUSALS.map(([name, code]) => [
      `${name} is refused with ${code}: incoming fails after the last message`,
      ownRefusal,
    ]),
  ),
}

describe('WebSocketStream', () => {
  test('this browser has it', () => {
    expect('WebSocketStream' in globalThis).toBe(true)
  })

  describeTransport({
    name: 'a client in a page',
    connect,
    wireCode: pageCode,
    crowd: 20_000,
    skip: {
      ...skippedInPages,
      'sends and send cases that wait fail at a cut, each with its value': crash,
      'unsent says how many messages never left': crash,
      'flush fails with the CloseError if the connection ends before': crash,
    },
  })
  describePage()

  test('webSocketStream: false uses the plain WebSocket', async () => {
    const scope = globalThis as { WebSocketStream?: unknown }
    const { WebSocketStream } = scope
    scope.WebSocketStream = class {
      constructor() {
        throw new Error('not wanted')
      }
    }
    onTestFinished(() => void (scope.WebSocketStream = WebSocketStream))
    const { conn } = await connect({ name: 'echo' }, { webSocketStream: false })
    expect(conn.incoming.capacity).toBe(65_536)
    await conn.outgoing.send('plain')
    expect(await conn.incoming.receive()).toEqual({ value: 'plain', ok: true })
  })

  // Chromium forgets what was not read when the peer closes. That it did has to be told.
  test('a close while reading is paused ends after the last message, or fails: no loss is silent', async () => {
    const { conn } = await connect(
      { name: 'count', count: 500, then: { code: 1000 } },
      { incomingCapacity: 8 },
    )
    // The close is there, behind messages that nobody receives.
    await pass(300)
    const { messages, error } = await collect(conn)
    expect(messages).toEqual(Array.from({ length: messages.length }, (_, i) => String(i)))
    expect(messages.length).toBeGreaterThanOrEqual(8)
    expect({ hasEnded: error === undefined }).toEqual({ hasEnded: messages.length === 500 })
  })
})

describe('WebSocket', () => {
  const { WebSocketStream } = globalThis as { WebSocketStream?: unknown }
  beforeAll(() => void Reflect.deleteProperty(globalThis, 'WebSocketStream'))
  afterAll(() => void Object.assign(globalThis, { WebSocketStream }))

  const noPause = 'a WebSocket cannot be paused: see the tests of the overflow'
  describeTransport({
    name: 'a client in a page',
    // What the suite sends in one go is more than `incoming` holds by default, which would be refused.
    connect: (script, options) => connect(script, { incomingCapacity: Infinity, ...options }),
    wireCode: pageCode,
    crowd: 20_000,
    skip: {
      ...skippedInPages,
      'a new connection is open and says where it goes': 'incomingCapacity is not the default here',
      'reading pauses when nobody receives, and every message arrives once somebody does': noPause,
      'of small messages no more than incomingCapacity and one socket read are held': noPause,
      'incomingBytes counts the bytes of texts': noPause,
      'a capacity of one message loses none': noPause,
      'the end waits behind messages that nobody received yet': noPause,
      'cancelled receives while reading is paused lose nothing': noPause,
      'close while messages wait unread ends cleanly': noPause,
    },
  })
  describePage()

  test('an overflow of incoming closes with 1013, after the messages that it held', async () => {
    const { conn, peer } = await connect({ name: 'count', count: 100 }, { incomingCapacity: 8 })
    expect(await conn.closed).toMatchObject({ code: 1013, by: 'local' })
    const { messages, error } = await collect(conn)
    expect(messages.slice(0, 8)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
    expect(messages.length).toBeLessThanOrEqual(9)
    expect(error).toMatchObject({ code: 'ERR_WS_CLOSED', closeCode: 1013, by: 'local' })
    expect((error as Error).cause).toBeInstanceOf(IncomingOverflowError)
    expect((error as Error).cause).toMatchObject({ incomingCapacity: 8, code: 'ERR_WS_INCOMING_OVERFLOW' })
    expect(await peer.ended()).toMatchObject({ code: 4013 })
  })

  test('a consumer that keeps up takes a crowd with the default limits', async () => {
    const { conn } = await connect({ name: 'count', count: 20_000, then: { code: 1000 } })
    const { messages, error } = await collect(conn)
    expect(error).toBeUndefined()
    expect(messages.length).toBe(20_000)
  }, 20_000)

  test('an overflow in bytes closes with 1013', async () => {
    const { conn } = await connect({ name: 'flood', count: 20, size: 1_024 }, { incomingBytes: 4_096 })
    expect(await conn.closed).toMatchObject({ code: 1013, by: 'local' })
    expect((await collect(conn)).error).toMatchObject({ cause: { incomingBytes: 4_096 } })
  })
})

/** What is so in pages only. */
function describePage(): void {
  describe('in a page', () => {
    test('bytes that are no frames are 1006 by the network', async () => {
      const { conn } = await connect({ name: 'frames', frames: [{ opcode: 3, hex: '00' }] })
      expect(await conn.closed).toMatchObject({ code: 1006, by: 'network', wasClean: false })
      expect((await collect(conn)).error).toMatchObject({ closeCode: 1006, by: 'network' })
    })

    test('ping says that there is none', async () => {
      const { conn } = await connect({ name: 'silent' })
      expect(await rejectionOf(conn.ping())).toBeInstanceOf(UnsupportedError)
      expect(conn.ctx.err).toBeUndefined()
    })

    test.each([
      ['a server that is not there', 'ws://127.0.0.1:9'],
      ['an answer that is no WebSocket', `${origin.replace('ws:', 'http:')}/received`],
    ])('a dial to %s rejects with a DialError', async (_, url) => {
      const error = await rejectionOf(dial(url))
      expect(error).toBeInstanceOf(DialError)
      expect(error).toMatchObject({ code: 'ERR_WS_DIAL', url: new URL(url).href.replace('http:', 'ws:') })
    })

    test('a dial that is cancelled rejects with the reason', async () => {
      const controller = new AbortController()
      const dialled = dial(scriptUrl(origin, { name: 'silent' }, 'cancelled'), {}, controller)
      await expectPending(dialled)
      controller.abort('enough')
      expect(await rejectionOf(dialled)).toBe('enough')
    })

    test('a dial whose cancel fired already does not connect', async () => {
      const controller = new AbortController()
      controller.abort('before')
      expect(await rejectionOf(dial('ws://127.0.0.1:9', {}, controller))).toBe('before')
    })

    test('the cancel of a dial does not govern the open connection', async () => {
      const controller = new AbortController()
      const id = `${performance.timeOrigin} ${++ids}`
      const conn = await dial(scriptUrl(origin, { name: 'echo' }, id), {}, controller)
      controller.abort()
      await conn.outgoing.send('still open')
      expect(await conn.incoming.receive()).toEqual({ value: 'still open', ok: true })
      await conn.close()
    })

    test('a URL that is none throws at once', () => {
      expect(thrownBy(() => dial('not a URL'))).toBeInstanceOf(TypeError)
    })
  })
}
