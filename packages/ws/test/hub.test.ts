import { inspect } from 'node:util'
import { channel, receiveOnly } from 'chansel'
import { type Connection, type ConnectionOptions, type Message, json, withCodec, wrap } from '@chansel/ws'
import { Hub, listen } from '@chansel/ws/server'
import { pipe } from '@chansel/ws/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { acceptPeer } from './support/connecting.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually, expectPending, rejectionOf, settle, thrownBy } from './support/pending.ts'
import { fill } from './support/receiving.ts'

expectNoSocketLeft()

const CHUNK = new Uint8Array(64 * 1024)

async function joined(hub: Hub, room = 'room', options?: ConnectionOptions) {
  const ends = await acceptPeer({ name: 'silent' }, options)
  return { ...ends, leave: hub.join(room, ends.conn) }
}

/** A member whose peer does not read and for which there is no more room. */
async function stuckMember(hub: Hub, closeTimeoutMs = 100) {
  const { conn, peer } = await acceptPeer({ name: 'deaf' }, { closeTimeoutMs })
  const leave = hub.join('room', conn)
  const { accepted, waiting } = await fill(conn, CHUNK)
  return { conn, peer, before: accepted + 1, waiting, leave }
}

describe('a hub', () => {
  test('sends what is published to every member of the room, and to nobody else', async () => {
    const hub = new Hub()
    const members = await Promise.all([joined(hub), joined(hub), joined(hub)])
    const other = await joined(hub, 'another room')
    expect(hub.publish('room', 'text')).toBe(3)
    expect(hub.publish('room', Uint8Array.of(1, 2))).toBe(3)
    expect(hub.publish('another room', 'other')).toBe(1)
    expect(hub.publish('empty', 'nobody')).toBe(0)
    for (const { peer } of members) {
      expect(await peer.received(2)).toEqual([{ text: 'text' }, { base64: 'AQI=' }])
    }
    expect(await other.peer.received(1)).toEqual([{ text: 'other' }])
  })

  test.each([
    ['a short text', 'héllo'],
    ['a long text', '漢'.repeat(40_000)],
    ['a text of 4,093 bytes, the longest whose frame is copied, and a little more', 'x'.repeat(4_093)],
    ['many bytes', 'y'.repeat(5_000)],
    ['an empty text', ''],
  ])('keeps the message what it was: %s', async (_, message) => {
    const hub = new Hub()
    const members = await Promise.all([joined(hub), joined(hub)])
    hub.publish('room', message)
    hub.publish('room', 'next')
    for (const { peer } of members)
      expect(await peer.received(2)).toEqual([{ text: message }, { text: 'next' }])
  })

  test('keeps the order with what members are sent besides', async () => {
    const hub = new Hub()
    const { conn, peer } = await joined(hub)
    for (let i = 0; i < 300; i += 3) {
      void conn.outgoing.send(String(i))
      hub.publish('room', String(i + 1))
      conn.outgoing.trySend(String(i + 2))
    }
    expect(await peer.counted(300)).toEqual({ messages: 300, inOrder: 300 })
  })

  test('works for connections of any kind: compressed, masked, of another make', async () => {
    const hub = new Hub()
    const listener = await listen({ port: 0, compression: true })
    onTestFinished(() => listener.close({ graceMs: 0 }))
    const client = wrap(new WebSocket(`ws://127.0.0.1:${listener.address.port}`))
    const { value: server } = await listener.connections.receive()
    const outgoing = channel<Message>(1)
    const foreign: Connection = { ...strangerLike(server!), outgoing, incoming: server!.incoming }
    hub.join('room', client)
    hub.join('room', foreign)
    const text = 'compress me '.repeat(500)
    await client.outgoing.send('open')
    expect(await server!.incoming.receive()).toEqual({ value: 'open', ok: true })
    expect(hub.publish('room', text)).toBe(2)
    expect(await server!.incoming.receive()).toEqual({ value: text, ok: true })
    expect(outgoing.tryReceive()).toEqual({ value: text, ok: true })
    await client.close()
  })

  test('joining twice is once, and leaving is leaving', async () => {
    const hub = new Hub()
    const { conn, peer, leave } = await joined(hub)
    hub.join('room', conn)
    expect(hub.size('room')).toBe(1)
    expect(hub.publish('room', 'once')).toBe(1)
    leave()
    leave()
    expect(hub.size('room')).toBe(0)
    expect(hub.publish('room', 'never')).toBe(0)
    hub.join('room', conn)
    leave() // of a membership that is over
    expect(hub.size('room')).toBe(1)
    hub.publish('room', 'again')
    expect(await peer.received(2)).toEqual([{ text: 'once' }, { text: 'again' }])
  })

  test.each([[undefined], [null], [{}], ['conn'], [channel()]])(
    '%s joins nothing: a TypeError at once',
    (conn) => {
      const error = thrownBy(() => new Hub().join('room', conn as never)) as Error
      expect(error.message).toMatch(/^Cannot join a room: expected a connection, got/)
    },
  )

  test('a connection may be in several rooms, which are any values', async () => {
    const hub = new Hub<object>()
    const [a, b] = [{}, {}]
    const { conn, peer } = await acceptPeer({ name: 'silent' })
    hub.join(a, conn)
    const leave = hub.join(b, conn)
    expect(hub.publish(a, 'a') + hub.publish(b, 'b')).toBe(2)
    leave()
    expect([hub.size(a), hub.size(b)]).toEqual([1, 0])
    expect(await peer.received(2)).toEqual([{ text: 'a' }, { text: 'b' }])
  })

  test('a connection that ended has left, and one that has ended joins nothing', async () => {
    const hub = new Hub()
    const { conn, peer } = await joined(hub)
    hub.join('other', conn)
    await peer.cut()
    await conn.closed
    expect([hub.size('room'), hub.size('other')]).toEqual([0, 0])
    const isEmpty = (): boolean => inspect(hub).startsWith('Hub { rooms: 0, members: 0')
    await eventually('nothing of it is kept', isEmpty)
    hub.join('room', conn)
    expect([hub.size('room'), isEmpty()]).toEqual([0, true])
  })

  test('a connection has left in the step in which it ends', async () => {
    const hub = new Hub()
    const [conn, peer] = pipe()
    const [other] = pipe()
    hub.join('room', conn)
    hub.join('room', other)
    const sizes: number[] = []
    const counts: number[] = []
    const hear = async (): Promise<void> => {
      for await (const _ of conn.incoming);
      sizes.push(hub.size('room'))
      counts.push(hub.publish('room', 'news'))
    }
    const heard = [hear(), hear()]
    conn.ctx.signal.addEventListener('abort', () => sizes.push(hub.size('room')))
    await peer.close()
    await Promise.all(heard)
    expect([sizes, counts]).toEqual([
      [1, 1, 1],
      [1, 1],
    ])
    await other.close()
  })

  test('a member that is closing is not counted', async () => {
    const hub = new Hub()
    const { conn } = await joined(hub)
    void conn.close()
    expect(hub.publish('room', 'late')).toBe(0)
    expect(await hub.publishAndWait('room', 'late')).toBe(0)
  })

  test('a member with capacity messages waiting is disconnected with 1013, the others are not', async () => {
    const hub = new Hub({ capacity: 3 })
    const { conn } = await stuckMember(hub)
    const { peer } = await joined(hub)
    const counts = Array.from({ length: 5 }, (_, i) => hub.publish('room', String(i)))
    expect(counts).toEqual([2, 2, 2, 1, 1])
    expect(hub.size('room')).toBe(1)
    expect([hub.disconnected, hub.dropped]).toEqual([1, 0])
    expect(await conn.closed).toMatchObject({ by: 'local' })
    expect(await peer.counted(5)).toEqual({ messages: 5, inOrder: 5 })
  })

  test('the peer of a member that is too slow is told 1013', async () => {
    const hub = new Hub({ capacity: 1 })
    const { peer } = await stuckMember(hub, 60_000)
    for (let i = 0; i < 3; i++) hub.publish('room', String(i))
    await peer.read()
    expect(await peer.ended()).toEqual({ code: 1013, reason: 'too slow' })
  })

  test('or its oldest messages are dropped', async () => {
    const hub = new Hub({ slow: 'drop-oldest', capacity: 3 })
    const { peer, before, waiting } = await stuckMember(hub)
    const counts = Array.from({ length: 10 }, (_, i) => hub.publish('room', String(i)))
    expect(counts).toEqual(Array.from({ length: 10 }, () => 1))
    expect([hub.disconnected, hub.dropped]).toEqual([0, 7])
    await peer.read()
    await waiting
    const kept = await peer.received(before + 3)
    expect(kept.slice(before)).toEqual([{ text: '7' }, { text: '8' }, { text: '9' }])
  })

  test('or all but the newest, also where time passes between them', async () => {
    const hub = new Hub({ slow: 'drop-oldest', capacity: 1 })
    const { peer, before, waiting } = await stuckMember(hub)
    for (let i = 0; i < 10; i++) {
      expect(hub.publish('room', String(i))).toBe(1)
      await (i % 3 === 0 ? settle() : Promise.resolve())
    }
    await peer.read()
    await waiting
    const kept = await peer.received(before + 1)
    expect(kept.slice(before)).toEqual([{ text: '9' }])
    expect(hub.dropped).toBe(9)
  })

  test('what the connection took in the same step is not dropped, and does not count', async () => {
    const hub = new Hub({ slow: 'drop-oldest', capacity: 1 })
    const { conn } = await acceptPeer({ name: 'silent' })
    const outgoing = channel<Message>(1)
    hub.join('room', { ...strangerLike(conn), outgoing, incoming: conn.incoming })
    for (const message of ['0', '1']) hub.publish('room', message)
    await settle()
    const received = [outgoing.tryReceive()]
    hub.publish('room', '2')
    for (let i = 0; i < 2; i++) {
      await settle()
      received.push(outgoing.tryReceive())
    }
    expect(received.map((got) => got?.value)).toEqual(['0', '1', '2'])
    expect(hub.dropped).toBe(0)
  })

  test('what somebody waits for is not dropped', async () => {
    const hub = new Hub({ slow: 'drop-oldest', capacity: 2 })
    const { peer, before, waiting } = await stuckMember(hub)
    hub.publish('room', 'being sent')
    const published = hub.publishAndWait('room', 'waited for')
    for (let i = 0; i < 5; i++) hub.publish('room', String(i))
    await peer.read()
    await waiting
    expect(await published).toBe(1)
    const kept = await peer.received(before + 2)
    expect(kept.slice(before)).toEqual(['waited for', '4'].map((text) => ({ text })))
    expect(hub.dropped).toBe(5)
  })

  test('publishAndWait waits until every member took it, in order with what was published', async () => {
    const hub = new Hub({ capacity: 1 })
    const { peer, before, waiting } = await stuckMember(hub)
    await joined(hub)
    hub.publish('room', 'first')
    const published = [hub.publishAndWait('room', 'second'), hub.publishAndWait('room', 'third')]
    await expectPending(...published)
    await peer.read()
    await waiting
    expect(await Promise.all(published)).toEqual([2, 2])
    const kept = await peer.received(before + 3)
    expect(kept.slice(before)).toEqual([{ text: 'first' }, { text: 'second' }, { text: 'third' }])
  })

  test('a member that leaves and joins again gets what it is sent in order', async () => {
    const hub = new Hub()
    const { conn, peer, before, waiting, leave } = await stuckMember(hub)
    for (let i = 0; i < 5; i++) hub.publish('room', `before ${i}`)
    leave()
    expect(hub.publish('room', 'between')).toBe(0)
    hub.join('room', conn)
    for (let i = 0; i < 5; i++) hub.publish('room', `after ${i}`)
    await peer.read()
    await waiting
    const kept = await peer.received(before + 10)
    const expected = ['before', 'after'].flatMap((when) =>
      [0, 1, 2, 3, 4].map((i) => ({ text: `${when} ${i}` })),
    )
    expect(kept.slice(before)).toEqual(expected)
  })

  test('no message overtakes those that wait, whenever it is published', async () => {
    const hub = new Hub()
    const { peer, before, waiting } = await stuckMember(hub)
    const count = 200
    for (let i = 0; i < 20; i++) hub.publish('room', String(i))
    await peer.read()
    await waiting
    for (let i = 20; i < count; i++) {
      hub.publish('room', String(i))
      await (i % 3 === 0 ? settle() : Promise.resolve())
    }
    const kept = await peer.received(before + count)
    expect(kept.slice(before)).toEqual(Array.from({ length: count }, (_, i) => ({ text: String(i) })))
  })

  test('a publishAndWait that is cancelled is not sent to those who had not taken it', async () => {
    const hub = new Hub()
    const { peer, before, waiting } = await stuckMember(hub)
    const controller = new AbortController()
    const published = hub.publishAndWait('room', 'never', controller)
    await expectPending(published)
    controller.abort('enough')
    expect(await rejectionOf(published)).toBe('enough')
    expect(await rejectionOf(hub.publishAndWait('room', 'nor this', controller))).toBe('enough')
    hub.publish('room', 'last')
    await peer.read()
    await waiting
    expect((await peer.received(before + 1)).at(-1)).toEqual({ text: 'last' })
  })

  test.each(['disconnect', 'drop-oldest'] as const)(
    'what was cancelled counts no more from that step on, also while it was being sent, under %s',
    async (slow) => {
      const hub = new Hub({ slow, capacity: 5 })
      const [conn, peer] = pipe({ highWaterMarkBytes: 1 }, { incomingCapacity: 1 })
      hub.join('room', conn)
      const { accepted, waiting } = await fill(conn, 'full')
      const controller = new AbortController()
      const publishAndWait = () => rejectionOf(hub.publishAndWait('room', 'never', controller))
      const counts: number[] = []
      const cancelled = [publishAndWait()]
      for (const text of ['first', 'second']) {
        counts.push(hub.publish('room', text))
        cancelled.push(publishAndWait())
      }
      controller.abort('enough')
      for (const text of ['third', 'fourth', 'fifth']) counts.push(hub.publish('room', text))
      expect(counts).toEqual([1, 1, 1, 1, 1])
      expect([hub.disconnected, hub.dropped]).toEqual([0, 0])
      expect(await Promise.all(cancelled)).toEqual(['enough', 'enough', 'enough'])
      const texts: unknown[] = []
      for (let i = 0; i < accepted + 6; i++) texts.push((await peer.incoming.receive()).value)
      await waiting
      expect(texts.slice(-6)).toEqual(['full', 'first', 'second', 'third', 'fourth', 'fifth'])
      await conn.close()
    },
  )

  test('a publishAndWait under what is no cancel is told so', async () => {
    const hub = new Hub()
    for (const wrong of [new AbortController().signal, null, 5]) {
      const error = await rejectionOf(hub.publishAndWait('room', 'never', wrong as never))
      expect(error).toBeInstanceOf(TypeError)
      expect((error as Error).message).toContain('Cannot follow a cancel')
    }
  })

  test('drop-oldest counts the new message where somebody waits for all that are older', async () => {
    const hub = new Hub({ slow: 'drop-oldest', capacity: 1 })
    const { peer } = await stuckMember(hub)
    const published = hub.publishAndWait('room', 'waited for')
    expect([hub.publish('room', 'lost'), hub.dropped]).toEqual([0, 1])
    await peer.cut()
    await published
  })

  test('a publishAndWait whose cancel fired already is sent to nobody', async () => {
    const hub = new Hub()
    const { peer } = await joined(hub)
    const cancel = { signal: AbortSignal.abort('before') }
    expect(await rejectionOf(hub.publishAndWait('room', 'never', cancel))).toBe('before')
    hub.publish('room', 'first')
    expect(await peer.received(1)).toEqual([{ text: 'first' }])
  })

  test('a member that ends is not waited for', async () => {
    const hub = new Hub()
    const { peer } = await stuckMember(hub)
    await joined(hub)
    const published = hub.publishAndWait('room', 'message')
    await expectPending(published)
    await peer.cut()
    expect(await published).toBe(1)
  })

  test('wrong arguments throw at once', async () => {
    const hub = new Hub()
    expect(thrownBy(() => hub.publish('room', 42 as never))).toBeInstanceOf(TypeError)
    expect(await rejectionOf(hub.publishAndWait('room', {} as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => new Hub({ slow: 'wait' as never }))).toEqual(
      new TypeError(`Cannot use option slow: expected 'disconnect' or 'drop-oldest', got "wait"`),
    )
    expect(thrownBy(() => new Hub(null as never))).toEqual(
      new TypeError('Cannot make a hub: options must be an object, got null'),
    )
    expect(thrownBy(() => new Hub(1 as never))).toEqual(
      new TypeError('Cannot make a hub: options must be an object, got 1'),
    )
    expect(thrownBy(() => new Hub({ capacity: 0 }))).toBeInstanceOf(RangeError)
    expect(thrownBy(() => new Hub({ capacity: '9' as never }))).toBeInstanceOf(TypeError)
  })
})

test('refuses a connection with a codec, which would encode what is published once more', () => {
  const [conn] = pipe()
  const hub = new Hub()
  const typed = [
    withCodec(conn, json<any>()),
    withCodec(conn, { decode: String, encode: (text: Message) => text }),
  ]
  for (const conn of typed)
    expect(() => hub.join('room', conn as unknown as Connection)).toThrow(
      new TypeError('Cannot join a room: expected the connection itself, got one with a codec'),
    )
  expect(hub.publish('room', 'text')).toBe(0)
  hub.join('room', conn)
  expect(hub.publish('room', 'text')).toBe(1)
})

/** The members that a hub may use of a connection that is not of this library. */
function strangerLike({ ctx, closed, protocol, url }: Connection) {
  return {
    ctx,
    closed,
    protocol,
    url,
    close: async () => closed,
    flush: async () => {},
    incomingStreams: receiveOnly(channel<never>()),
    sendStream: async () => {},
    ping: async () => 0,
    [Symbol.asyncDispose]: async () => {},
  }
}
