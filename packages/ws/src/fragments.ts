import { type Cancel, type Channel, type Context, channel, select, withCancel } from 'chansel'
import { sendWaits, streamSent } from '#diagnostics'
import { UnsupportedError, describe } from './errors.ts'
import type { Outgoing } from './outgoing.ts'
import { type MessageSource, type Pieces, checkSource, piecesOf } from './pieces.ts'
import { isBytes } from './transport/bytes.ts'
import { type MessageFragment, Parcel, type Passage } from './transport/port.ts'

export { readStreams } from './incoming-streams.ts'

/** What a message needs of the connection that it is streamed over. */
interface Streaming {
  readonly ctx: Context
  readonly closed: Promise<unknown>
  close(code: number): Promise<unknown>
}

/** Sends a message in fragments, one for each piece of `source`. See `Connection.sendStream`. */
export function sendFragments(
  source: MessageSource,
  conn: Streaming,
  outgoing: Outgoing,
  cancel: Cancel | undefined,
): Promise<void> {
  // Thrown at once, and before the source is touched.
  checkSource(source)
  if (cancel !== undefined) withCancel(cancel).cancel()
  // The source is not touched: whoever calls may then send the message whole.
  if (outgoing.transport.sendFragment === undefined) {
    return Promise.reject(new UnsupportedError('sendStream'))
  }
  return send(new Fragments(piecesOf(source)), conn, outgoing, cancel)
}

/** Sends all fragments when their turn has come, and lets go of their source, whatever happens. */
async function send(
  fragments: Fragments,
  conn: Streaming,
  outgoing: Outgoing,
  cancel: Cancel | undefined,
): Promise<void> {
  const turn = new Turn()
  let failure: unknown
  try {
    await outgoing.channel.send(turn as never, cancel)
    await sendInTurn(turn, fragments, conn, outgoing, cancel)
  } catch (error) {
    failure = error
    throw error
  } finally {
    fragments.release(failure)
  }
}

async function sendInTurn(
  turn: Turn,
  fragments: Fragments,
  conn: Streaming,
  outgoing: Outgoing,
  cancel: Cancel | undefined,
): Promise<void> {
  const { ctx } = conn
  const { transport } = outgoing
  let isDone = false
  let hasBegun = false
  let bytes = 0
  try {
    while (!isDone) {
      const fragment = await fragments.next(ctx, cancel)
      if (fragment !== undefined && outgoing.isCrowded) await turn.roomIn(outgoing, ctx, cancel)
      if (fragment === undefined || outgoing.channel.closed) {
        await conn.closed
        throw ctx.cause
      }
      isDone = fragment.isLast
      if (isDone) outgoing.accepted++
      transport.sendFragment!(fragment)
      hasBegun = true
      bytes += fragment.data.byteLength
      if (isDone) streamSent(transport, fragment.kind, bytes)
    }
  } finally {
    // No other message may follow half of one.
    if (hasBegun && !isDone) void conn.close(1011)
    outgoing.endStream()
  }
}

/**
 * Sent like a message, it has its turn when all that was sent before has left, and then holds up what is sent
 * later.
 */
class Turn extends Parcel {
  readonly message = undefined
  /** Has a value when there may be room. */
  readonly #room: Channel<true> = channel(1)

  passTo(passage: Passage): void {
    passage.stream = this
  }

  drained(): void {
    this.#room.trySend(true)
  }

  /** Waits until there is room for a fragment, or the connection is over. */
  async roomIn(outgoing: Outgoing, ctx: Context, cancel: Cancel | undefined): Promise<void> {
    const waitIsOver = sendWaits(outgoing)
    try {
      while (ctx.err === undefined && outgoing.isCrowded) {
        await select({ room: this.#room, over: ctx.done }, cancel)
      }
    } finally {
      waitIsOver?.(!outgoing.isCrowded)
    }
  }
}

/**
 * Makes fragments for the wire of the pieces of a message, and takes a piece from its source only when asked for a
 * fragment.
 *
 * Invariants:
 * 1. All pieces are of the kind of the first.
 * 2. `#held` is empty, or the first half of a character whose second half begins the next piece.
 */
class Fragments {
  readonly #pieces: Pieces
  #kind: 'text' | 'binary' | undefined
  #held = ''

  constructor(pieces: Pieces) {
    this.#pieces = pieces
  }

  /**
   * @returns `undefined` if `over` ended first
   * @throws what the source threw, or the reason of `cancel`
   */
  async next(over: Context, cancel: Cancel | undefined): Promise<MessageFragment | undefined> {
    const step = channel<{ result: IteratorResult<unknown> } | { error: unknown }>(1)
    this.#pieces.next().then(
      (result) => step.trySend({ result }),
      (error: unknown) => step.trySend({ error }),
    )
    const event = await select({ step, over: over.done }, cancel)
    if (event.case === 'over') return undefined
    const outcome = event.value!
    if ('error' in outcome) throw outcome.error
    const { done, value } = outcome.result
    return done ? this.#last() : this.#fragment(value)
  }

  /** Nothing more is asked for. */
  release(reason: unknown): void {
    this.#pieces.release(reason).catch(() => {}) // why it ended is told already
  }

  #fragment(piece: unknown): MessageFragment {
    const kind = typeof piece === 'string' ? 'text' : isBytes(piece) ? 'binary' : undefined
    this.#kind ??= kind
    if (kind === undefined || kind !== this.#kind) {
      throw new TypeError(
        `Cannot stream a message: its pieces are all strings or all Uint8Arrays, got ${describe(piece)}`,
      )
    }
    const data = typeof piece === 'string' ? this.#encode(piece) : (piece as Uint8Array)
    return { data, kind, isLast: false }
  }

  #encode(piece: string): Uint8Array {
    const text = this.#held + piece
    this.#held = HALF_CHARACTER.exec(text)?.[0] ?? ''
    return encoder.encode(text.slice(0, text.length - this.#held.length))
  }

  #last(): MessageFragment {
    return { data: encoder.encode(this.#held), kind: this.#kind ?? 'binary', isLast: true }
  }
}

const encoder = new TextEncoder()
/** The first half of a surrogate pair, at the end. */
const HALF_CHARACTER = /[\uD800-\uDBFF]$/
