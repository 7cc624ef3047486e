// Bytes of another realm, an iframe, a vm context or a test environment: no `instanceof` recognises them.

import { runInNewContext } from 'node:vm'
import { select, sendCase } from 'chansel'
import { dial, withCodec, wrap } from '@chansel/ws'
import { Hub, serve } from '@chansel/ws/server'
import { pipe } from '@chansel/ws/testing'
import { expect, onTestFinished, test } from 'vitest'
import { expectNoSocketLeft } from './support/nothing-left.ts'

expectNoSocketLeft()

const foreign = (): Uint8Array => runInNewContext('new Uint8Array([1, 2])')
const own = Uint8Array.of(1, 2)

test('they are no Uint8Array of this realm, which is the point', () => {
  expect(foreign()).not.toBeInstanceOf(Uint8Array)
})

test.each<[string, (ends: ReturnType<typeof pipe>) => unknown]>([
  ['send', ([conn]) => conn.outgoing.send(foreign())],
  ['trySend', ([conn]) => conn.outgoing.trySend(foreign())],
  ['a send case', ([conn]) => select([sendCase(conn.outgoing, foreign())])],
  [
    'a publish',
    ([conn]) => {
      const hub = new Hub()
      hub.join('room', conn)
      hub.publish('room', foreign())
    },
  ],
  ['a codec', ([conn]) => withCodec(conn, { decode: String, encode: foreign }).outgoing.send('value')],
  [
    'a stream of pieces',
    ([conn]) =>
      conn.sendStream(
        (async function* () {
          yield foreign()
        })(),
      ),
  ],
])('J18 bytes of another realm are sent by %s', async (_, send) => {
  const ends = pipe()
  const sent = send(ends)
  const { value } = await ends[1].incoming.receive()
  expect(value).toEqual(own)
  expect(value).toBeInstanceOf(Uint8Array)
  await sent
  await ends[0].close()
})

test('J18 bytes of another realm are sent over a socket', async () => {
  await using listener = await serve({ port: 0 }, async (conn) => {
    for await (const message of conn.incoming) await conn.outgoing.send(message)
  })
  const url = `ws://127.0.0.1:${listener.address.port}`
  await using conn = await dial(url)
  await conn.outgoing.send(foreign())
  expect((await conn.incoming.receive()).value).toEqual(own)
})

test('J18 bytes that a WebSocket of another realm brings are a message', async () => {
  const socket = new PageSocket()
  const conn = wrap(socket)
  onTestFinished(() => socket.close())
  const data: unknown = runInNewContext('new Uint8Array([1, 2]).buffer')
  socket.dispatchEvent(Object.assign(new Event('message'), { data }))
  const { value } = await conn.incoming.receive()
  expect(value).toBeInstanceOf(Uint8Array)
  expect(value).toEqual(own)
})

/** As an iframe's WebSocket looks from outside. */
class PageSocket extends EventTarget {
  readonly url = 'ws://page/'
  readonly protocol = ''
  readonly bufferedAmount = 0
  readyState = 1
  binaryType = 'blob'
  send(): void {}
  close(): void {
    this.readyState = 3
    this.dispatchEvent(Object.assign(new Event('close'), { code: 1000, reason: '' }))
  }
}
