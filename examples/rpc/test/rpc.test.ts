// Client and server over a real socket; where the wire matters, a client of `ws` that writes its frames itself.

import { once } from 'node:events'
import {
  type Context,
  type CancelContext,
  background,
  channel,
  never,
  withCancel,
  withTimeout,
} from 'chansel'
import { type Connection, dial } from '@chansel/ws'
import { type Listener, serve } from '@chansel/ws/server'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import WebSocket from 'ws'
import { z } from 'zod'
import { expectPending, rejectionOf } from '../../../test/support/pending.ts'
import { handlers as marketHandlers, market } from '../src/market.ts'
import { callable } from '../src/rpc/client.ts'
import { type Api, type Handlers, call, stream } from '../src/rpc/contract.ts'
import { RpcError } from '../src/rpc/error.ts'
import { WINDOW } from '../src/rpc/frames.ts'
import { type AnswerOptions, answerCalls } from '../src/rpc/server.ts'

const DEADLINE = { timeout: 20_000, interval: 5 }

const contract = {
  divide: call(z.object({ a: z.number(), b: z.number() }), z.number()),
  greet: call(v.pipe(v.string(), v.trim(), v.minLength(1)), v.pipe(v.string(), v.toUpperCase())),
  hang: call(z.null(), z.null()),
  fail: call(z.enum(['known', 'unknown', 'unspeakable']), z.bigint()),
  lie: call(z.null(), z.number()),
  count: stream(z.number(), v.number()),
}

/** The contexts of the calls, as the handlers have them. */
let contexts: Context[]
let yielded: number
let listener: Listener
let conn: Connection
let api: Api<typeof contract>
let failures: unknown[]

const handlers: Handlers<typeof contract> = {
  divide: ({ a, b }) => a / b,
  greet: (name) => `hello ${name}`,
  hang: async (_, ctx) => {
    contexts.push(ctx)
    await never.receive(ctx)
    return null
  },
  fail: (how) => {
    if (how === 'unspeakable') return 1n
    throw how === 'known' ? new RpcError('NO_LUCK', 'Try again') : new Error('secret')
  },
  lie: () => 'no number' as unknown as number,
  async *count(to, ctx) {
    contexts.push(ctx)
    for (let n = 1; n <= to; n++) {
      yield n
      yielded = n
    }
  },
}

async function start(options: AnswerOptions = {}): Promise<void> {
  const onError = (error: unknown): void => void failures.push(error)
  listener = await serve({ port: 0, onError }, (peer) =>
    answerCalls(peer, contract, handlers, { onError, ...options }),
  )
  conn = await dial(url())
  api = callable(conn, contract)
}

function url(): string {
  return `ws://127.0.0.1:${listener.address.port}`
}

beforeEach(async () => {
  contexts = []
  failures = []
  yielded = 0
  await start()
})
afterEach(async () => {
  await conn.close()
  await listener.close()
})

test('the types are those of the schemas', () => {
  expectTypeOf(api.divide).parameter(0).toEqualTypeOf<{ a: number; b: number }>()
  expectTypeOf(api.greet).returns.toEqualTypeOf<Promise<string>>()
  expectTypeOf(api.count).returns.toEqualTypeOf<AsyncGenerator<number, void, void>>()
})

describe('a call', () => {
  test('has its result; those of many do not get mixed up', async () => {
    const results = await Promise.all(Array.from({ length: 90 }, (_, i) => api.divide({ a: i, b: 2 })))
    expect(results).toEqual(results.map((_, i) => i / 2))
  })

  test('input and output go through the schemas, zod’s and valibot’s', async () => {
    expect(await api.greet('  Ada ')).toBe('HELLO ADA')
  })

  test('that waits lets others pass', async () => {
    using ctx = withCancel(background())
    const waiting = api.hang(null, ctx)
    expect(await api.divide({ a: 6, b: 3 })).toBe(2)
    await expectPending(waiting)
    ctx.cancel()
    await rejectionOf(waiting)
  })
})

describe('an error', () => {
  test.each([
    ['of the handler arrives with its code', () => api.fail('known'), 'NO_LUCK', 'Try again'],
    ['of the input says where', () => api.divide({ a: 1 } as never), 'INVALID_INPUT', '(at b)'],
    ['of the input in valibot’s words', () => api.greet(' '), 'INVALID_INPUT', 'Invalid length'],
    ['that is not the client’s business is kept', () => api.fail('unknown'), 'INTERNAL', 'The server failed'],
    ['of a value that JSON does not have', () => api.fail('unspeakable'), 'INTERNAL', 'The server failed'],
  ])('%s', async (_, act, code, text) => {
    const error = await rejectionOf(act())
    expect(error).toBeInstanceOf(RpcError)
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) })
    expect(failures).toHaveLength(code === 'INTERNAL' ? 1 : 0)
  })

  test('of the output is the client’s: it does not trust the server', async () => {
    expect(await rejectionOf(api.lie(null))).toMatchObject({ code: 'ERR_WS_SCHEMA' })
  })

  test.each(['missing', 'constructor', '__proto__'])(
    'of a procedure that is not there: %s',
    async (method) => {
      const other = callable(await dial(url(), { parent: conn.ctx }), { [method]: contract.hang })
      expect(await rejectionOf(other[method]!(null))).toMatchObject({ code: 'NO_SUCH_METHOD' })
    },
  )

  test('of a handler spoils no other call', async () => {
    const calls = await Promise.allSettled([
      api.fail('known'),
      api.divide({ a: 8, b: 2 }),
      api.fail('unknown'),
    ])
    expect(calls[1]).toEqual({ status: 'fulfilled', value: 4 })
  })
})

describe('cancelling', () => {
  test('a call reaches the handler', async () => {
    using ctx = withCancel(background())
    const waiting = api.hang(null, ctx)
    await vi.waitUntil(() => contexts.length === 1, DEADLINE)
    ctx.cancel()
    expect(await rejectionOf(waiting)).toBe(ctx.err)
    await vi.waitUntil(() => contexts[0]!.err !== undefined, DEADLINE)
    expect(failures).toEqual([])
  })

  test('before the call: the server hears nothing', async () => {
    const ctx = withCancel(background())
    ctx.cancel()
    expect(await rejectionOf(api.hang(null, ctx))).toBe(ctx.err)
    expect(await api.divide({ a: 1, b: 1 })).toBe(1)
    expect(contexts).toEqual([])
  })

  test('a deadline goes along: the handler has it', async () => {
    using ctx = withTimeout(background(), 60_000)
    const waiting = rejectionOf(api.hang(null, ctx))
    await vi.waitUntil(() => contexts.length === 1, DEADLINE)
    expect(Math.abs(contexts[0]!.deadline! - ctx.deadline!)).toBeLessThan(10_000)
    ctx.cancel()
    await waiting
  })

  test('a deadline passes at both ends, also if the client does not say so', async () => {
    const socket = await stock()
    socket.send('{"type":"open","id":0,"method":"hang","input":null,"timeoutMs":1}')
    await vi.waitUntil(() => contexts[0]?.err?.name === 'DeadlineExceededError', DEADLINE)
    expect(await rejectionOf(api.hang(null, withTimeout(background(), 1)))).toMatchObject({
      code: 'ERR_DEADLINE_EXCEEDED',
    })
    socket.close()
  })

  test('the connection ends all its calls, here and there', async () => {
    const waiting = [
      rejectionOf(api.hang(null)),
      rejectionOf(
        api
          .count(10 * WINDOW)
          .next()
          .then(() => api.hang(null)),
      ),
    ]
    await vi.waitUntil(() => contexts.length === 3, DEADLINE)
    const socket = await stock()
    socket.send('{"type":"open","id":0,"method":"hang","input":null}')
    await vi.waitUntil(() => contexts.length === 4, DEADLINE)
    socket.terminate()
    await vi.waitUntil(() => contexts[3]!.err !== undefined, DEADLINE)
    await listener.close()
    for (const error of await Promise.all(waiting))
      expect(error).toMatchObject({ code: 'ERR_WS_CLOSED', closeCode: 1001 })
    for (const ctx of contexts) expect(ctx.err).toBeDefined()
    expect(failures).toEqual([])
  })
})

describe('a stream', () => {
  test('comes in order and to its end', async () => {
    const seen: number[] = []
    for await (const n of api.count(100)) seen.push(n)
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(contexts[0]!.err).toBeDefined()
  })

  test('that is left is cancelled', async () => {
    for await (const n of api.count(1e9)) if (n === 40) break
    await vi.waitUntil(() => contexts[0]!.err !== undefined, DEADLINE)
    expect(yielded).toBeLessThanOrEqual(40 + WINDOW)
  })

  test('that nobody reads stops at its window, and others go on', async () => {
    const numbers = api.count(1e9)
    expect(await numbers.next()).toEqual({ value: 1, done: false })
    for (let i = 0; i < 50; i++) await api.divide({ a: i, b: 1 })
    // One is with us, the window is full, and one more waits for a permit.
    expect(yielded).toBe(WINDOW)
    for (let n = 2; n <= 3 * WINDOW; n++) expect((await numbers.next()).value).toBe(n)
    await numbers.return()
    await vi.waitUntil(() => contexts[0]!.err !== undefined, DEADLINE)
  })

  test('is cancelled by its context', async () => {
    using ctx = withCancel(background())
    const error = await rejectionOf(
      (async () => {
        for await (const n of api.count(1e9, ctx)) if (n === 10) ctx.cancel()
      })(),
    )
    expect(error).toBe(ctx.err)
    await vi.waitUntil(() => contexts[0]!.err !== undefined, DEADLINE)
  })
})

describe('a peer that does not keep to the protocol', () => {
  test('sends what is no frame: 1007', async () => {
    const socket = await stock()
    socket.send('{"type":"open","id":-1}')
    expect((await once(socket, 'close'))[0]).toBe(1007)
  })

  test('opens a call twice: 1008', async () => {
    const socket = await stock()
    for (let i = 0; i < 2; i++) socket.send('{"type":"open","id":7,"method":"hang","input":null}')
    expect((await once(socket, 'close'))[0]).toBe(1008)
    await vi.waitUntil(() => contexts.every(({ err }) => err !== undefined), DEADLINE)
  })

  test('opens too many', async () => {
    await conn.close()
    await listener.close()
    await start({ maxCalls: 2 })
    const contexts: CancelContext[] = [withCancel(background()), withCancel(background())]
    const waiting = contexts.map((ctx) => rejectionOf(api.hang(null, ctx)))
    expect(await rejectionOf(api.hang(null))).toMatchObject({ code: 'TOO_MANY_CALLS' })
    contexts[0]!.cancel()
    await waiting[0]
    await vi.waitUntil(() => api.divide({ a: 1, b: 1 }).then(Boolean, () => false), DEADLINE)
    contexts[1]!.cancel()
    await waiting[1]
  })

  test('sends more than the window: the client closes with 1008', async () => {
    const closed = channel<number>(1)
    const flooding = await serve({ port: 0 }, async (peer) => {
      await peer.incoming.receive()
      for (let i = 0; i < 3 * WINDOW; i++) await peer.outgoing.send('{"type":"value","id":0,"value":1}')
      closed.trySend((await peer.closed).code)
    })
    const numbers = callable(await dial(`ws://127.0.0.1:${flooding.address.port}`), contract).count(1)
    void numbers.next().catch(() => {})
    expect((await closed.receive()).value).toBe(1008)
    await flooding.close()
  })
})

test('the market of the example', async () => {
  await using listener = await serve({ port: 0 }, (peer) => answerCalls(peer, market, marketHandlers))
  await using conn = await dial(`ws://127.0.0.1:${listener.address.port}`)
  const { quote, watch } = callable(conn, market)
  expect(await quote({ symbol: 'GOPH' })).toEqual({ symbol: 'GOPH', price: 19.64 })
  expect(await rejectionOf(quote({ symbol: 'NONE' }))).toMatchObject({ code: 'NOT_TRADED' })
  const prices: number[] = []
  for await (const { price } of watch({ symbol: 'CSP', everyMs: 10 })) if (prices.push(price) === 3) break
  expect(prices[0]).toBe(19.78)
})

/** A client that has nothing of ours. */
async function stock(): Promise<WebSocket> {
  const socket = new WebSocket(url())
  await once(socket, 'open')
  return socket
}
