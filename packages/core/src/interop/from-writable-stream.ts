import type { SendChannel } from '../channel.ts'
import { outlet } from '../device.ts'
import { ClosedChannelError, describe } from '../errors.ts'
import { checkType } from '../internal/check.ts'
import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { onCancel } from '../internal/listener.ts'
import { runtime } from '../internal/runtime.ts'
import { reasonOf } from './reason.ts'

/** A write channel that a stream drains. `using` closes it, if it is not closed yet. */
export interface WritableStreamChannel<in T> extends SendChannel<T>, Disposable {
  /**
   * Resolves once the channel was closed and the stream has taken everything and closed; rejects with the stream's
   * error, or with what it was aborted with. Nobody has to look at it; but a failure after `close()`, which no send can
   * tell of any more, is an unhandled rejection if nobody did.
   */
  readonly finished: Promise<void>
}

/**
 * A channel whose values are written to `stream`, which it locks. A send waits while a write is under way and the stream
 * has as much as it wants.
 *
 * Cancellation: aborts the stream with the reason of `cancel`'s signal, also after `close()` while it still writes;
 *   sends fail with a `ClosedChannelError` that has it as cause.
 * Fairness: whoever waits longest is written first; selects wait in the same line.
 * Closing: `close()` closes the stream after everything that was sent, `close(error)` aborts it with that error. When
 *   the stream fails, sends fail with a `ClosedChannelError` that carries the value and has the stream's error as
 *   cause; what the stream had taken and not written is lost with it. After `close()` no send is left to fail: then
 *   `finished` tells, or, if nobody looks at it, an unhandled rejection. The stream is unlocked at the end.
 * Source: WHATWG Streams, "WritableStreamDefaultWriter".
 *
 * @throws TypeError for what is not a stream, or is locked
 * @example
 * import { fromWritableStream } from 'chansel/interop'
 *
 * const { readable, writable } = new TextDecoderStream()
 * const bytes = fromWritableStream(writable)
 * const text = new Response(readable.pipeThrough(new TextEncoderStream())).text()
 * await bytes.send(new Uint8Array([104, 105]))
 * bytes.close()
 * await text // => 'hi'
 */
export function fromWritableStream<T>(
  stream: WritableStream<T>,
  options: { name?: string } = {},
  cancel?: Cancel,
): WritableStreamChannel<T> {
  if (typeof (stream as Partial<WritableStream<T>> | null | undefined)?.getWriter !== 'function') {
    throw new TypeError(
      `Cannot make a channel of a stream: expected a WritableStream, got ${describe(stream)}`,
    )
  }
  checkType('make a channel of a stream: options', options, 'object')
  const { name } = options
  const cancellation = optionalCancellationOf(cancel)
  if (stream.locked) throw new TypeError('Cannot make a channel of a stream: it is locked')

  /** Values that were sent and not written yet. */
  let unwritten = 0
  /** Whether one of them is on its way to the stream, which does not know of it yet. */
  let isHandingOver = false
  let detach: (() => void) | null = null
  /** Whether the program hears of a failure: by a send, by `finished`, or because it aborted the stream itself. */
  let isHeard = false

  const target = outlet<T>({
    ...(name !== undefined && { name }),
    length: () => unwritten,
    // One may always be under way: a stream with a high-water mark of 0 never wishes for any.
    // A desired size of `null`: it has failed, and is about to tell.
    isFull: () =>
      mayBeClosed ||
      writer.desiredSize === null ||
      (unwritten > 0 && (isHandingOver || writer.desiredSize <= 0)),
    write(value) {
      unwritten++
      isHandingOver = true
      // In a task: a write runs the code of the stream's sink. Tasks begin in the order in which they are spawned.
      runtime.spawn(() => write(value))
    },
    closed(error) {
      if (error !== undefined) return abort(error)
      // `finished` tells what comes of it. A cancel may still end the writing of what was sent.
      runtime.spawn(() => writer.close().catch(() => {}))
      finished.catch(report)
    },
  })
  // Only now, when nothing is left that could be refused.
  const writer = stream.getWriter()
  /** Whether the stream wishes for nothing from the start: a microtask later it will have told if it is closed. */
  let mayBeClosed = writer.desiredSize === 0

  async function write(value: T): Promise<void> {
    isHandingOver = false
    const written = writer.write(value)
    target.ready()
    // A write fails with the stream, and `finished` tells of that.
    await written.catch(() => {})
    unwritten--
    target.ready()
  }

  const finished = writer.closed.then(
    () => end(undefined),
    (error: unknown) => {
      end(reasonOf(error, 'write to a stream'))
      throw error
    },
  )
  finished.catch(() => {})
  if (mayBeClosed) {
    void Promise.resolve().then(() => {
      mayBeClosed = false
      target.ready()
    })
  }

  /** After `close()` no send is left to fail: a failure that nobody looks at must not pass in silence. */
  function report(error: unknown): void {
    if (!isHeard) throw error
  }

  function end(error: unknown): void {
    detach?.()
    target.fail((value) => {
      isHeard = true
      return new ClosedChannelError('send', name, value, error)
    })
    writer.releaseLock()
  }

  function abort(reason: unknown): void {
    detach?.()
    isHeard = true
    target.fail((value) => new ClosedChannelError('send', name, value, reason))
    runtime.spawn(() => writer.abort(reason).catch(() => {}))
  }

  const ended = cancellation?.poll()
  if (ended) abort(ended.reason)
  else if (cancellation) detach = onCancel(cancellation, abort)
  return Object.defineProperties(target.channel, {
    finished: {
      get() {
        isHeard = true
        return finished
      },
    },
    [Symbol.dispose]: {
      value() {
        if (!target.channel.closed) target.channel.close()
      },
    },
  }) as WritableStreamChannel<T>
}
