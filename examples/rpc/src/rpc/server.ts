// The server's side of one connection.

import {
  type CancelContext,
  type Channel,
  type SendChannel,
  channel,
  group,
  withCancel,
  withTimeout,
} from 'chansel'
import { type Connection, json, withCodec } from '@chansel/ws'
import { type Contract, type Handlers, validate } from './contract.ts'
import { RpcError, tellable } from './error.ts'
import { type Reply, Request, WINDOW } from './frames.ts'

export interface AnswerOptions {
  /** The most calls of one connection at a time, including streams; 100. */
  readonly maxCalls?: number
  /** Gets what handlers throw and the client is not told. */
  readonly onError?: (error: unknown, method: string) => void
}

/** A call that is under way. */
interface Call {
  readonly request: Request & { type: 'open' }
  readonly ctx: CancelContext
  /** A permit for each value that may be sent: `WINDOW` of them, here or on their way. */
  readonly permits: Channel<void>
}

/** Answers what the peer asks, each call in a task of its own, until the connection ends, which cancels them all. */
export async function answerCalls<C extends Contract>(
  conn: Connection,
  contract: C,
  handlers: Handlers<C>,
  options: AnswerOptions = {},
): Promise<void> {
  const { maxCalls = 100, onError = console.error } = options
  const { incoming, outgoing } = withCodec(conn, json<Request, Reply>(Request))
  const calls = new Map<number, Call>()
  await group(conn.ctx, async (g) => {
    for await (const request of incoming) {
      const { id } = request
      const call = calls.get(id)
      if (request.type === 'cancel') {
        call?.ctx.cancel()
      } else if (request.type === 'taken') {
        for (let i = 0; i < request.count; i++) call?.permits.trySend()
      } else if (call !== undefined) {
        await conn.close(1008, `There is a call ${id} already`)
      } else if (calls.size >= maxCalls) {
        // Waits if the peer does not read its replies: then we need not read from it, either.
        await outgoing.send(
          failure(id, new RpcError('TOO_MANY_CALLS', `There are ${maxCalls} calls already`)),
        )
      } else {
        const { timeoutMs } = request
        const ctx = timeoutMs === undefined ? withCancel(g.ctx) : withTimeout(g.ctx, timeoutMs)
        const opened = { request, ctx, permits: fullWindow() }
        calls.set(id, opened)
        void g.go(() => answer(opened).finally(() => calls.delete(id)))
      }
    }
  })

  async function answer(call: Call): Promise<void> {
    const { request, ctx } = call
    const { id, method } = request
    using _ = ctx
    try {
      await outgoing.send(await outcomeOf(call, contract, handlers as AnyHandlers, outgoing), ctx)
    } catch (error) {
      // A client that cancelled, or whose deadline has passed, waits for no answer.
      if (ctx.err !== undefined) return
      const told = tellable(error)
      if (told === undefined) onError(error, method)
      await outgoing.send(failure(id, told ?? new RpcError('INTERNAL', 'The server failed')))
    }
  }
}

type AnyHandlers = Record<string, (input: unknown, ctx: Call['ctx']) => unknown>

/** Runs the handler, and sends the values of a stream. */
async function outcomeOf(
  { request, ctx, permits }: Call,
  contract: Contract,
  handlers: AnyHandlers,
  outgoing: SendChannel<Reply>,
): Promise<Reply> {
  const { id, method } = request
  // Not `contract[method]` alone: what every object inherits is not a procedure.
  const procedure = Object.hasOwn(contract, method) ? contract[method] : undefined
  if (procedure === undefined) throw new RpcError('NO_SUCH_METHOD', `There is no ${method}`)
  const result = handlers[method]!(await validate(procedure.input, request.input), ctx)
  if (procedure.kind === 'call') return { type: 'result', id, value: await result }
  for await (const value of result as AsyncIterable<unknown>) {
    await permits.receive(ctx)
    await outgoing.send({ type: 'value', id, value }, ctx)
  }
  return { type: 'end', id }
}

function fullWindow(): Channel<void> {
  const permits = channel<void>(WINDOW)
  while (permits.trySend());
  return permits
}

function failure(id: number, { code, message }: RpcError): Reply {
  return { type: 'error', id, code, message }
}
