import { type Cancel, type Channel, type Context, afterFunc, channel, withCancel } from 'chansel'
import { UnsupportedError } from './errors.ts'
import type { Transport } from './transport/port.ts'

/** Pings over the transport of `conn`. See `Connection.ping`. */
export function sendPing(
  conn: { readonly ctx: Context },
  transport: Transport,
  cancel: Cancel | undefined,
): Promise<number> {
  let sent = pings.get(conn)
  if (sent === undefined) pings.set(conn, (sent = new Pings(transport, conn.ctx)))
  return sent.ping(cancel)
}

/** A pong has come. */
export function pingAnswered(conn: object, data: string): void {
  pings.get(conn)?.answered(data)
}

/** Of the connections whose programs send some. */
const pings = new WeakMap<object, Pings>()

/**
 * The pings that the program sends over a connection, told apart by the numbers that they carry.
 *
 * Invariant: `#answers` has the pings that wait for an answer, oldest first.
 */
class Pings {
  readonly #transport: Transport
  readonly #ctx: Context
  readonly #answers = new Map<number, Channel<number>>()
  #count = 0

  constructor(transport: Transport, ctx: Context) {
    this.#transport = transport
    this.#ctx = ctx
    afterFunc(ctx, () => {
      for (const answer of this.#answers.values()) answer.close(ctx.cause)
    })
  }

  ping(cancel: Cancel | undefined): Promise<number> {
    const answer = channel<number>(1)
    const sentAt = performance.now()
    // Waits before all else: a `cancel` that cannot cancel throws at once, and one that has fired wins.
    const trip = answer.receive(cancel).then(({ value }) => value! - sentAt)
    if (this.#transport.ping === undefined) answer.close(new UnsupportedError('ping'))
    else if (this.#ctx.err !== undefined) answer.close(this.#ctx.cause)
    else if (cancel === undefined || !hasFired(cancel)) this.#send(answer, trip)
    return trip
  }

  #send(answer: Channel<number>, trip: Promise<number>): void {
    const number = ++this.#count
    this.#answers.set(number, answer)
    this.#transport.ping!(String(number))
    const settled = (): void => void this.#answers.delete(number)
    trip.then(settled, settled)
  }

  /** Of pings that came together the peer may answer only the newest (RFC 6455, section 5.5.3). */
  answered(data: string): void {
    const newest = Number(data)
    if (!(newest <= this.#count)) return // none of ours
    for (const [number, answer] of this.#answers) {
      if (number > newest) return
      answer.trySend(performance.now())
    }
  }
}

/** Without asking `cancel` for its signal: that of a context would hold the process until its deadline. */
function hasFired(cancel: Cancel): boolean {
  using below = withCancel(cancel)
  return below.err !== undefined
}
