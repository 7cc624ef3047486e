import { IncomingOverflowError } from '@chansel/ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeTransport } from '../test/conformance.ts'
import { collect } from '../test/support/receiving.ts'
import { connect, describePage, pageCode, skippedInPages } from './support/page.ts'

describe('WebSocket', () => {
  const { WebSocketStream } = globalThis as { WebSocketStream?: unknown }
  beforeAll(() => void Reflect.deleteProperty(globalThis, 'WebSocketStream'))
  afterAll(() => void Object.assign(globalThis, { WebSocketStream }))

  const noPause = 'a WebSocket cannot be paused: see the tests of the overflow'
  const isWebKit = /AppleWebKit(?!.*Chrom)/.test(navigator.userAgent)
  const noWait =
    'in WebKit nothing is buffered that its network process has taken, which takes all: no send waits'
  const otherCodes = 'WebKit tells another code'
  describeTransport({
    name: 'a client in a page',
    // What the suite sends in one go is more than `incoming` holds by default, which would be refused.
    connect: (script, options) => connect(script, { incomingCapacity: Infinity, ...options }),
    wireCode: pageCode,
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
      ...(isWebKit && {
        'send waits while the peer does not read, and goes on when it does': noWait,
        'no more than highWaterMarkBytes and one message are unsent': noWait,
        'trySend says false while the peer does not read, and true again when it does': noWait,
        'a send case waits while the peer does not read, and goes on when it does': noWait,
        'sends that wait go on in the order in which they were called': noWait,
        'no send overtakes one that waits': noWait,
        'a send that is cancelled while it waits is not sent': noWait,
        'flush waits for what was sent so far, and not for what is sent later': noWait,
        'a cancelled flush harms nothing': noWait,
        'closing outgoing waits for a peer that reads late': noWait,
        'sends and send cases that wait fail at our close, each with its value': noWait,
        'sends and send cases that wait fail at closing outgoing, each with its value': noWait,
        'sends and send cases that wait fail at a cut, each with its value': noWait,
        'unsent says how many messages never left': noWait,
        'a peer that reads nothing is cut after closeTimeoutMs, and what it missed is unsent': noWait,
        'flush fails with the CloseError if the connection ends before': noWait,
        'the peer closes with no code: incoming ends after the last message': otherCodes,
        'the peer closes with 1012: incoming fails after the last message': otherCodes,
        'the peer closes with 1013: incoming fails after the last message': otherCodes,
      }),
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
