import { type Cancel, type Channel, type Context, channel } from 'chansel'
import { UnsupportedError } from './errors.ts'
import type { Transport } from './transport/port.ts'

/**
 * @param ctx of the connection
 * @throws UnsupportedError where the platform has no pings
 */
export function pingsOver(transport: Transport, ctx: Context): Pings {
  if (transport.ping === undefined) throw new UnsupportedError('ping')
  return new Pings(transport, ctx)
}

/** The pings that a connection's program sends, each told apart by what it carries. */
export class Pings {
  readonly #transport: Transport
  readonly #ctx: Context
  readonly #answers = new Map<string, Channel<number>>()
  #count = 0

  constructor(transport: Transport, ctx: Context) {
    this.#transport = transport
    this.#ctx = ctx
  }

  /** Resolves to the round trip, in ms. */
  async ping(cancel: Cancel | undefined): Promise<number> {
    if (this.#ctx.err !== undefined) throw this.#ctx.cause
    const answer = channel<number>(1)
    const data = String(++this.#count)
    this.#answers.set(data, answer)
    const sentAt = performance.now()
    this.#transport.ping!(data)
    try {
      const { value } = await answer.receive(cancel)
      return value! - sentAt
    } finally {
      this.#answers.delete(data)
    }
  }

  answered(data: string): void {
    this.#answers.get(data)?.trySend(performance.now())
  }

  /** No answer will come any more. */
  end(error: unknown): void {
    for (const answer of this.#answers.values()) answer.close(error)
  }
}
