import { channel } from 'chansel'
import { CloseError } from '@chansel/ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Ends } from './conformance/suite.ts'
import { acceptPeer, dialPeer } from './support/connecting.ts'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { type PeerServer, startPeerServer } from './support/peer-server.ts'
import type { Script } from './support/peer.ts'
import { eventually, expectPending, rejectionOf, thrownBy } from './support/pending.ts'

let server: PeerServer
beforeAll(async () => {
  server = await startPeerServer()
})
afterAll(() => server[Symbol.asyncDispose]())

expectNoSocketLeft()

const ENDS: readonly (readonly [name: string, connect: (script: Script) => Promise<Ends>])[] = [
  ['a server', (script) => acceptPeer(script)],
  ['a client', (script) => dialPeer(server, script)],
  ['a server that compresses', (script) => acceptPeer(script, { compression: true })],
]

async function* pieces<T>(...all: T[]): AsyncGenerator<T> {
  yield* all
}

/** An iterator of somebody else's, and what it does when it is let go of. */
function iterated(source: AsyncIterable<string>, letGo: () => unknown): AsyncIterable<string> {
  const iterator = source[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]: () => ({ next: () => iterator.next(), return: letGo as never }),
  }
}

function thrown(error: Error): never {
  throw error
}

describe.each(ENDS)('a message that is streamed by %s', (_, connect) => {
  test('is one message, of the kind of its pieces', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    await conn.sendStream(pieces('one, ', '', 'two, ', 'three'))
    await conn.sendStream(pieces(Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)))
    await conn.sendStream(pieces())
    await conn.outgoing.send('after')
    expect(await peer.received(4)).toEqual([
      { text: 'one, two, three' },
      { base64: 'AQID' },
      { base64: '' },
      { text: 'after' },
    ])
  })

  test('may be cut anywhere, within a character, too', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const text = 'é漢𝒳👩‍👩‍👧'
    await conn.sendStream(pieces(...text.split('')))
    await conn.sendStream(pieces('half of one: ', '\ud83d'))
    expect(await peer.received(2)).toEqual([{ text }, { text: 'half of one: \ufffd' }])
  })

  test('may come from a ReadableStream', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const sent = conn.sendStream(readable)
    const writer = writable.getWriter()
    await writer.write(Uint8Array.of(1))
    await writer.write(Uint8Array.of(2))
    await writer.close()
    await sent
    expect(await peer.received(1)).toEqual([{ base64: 'AQI=' }])
  })

  test('holds up other sends and streams, and no ping', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const source = channel<string>()
    void conn.outgoing.send('before')
    const streamed = conn.sendStream(source)
    await source.send('a')
    const later = [conn.outgoing.send('1'), conn.sendStream(pieces('2', '3')), conn.outgoing.send('4')]
    expect(conn.outgoing.trySend('no')).toBe(false)
    await expectPending(streamed, ...later)
    expect(await conn.ping()).toBeGreaterThan(0)
    await source.send('b')
    source.close()
    await Promise.all([streamed, ...later])
    expect(await peer.received(5)).toEqual(['before', 'ab', '1', '23', '4'].map((text) => ({ text })))
  })

  test('whose source fails is never a message: the connection closes with 1011', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const error = new Error('no more')
    const source = channel<string>(1)
    source.trySend('half')
    source.close(error)
    const waiting = conn.sendStream(source)
    const later = rejectionOf(conn.outgoing.send('later'))
    expect(await rejectionOf(waiting)).toBe(error)
    expect(await later).toBeInstanceOf(CloseError)
    expect(await conn.closed).toMatchObject({ code: 1011, by: 'local', unsent: 0 })
    expect(await peer.received(1)).toEqual([])
    expect(await peer.ended()).toEqual({ code: 1011, reason: '' })
  })

  test('that is cancelled once it has begun closes the connection with 1011', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const source = channel<string>()
    const controller = new AbortController()
    const waiting = conn.sendStream(source, controller)
    await source.send('half')
    await expectPending(waiting)
    controller.abort('enough')
    expect(await rejectionOf(waiting)).toBe('enough')
    expect(await peer.ended()).toEqual({ code: 1011, reason: '' })
  })

  test('that is cancelled, fails or is wrong before its first piece harms nothing', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const controller = new AbortController()
    const waiting = conn.sendStream(channel<string>(), controller)
    await expectPending(waiting)
    controller.abort('enough')
    expect(await rejectionOf(waiting)).toBe('enough')
    const failing = channel<string>()
    failing.close('broken')
    expect(await rejectionOf(conn.sendStream(failing))).toBe('broken')
    expect(await rejectionOf(conn.sendStream(pieces(42 as never)))).toBeInstanceOf(TypeError)
    const said = 'Cannot stream a message: expected an AsyncIterable or a ReadableStream, got'
    expect(thrownBy(() => conn.sendStream('text' as never))).toEqual(new TypeError(`${said} "text"`))
    expect(thrownBy(() => conn.sendStream(null as never))).toEqual(new TypeError(`${said} null`))
    await conn.outgoing.send('fine')
    expect(await peer.received(1)).toEqual([{ text: 'fine' }])
  })

  test('of pieces of two kinds fails', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const error = await rejectionOf(conn.sendStream(pieces<string | Uint8Array>('text', Uint8Array.of(1))))
    expect(error).toBeInstanceOf(TypeError)
    expect(await peer.ended()).toMatchObject({ code: 1011 })
  })

  test('ends with the connection while it waits for its source', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const source = channel<string>()
    const waiting = conn.sendStream(source)
    await source.send('half')
    await expectPending(waiting)
    await peer.cut()
    expect(await rejectionOf(waiting)).toBeInstanceOf(CloseError)
  })

  test('ends with the connection, and lets go of its source', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    let isReleased = false
    const source = {
      next: async () =>
        isReleased ? new Promise<never>(() => {}) : { value: 'piece', done: false as const },
      return: async () => {
        isReleased = true
        return { value: undefined, done: true as const }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
    const waiting = conn.sendStream(source as AsyncIterable<string>)
    await peer.cut()
    expect(await rejectionOf(waiting)).toBeInstanceOf(CloseError)
    await eventually('it has let go', () => isReleased)
  })

  test('may come from an iterator that answers at once', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const source = {
      [Symbol.asyncIterator]: () => ['on', 'e'].values() as unknown as AsyncIterator<string>,
    }
    await conn.sendStream(source)
    expect(await peer.received(1)).toEqual([{ text: 'one' }])
  })

  test.each<[how: string, letGo: () => unknown]>([
    ['throws', () => thrown(new Error('in return'))],
    ['rejects', () => Promise.reject(new Error('in return'))],
    ['gives no promise', () => ({ value: undefined, done: true })],
  ])('ends with 1011 and the reason of its cancel, though return of its source %s', async (_how, letGo) => {
    const { conn, peer } = await connect({ name: 'silent' })
    const source = channel<string>()
    const controller = new AbortController()
    const waiting = conn.sendStream(iterated(source, letGo), controller)
    const later = rejectionOf(conn.outgoing.send('later'))
    await source.send('half')
    await expectPending(waiting)
    controller.abort('enough')
    expect(await rejectionOf(waiting)).toBe('enough')
    expect(await later).toBeInstanceOf(CloseError)
    expect(await peer.ended()).toEqual({ code: 1011, reason: '' })
  })

  test('that had not begun harms nothing, though return of its source throws', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const controller = new AbortController()
    const source = iterated(channel<string>(), () => thrown(new Error('in return')))
    const waiting = conn.sendStream(source, controller)
    await expectPending(waiting)
    controller.abort('enough')
    expect(await rejectionOf(waiting)).toBe('enough')
    await conn.outgoing.send('fine')
    expect(await peer.received(1)).toEqual([{ text: 'fine' }])
  })

  test.each<[how: string, fail: (ends: Ends, source: ReadableStream<string>) => Promise<unknown>]>([
    [
      'the connection is over',
      async ({ conn }, source) => {
        await conn.close()
        return rejectionOf(conn.sendStream(source))
      },
    ],
    [
      'its cancel has fired',
      ({ conn }, source) => rejectionOf(conn.sendStream(source, { signal: AbortSignal.abort('enough') })),
    ],
    [
      'it is cancelled behind another',
      async ({ conn }, source) => {
        const controller = new AbortController()
        void conn.sendStream(channel<string>()).catch(() => {})
        const waiting = conn.sendStream(source, controller)
        await expectPending(waiting)
        controller.abort('enough')
        return rejectionOf(waiting)
      },
    ],
    [
      'it is cancelled while it waits for a piece',
      async ({ conn }, source) => {
        const controller = new AbortController()
        const waiting = conn.sendStream(source, controller)
        await expectPending(waiting)
        controller.abort('enough')
        return rejectionOf(waiting)
      },
    ],
    [
      'the connection ends while it waits for a piece',
      async ({ conn, peer }, source) => {
        const waiting = conn.sendStream(source)
        await expectPending(waiting)
        await peer.cut()
        return rejectionOf(waiting)
      },
    ],
  ])('lets go of its ReadableStream, and says why, when %s', async (_how, fail) => {
    let reason: unknown
    const source = new ReadableStream<string>({ cancel: (given) => void (reason = given) })
    const error = await fail(await connect({ name: 'silent' }), source)
    expect(error).toBeDefined()
    expect(reason).toBe(error)
    expect(source.locked).toBe(false)
  })

  test('unlocks its ReadableStream at its end, and where that fails', async () => {
    const { conn } = await connect({ name: 'silent' })
    const whole = new Response('whole').body!
    await conn.sendStream(whole)
    expect(whole.locked).toBe(false)
    const failing = new ReadableStream<string>({ start: (controller) => controller.error('broken') })
    expect(await rejectionOf(conn.sendStream(failing))).toBe('broken')
    expect(failing.locked).toBe(false)
  })

  test('lets go of an iterator that it never asked, and not of one that is over by itself', async () => {
    const { conn } = await connect({ name: 'silent' })
    const released: string[] = []
    const source = (name: string, pieces: AsyncIterable<string>): AsyncIterable<string> =>
      iterated(pieces, () => void released.push(name))
    const failing = channel<string>()
    failing.close('broken')
    expect(await rejectionOf(conn.sendStream(source('failed', failing)))).toBe('broken')
    await conn.sendStream(source('whole', pieces('whole')))
    await conn.close()
    await rejectionOf(conn.sendStream(source('refused', pieces('never'))))
    expect(released).toEqual(['refused'])
  })

  test('under a wrong cancel throws at once, and its source is as it was', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const source = new Response('whole').body!
    for (const wrong of [5, {}, new AbortController().signal]) {
      expect(thrownBy(() => conn.sendStream(source, wrong as never))).toBeInstanceOf(TypeError)
    }
    expect(source.locked).toBe(false)
    source.getReader()
    expect(thrownBy(() => conn.sendStream(source))).toBeInstanceOf(TypeError)
    await conn.outgoing.send('fine')
    expect(await peer.received(1)).toEqual([{ text: 'fine' }])
  })
})

test('a message that is streamed waits for the peer, with little of it in memory', async () => {
  const { conn, peer } = await acceptPeer({ name: 'deaf' })
  const piece = new Uint8Array(64 * 1024).fill(7)
  let taken = 0
  async function* source(): AsyncGenerator<Uint8Array> {
    for (; taken < 512; taken++) yield piece
  }
  const streamed = conn.sendStream(source())
  await eventually('something was taken', () => taken > 0)
  await expectPending(streamed)
  const before = taken
  await expectPending(streamed)
  // 32 MiB are more than all buffers between the two hold.
  expect(taken).toBeLessThan(512)
  expect(taken).toBe(before)
  await peer.read()
  await streamed
  const [message] = await peer.received(1)
  expect(Buffer.from((message as { base64: string }).base64, 'base64').length).toBe(512 * piece.length)
}, 20_000)
