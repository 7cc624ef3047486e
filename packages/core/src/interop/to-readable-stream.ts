import type { ReceiveChannel, SendChannel } from '../channel.ts'
import { describe } from '../errors.ts'
import { CLOSED, WOULD_WAIT, receiveEndOf } from '../internal/end.ts'
import { Listener } from '../internal/listener.ts'

/**
 * A stream of what is sent to `ch`. Nothing is taken from the channel before a reader of the stream asks for it, and a
 * value goes to the stream in the very step in which it leaves the channel.
 *
 * Cancellation: cancelling the stream withdraws what it asked for and closes `ch` with the reason, so that senders
 *   hear of it. A channel without `close` is disposed of, if it can be. The result of a pipeline is left, as by a loop,
 *   and its source released. Pass `receiveOnly(ch)` to leave `ch` open.
 * Fairness: readers wait in the same line as all receivers of the channel.
 * Closing: the stream closes when `ch` is closed and drained; `close(error)` is an error of the stream, the same one.
 * Source: WHATWG Streams, "ReadableStream".
 *
 * @throws TypeError for what cannot be received from
 * @example
 * import { channel } from 'chansel'
 * import { toReadableStream } from 'chansel/interop'
 *
 * const lines = channel<string>(2)
 * lines.trySend('one ')
 * lines.trySend('two')
 * lines.close()
 * const bytes = toReadableStream(lines).pipeThrough(new TextEncoderStream())
 * await new Response(bytes).text() // => 'one two'
 */
export function toReadableStream<T>(ch: ReceiveChannel<T>): ReadableStream<T> {
  const end = receiveEndOf(ch)
  if (end === undefined) {
    throw new TypeError(
      `Cannot make a readable stream: expected a channel to receive from, got ${describe(ch)}`,
    )
  }
  let waiting: Listener | null = null
  const source: UnderlyingDefaultSource<T> = {
    pull(controller) {
      const taken = end.take()
      if (taken === CLOSED) controller.close()
      else if (taken !== WOULD_WAIT) controller.enqueue(taken as T)
      else {
        // While this is pending the stream does not pull again.
        return new Promise<void>((resolve, reject) => {
          waiting = new Listener({
            value: (value) => {
              controller.enqueue(value as T)
              resolve()
            },
            end: () => {
              controller.close()
              resolve()
            },
            failed: reject,
          })
          end.parkReceiver(waiting)
        })
      }
    },
    cancel(reason) {
      waiting?.withdraw()
      return abandon(ch, reason)
    },
  }
  // A strategy of 0: the stream pulls for a read that waits, and never ahead of one.
  return new ReadableStream(source, { highWaterMark: 0 })
}

/**
 * Tells the senders of a channel that its receiver is gone, if the channel has a way to. A promise tells when all that
 * this ends has ended.
 */
function abandon(
  ch: ReceiveChannel<unknown> & Partial<SendChannel<never> & Disposable>,
  reason: unknown,
): Promise<void> | undefined {
  if (typeof ch.close === 'function') {
    if (ch.closed === false) ch.close(reason)
  } else if (typeof ch[Symbol.dispose] === 'function') {
    ch[Symbol.dispose]!()
  } else {
    return leave(ch)
  }
  return undefined
}

/** Ends a loop over it: to a pipeline that is the end, to a channel it does nothing. */
async function leave(ch: ReceiveChannel<unknown>): Promise<void> {
  await ch[Symbol.asyncIterator]().return?.()
}
