// A Worker whose paths each do one thing over the packages. What is lost with the request that set it off would show in
// the next one.

import { background, channel, group, select, sleep, ticker, withTimeout, yieldNow } from 'chansel'
import { Mutex } from 'chansel/sync'
import { type Connection, dial, redial, wrap } from '@chansel/ws'

declare const WebSocketPair: new () => Record<0 | 1, WebSocket & { accept(options?: object): void }>

interface Environment {
  readonly ROOM: { getByName(name: string): { fetch(request: Request): Promise<Response> } }
}

/** What requests hand to each other. */
const parcels = channel<string>()

/** Made while the Worker starts, when no timer may be set. */
const stock = channel<number>(500)
for (let i = 0; i < 500; i++) void stock.send(i)

const paths: Record<string, (request: Request, query: URLSearchParams) => unknown> = {
  async sleep(_, query) {
    const start = Date.now()
    await sleep(Number(query.get('ms')))
    return Date.now() - start
  },

  async deadline() {
    using ctx = withTimeout(background(), 20)
    return await channel()
      .receive(ctx)
      .catch(({ code }) => code)
  },

  async fetch({ url }) {
    using ctx = withTimeout(background(), 20)
    return await fetch(new URL('/sleep?ms=5000', url), ctx).catch(({ code }) => code)
  },

  async tick() {
    using ticks = ticker(5)
    const late = channel<never>()
    for (let i = 0; i < 3; i++) await select({ ticks, late })
    return 'ticked'
  },

  async yield() {
    await yieldNow()
    return 'yielded'
  },

  /** Far more than the operations after which the event loop has its turn elsewhere. */
  async sum(_, query) {
    const count = Number(query.get('count'))
    const numbers = channel<number>()
    return group(background(), async (g) => {
      void g.go(async () => {
        for (let i = 0; i < count; i++) await numbers.send(i)
        numbers.close()
      })
      let sum = 0
      for await (const n of numbers) sum += n
      return sum
    })
  },

  stock() {
    return stock.length
  },

  async lock() {
    const mutex = new Mutex()
    const order: number[] = []
    await group(background(), async (g) => {
      for (let i = 0; i < 3; i++)
        void g.go(async () => {
          using _ = await mutex.lock()
          await sleep(5 - i)
          order.push(i)
        })
    })
    return order.join()
  },

  async send(_, query) {
    await parcels.send(query.get('value') ?? '')
    return 'sent'
  },

  async receive() {
    // A request that waits for nothing but another one is taken for one that hangs.
    using ctx = withTimeout(background(), 10_000)
    return (await parcels.receive(ctx)).value
  },

  echo() {
    const { 0: client, 1: server } = new WebSocketPair()
    void echo(join(server))
    return answerWith(client)
  },

  async dial(_, query) {
    await using conn = await dial(query.get('url') ?? '')
    await conn.outgoing.send('hello')
    return (await conn.incoming.receive()).value
  },

  /** Over a server that ends each connection after one message. */
  async redial(_, query) {
    await using conn = redial(query.get('url') ?? '', { backoff: { minMs: 5, maxMs: 5 } })
    for (const word of ['one', 'two']) {
      // What is on its way when a connection ends is lost.
      while ((await conn.state.receive()).value?.status !== 'open');
      await conn.outgoing.send(word)
      const { value } = await conn.incoming.receive()
      if (value !== `${word}, too`) return value
    }
    return 'redialled'
  },
}

export default {
  async fetch(request: Request, { ROOM }: Environment): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/room') return ROOM.getByName('one').fetch(request)
    const outcome = await paths[pathname.slice(1)]?.(request, searchParams)
    return outcome instanceof Response ? outcome : new Response(String(outcome))
  },
}

/** A Durable Object: who is in it hears all. */
export class Room {
  readonly #members = new Set<Connection>()

  fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair()
    void this.#serve(join(server))
    return answerWith(client)
  }

  async #serve(conn: Connection): Promise<void> {
    this.#members.add(conn)
    for await (const message of conn.incoming)
      for (const member of this.#members) await member.outgoing.send(message)
    this.#members.delete(conn)
  }
}

function join(server: InstanceType<typeof WebSocketPair>[1]): Connection {
  const conn = wrap(server)
  server.accept()
  return conn
}

async function echo(conn: Connection): Promise<void> {
  for await (const message of conn.incoming) {
    await sleep(5)
    await conn.outgoing.send(message)
  }
}

function answerWith(webSocket: WebSocket): Response {
  return new Response(null, { status: 101, webSocket } as ResponseInit)
}
