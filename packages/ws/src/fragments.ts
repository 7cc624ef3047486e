import { type Cancel, type Context, channel, select } from 'chansel'
import { messageStreamed, sendWaits } from '#diagnostics'
import { UnsupportedError, describe } from './errors.ts'
import type { Outgoing } from './outgoing.ts'
import type { MessageFragment, Transport } from './transport/port.ts'

/** What a message can be streamed from: pieces of text, or of bytes. */
export type MessageSource =
  | AsyncIterable<string | Uint8Array>
  | ReadableStream<string>
  | ReadableStream<Uint8Array>

/** The connection that a message is streamed over, as far as streaming it needs one. */
export interface Streaming {
  readonly transport: Transport
  readonly outgoing: Outgoing
  readonly ctx: Context
  isClosing(): boolean
  /** Why the connection ended. */
  failure(): Promise<unknown>
  /** Ends the connection: no other message may follow half of one. */
  cutShort(): void
}

/** Sends a message in fragments, one for each piece of `source`. See `Connection.sendStream`. */
export function sendFragments(
  source: MessageSource,
  streaming: Streaming,
  cancel: Cancel | undefined,
): Promise<void> {
  return send(new Fragments(source), streaming, cancel)
}

async function send(fragments: Fragments, streaming: Streaming, cancel: Cancel | undefined): Promise<void> {
  const { transport, outgoing, ctx } = streaming
  if (transport.sendFragment === undefined) throw new UnsupportedError('sendStream')
  await outgoing.beginStream(cancel)
  outgoing.room = channel(1)
  let isDone = false
  let hasBegun = false
  let bytes = 0
  try {
    while (!isDone) {
      const fragment = await fragments.next(ctx, cancel)
      if (fragment !== undefined && outgoing.isCrowded) await roomIn(streaming, cancel)
      if (fragment === undefined || streaming.isClosing()) throw await streaming.failure()
      isDone = fragment.isLast
      if (isDone) outgoing.accepted++
      transport.sendFragment(fragment)
      hasBegun = true
      bytes += fragment.data.byteLength
      if (isDone) messageStreamed(transport, fragment.kind, bytes)
    }
  } finally {
    if (!isDone) {
      fragments.abandon()
      if (hasBegun) streaming.cutShort()
    }
    outgoing.room = undefined
    outgoing.endStream()
  }
}

/** Waits until there is room for a fragment, or the connection is over. */
async function roomIn({ transport, outgoing, ctx }: Streaming, cancel: Cancel | undefined): Promise<void> {
  const waitIsOver = sendWaits(transport)
  try {
    while (ctx.err === undefined && outgoing.isCrowded) {
      await select({ room: outgoing.room, over: ctx.done }, cancel)
    }
  } finally {
    waitIsOver?.(!outgoing.isCrowded)
  }
}

/**
 * Takes the pieces of a message from where they come from, one when asked for one, as fragments for the wire.
 *
 * Invariants:
 * 1. All pieces are of the kind of the first.
 * 2. `#held` is half of a character: the other half begins the next piece.
 */
class Fragments {
  readonly #pieces: AsyncIterator<unknown>
  #kind: 'text' | 'binary' | undefined
  #held = ''

  /** @throws TypeError for what has no pieces */
  constructor(source: MessageSource) {
    const pieces = (source as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator]
    if (typeof pieces !== 'function') {
      throw new TypeError(
        `Cannot stream a message: expected an AsyncIterable or a ReadableStream, got ${describe(source)}`,
      )
    }
    // Where messages can be streamed, in Node, a ReadableStream is iterable.
    this.#pieces = pieces.call(source) as AsyncIterator<unknown>
  }

  /**
   * @param over waiting ends with it: `undefined`
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
  abandon(): void {
    this.#pieces.return?.().catch(() => {}) // why it ended is told already
  }

  #fragment(piece: unknown): MessageFragment {
    const kind = typeof piece === 'string' ? 'text' : piece instanceof Uint8Array ? 'binary' : undefined
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
/** A pair of UTF-16's that lacks its second part. */
const HALF_CHARACTER = /[\uD800-\uDBFF]$/
