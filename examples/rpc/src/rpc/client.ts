// The client's side of one connection.

import { type Cancel, type Channel, type Context, background, channel, go } from 'chansel'
import { type Connection, type TypedConnection, json, withCodec } from '@chansel/ws'
import { type Api, type Contract, validate } from './contract.ts'
import { RpcError } from './error.ts'
import { Reply, type Request, WINDOW } from './frames.ts'

/** After how many values the server is told that they were taken. After each would be a message for every message. */
const TAKEN_EVERY = WINDOW / 2

/**
 * The procedures of a contract as functions. They reject with an `RpcError` from the server, with the reason of
 * `cancel`, or with the `CloseError` of the connection. The deadline of a context goes to the server as well.
 */
export function callable<C extends Contract>(conn: Connection, contract: C): Api<C> {
  const caller = new Caller(conn)
  const methods = Object.entries(contract).map(([method, { kind, output }]) => [
    method,
    kind === 'call'
      ? async (input: unknown, cancel?: Cancel) => validate(output, await caller.call(method, input, cancel))
      : async function* (input: unknown, cancel?: Cancel) {
          for await (const value of caller.stream(method, input, cancel)) yield await validate(output, value)
        },
  ])
  return Object.fromEntries(methods) as Api<C>
}

class Caller {
  readonly #conn: TypedConnection<Reply, Request>
  /** Where the replies to each call go. */
  readonly #calls = new Map<number, Channel<Reply>>()
  #ids = 0

  constructor(conn: Connection) {
    this.#conn = withCodec(conn, json<Reply, Request>(Reply))
    void go(() => this.#listen())
  }

  /** The one task that receives. It waits for no call: the window bounds what each of them can have waiting. */
  async #listen(): Promise<void> {
    try {
      for await (const reply of this.#conn.incoming) {
        const isTaken = this.#calls.get(reply.id)?.trySend(reply) ?? true
        if (!isTaken) await this.#conn.close(1008, `Call ${reply.id} has more than its window`)
      }
    } catch {
      // `ctx` says how it ended.
    }
    await this.#conn.closed
    for (const replies of this.#calls.values()) replies.close(this.#conn.ctx.cause)
  }

  async call(method: string, input: unknown, cancel: Cancel = background()): Promise<unknown> {
    using call = await this.#open(method, input, cancel)
    const reply = await call.next(cancel)
    if (reply.type !== 'result') throw new RpcError('INTERNAL', `${method} is no call`)
    return reply.value
  }

  async *stream(
    method: string,
    input: unknown,
    cancel: Cancel = background(),
  ): AsyncGenerator<unknown, void> {
    // Also disposed when the loop over it is left: that is how the server learns of it.
    using call = await this.#open(method, input, cancel)
    for (let taken = 1; ; taken++) {
      const reply = await call.next(cancel)
      if (reply.type === 'end') return
      if (reply.type !== 'value') throw new RpcError('INTERNAL', `${method} is no stream`)
      yield reply.value
      if (taken % TAKEN_EVERY === 0) {
        await this.#conn.outgoing.send({ type: 'taken', id: call.id, count: TAKEN_EVERY }, cancel)
      }
    }
  }

  async #open(method: string, input: unknown, cancel: Cancel): Promise<OpenCall> {
    const { outgoing } = this.#conn
    const id = this.#ids++
    // One place more, for the end or the error.
    const replies = channel<Reply>(WINDOW + 1, { name: method })
    const { deadline } = cancel as Partial<Context>
    const timeoutMs = deadline === undefined ? undefined : Math.max(0, deadline - Date.now())
    this.#calls.set(id, replies)
    try {
      await outgoing.send({ type: 'open', id, method, input, timeoutMs }, cancel)
    } catch (error) {
      this.#calls.delete(id)
      throw error
    }
    return new OpenCall(id, replies, (isOver) => {
      this.#calls.delete(id)
      // Nobody waits for it: if the connection is gone, the server knows.
      if (!isOver) void outgoing.send({ type: 'cancel', id }).catch(() => {})
    })
  }
}

/** A call that the server knows of. Disposing it before its end cancels it. */
class OpenCall implements Disposable {
  readonly id: number
  readonly #replies: Channel<Reply>
  readonly #forget: (isOver: boolean) => void
  #isOver = false

  constructor(id: number, replies: Channel<Reply>, forget: (isOver: boolean) => void) {
    this.id = id
    this.#replies = replies
    this.#forget = forget
  }

  /** @throws RpcError (a rejection) if that is the reply */
  async next(cancel: Cancel): Promise<Exclude<Reply, { type: 'error' }>> {
    const { value: reply } = await this.#replies.receive(cancel)
    this.#isOver = reply!.type !== 'value'
    if (reply!.type === 'error') throw new RpcError(reply!.code, reply!.message)
    return reply!
  }

  [Symbol.dispose](): void {
    this.#forget(this.#isOver)
  }
}
