import { IncomingMessage } from 'node:http'
import { queryObjects } from 'node:v8'
import { dial } from '@chansel/ws'
import { serve } from '@chansel/ws/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { collectGarbage, isCollected } from '../../core/test/support/gc.ts'
import { encodeFrame } from './support/frames.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually } from './support/pending.ts'
import { handshake, rawClient } from './support/raw-client.ts'
import { listening, wsClient } from './support/serving.ts'

expectNoSocketLeft()

test('a handler that runs keeps the request alive only if it uses it', async () => {
  let request: WeakRef<IncomingMessage> | undefined
  const begin = (given: IncomingMessage): void => void (request = new WeakRef(given))
  const listener = await serve({ port: 0 }, (conn, given) => {
    begin(given)
    return conn.closed.then(() => {})
  })
  onTestFinished(() => listener.close({ graceMs: 0 }))
  await wsClient(`ws://127.0.0.1:${listener.address.port}`)
  await eventually('the handler runs', () => request !== undefined)
  expect(await isCollected(request!)).toBe(true)
})

test('an open connection keeps neither the request that was accepted nor the answer to a dial', async () => {
  const { listener, url } = await listening()
  const before = queryObjects(IncomingMessage)
  await using conn = await dial(url)
  const { value } = await listener.connections.receive()
  await eventually('both are free', () => queryObjects(IncomingMessage) <= before)
  expect([conn.ctx.err, value!.ctx.err]).toEqual([undefined, undefined])
})

test('an accepted connection has no listeners on its WebSocket', async () => {
  const on = vi.spyOn(WebSocket.prototype, 'on')
  onTestFinished(() => on.mockRestore())
  const { listener, port } = await listening()
  const client = await rawClient(port, handshake())
  const { value: conn } = await listener.connections.receive()
  client.socket.write(encodeFrame({ opcode: 1, hex: '78' }, true))
  expect(await conn!.incoming.receive()).toEqual({ value: 'x', ok: true })
  expect(on.mock.calls.map(([event]) => event)).toEqual([])
})

test('short binary messages that wait do not keep the chunks in which they came', async () => {
  const { listener, port } = await listening({ incomingCapacity: 100 })
  const client = await rawClient(port, handshake())
  await client.answer()
  const { value: conn } = await listener.connections.receive()
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  // Before each message, something that fills a chunk and leaves nothing behind: pongs that nobody asked for.
  const pongs = Array.from({ length: 500 }, () => encodeFrame({ opcode: 10, hex: '00'.repeat(125) }, true))
  const chunk = Buffer.concat([...pongs, encodeFrame({ opcode: 2, hex: '00'.repeat(16) }, true)])
  for (let i = 1; i <= 64; i++) {
    client.socket.write(chunk)
    await eventually('it arrived', () => conn!.incoming.length === i)
  }
  // 64 chunks of 64 KiB would be 4 MiB. What was read may be freed some turns after it became garbage.
  await eventually('all but a few chunks are freed', () => {
    collectGarbage()
    return process.memoryUsage().arrayBuffers - before < 1024 * 1024
  })
})
