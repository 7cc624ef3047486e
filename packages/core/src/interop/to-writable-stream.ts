import type { SendChannel } from '../channel.ts'
import { describe } from '../errors.ts'
import { sendEndOf } from '../internal/end.ts'

/**
 * A stream that sends its chunks to `ch`, one after the other: a write is done when its send is.
 *
 * Cancellation: aborting the stream withdraws a send that waits, so that its chunk was not sent, and closes `ch` with
 *   the reason; without a reason, with the platform's `AbortError`.
 * Fairness: a write waits in the same line as all senders of the channel.
 * Closing: closing the stream closes `ch`. A write to a channel that is closed fails the stream with a
 *   `ClosedChannelError`, which carries the chunk, and as `cause` what `close(error)` said.
 * Source: WHATWG Streams, "WritableStream".
 *
 * @throws TypeError for what cannot be sent to
 * @example
 * import { channel } from 'chansel'
 * import { toWritableStream } from 'chansel/interop'
 *
 * const words = channel<string>(1)
 * void new Blob(['hello']).stream().pipeThrough(new TextDecoderStream()).pipeTo(toWritableStream(words))
 * for await (const word of words) {
 *   word // => 'hello'
 * }
 */
export function toWritableStream<T>(ch: SendChannel<T>): WritableStream<T> {
  if (sendEndOf(ch) === undefined) {
    throw new TypeError(`Cannot make a writable stream: expected a channel to send to, got ${describe(ch)}`)
  }
  let signal: AbortSignal
  const sink: UnderlyingSink<T> = {
    start(controller) {
      signal = controller.signal
    },
    write(chunk) {
      return ch.send(chunk, { signal })
    },
    close() {
      if (!ch.closed) ch.close()
    },
    abort() {
      // The signal's reason, not the argument: that may be `undefined`, and an abort must not look like an end.
      if (!ch.closed) ch.close(signal.reason)
    },
  }
  // At 0 the stream would never be ready for a chunk, and `pipeTo` would wait for ever.
  return new WritableStream(sink, { highWaterMark: 1 })
}
