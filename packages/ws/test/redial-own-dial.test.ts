import { type Context, background, sleep, withCancel } from 'chansel'
import { simulate } from 'chansel/testing'
import {
  type Connection,
  DialError,
  type RedialConnection,
  UnsupportedError,
  dial,
  json,
  redial,
  withCodec,
} from '@chansel/ws'
import { serve } from '@chansel/ws/server'
import { cut, pipe } from '@chansel/ws/testing'
import { expect, onTestFinished, test } from 'vitest'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { expectPending, rejectionOf, settle, thrownBy } from './support/pending.ts'

expectNoSocketLeft()

type Dial = (ctx: Context) => Promise<Connection>
type OwnOptions = NonNullable<Parameters<typeof redialed>[1]>

/** Retries at once, unless told otherwise, and is closed with the test. */
function redialed(make: Dial, options: Parameters<typeof redial>[1] = {}, cancel?: { signal: AbortSignal }) {
  const conn = redial(make, { backoff: { minMs: 1, maxMs: 5 }, ...options }, cancel)
  onTestFinished(async () => {
    await conn.close()
  })
  return conn
}

/** The next state with an error. */
async function nextError(conn: RedialConnection): Promise<unknown> {
  for await (const { error } of conn.state) if (error !== undefined) return error
  throw new Error('there was none')
}

test('a redial dials what the program says, each time anew', async () => {
  const asked: string[] = []
  const listener = await serve({ port: 0 }, async (conn, { url, headers }) => {
    asked.push(`${url} ${headers.authorization}`)
    await conn.outgoing.send(`you are number ${asked.length}`)
    await conn.incoming.receive()
  })
  onTestFinished(() => listener.close({ graceMs: 0 }))
  const { port } = listener.address
  let attempt = 0
  const conn = redialed((ctx) => {
    attempt++
    const headers = { Authorization: `token ${attempt}` }
    return dial(`ws://127.0.0.1:${port}/from?last=${attempt}`, { headers }, ctx)
  })
  expect(conn.url).toBe('')
  for (const n of [1, 2, 3]) {
    expect(await conn.incoming.receive()).toEqual({ value: `you are number ${n}`, ok: true })
    expect(conn.url).toBe(`ws://127.0.0.1:${port}/from?last=${n}`)
    await conn.outgoing.send('go on') // the handler returns, which closes
  }
  expect(asked.slice(0, 3)).toEqual([1, 2, 3].map((n) => `/from?last=${n} token ${n}`))
})

test('over pipes it needs no network, and no time in a simulation', async () => {
  const heard = await simulate(async (t) => {
    const start = t.now()
    const texts: string[] = []
    const conn = redial(
      async () => {
        const [ours, theirs] = pipe()
        void t.go('peer', async () => {
          const { value } = await theirs.incoming.receive()
          if (value !== undefined)
            texts.push(`${value.toString()} at ${Math.floor((t.now() - start) / 60_000)} min`)
          cut(theirs)
        })
        return ours
      },
      { backoff: { minMs: 3_600_000, maxMs: 3_600_000 }, random: () => 0.5 },
    )
    for (const text of ['first', 'second', 'third']) {
      await conn.outgoing.send(text)
      await sleep(3_600_000)
    }
    await conn.close()
    return texts
  })
  expect(heard).toEqual(['first at 0 min', 'second at 60 min', 'third at 120 min'])
})

test('a connection that the program closes itself is followed by another', async () => {
  const made: Connection[] = []
  const conn = redialed(async () => {
    const [ours, theirs] = pipe()
    made.push(ours)
    void theirs.outgoing.send(`number ${made.length}`)
    return ours
  })
  expect(await conn.incoming.receive()).toMatchObject({ value: 'number 1' })
  await made[0]!.close(4000, 'stale')
  expect(await conn.incoming.receive()).toMatchObject({ value: 'number 2' })
  expect(conn.ctx.err).toBeUndefined()
})

test('what it rejects with, or throws, is tried again and told', async () => {
  const errors = [
    new TypeError('fetch failed'),
    'no token',
    new DialError('ws://x/', 'refused', { status: 503 }),
    new Error('too many', { cause: new DialError('ws://x/', 'refused', { status: 429 }) }),
  ]
  const left = [...errors]
  const [ours] = pipe()
  const conn = redialed(() => {
    const error = left.shift()
    if (error === 'no token') throw error
    return error === undefined ? Promise.resolve(ours) : Promise.reject(error)
  })
  for (const error of errors) expect(await nextError(conn)).toBe(error)
  for await (const { status } of conn.state) if (status === 'open') break
})

test.each<[string, unknown, OwnOptions]>([
  ['the server answered 4xx', new DialError('ws://x/', 'refused', { status: 401 }), {}],
  [
    'giveUp says so',
    new Error('no such user'),
    { giveUp: (error) => (error as Error).message === 'no such user' },
  ],
])('it gives up after an error of the program’s dial if %s', async (_, error, options) => {
  const conn = redialed(() => Promise.reject(error as Error), options)
  expect(await rejectionOf(conn.incoming.receive())).toBe(error)
  expect(await conn.closed).toMatchObject({ unsent: 0 })
})

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'undefined'],
  ['a socket', new EventTarget(), 'an object'],
  ['a connection with a codec', withCodec(pipe()[0], json()), 'an object'],
])('it ends with a TypeError if the program’s dial gives %s', async (_, given, shown) => {
  const conn = redialed(() => Promise.resolve(given as Connection))
  const error = await rejectionOf(conn.incoming.receive())
  expect(error).toBeInstanceOf(TypeError)
  expect(error).toMatchObject({
    message: `Cannot redial: expected a connection of dial, wrap or pipe, got ${shown}`,
  })
})

test('a close ends the context of the program’s dial, waits for it, and closes what still comes', async () => {
  const [ours, theirs] = pipe()
  let give = (): void => {}
  let ended: Context | undefined
  const conn = redialed((ctx) => {
    ended = ctx
    return new Promise((resolve) => (give = () => resolve(ours)))
  })
  await settle()
  expect(ended?.err).toBeUndefined()
  const closed = conn.close(4001, 'changed my mind')
  expect(ended?.err).toBeDefined()
  await expectPending(closed)
  give()
  expect(await theirs.closed).toMatchObject({ code: 4001, reason: 'changed my mind', by: 'remote' })
  expect(await closed).toMatchObject({ code: 4001, by: 'local' })
})

test('a cancel ends it while the program dials', async () => {
  using cancel = withCancel(background())
  const conn = redialed((ctx) => sleep(3_600_000, ctx).then(() => pipe()[0]), {}, cancel)
  const receiving = conn.incoming.receive()
  await expectPending(receiving)
  cancel.cancel('enough')
  expect(await rejectionOf(receiving)).toMatchObject({ code: 'ERR_CANCELED' })
  expect(await conn.closed).toMatchObject({ code: 1001, by: 'local' })
})

test.each<[OwnOptions, string]>([
  [
    { incomingCapacity: 0.5 },
    'Cannot make a channel: capacity must be a whole number from 0 on or Infinity, got 0.5',
  ],
  [{ stableMs: -1 }, 'Cannot use option stableMs: expected at least 0, got -1'],
])('option %j is refused at once', (options, message) => {
  const given = thrownBy(() => redial(() => Promise.reject(new Error('not called')), options))
  expect(given).toBeInstanceOf(RangeError)
  expect(given).toMatchObject({ message })
})

test('an option for a dial is refused at once, since nobody would look at it', () => {
  const redialWith = (options: object) => redial(() => Promise.reject(new Error('no token')), options)
  expect(thrownBy(() => redialWith({ backoff: {}, headers: { Authorization: 'token' } }))).toEqual(
    new UnsupportedError('use option headers', 'it is for the dial of the program'),
  )
  void redialWith({ headers: undefined }).close()
})
