import { channel, select, sendCase, trySelect } from 'chansel'
import { CloseError, type Codec, CodecError, type Message, SchemaError, json, withCodec } from '@chansel/ws'
import { cut, pipe } from '@chansel/ws/testing'
import * as v from 'valibot'
import { describe, expect, onTestFinished, test } from 'vitest'
// Its name `z` is not there under vitest on Bun.
import * as z from 'zod'
import { eventually, expectPending, rejectionOf, settle, thrownBy } from './support/pending.ts'

/** Our end, with a codec, and the other. */
function coded<In, Out>(codec: Codec<In, Out>, options: Parameters<typeof pipe>[0] = {}) {
  const [ours, peer] = pipe(options, {})
  onTestFinished(() => cut(peer))
  return { conn: withCodec(ours, codec), raw: ours, peer }
}

/** Decodes when told to. */
function slowly(): Codec<string, string> & { readonly asked: string[]; done(): void } {
  const asked: string[] = []
  const done = channel<void>(Infinity)
  return {
    asked,
    done: () => void done.trySend(),
    async decode(message) {
      asked.push(String(message))
      await done.receive()
      return `<${String(message)}>`
    },
    encode: (value) => value,
  }
}

async function sendAll(peer: { outgoing: { send(message: Message): Promise<void> } }, ...texts: Message[]) {
  for (const text of texts) await peer.outgoing.send(text)
}

describe('a decoded half', () => {
  test('gives values in the order of their messages', async () => {
    const { conn, peer } = coded(json<number>())
    await sendAll(peer, '1', '2', '3')
    void peer.close()
    const values: number[] = []
    for await (const value of conn.incoming) values.push(value)
    expect(values).toEqual([1, 2, 3])
  })

  test('awaits a decode before the next message is decoded', async () => {
    const codec = slowly()
    const { conn, peer } = coded(codec)
    await sendAll(peer, 'a', 'b')
    const received = conn.incoming.receive()
    await expectPending(received)
    expect(codec.asked).toEqual(['a'])
    codec.done()
    expect(await received).toEqual({ value: '<a>', ok: true })
    await settle()
    expect(codec.asked).toEqual(['a', 'b'])
    codec.done()
    expect(await conn.incoming.receive()).toEqual({ value: '<b>', ok: true })
  })

  test('a receive that is cancelled while its message is decoded loses nothing', async () => {
    const codec = slowly()
    const { conn, peer } = coded(codec)
    await sendAll(peer, 'a', 'b')
    const controller = new AbortController()
    const received = conn.incoming.receive(controller)
    await eventually('it is being decoded', () => codec.asked.length === 1)
    controller.abort('enough')
    expect(await rejectionOf(received)).toBe('enough')
    codec.done()
    codec.done()
    expect(await conn.incoming.receive()).toEqual({ value: '<a>', ok: true })
    expect(await conn.incoming.receive()).toEqual({ value: '<b>', ok: true })
  })

  test('length counts what waits, decoded or not; tryReceive and trySelect take it', async () => {
    const { conn, peer } = coded(json<number>())
    expect(conn.incoming).toMatchObject({ length: 0, capacity: 64, name: 'incoming' })
    expect(conn.incoming.tryReceive()).toBeUndefined()
    await sendAll(peer, '1', '2', '3')
    await eventually('all are here', () => conn.incoming.length === 3)
    expect(conn.incoming.tryReceive()).toEqual({ value: 1, ok: true })
    await settle()
    expect(trySelect([conn.incoming])).toEqual({ case: 0, value: 2, ok: true })
    await settle()
    expect(conn.incoming.length).toBe(1)
  })

  test('a message that is being decoded counts in the length', async () => {
    const codec = slowly()
    const { conn, peer } = coded(codec)
    await sendAll(peer, 'a', 'b')
    await eventually('it is being decoded', () => codec.asked.length === 1)
    expect(conn.incoming.length).toBe(2)
    codec.done()
    await settle()
    expect(conn.incoming.length).toBe(2)
  })

  test('is a case of a select, and a loser takes nothing', async () => {
    const { conn, peer } = coded(json<number>())
    const other = channel<string>(1)
    other.trySend('other')
    expect(await select({ value: conn.incoming, other })).toMatchObject({ case: 'other' })
    const selecting = select({ value: conn.incoming, other })
    await sendAll(peer, '7')
    expect(await selecting).toEqual({ case: 'value', value: 7, ok: true })
  })

  test('stops the peer while nobody receives: one message is decoded ahead', async () => {
    let decoded = 0
    const count: Codec<string, string> = {
      decode: (message) => {
        decoded++
        return message as string
      },
      encode: (value) => value,
    }
    const { conn, peer } = coded(count, { incomingCapacity: 4 })
    for (let i = 0; i < 10_000 && peer.outgoing.trySend('x'.repeat(1_000)); i++) await settle()
    expect(decoded).toBe(1)
    expect(conn.incoming.length).toBe(5)
    expect(peer.outgoing.length).toBeGreaterThan(0)
  })

  test.each([
    ['the peer closes with 1000', { code: 1000 }, undefined],
    ['the peer closes with 4000', { code: 4000 }, { closeCode: 4000, by: 'remote' }],
    ['a cut', 'cut', { closeCode: 1006, by: 'network' }],
  ] as const)('ends as the connection does, after the last value: %s', async (_, end, failure) => {
    const { conn, peer } = coded(json<number>())
    await sendAll(peer, '1', '2')
    await peer.flush()
    if (end === 'cut') cut(peer)
    else void peer.close(end.code)
    await conn.closed
    expect([await conn.incoming.receive(), await conn.incoming.receive()].map((r) => r.value)).toEqual([1, 2])
    if (failure === undefined) {
      expect(await conn.incoming.receive()).toEqual({ value: undefined, ok: false })
      return
    }
    const error = await rejectionOf(conn.incoming.receive())
    expect(error).toBeInstanceOf(CloseError)
    expect(error).toMatchObject(failure)
    expect(error).toBe(conn.ctx.cause)
  })
})

describe('an encoded half', () => {
  test('sends what encode makes of values, by every way to send', async () => {
    const { conn, peer } = coded(json<unknown>())
    await conn.outgoing.send({ a: 1 })
    conn.outgoing.trySend([2])
    await select({ sent: sendCase(conn.outgoing, 'three') })
    const texts = [
      await peer.incoming.receive(),
      await peer.incoming.receive(),
      await peer.incoming.receive(),
    ]
    expect(texts.map(({ value }) => value)).toEqual(['{"a":1}', '[2]', '"three"'])
  })

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['a function', () => {}],
    ['a bigint', 1n],
    ['a circle', ((circle: unknown[]) => (circle.push(circle), circle))([])],
  ])('%s is a CodecError of that send, and nothing was sent', async (_, value) => {
    const { conn, peer } = coded(json<unknown>())
    const error = await rejectionOf(conn.outgoing.send(value))
    expect(error).toBeInstanceOf(CodecError)
    expect(error).toMatchObject({ code: 'ERR_WS_CODEC', direction: 'encode', name: 'CodecError' })
    expect((error as CodecError).cause).toBeInstanceOf(TypeError)
    expect(thrownBy(() => conn.outgoing.trySend(value))).toBeInstanceOf(CodecError)
    expect(thrownBy(() => sendCase(conn.outgoing, value))).toBeInstanceOf(CodecError)
    await conn.outgoing.send('after')
    expect(await peer.incoming.receive()).toEqual({ value: '"after"', ok: true })
  })

  test('a cancel that has fired already wins over what encode says, which is not called', async () => {
    const { conn } = coded({
      decode: () => 1,
      encode: () => {
        throw new Error('mine')
      },
    })
    const controller = new AbortController()
    controller.abort('enough')
    expect(await rejectionOf(conn.outgoing.send(1, controller))).toBe('enough')
  })

  test('an encode that gives no message is a CodecError', async () => {
    const { conn } = coded({ decode: () => 1, encode: () => 5 as never })
    expect(await rejectionOf(conn.outgoing.send(1))).toMatchObject({
      direction: 'encode',
      cause: expect.any(TypeError) as unknown,
    })
  })

  test('waits while the peer does not read', async () => {
    const { conn, peer } = coded(json<string>(), { highWaterMarkBytes: 1_000 })
    let accepted = 0
    while (conn.outgoing.trySend('x'.repeat(100))) {
      accepted++
      await settle()
    }
    const waiting = conn.outgoing.send('last')
    await expectPending(waiting)
    for (let i = 0; i < accepted; i++) await peer.incoming.receive()
    await waiting
    expect(await peer.incoming.receive()).toEqual({ value: '"last"', ok: true })
  })

  test('after the end fails with the CloseError, which carries the encoded value; close and closed pass through', async () => {
    const { conn } = coded(json<number>())
    expect(conn.outgoing).toMatchObject({ closed: false, length: 0, name: 'outgoing' })
    conn.outgoing.close()
    expect(conn.outgoing.closed).toBe(true)
    expect(await conn.closed).toMatchObject({ code: 1000, by: 'local' })
    expect(await rejectionOf(conn.outgoing.send(5))).toMatchObject({ code: 'ERR_WS_CLOSED', value: '5' })
  })
})

describe('a message that does not decode', () => {
  test('is refused with 1007: incoming fails, after the values before it, with the CodecError as cause', async () => {
    const { conn, raw, peer } = coded(json<number>())
    await sendAll(peer, '1', 'no JSON', '2')
    expect(await conn.incoming.receive()).toEqual({ value: 1, ok: true })
    const error = await rejectionOf(conn.incoming.receive())
    expect(error).toBeInstanceOf(CloseError)
    expect(error).toMatchObject({ closeCode: 1007, by: 'local' })
    expect((error as CloseError).cause).toBeInstanceOf(CodecError)
    expect((error as CloseError).cause).toMatchObject({ direction: 'decode', code: 'ERR_WS_CODEC' })
    expect(((error as CloseError).cause as Error).cause).toBeInstanceOf(SyntaxError)
    expect(await conn.closed).toMatchObject({ code: 1007, by: 'local', wasClean: true })
    expect(raw.ctx.cause).toBe(error)
    expect(await peer.closed).toMatchObject({ code: 1007, by: 'remote' })
  })

  test('is refused through another codec, too, with the CodecError as cause of all', async () => {
    const [ours, peer] = pipe()
    const bytes: Codec<Message, Message> = {
      decode: (message) => new TextDecoder().decode(message as Uint8Array),
      encode: (text) => new TextEncoder().encode(text as string),
    }
    const conn = withCodec(withCodec(ours, bytes), json<number>())
    await sendAll(peer, new TextEncoder().encode('1'), new TextEncoder().encode('no JSON'))
    expect(await conn.incoming.receive()).toEqual({ value: 1, ok: true })
    const error = await rejectionOf(conn.incoming.receive())
    expect(error).toMatchObject({ closeCode: 1007, cause: { code: 'ERR_WS_CODEC' } })
    expect(conn.ctx.cause).toBe(error)
    expect(await peer.closed).toMatchObject({ code: 1007, by: 'remote' })
  })

  test('as the last before the end is told, too', async () => {
    const { conn, peer } = coded(json<number>())
    await sendAll(peer, '1', 'no JSON')
    void peer.close()
    await conn.closed
    expect(await conn.incoming.receive()).toEqual({ value: 1, ok: true })
    expect(await rejectionOf(conn.incoming.receive())).toMatchObject({
      code: 'ERR_WS_CLOSED',
      closeCode: 1007,
      cause: { code: 'ERR_WS_CODEC' },
    })
  })

  test("is dropped by onInvalid 'skip'", async () => {
    const { conn, peer } = coded(json<number>(undefined, { onInvalid: 'skip' }))
    await sendAll(peer, '1', 'no JSON', '2')
    expect([await conn.incoming.receive(), await conn.incoming.receive()].map((r) => r.value)).toEqual([1, 2])
  })

  test('is given to an onInvalid that is a function, which is awaited, and dropped', async () => {
    const seen: unknown[] = []
    const go = channel<void>()
    const { conn, peer } = coded(
      json<number>(undefined, {
        onInvalid: async (error, message) => {
          seen.push(error, message)
          await go.receive()
        },
      }),
    )
    await sendAll(peer, 'no JSON', '2')
    const received = conn.incoming.receive()
    await expectPending(received)
    await go.send()
    expect(await received).toEqual({ value: 2, ok: true })
    expect(seen).toEqual([expect.any(CodecError), 'no JSON'])
  })

  test('takes the first answer of a thenable that gives several', async () => {
    const thenable = {
      then(resolve: (value: number) => void, reject: (error: unknown) => void) {
        resolve(1)
        resolve(2)
        reject(new Error('late'))
      },
    }
    const { conn, peer } = coded<number, string>({ decode: () => thenable as never, encode: String })
    await sendAll(peer, 'a')
    expect(await conn.incoming.receive()).toEqual({ value: 1, ok: true })
    await expectPending(conn.incoming.receive())
    expect(conn.ctx.err).toBe(undefined)
  })

  test.each([
    ['throws', () => { throw new Error('mine') }], // prettier-ignore
    ['rejects', async () => Promise.reject(new Error('mine'))],
  ])('for which onInvalid %s is refused with 1011, and what it threw is the cause', async (_, onInvalid) => {
    const { conn, peer } = coded(json<number>(undefined, { onInvalid }))
    await sendAll(peer, 'no JSON')
    expect(await rejectionOf(conn.incoming.receive())).toMatchObject({
      closeCode: 1011,
      cause: { message: 'mine' },
    })
    expect(await peer.closed).toMatchObject({ code: 1011 })
  })
})

describe('json', () => {
  test('takes a text, or bytes of UTF-8', async () => {
    const { decode } = json()
    expect(decode('{"é":[1]}')).toEqual({ é: [1] })
    expect(decode(new TextEncoder().encode('{"é":[1]}'))).toEqual({ é: [1] })
    expect(thrownBy(() => decode(Uint8Array.of(0x22, 0xff, 0x22)))).toBeInstanceOf(TypeError)
  })

  const twice = v.pipeAsync(
    v.number(),
    v.transformAsync(async (n) => n * 2),
  )
  test.each([
    ['zod', z.object({ n: z.number() }), { n: 1 }],
    ['zod, async', z.object({ n: z.number().refine(async (n) => n < 5) }), { n: 1 }],
    ['valibot', v.object({ n: v.number() }), { n: 1 }],
    ['valibot, async, with a transformation', v.objectAsync({ n: twice }), { n: 2 }],
  ])('validates with %s', async (_, schema, expected) => {
    const { conn, peer } = coded(json(schema as typeof schema & z.ZodType<{ n: number }>))
    await sendAll(peer, '{"n":1}', '{"n":"one"}')
    expect(await conn.incoming.receive()).toEqual({ value: expected, ok: true })
    const error = (await rejectionOf(conn.incoming.receive())) as CloseError
    expect(error.closeCode).toBe(1007)
    const { cause } = error.cause as CodecError
    expect(cause).toBeInstanceOf(SchemaError)
    expect((cause as SchemaError).issues).toHaveLength(1)
    expect((cause as SchemaError).message).toContain('(at n)')
  })

  test('has the type of what the schema makes', () => {
    const typed: Codec<{ n: number }, { n: number }> = json(z.object({ n: z.number() }))
    const other: Codec<{ n: number }, { n: number }> = json(v.object({ n: v.number() }))
    // @ts-expect-error: a number is no string
    const wrong: Codec<{ n: string }, { n: string }> = json(z.object({ n: z.number() }))
    expect([typed, other, wrong].map((codec) => typeof codec.decode)).toEqual(Array(3).fill('function'))
  })

  test('may send another type than it receives', async () => {
    const [ours, theirs] = pipe()
    const conn = withCodec(ours, json<{ id: number }, { answer: string }>(z.object({ id: z.number() })))
    await conn.outgoing.send({ answer: 'yes' })
    // @ts-expect-error: what is received is not what is sent
    await conn.outgoing.send({ id: 1 })
    expect((await theirs.incoming.receive()).value).toBe('{"answer":"yes"}')
    await theirs.outgoing.send('{"id":2}')
    expect((await conn.incoming.receive()).value?.id).toBe(2)
  })

  test.each<[string, () => unknown, string]>([
    ['no schema', () => json({} as never), 'schema'],
    ['an unknown onInvalid', () => json(undefined, { onInvalid: 'ignore' as never }), 'onInvalid'],
    ['no connection', () => withCodec({} as never, json()), 'connection'],
    ['no connection at all', () => withCodec(undefined as never, json()), 'connection'],
    ['no codec', () => withCodec(pipe()[0], undefined as never), 'codec'],
    ['half a codec', () => withCodec(pipe()[0], { decode: () => 1 } as never), 'encode'],
  ])('%s throws at once, naming it', (_, call, named) => {
    const error = thrownBy(call)
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toContain(named)
  })

  test.each<[unknown, string]>([
    [1, '1'],
    ['x', '"x"'],
    [null, 'null'],
  ])('the options %j throw at once', (options, got) => {
    expect(thrownBy(() => json(undefined, options as never))).toEqual(
      new TypeError(`Cannot make a codec: options must be an object, got ${got}`),
    )
    expect(thrownBy(() => withCodec(pipe()[0], options as never))).toEqual(
      new TypeError(`Cannot use a codec: expected { decode, encode }, got ${got}`),
    )
  })

  test('an unknown onInvalid is told what there is', () => {
    expect(thrownBy(() => json(undefined, { onInvalid: 'ignore' as never }))).toEqual(
      new TypeError(`Cannot use option onInvalid: expected 'close', 'skip' or a function, got "ignore"`),
    )
  })
})

describe('a typed connection', () => {
  test('is the connection in all else', async () => {
    const { conn, raw } = coded(json(), { protocol: 'chat', url: 'ws://here/' })
    expect(conn).toMatchObject({ protocol: 'chat', url: 'ws://here/' })
    expect(conn.ctx).toBe(raw.ctx)
    expect(conn.closed).toBe(raw.closed)
    await conn.outgoing.send(1)
    await conn.flush()
    expect(conn.outgoing.length).toBe(0)
    expect(await conn.ping()).toBeGreaterThanOrEqual(0)
    expect(await conn.close(3000, 'bye')).toMatchObject({ code: 3000, reason: 'bye' })
  })

  test('is closed at the end of an `await using` block', async () => {
    const { raw } = await (async () => {
      const { conn, raw: inner } = coded(json())
      await using _ = conn
      return { raw: inner }
    })()
    expect(await raw.closed).toMatchObject({ code: 1000, by: 'local' })
  })
})
