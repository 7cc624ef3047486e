import { once } from 'node:events'
import { type IncomingMessage, type Server, createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  CloseError,
  DialError,
  type OnInvalid,
  type RedialConnection,
  type RedialOptions,
  type RedialState,
  json,
  redial,
  withCodec,
} from '@chansel/ws'
import { background, contextKey, select, sendCase, withCancel, withValue } from 'chansel'
import { describe, expect, onTestFinished, test } from 'vitest'
import { portOf } from './support/connecting.ts'
import { countTimers, expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually, expectPending, rejectionOf, settle, thrownBy } from './support/pending.ts'
import { type WebSocket, WebSocketServer } from './support/stock-ws.ts'

expectNoSocketLeft()

/** A server of stock `ws` that can be stopped and started again at its port. */
class Home {
  readonly sockets: WebSocket[] = []
  /** All texts that arrived, in the order in which they did. */
  readonly heard: string[] = []
  /** Answers an upgrade otherwise; 'never' does not answer. */
  answers: string[] = []
  asked = 0
  /** Whether new connections read. */
  reads = true
  #http: Server | undefined
  readonly #streams = new Set<Duplex>()
  #port = 0

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/`
  }

  get last(): WebSocket {
    return this.sockets.at(-1)!
  }

  async start(): Promise<this> {
    const sockets = new WebSocketServer({ noServer: true })
    this.#http = createServer()
    this.#http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      this.asked++
      this.#streams.add(stream)
      stream.on('error', () => {})
      const answer = this.answers.shift()
      if (answer === 'never') return
      if (answer !== undefined) return void stream.end(answer)
      sockets.handleUpgrade(request, stream, head, (socket) => {
        if (!this.reads) socket.pause()
        socket.on('message', (data: Buffer) => this.heard.push(data.toString()))
        socket.on('error', () => {})
        this.sockets.push(socket)
      })
    })
    this.#http.listen(this.#port, '127.0.0.1')
    await once(this.#http, 'listening')
    this.#port = portOf(this.#http)
    return this
  }

  async stop(): Promise<void> {
    if (!this.#http) return
    const closed = once(this.#http, 'close')
    this.#http.close()
    for (const stream of this.#streams) stream.destroy()
    this.#streams.clear()
    this.#http = undefined
    await closed
  }
}

async function home(): Promise<Home> {
  const started = await new Home().start()
  onTestFinished(() => started.stop())
  return started
}

const status = (code: number): string => `HTTP/1.1 ${code} No\r\nContent-Length: 0\r\n\r\n`

/** Retries at once, unless told otherwise, and is closed with the test. */
function redialed(url: string, options: RedialOptions = {}, cancel?: { signal: AbortSignal }) {
  const conn = redial(url, { backoff: { minMs: 1, maxMs: 5 }, ...options }, cancel)
  onTestFinished(async () => {
    await conn.close()
  })
  return conn
}

/** Reads states until one has `wanted`. */
async function until(
  conn: Pick<RedialConnection, 'state'>,
  wanted: RedialState['status'],
): Promise<RedialState> {
  for await (const state of conn.state) if (state.status === wanted) return state
  throw new Error(`the state ended before it was ${wanted}`)
}

describe('a redial', () => {
  test('connects, says so, and passes messages both ways', async () => {
    const server = await home()
    const conn = redialed(server.url)
    expect(conn.url).toBe(server.url)
    expect(await conn.state.receive()).toEqual({ value: { status: 'connecting', attempt: 1 }, ok: true })
    expect(await conn.state.receive()).toEqual({ value: { status: 'open', attempt: 1 }, ok: true })
    await conn.outgoing.send('hello')
    await eventually('it was heard', () => server.heard.length === 1)
    server.last.send('welcome')
    expect(await conn.incoming.receive()).toEqual({ value: 'welcome', ok: true })
  })

  test.each<[string, (socket: WebSocket) => void, object]>([
    ['a cut', (socket) => socket.terminate(), { closeCode: 1006, by: 'network' }],
    ['1000', (socket) => socket.close(1000), { closeCode: 1000, by: 'remote' }],
    ['1001', (socket) => socket.close(1001), { closeCode: 1001, by: 'remote' }],
    ['1012', (socket) => socket.close(1012, 'restart'), { closeCode: 1012, reason: 'restart' }],
    ['4000', (socket) => socket.close(4000), { closeCode: 4000, by: 'remote' }],
  ])('connects again after %s, and the channels live on', async (_, end, error) => {
    const server = await home()
    const conn = redialed(server.url)
    await until(conn, 'open')
    const receiving = conn.incoming.receive()
    end(server.last)
    const waiting = await until(conn, 'waiting')
    expect(waiting).toMatchObject({ status: 'waiting', attempt: 1, error })
    expect(waiting.error).toBeInstanceOf(CloseError)
    expect(waiting.delayMs).toBeLessThanOrEqual(1)
    expect(await until(conn, 'open')).toEqual({ status: 'open', attempt: 2 })
    await expectPending(receiving)
    server.last.send('again')
    expect(await receiving).toEqual({ value: 'again', ok: true })
    expect(conn.ctx.err).toBeUndefined()
  })

  test('connects again after a server that is not there, answers 5xx, redirects, or speaks no HTTP', async () => {
    const server = await home()
    await server.stop()
    const conn = redialed(server.url)
    expect((await until(conn, 'waiting')).error).toBeInstanceOf(DialError)
    server.answers = [status(503), status(302), 'SSH-2.0\r\n']
    await server.start()
    expect((await until(conn, 'open')).attempt).toBeGreaterThan(4)
  })

  test('connects again when a server does not answer in time', async () => {
    const server = await home()
    server.answers = ['never']
    const conn = redialed(server.url, { handshakeTimeoutMs: 300 })
    expect((await until(conn, 'waiting')).error).toMatchObject({ code: 'ERR_WS_DIAL' })
    expect(await until(conn, 'open')).toMatchObject({ attempt: 2 })
  })

  test('messages sent while away wait in order and are sent when it is back', async () => {
    const server = await home()
    await server.stop()
    const conn = redialed(server.url)
    for (let i = 0; i < 100; i++) await conn.outgoing.send(String(i))
    expect(conn.outgoing.length).toBe(100)
    await server.start()
    await eventually('all were heard', () => server.heard.length === 100)
    expect(server.heard).toEqual(Array.from({ length: 100 }, (_, i) => String(i)))
    expect(conn.outgoing.length).toBe(0)
  })

  test('a full outbox makes send wait, and a send that is cancelled is not sent', async () => {
    const server = await home()
    await server.stop()
    const conn = redialed(server.url, { outboxCapacity: 2 })
    expect(conn.outgoing.capacity).toBe(2)
    await conn.outgoing.send('a')
    await conn.outgoing.send('b')
    expect(conn.outgoing.trySend('x')).toBe(false)
    const controller = new AbortController()
    const cancelled = conn.outgoing.send('never', controller)
    const waiting = [conn.outgoing.send('c'), select({ sent: sendCase(conn.outgoing, 'd') })]
    await expectPending(cancelled, ...waiting)
    controller.abort('enough')
    expect(await rejectionOf(cancelled)).toBe('enough')
    await server.start()
    await Promise.all(waiting)
    await eventually('all were heard', () => server.heard.length === 4)
    expect(server.heard).toEqual(['a', 'b', 'c', 'd'])
  })

  test('what is known not to have left is sent again, first and in order', async () => {
    const server = await home()
    server.reads = false
    const conn = redialed(server.url, { outboxCapacity: 64 })
    await until(conn, 'open')
    // Fills everything between the two: the rest stays here.
    const pad = 'x'.repeat(64 * 1024)
    let count = 0
    while (conn.outgoing.trySend(`${count}:${pad}`)) {
      count++
      await settle()
    }
    await expectPending(conn.outgoing.send('last'))
    server.reads = true
    server.last.terminate()
    await eventually('the last was heard', () => server.heard.at(-1) === 'last', 10_000)
    const numbers = server.heard.slice(0, -1).map((text) => Number.parseInt(text))
    // In order, without a gap, up to the end: what is missing is what the system had taken before the cut.
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => numbers[0]! + i))
    expect(numbers.at(-1)).toBe(count - 1)
    // The outbox, one that waited for room, and at least one that was accepted and had not left.
    expect(numbers.length).toBeGreaterThanOrEqual(64 + 1 + 1)
  })

  test('what a connection had read when it was cut is received before what the next one reads', async () => {
    const server = await home()
    const conn = redialed(server.url)
    await until(conn, 'open')
    for (let i = 0; i < 10; i++) server.last.send(`old ${i}`)
    await eventually('they are here', () => conn.incoming.length === 10)
    server.last.terminate()
    await until(conn, 'open')
    expect(conn.incoming.length).toBe(10)
    server.last.send('new')
    const texts: unknown[] = []
    for (let i = 0; i < 11; i++) texts.push((await conn.incoming.receive()).value)
    expect(texts).toEqual([...Array.from({ length: 10 }, (_, i) => `old ${i}`), 'new'])
  })

  test('backpressure of incoming reaches the peer of the moment', async () => {
    const server = await home()
    const conn = redialed(server.url, { incomingCapacity: 4 })
    await until(conn, 'open')
    server.last.terminate()
    await until(conn, 'open')
    const message = Buffer.alloc(64 * 1024)
    for (let i = 0; i < 300; i++) server.last.send(message)
    let least = Infinity
    for (let still = 0; still < 10; still++) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (server.last.bufferedAmount < least) still = 0
      least = Math.min(least, server.last.bufferedAmount)
    }
    expect(least).toBeGreaterThan(0)
    expect(conn.incoming.length).toBeLessThanOrEqual(4 + 2)
    for (let i = 0; i < 300; i++) await conn.incoming.receive()
    await eventually('all has left', () => server.last.bufferedAmount === 0)
  })

  test('a cancelled receive harms nothing, across connections', async () => {
    const server = await home()
    const conn = redialed(server.url)
    await until(conn, 'open')
    const controller = new AbortController()
    const receiving = conn.incoming.receive(controller)
    server.last.terminate()
    await until(conn, 'open')
    controller.abort('enough')
    expect(await rejectionOf(receiving)).toBe('enough')
    server.last.send('kept')
    expect(await conn.incoming.receive()).toEqual({ value: 'kept', ok: true })
  })

  test('what is no message throws at once', () => {
    const conn = redialed('ws://127.0.0.1:9/')
    expect(thrownBy(() => conn.outgoing.trySend(5 as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => conn.outgoing.send({} as never))).toBeInstanceOf(TypeError)
  })

  test('carries a codec across connections', async () => {
    const server = await home()
    const raw = redialed(server.url)
    const conn = withCodec(raw, json<{ n: number }>())
    expect(conn.url).toBe(server.url)
    await conn.outgoing.send({ n: 1 })
    await eventually('it was heard', () => server.heard.length === 1)
    expect(conn.state).toBe(raw.state)
    server.last.terminate()
    await eventually('it is back', () => server.sockets.length === 2)
    server.last.send('{"n":2}')
    expect(await conn.incoming.receive()).toEqual({ value: { n: 2 }, ok: true })
    server.last.send('no JSON')
    expect(await rejectionOf(conn.incoming.receive())).toMatchObject({
      closeCode: 1007,
      cause: { direction: 'decode' },
    })
    expect(await conn.closed).toMatchObject({ code: 1007, by: 'local' })
  })

  test.each<[string, number, OnInvalid, object]>([
    ['is refused', 1007, 'close', { code: 'ERR_WS_CODEC', direction: 'decode' }],
    ['has an onInvalid that throws', 1011, () => { throw new Error('mine') }, { message: 'mine' }], // prettier-ignore
  ])(
    'with a message that %s ends with the reason, wherever it is told',
    async (_, code, onInvalid, cause) => {
      const server = await home()
      const conn = withCodec(redialed(server.url), json(undefined, { onInvalid }))
      await eventually('it is open', () => server.sockets.length === 1)
      let seen: unknown
      server.last.on('close', (closeCode) => (seen = closeCode))
      server.last.send('no JSON')
      const { error } = await until(conn, 'closed')
      expect(error).toMatchObject({ code: 'ERR_WS_CLOSED', closeCode: code, by: 'local', cause })
      expect(await rejectionOf(conn.incoming.receive())).toBe(error)
      expect(conn.ctx.cause).toBe(error)
      expect(await conn.closed).toMatchObject({ code, by: 'local', wasClean: true })
      await eventually('the server saw it', () => seen === code)
    },
  )
})

describe('the delays', () => {
  /** The delays before the first `count` retries of a server that is not there. */
  async function delays(count: number, options: RedialOptions): Promise<number[]> {
    const server = await home()
    server.answers = Array<string>(count).fill(status(500))
    const conn = redialed(server.url, options)
    const seen: number[] = []
    for await (const state of conn.state) {
      if (state.status === 'waiting') seen.push(state.delayMs!)
      if (state.status === 'open') break
    }
    return seen
  }

  test('grow by the factor up to maxMs, and are that much at most', async () => {
    const most = await delays(6, { backoff: { minMs: 1, maxMs: 20, factor: 3 }, random: () => 1 - 2 ** -53 })
    expect(most.map(Math.round)).toEqual([1, 3, 9, 20, 20, 20])
  })

  test('are a random part of that, of the first, too', async () => {
    const dice = [0.5, 0.25, 0]
    const seen = await delays(3, { backoff: { minMs: 8, maxMs: 16 }, random: () => dice.shift()! })
    expect(seen).toEqual([4, 4, 0])
  })

  test('differ between clients', async () => {
    const one = await delays(4, { backoff: { minMs: 4, maxMs: 4 } })
    expect(new Set(one).size).toBeGreaterThan(1)
    expect(one.every((ms) => ms >= 0 && ms < 4)).toBe(true)
  })

  test('are over in no time with a maxMs of 0', async () => {
    expect(await delays(3, { backoff: { maxMs: 0 } })).toEqual([0, 0, 0])
  })

  test('are nothing of for ever, where the dice say so', async () => {
    const backoff = { minMs: Infinity, maxMs: Infinity }
    expect(await delays(2, { backoff, random: () => 0 })).toEqual([0, 0])
  })

  test('begin anew after a connection that lasted, and only then', async () => {
    const server = await home()
    server.answers = [status(500), status(500)]
    const options = { backoff: { minMs: 1, maxMs: 64, factor: 2 }, random: () => 0.5 }
    const lasting = redialed(server.url, { ...options, stableMs: 0 })
    expect(await until(lasting, 'open')).toMatchObject({ attempt: 3 })
    server.last.terminate()
    expect(await until(lasting, 'waiting')).toMatchObject({ delayMs: 0.5 })
    expect(await until(lasting, 'open')).toMatchObject({ attempt: 1 })
    await lasting.close()

    server.answers = [status(500), status(500)]
    const short = redialed(server.url, { ...options, stableMs: 60_000 })
    expect(await until(short, 'open')).toMatchObject({ attempt: 3 })
    server.last.terminate()
    expect(await until(short, 'waiting')).toMatchObject({ attempt: 3, delayMs: 2 })
    expect(await until(short, 'open')).toMatchObject({ attempt: 4 })
  })
})

describe('state', () => {
  test('nobody has to read it, and whoever asks gets the newest', async () => {
    const server = await home()
    const conn = redialed(server.url)
    for (let i = 1; i <= 3; i++) {
      await eventually('it is open', () => server.sockets.length === i)
      server.last.terminate()
    }
    await eventually('it is open', () => server.sockets.length === 4)
    await conn.outgoing.send('open')
    await eventually('it is known here', () => server.heard.length === 1)
    expect(conn.state.tryReceive()).toEqual({ value: { status: 'open', attempt: 4 }, ok: true })
    expect(conn.state.tryReceive()).toBeUndefined()
  })

  test("ends after 'closed'", async () => {
    const conn = redial('ws://127.0.0.1:9/')
    await conn.close()
    expect(await conn.state.receive()).toEqual({ value: { status: 'closed', attempt: 1 }, ok: true })
    expect(await conn.state.receive()).toEqual({ value: undefined, ok: false })
  })
})

describe('it gives up', () => {
  async function expectGivenUp(conn: RedialConnection, reason: object): Promise<void> {
    const { error } = await until(conn, 'closed')
    expect(error).toMatchObject(reason)
    expect(await rejectionOf(conn.incoming.receive())).toBe(error)
    expect(conn.ctx.cause).toBe(error)
    const sent = await rejectionOf(conn.outgoing.send('late'))
    expect(sent).toBeInstanceOf(CloseError)
    expect(sent).toMatchObject({ value: 'late' })
  }

  test.each([400, 401, 403, 404, 429])('when the server answers %i', async (code) => {
    const server = await home()
    server.answers = [status(code)]
    const conn = redialed(server.url)
    await expectGivenUp(conn, { code: 'ERR_WS_DIAL', status: code })
    expect(await conn.closed).toEqual({ code: 1006, reason: '', wasClean: false, by: 'network', unsent: 0 })
    expect(server.asked).toBe(1)
  })

  test.each([1002, 1003, 1007, 1008, 1010])('when the server closes with %i', async (code) => {
    const server = await home()
    const conn = redialed(server.url)
    await until(conn, 'open')
    server.last.send('before')
    server.last.close(code, 'no')
    await eventually('it has ended', () => conn.ctx.err !== undefined)
    expect(await conn.incoming.receive()).toEqual({ value: 'before', ok: true })
    await expectGivenUp(conn, { closeCode: code, reason: 'no', by: 'remote' })
    expect(await conn.closed).toEqual({ code, reason: 'no', wasClean: true, by: 'remote', unsent: 0 })
  })

  test('when giveUp says so, which is asked with each error', async () => {
    const server = await home()
    server.answers = [status(500)]
    const asked: unknown[] = []
    const conn = redialed(server.url, {
      giveUp: (error) => {
        asked.push(error)
        return error instanceof CloseError && error.closeCode === 4001
      },
    })
    await until(conn, 'open')
    server.last.close(4000)
    await until(conn, 'open')
    server.last.close(4001)
    await expectGivenUp(conn, { closeCode: 4001 })
    expect(asked).toMatchObject([{ status: 500 }, { closeCode: 4000 }, { closeCode: 4001 }])
  })

  test('when giveUp throws, with what it threw', async () => {
    const server = await home()
    const mine = new Error('mine')
    const conn = redialed(server.url, {
      giveUp: () => {
        throw mine
      },
    })
    await until(conn, 'open')
    server.last.terminate()
    await expectGivenUp(conn, mine)
  })

  test.each([[null], [0], [''], [false]])('when giveUp throws %j, with that', async (thrown) => {
    const server = await home()
    server.answers = [status(500)]
    const conn = redialed(server.url, {
      giveUp: () => {
        throw thrown
      },
    })
    expect(await until(conn, 'closed')).toEqual({ status: 'closed', attempt: 1, error: thrown })
    expect(await rejectionOf(conn.incoming.receive())).toBe(thrown)
    expect(conn.ctx.cause).toBe(thrown)
  })

  test('when giveUp throws undefined, with which nothing can fail: with a CloseError', async () => {
    const server = await home()
    server.answers = [status(500)]
    const conn = redialed(server.url, {
      giveUp: () => {
        throw undefined
      },
    })
    const { error } = await until(conn, 'closed')
    expect(error).toBeInstanceOf(CloseError)
    expect(await rejectionOf(conn.incoming.receive())).toBe(error)
    expect(conn.ctx.cause).toBe(error)
  })

  test('when giveUp returns a promise, which would be taken for a no', async () => {
    const server = await home()
    const giveUp = (async () => true) as unknown as () => boolean
    const conn = redialed(server.url, { giveUp })
    await until(conn, 'open')
    server.last.terminate()
    const message = 'Cannot use option giveUp: expected a boolean at once, got an object'
    await expectGivenUp(conn, { name: 'TypeError', message })
  })

  test.each<[unknown, string, string]>([
    [NaN, 'RangeError', 'at least 0, got NaN'],
    [-0.1, 'RangeError', 'at least 0, got -0.1'],
    [1, 'RangeError', 'less than 1, got 1'],
    ['0.5', 'TypeError', 'a number, got "0.5"'],
    [undefined, 'TypeError', 'a number, got undefined'],
  ])('when random gives %s, which it names', async (drawn, name, expected) => {
    const conn = redialed('ws://127.0.0.1:9/', { random: () => drawn as number })
    await expectGivenUp(conn, { name, message: `Cannot use option random: expected ${expected}` })
  })

  test('and what the outbox held is unsent', async () => {
    const server = await home()
    server.answers = [status(500), status(404)]
    const conn = redialed(server.url)
    await conn.outgoing.send('a')
    await conn.outgoing.send('b')
    expect(await conn.closed).toMatchObject({ unsent: 2 })
  })
})

describe('close', () => {
  const always = { backoff: { minMs: 60_000, maxMs: 60_000 }, random: () => 0.9 }

  test('while it is open sends what there is, then closes with the code', async () => {
    const server = await home()
    const conn = redialed(server.url)
    await until(conn, 'open')
    let seen: unknown
    server.last.on('close', (code, reason) => (seen = [code, reason.toString()]))
    for (let i = 0; i < 50; i++) await conn.outgoing.send(String(i))
    expect(await conn.close(4321, 'bye')).toEqual({
      code: 4321,
      reason: 'bye',
      wasClean: true,
      by: 'local',
      unsent: 0,
    })
    await eventually('the server saw it', () => seen !== undefined)
    expect(seen).toEqual([4321, 'bye'])
    expect(server.heard).toEqual(Array.from({ length: 50 }, (_, i) => String(i)))
    expect(await conn.incoming.receive()).toEqual({ value: undefined, ok: false })
    expect(conn.ctx.cause).toMatchObject({ closeCode: 4321, by: 'local' })
    expect(await rejectionOf(conn.outgoing.send('late'))).toMatchObject({ value: 'late', closeCode: 4321 })
    expect(await conn.close()).toMatchObject({ code: 4321 })
  })

  test.each<[string, (conn: RedialConnection) => void]>([
    ['close()', (conn) => void conn.close()],
    ['outgoing.close(error)', (conn) => conn.outgoing.close(new Error('mine'))],
  ])('by %s while the peer does not read takes closeTimeoutMs in all', async (_, close) => {
    const server = await home()
    server.reads = false
    const conn = redialed(server.url, { closeTimeoutMs: 1_000, outboxCapacity: 8 })
    await until(conn, 'open')
    while (conn.outgoing.trySend('x'.repeat(256 * 1024))) await settle()
    await expectPending(conn.outgoing.send('waits').catch(() => {}))
    const since = performance.now()
    close(conn)
    const { unsent, ...end } = await conn.closed
    expect(performance.now() - since).toBeLessThan(1_900)
    expect(end).toEqual({ code: 1006, reason: '', wasClean: false, by: 'local' })
    expect(unsent).toBeGreaterThanOrEqual(8)
  })

  test.each<[string, (server: Home) => Promise<void> | void, RedialOptions]>([
    ['it dials', (server) => void (server.answers = ['never', 'never']), {}],
    ['it waits', (server) => void (server.answers = [status(500)]), always],
    ['there is no server', (server) => server.stop(), always],
  ])('while %s ends at once, with nothing left, and counts the outbox', async (_, prepare, options) => {
    const timers = countTimers()
    const before = timers()
    const server = await home()
    await prepare(server)
    const conn = redialed(server.url, options)
    await conn.outgoing.send('kept')
    if (options === always) await until(conn, 'waiting')
    else await eventually('it asked', () => server.asked === 1)
    const receiving = conn.incoming.receive()
    expect(await conn.close(3000, 'bye')).toEqual({
      code: 3000,
      reason: 'bye',
      wasClean: false,
      by: 'local',
      unsent: 1,
    })
    expect(await receiving).toEqual({ value: undefined, ok: false })
    expect(conn.outgoing.closed).toBe(true)
    await eventually('no timer is left', () => timers() <= before)
  })

  test('in the turn of the call leaves nothing', async () => {
    const server = await home()
    const conn = redial(server.url)
    expect(await conn.close()).toMatchObject({ code: 1000, by: 'local' })
    await settle()
    expect(server.sockets).toEqual([])
  })

  test('after any number of turns ends, and leaves no socket', async () => {
    const server = await home()
    for (let turns = 0; turns < 40; turns++) {
      const conn = redial(server.url, { backoff: { maxMs: 1 } })
      await conn.outgoing.send('hello')
      for (let turn = 0; turn < turns / 4; turn++) await new Promise((resolve) => setImmediate(resolve))
      if (turns % 3 === 0) server.sockets.at(-1)?.terminate()
      await conn.close()
      expect(conn.ctx.err).toBeDefined()
    }
    await eventually('no socket is open', () =>
      server.sockets.every((socket) => socket.readyState === socket.CLOSED),
    )
  })

  test('a bad code throws at once, and harms nothing', async () => {
    const conn = redialed('ws://127.0.0.1:9/')
    expect(thrownBy(() => conn.close(1005))).toBeInstanceOf(RangeError)
    expect(conn.ctx.err).toBeUndefined()
  })

  test('of outgoing while it is away sends the outbox over a new connection, then closes with 1000', async () => {
    const server = await home()
    await server.stop()
    const conn = redialed(server.url)
    await conn.outgoing.send('a')
    await conn.outgoing.send('b')
    conn.outgoing.close()
    expect(await rejectionOf(conn.outgoing.send('late'))).toMatchObject({ closeCode: 1000, value: 'late' })
    await until(conn, 'waiting')
    await server.start()
    expect(await conn.closed).toEqual({ code: 1000, reason: '', wasClean: true, by: 'local', unsent: 0 })
    expect(server.heard).toEqual(['a', 'b'])
  })

  test('of outgoing sends again what is known not to have left, over a new connection', async () => {
    const server = await home()
    server.reads = false
    const conn = redialed(server.url)
    await until(conn, 'open')
    await conn.outgoing.send('x'.repeat(2e7))
    conn.outgoing.close()
    await expectPending(conn.closed)
    expect(conn.outgoing.closed).toBe(true)
    server.reads = true
    server.last.terminate()
    expect(await conn.closed).toEqual({ code: 1000, reason: '', wasClean: true, by: 'local', unsent: 0 })
    expect(server.heard.map((text) => text.length)).toEqual([2e7])
    expect(server.sockets.length).toBe(2)
  })

  test('of outgoing with an empty outbox ends: away at once, open with 1000; an error is 1011', async () => {
    const away = redialed('ws://127.0.0.1:9/')
    away.outgoing.close()
    expect(await away.closed).toMatchObject({ code: 1000, by: 'local' })
    const server = await home()
    const open = redialed(server.url)
    await until(open, 'open')
    open.outgoing.close()
    expect(await open.closed).toMatchObject({ code: 1000, by: 'local', wasClean: true })
    const failing = redialed(server.url)
    await until(failing, 'open')
    failing.outgoing.close(new Error('mine'))
    expect(await failing.closed).toMatchObject({ code: 1011, by: 'local' })
  })
})

describe('cancelling', () => {
  test('cancel ends it with 1001, and incoming fails with its reason', async () => {
    const server = await home()
    const controller = new AbortController()
    const conn = redialed(server.url, {}, controller)
    await until(conn, 'open')
    let seen: unknown
    server.last.on('close', (code) => (seen = code))
    controller.abort('enough')
    expect(await until(conn, 'closed')).toMatchObject({ error: 'enough' })
    expect(await rejectionOf(conn.incoming.receive())).toBe('enough')
    expect(await conn.closed).toMatchObject({ code: 1001, by: 'local' })
    await eventually('the server saw it', () => seen === 1001)
  })

  test.each([[null], [0], ['']])('with %j as reason is a cancel with a reason', async (reason) => {
    const controller = new AbortController()
    const conn = redialed('ws://127.0.0.1:9/', {}, controller)
    controller.abort(reason)
    expect(await until(conn, 'closed')).toMatchObject({ error: reason })
    expect(await rejectionOf(conn.incoming.receive())).toBe(reason)
    expect(conn.ctx.cause).toBe(reason)
  })

  test('a cancel that fired before does not connect', async () => {
    const server = await home()
    const controller = new AbortController()
    controller.abort('before')
    const conn = redialed(server.url, {}, controller)
    expect(await rejectionOf(conn.incoming.receive())).toBe('before')
    expect(await conn.closed).toMatchObject({ code: 1001, by: 'local' })
    expect(server.asked).toBe(0)
  })

  test('a cancel while it waits ends it', async () => {
    using ctx = withCancel(background())
    const conn = redialed('ws://127.0.0.1:9/', { backoff: { minMs: 60_000, maxMs: 60_000 } }, ctx)
    await until(conn, 'waiting')
    ctx.cancel('why')
    expect(await rejectionOf(conn.incoming.receive())).toBe(ctx.err)
  })

  test('parent closes with 1001, incoming closes, and ctx has its values', async () => {
    const server = await home()
    const user = contextKey<string>('user')
    using parent = withCancel(withValue(background(), user, 'gopher'))
    const conn = redialed(server.url, { parent })
    expect(conn.ctx.value(user)).toBe('gopher')
    await until(conn, 'open')
    parent.cancel()
    expect(await conn.closed).toMatchObject({ code: 1001, by: 'local', wasClean: true })
    expect(await conn.incoming.receive()).toEqual({ value: undefined, ok: false })
  })

  test('no listener is left on a signal', async () => {
    const server = await home()
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof add>) => (listeners++, add(...args)),
      removeEventListener: (...args: Parameters<typeof remove>) => (listeners--, remove(...args)),
    })
    const conn = redialed(server.url, { parent: { signal } }, { signal })
    await until(conn, 'open')
    expect(listeners).toBeGreaterThan(0)
    await conn.close()
    await eventually('no listener is left', () => listeners === 0)
  })
})

describe('a redial with', () => {
  test.each<[string, object, string]>([
    ['backoff: a number', { backoff: 5 }, 'backoff'],
    ['backoff.minMs: -1', { backoff: { minMs: -1 } }, 'backoff.minMs'],
    ['backoff.maxMs: NaN', { backoff: { maxMs: NaN } }, 'backoff.maxMs'],
    ['backoff.factor: 0.5', { backoff: { factor: 0.5 } }, 'backoff.factor'],
    ['stableMs: a text', { stableMs: '5' }, 'stableMs'],
    ['outboxCapacity: 0', { outboxCapacity: 0 }, 'outboxCapacity'],
    ['outboxCapacity: 1.5', { outboxCapacity: 1.5 }, 'outboxCapacity'],
    ['giveUp: true', { giveUp: true }, 'giveUp'],
    ['random: 0.5', { random: 0.5 }, 'random'],
    ['incomingCapacity: 0', { incomingCapacity: 0 }, 'incomingCapacity'],
    ['parent: a number', { parent: 7 }, 'parent'],
  ])('option %s throws at once, naming it', (_, options, named) => {
    const error = thrownBy(() => redial('ws://127.0.0.1:9/', options as RedialOptions))
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
    expect((error as Error).message).toContain(named)
  })

  test('no URL, or a cancel that is none, throws at once', () => {
    expect(thrownBy(() => redial('not a URL'))).toBeInstanceOf(TypeError)
    for (const cancel of [5, null, {}])
      expect(thrownBy(() => redial('ws://127.0.0.1:9/', {}, cancel as never))).toBeInstanceOf(TypeError)
  })

  test.each<[unknown, string]>([
    [1, '1'],
    ['x', '"x"'],
    [null, 'null'],
  ])('the options %j throws at once', (options, got) => {
    expect(thrownBy(() => redial('ws://127.0.0.1:9/', options as never))).toEqual(
      new TypeError(`Cannot redial: options must be an object, got ${got}`),
    )
  })
})
