import { EventEmitter, once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { background, channel, group, withTimeout } from 'chansel'
import { type CloseInfo, type Connection, dial } from '@chansel/ws'
import { type ListenOptions, type Listener, serve } from '@chansel/ws/server'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually, expectPending, rejectionOf, settle, thrownBy } from './support/pending.ts'
import { endOf, wsClient } from './support/serving.ts'

expectNoSocketLeft()

type Handler = Parameters<typeof serve>[1]

interface Serving {
  readonly listener: Listener
  readonly url: string
  readonly reported: { readonly error: unknown; readonly conn: Connection | undefined }[]
}

async function serving(handler: Handler, options: Partial<ListenOptions> = {}): Promise<Serving> {
  const reported: Serving['reported'] = []
  const onError = (error: unknown, conn?: Connection): void => void reported.push({ error, conn })
  const listener = await serve({ port: 0, onError, ...options } as ListenOptions, handler)
  onTestFinished(() => listener.close({ graceMs: 0 }))
  return { listener, url: `ws://127.0.0.1:${listener.address.port}`, reported }
}

describe('serve', () => {
  test('the handler has the connection and the request, and each its own task', async () => {
    const gate = channel<never>()
    const asked: string[] = []
    const { url } = await serving(async (conn, request) => {
      asked.push(request.url!)
      await gate.receive()
      await conn.outgoing.send(request.headers['x-name'] as string)
    })
    const first = await wsClient(`${url}/1`, { headers: { 'X-Name': 'one' } } as never)
    const second = await wsClient(`${url}/2`, { headers: { 'X-Name': 'two' } } as never)
    await eventually('both are served', () => asked.length === 2)
    const said = [first, second].map(
      (socket) =>
        new Promise((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString()))),
    )
    gate.close()
    expect(await Promise.all(said)).toEqual(['one', 'two'])
    expect(asked).toEqual(['/1', '/2'])
  })

  test('once the handler returned the connection closes with 1000, after what it sent', async () => {
    const { url, reported } = await serving(async (conn) => {
      for (let i = 0; i < 10; i++) await conn.outgoing.send(String(i))
    })
    const client = await dial(url)
    const seen: unknown[] = []
    for await (const message of client.incoming) seen.push(message)
    expect(seen).toHaveLength(10)
    expect(await client.closed).toMatchObject({ code: 1000, by: 'remote' })
    expect(reported).toEqual([])
  })

  test('an echo goes on until the client is done', async () => {
    const { url, reported } = await serving(async (conn) => {
      for await (const message of conn.incoming) await conn.outgoing.send(message)
    })
    const client = await dial(url)
    for (const message of ['a', 'b', 'c']) {
      await client.outgoing.send(message)
      expect(await client.incoming.receive()).toEqual({ value: message, ok: true })
    }
    expect(await client.close(1000)).toMatchObject({ code: 1000, wasClean: true })
    expect(reported).toEqual([])
  })

  test.each<[string, Handler]>([
    ['rejects', async () => Promise.reject(new Error('a bug'))],
    [
      'throws at once',
      () => {
        throw new Error('a bug')
      },
    ],
    [
      'throws after it served',
      async (conn) => {
        await conn.outgoing.send('served')
        throw new Error('a bug')
      },
    ],
  ])('a handler that %s is reported once, closes with 1011, and the server goes on', async (_, handler) => {
    let failing = true
    const { url, reported } = await serving((conn, request) => {
      const served = failing ? handler(conn, request) : conn.outgoing.send('fine')
      failing = false
      return served
    })
    const client = await dial(url)
    expect(await client.closed).toMatchObject({ code: 1011, reason: '', by: 'remote' })
    expect(reported).toHaveLength(1)
    expect(reported[0]!.error).toMatchObject({ message: 'a bug' })
    expect(reported[0]!.conn).toMatchObject({ url: `${url}/` })
    failing = false
    const next = await dial(url)
    expect(await next.incoming.receive()).toEqual({ value: 'fine', ok: true })
    expect(await next.closed).toMatchObject({ code: 1000 })
  })

  test.each<[string, (conn: Connection) => Promise<unknown>]>([
    [
      'a loop over incoming',
      async (conn) => {
        for await (const _ of conn.incoming);
      },
    ],
    ['a receive', (conn) => conn.incoming.receive()],
    ['a receive under its ctx', (conn) => channel().receive(conn.ctx)],
    ['a receive under the signal of its ctx', (conn) => channel().receive({ signal: conn.ctx.signal })],
    [
      'a receive under a child of its ctx',
      async (conn) => {
        using ctx = withTimeout(conn.ctx, 60_000)
        await channel().receive(ctx)
      },
    ],
    [
      'a send to the end',
      async (conn) => {
        for (;;) {
          await conn.outgoing.send('more')
          await new Promise((resolve) => setImmediate(resolve))
        }
      },
    ],
    [
      'a wait of the platform under the signal of its ctx',
      (conn) => setTimeout(60_000, undefined, { signal: conn.ctx.signal }),
    ],
    [
      'a wait of the platform under the signal of a child of its ctx',
      async (conn) => {
        using ctx = withTimeout(conn.ctx, 60_000)
        await once(new EventEmitter(), 'never', { signal: ctx.signal })
      },
    ],
    [
      'throwing the cause of its ctx',
      async (conn) => {
        await conn.closed
        throw conn.ctx.cause
      },
    ],
    [
      'all tasks of a group',
      (conn) =>
        group(
          background(),
          async (g) => {
            void g.go(() => conn.incoming.receive())
            void g.go(() => setTimeout(60_000, undefined, { signal: conn.ctx.signal }))
            await conn.closed
            await conn.outgoing.send('too late')
          },
          { errors: 'all' },
        ),
    ],
  ])('a handler that fails with its own connection’s end, in %s, is not reported', async (_, wait) => {
    const done: string[] = []
    const { url, reported } = await serving(async (conn) => {
      try {
        await wait(conn)
      } finally {
        done.push('done')
      }
    })
    const socket = await wsClient(url)
    const end = endOf(socket)
    socket.close(3000, 'an error to us')
    await end
    await eventually('the handler is done', () => done.length === 1)
    // A report would come in the turn in which the handler ended.
    await settle()
    expect(reported).toEqual([])
  })

  test('an error of the handler’s own is reported, also if its connection’s end is the cause', async () => {
    const { url, reported } = await serving(async (conn) => {
      await conn.closed
      throw new Error('a bug', { cause: conn.ctx.err })
    })
    await (await dial(url)).close(3000)
    await eventually('it is reported', () => reported.length === 1)
    expect(reported[0]!.error).toMatchObject({ message: 'a bug' })
  })

  test.each([
    ['one of several', async (conn: Connection) => [await rejectionOf(conn.incoming.receive()), 'a bug']],
    ['none of none', async (conn: Connection) => (await conn.closed, [])],
    [
      'a ring of them',
      async (conn: Connection) => {
        const ring = new AggregateError([await rejectionOf(conn.incoming.receive())])
        ring.errors.push(ring)
        return [ring]
      },
    ],
  ])('several errors as one are reported, if its connection’s end is %s', async (_, errorsOf) => {
    const { url, reported } = await serving(async (conn) => {
      throw new AggregateError(await errorsOf(conn))
    })
    await (await dial(url)).close(3000)
    await eventually('it is reported', () => reported.length === 1)
    expect(reported[0]!.error).toBeInstanceOf(AggregateError)
  })

  test('the end of another connection is reported', async () => {
    let other: Connection | undefined
    const { url, reported } = await serving(async (conn) => {
      const mine = other ?? conn
      other ??= conn
      await mine.closed
      throw mine === conn ? new Error('not this') : mine.ctx.cause
    })
    const first = await dial(url)
    await eventually('the first is served', () => other !== undefined)
    const second = await dial(url)
    const end = second.closed
    await first.close(3000)
    expect(await end).toMatchObject({ code: 1011 })
    const causes = reported.map(({ error }) => error as { closeCode?: number })
    expect(causes.filter(({ closeCode }) => closeCode === 3000)).toHaveLength(1)
  })

  test('a deadline of the handler’s own is reported', async () => {
    const { url, reported } = await serving(async (conn) => {
      using ctx = withTimeout(background(), 20)
      await conn.incoming.receive(ctx)
    })
    const client = await dial(url)
    expect(await client.closed).toMatchObject({ code: 1011 })
    expect(reported.map(({ error }) => (error as { code: string }).code)).toEqual(['ERR_DEADLINE_EXCEEDED'])
  })

  test('without onError the console is told of a handler that failed, with its error', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => said.mockRestore())
    const bug = new Error('a bug')
    await using listener = await serve({ port: 0 }, () => Promise.reject(bug))
    expect(await (await dial(`ws://127.0.0.1:${listener.address.port}`)).closed).toMatchObject({ code: 1011 })
    expect(said.mock.calls).toEqual([['[@chansel/ws]', bug]])
  })

  test('what onError throws ends nothing', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => said.mockRestore())
    const onError = (): void => {
      throw new Error('a bad reporter')
    }
    const { url } = await serving(() => Promise.reject(new Error('a bug')), { onError })
    expect(await (await dial(url)).closed).toMatchObject({ code: 1011 })
    expect(await (await dial(url)).closed).toMatchObject({ code: 1011 })
    expect(said).toHaveBeenCalled()
  })

  test('close tells the handlers by their connections, and waits for them', async () => {
    const order: string[] = []
    const ends: CloseInfo[] = []
    const { listener, url } = await serving(async (conn) => {
      for await (const _ of conn.incoming);
      await setTimeout(50)
      order.push('handler')
      ends.push(await conn.closed)
    })
    const socket = await wsClient(url)
    const end = endOf(socket)
    await listener.close()
    order.push('closed')
    expect(await end).toMatchObject({ code: 1001 })
    expect(order).toEqual(['handler', 'closed'])
    expect(ends).toMatchObject([{ code: 1001, by: 'local' }])
  })

  test('a handler that does not stop is waited for no longer than graceMs', async () => {
    const { listener, url } = await serving(() => new Promise(() => {}))
    await wsClient(url)
    const startedAt = performance.now()
    await listener.close({ graceMs: 50 })
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })

  test('connections has nothing to receive, and closes with the listener', async () => {
    const { listener, url } = await serving(() => new Promise(() => {}))
    await wsClient(url)
    const receiving = listener.connections.receive()
    await expectPending(receiving)
    await listener.close({ graceMs: 0 })
    expect(await receiving).toEqual({ value: undefined, ok: false })
  })

  test.each([
    ['undefined', undefined],
    ['an object', {}],
  ])('a handler that is %s throws a TypeError at once', (_, handler) => {
    expect(thrownBy(() => serve({ port: 0 }, handler as never))).toBeInstanceOf(TypeError)
  })
})
