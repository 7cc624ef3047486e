import { BufferedChannel, type ReceiveChannel, checkCapacity, checkName } from '../channel.ts'
import { describe } from '../errors.ts'
import { checkType } from '../internal/check.ts'
import { type CLOSED, WOULD_WAIT } from '../internal/end.ts'
import { type Cancel, optionalCancellationOf } from '../internal/foreign.ts'
import { onCancel } from '../internal/listener.ts'
import { runtime } from '../internal/runtime.ts'
import { DisposableView } from './disposable-view.ts'
import { reasonOf } from './reason.ts'

/** A read channel fed by a stream. `using` cancels the stream and lets go of it. */
export interface StreamChannel<out T> extends ReceiveChannel<T>, Disposable {}

/** Options of `fromReadableStream`. */
export interface FromReadableStreamOptions {
  /** Shown in error texts and inspection. */
  name?: string | undefined
  /** How many chunks are read before anybody asks; 0, the default: none. */
  capacity?: number | undefined
}

/** A stream as Node's `Readable.toWeb` gives it, the type of which is not the platform's. */
export interface NodeReadableStream<out T> extends AsyncIterable<T> {
  readonly locked: boolean
  cancel(reason?: unknown): Promise<void>
  getReader(): unknown
}

/**
 * A channel of the chunks of `stream`, which it locks. A receive that finds none asks the stream for one; with a
 * `capacity` up to that many are read ahead. `tryReceive` and `trySelect` ask for the next one, too, so that a later
 * try finds it.
 *
 * Cancellation: cancels the stream with the reason of `cancel`'s signal and fails the channel with it. Disposing of
 *   the channel cancels the stream, too, and ends the channel. Chunks in the channel can still be received; what is
 *   in the stream, or on its way from it, is discarded, as whenever a stream is cancelled.
 *   A loop that is left early leaves the channel and the stream as they are: `using` is what ends them.
 * Fairness: one read of the stream is under way at a time, and its chunk goes to whoever waits longest. If the receive
 *   that asked for it was cancelled, or its case lost, the chunk stays for the next receiver.
 * Closing: the end of the stream closes the channel, an error fails it with that same error; the stream is unlocked.
 * Source: WHATWG Streams, "ReadableStreamDefaultReader".
 *
 * @throws TypeError for what is not a stream, or is locked
 * @throws RangeError, TypeError for a capacity that a channel cannot have
 * @example
 * import { fromReadableStream } from 'chansel/interop'
 *
 * const { body } = new Response('hello')
 * using chunks = fromReadableStream(body!.pipeThrough(new TextDecoderStream()))
 * await chunks.receive() // => { value: 'hello', ok: true }
 * await chunks.receive() // => { value: undefined, ok: false }
 */
export function fromReadableStream<T>(
  stream: ReadableStream<T> | NodeReadableStream<T>,
  options: FromReadableStreamOptions = {},
  cancel?: Cancel,
): StreamChannel<T> {
  if (typeof (stream as Partial<ReadableStream<T>> | null | undefined)?.getReader !== 'function') {
    throw new TypeError(
      `Cannot make a channel of a stream: expected a ReadableStream, got ${describe(stream)}`,
    )
  }
  const { capacity, name } = checkChannel(options)
  const cancellation = optionalCancellationOf(cancel)
  if (stream.locked) throw new TypeError('Cannot make a channel of a stream: it is locked')
  const source = new StreamSource<T>((stream as ReadableStream<T>).getReader(), capacity, name)
  const ended = cancellation?.poll()
  if (ended) source.stop(ended.reason)
  else if (cancellation) source.detach = onCancel(cancellation, (reason) => source.stop(reason))
  if (capacity > 0) source.demand()
  return new DisposableView<T>(source, () => source.stop(undefined))
}

/**
 * The channel and its one reader.
 *
 * Invariants:
 * 1. At most one read is under way, and none once the channel is closed.
 * 2. A read is begun only while somebody waits or asked, or the buffer has room.
 * 3. The reader lets go of the stream after the end of it, or after cancelling it, and not before.
 */
class StreamSource<T> extends BufferedChannel<T> {
  /** Stops following the cancel. */
  detach: (() => void) | null = null
  readonly #reader: ReadableStreamDefaultReader<T>
  #isReading = false

  constructor(reader: ReadableStreamDefaultReader<T>, capacity: number, name: string | undefined) {
    super(capacity, name, 'wait')
    this.#reader = reader
  }

  override take(): T | typeof WOULD_WAIT | typeof CLOSED {
    const taken = super.take()
    if (taken === WOULD_WAIT || this.length < this.capacity) this.demand()
    return taken
  }

  ask(): void {
    if (this.length === 0) this.demand()
  }

  override parkReceiver(waiter: Parameters<BufferedChannel<T>['parkReceiver']>[0]): void {
    super.parkReceiver(waiter)
    this.demand()
  }

  /** Asks the stream for a chunk, unless it was asked already. */
  demand(): void {
    if (this.#isReading || this.closed) return
    this.#isReading = true
    // In a task: a read runs the code of the stream's source.
    runtime.spawn(this.#read)
  }

  readonly #read = async (): Promise<void> => {
    if (this.closed) return
    try {
      const { done, value } = await this.#reader.read()
      if (!this.closed) {
        if (done) this.#end(undefined)
        else this.accept(value)
      }
    } catch (error) {
      if (!this.closed) this.#end(reasonOf(error, 'read from a stream'))
    }
    this.#isReading = false
    if (this.canSend()) this.demand()
  }

  /** The stream is over. */
  #end(error: unknown): void {
    this.detach?.()
    this.close(error)
    this.#reader.releaseLock()
  }

  /** The program wants no more of it. */
  stop(reason: unknown): void {
    if (this.closed) return
    this.detach?.()
    this.close(reason)
    runtime.spawn(async () => {
      // Nobody is left to hear how the cancelling goes: the channel has its end already.
      await this.#reader.cancel(reason).catch(() => {})
      this.#reader.releaseLock()
    })
  }
}

function checkChannel(options: FromReadableStreamOptions): { capacity: number; name: string | undefined } {
  checkType('make a channel of a stream: options', options, 'object')
  const { capacity = 0, name } = options
  checkCapacity(capacity)
  checkName(name)
  return { capacity, name }
}
