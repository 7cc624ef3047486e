// What a log shows of a connection, a hub and a listener.

import { inspect } from 'node:util'
import { dial, json, redial, withCodec } from '@chansel/ws'
import { Hub } from '@chansel/ws/server'
import { pipe } from '@chansel/ws/testing'
import { expect, test } from 'vitest'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually } from './support/pending.ts'
import { listening } from './support/serving.ts'

expectNoSocketLeft()

test('a connection says its state, what nobody received, and what did not leave', async () => {
  const [ours, theirs] = pipe({ protocol: 'chat' }, { incomingCapacity: 2 })
  for (let i = 0; i < 3; i++) await ours.outgoing.send('secret')
  await eventually('two were read', () => theirs.incoming.length === 2)
  expect(inspect(ours)).toBe(
    "Connection { url: 'ws://pipe/', protocol: 'chat', state: 'open', unread: 0, unsent: 1 }",
  )
  expect(inspect(theirs)).toContain("state: 'open', unread: 2, unsent: 0")
  expect(inspect(theirs.incoming)).toMatch(/^Channel { name: 'incoming', length: 2, capacity: 2, /)
  expect(inspect(ours.outgoing)).toMatch(/^Channel { name: 'outgoing', length: 1, .*waitingSenders: 0 }$/)
  const end = ours.close(3000, 'enough')
  expect(inspect(ours)).toContain("state: 'closing'")
  for (let i = 0; i < 3; i++) await theirs.incoming.receive()
  await end
  expect(inspect(ours)).toContain(
    "state: 'closed', unread: 0, unsent: 0, code: 3000, reason: 'enough', wasClean: true, by: 'local' }",
  )
})

test('what is made of a connection shows it', async () => {
  const { listener, url } = await listening()
  await using conn = redial(url)
  await conn.outgoing.send('hello')
  await (await listener.connections.receive()).value!.incoming.receive()
  expect(inspect(conn)).toMatch(
    /^RedialConnection { url: 'ws:.*', attempt: 1, .*connection: Connection { url: /,
  )
  const typed = withCodec(pipe()[0], json())
  expect(inspect(typed)).toMatch(/^TypedConnection { unread: 0, connection: Connection { /)
})

test('a hub and a listener say how many there are', async () => {
  const { listener, url } = await listening()
  expect(inspect(listener)).toBe("Listener { state: 'open', connections: 0, handshakes: 0, handling: 0 }")
  const client = await dial(url)
  const { value: conn } = await listener.connections.receive()
  const hub = new Hub({ capacity: 8 })
  hub.join('news', conn!)
  hub.join('sports', conn!)
  expect(inspect(hub)).toBe(
    "Hub { rooms: 2, members: 1, slow: 'disconnect', capacity: 8, dropped: 0, disconnected: 0 }",
  )
  expect(inspect(listener)).toContain('connections: 1')
  const closed = listener.close()
  expect(inspect(listener)).toContain("state: 'closing', connections: 1")
  await Promise.all([closed, client.closed])
  expect(inspect(listener)).toContain("state: 'closed', connections: 0")
})
