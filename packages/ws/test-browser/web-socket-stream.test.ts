import { describe, expect, onTestFinished, test } from 'vitest'
import { describeTransport } from '../test/conformance.ts'
import { pass } from '../test/support/pending.ts'
import { collect } from '../test/support/receiving.ts'
import { connect, describePage, pageCode, skippedInPages } from './support/page.ts'

const crash = 'Chromium 156 crashes the page if a WebSocketStream is cut while a write waits'

describe('WebSocketStream', () => {
  test('this browser has it', () => {
    expect('WebSocketStream' in globalThis).toBe(true)
  })

  describeTransport({
    name: 'a client in a page',
    connect,
    wireCode: pageCode,
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

  // Chromium forgets what was not read when the peer closes. That has to be reported.
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
