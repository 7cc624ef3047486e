import type { Channel, ReceiveChannel, SendChannel } from '../channel.ts'
import { ClosedChannelError, describe } from '../errors.ts'
import {
  CLOSED,
  type ReceiveEnd,
  type SendEnd,
  WOULD_WAIT,
  receiveEndOf,
  sendEndOf,
} from '../internal/end.ts'
import { Listener } from '../internal/listener.ts'
import { sendTo } from '../internal/operation.ts'
import type { Waiter } from '../internal/waiter.ts'
import { oursOf, theirsOf } from './pairs.ts'
import type { MadeOf, Receiver, ReceiverCallback, Sender, SenderCallback } from './protocol.ts'

/**
 * A channel of ours for the cases of ts-chan's `Select`: `recv(toTsChan(ch))`, `send(toTsChan(ch), () => value)`. Timers
 * and `ctx.done` are channels, too. A case that loses has taken nothing. Given what `fromTsChan` made, it returns the
 * `Chan` that that was made of.
 *
 * Fairness: its receivers and senders wait in the same line as ours.
 * Closing: `close()` is `{ done: true }` for receivers. `close(error)` throws the error at a receiver that comes after
 *   it; one that waits gets it as `{ done: true, value: error }`, since ts-chan cannot throw at it. A send case on a
 *   closed channel fails with our `ClosedChannelError`. What a send's expression throws fails that send alone: a
 *   receiver goes on to the next sender.
 *   Unlike Go: a `Select` that both receives from and sends to one channel may choose its send with nobody there to
 *   receive. ts-chan lets it match itself; the value then waits in the channel's line, as one that was sent.
 * Source: ts-chan 0.6, "Receiver", "Sender".
 *
 * @throws TypeError for what is not a channel of ours
 * @example
 * import { Select, recv } from 'ts-chan'
 * import { channel } from 'chansel'
 * import { toTsChan } from 'chansel/ts-chan'
 *
 * const numbers = channel<number>(1)
 * numbers.trySend(1)
 * const select = new Select([recv(toTsChan(numbers))])
 * const index = await select.wait()
 * select.recv(select.cases[index as 0]).value // => 1
 */
export function toTsChan<T>(ch: Channel<T>): Receiver<T> & Sender<T> & MadeOf<Channel<T>>
export function toTsChan<T>(
  ch: ReceiveChannel<T> & SendChannel<T>,
): Receiver<T> & Sender<T> & MadeOf<ReceiveChannel<T> & SendChannel<T>>
export function toTsChan<T>(ch: ReceiveChannel<T>): Receiver<T> & MadeOf<ReceiveChannel<T>>
export function toTsChan<T>(ch: SendChannel<T>): Sender<T> & MadeOf<SendChannel<T>>
export function toTsChan<T>(ch: ReceiveChannel<T> | SendChannel<T>): Partial<Receiver<T> & Sender<T>> {
  const receiveEnd = receiveEndOf(ch) as ReceiveEnd<T> | undefined
  const sendEnd = sendEndOf(ch) as SendEnd<T> | undefined
  if (receiveEnd === undefined && sendEnd === undefined) {
    throw new TypeError(
      `Cannot adapt a channel for ts-chan: expected a channel of this package, got ${describe(ch)}`,
    )
  }
  const known = theirsOf.get(ch)
  if (known !== undefined) return known
  const theirs = {
    ...(receiveEnd !== undefined && receiverOf(receiveEnd)),
    ...(sendEnd !== undefined && senderOf(ch as SendChannel<T>, sendEnd)),
  }
  theirsOf.set(ch, theirs)
  oursOf.set(theirs, ch)
  return theirs
}

// Every callback is called in the very step in which the value changes hands. A `Select` withdraws its other cases in
// the callback: between a value taken and a callback called it could choose one of those.

function receiverOf<T>(end: ReceiveEnd<T>): Receiver<T> {
  const waiting = new Callbacks<ReceiverCallback<T>>()
  return {
    addReceiver(callback) {
      askedAt = null
      const taken = end.take()
      if (taken === CLOSED) {
        callback(undefined, false)
        return false
      }
      if (taken !== WOULD_WAIT) {
        const sentTo = askedAt as SendEnd<T> | null
        try {
          callback(taken as T, true)
        } catch (error) {
          // The sender was a case of the same select, which chose that case and has no use for the value any more.
          if (sentTo !== null) void sendTo(sentTo, taken as T, undefined)
          throw error
        }
        return false
      }
      const listener: Listener = new Listener({
        value(value) {
          waiting.delete(callback, listener)
          callback(value as T, true)
        },
        end() {
          waiting.delete(callback, listener)
          callback(undefined, false)
        },
        failed(error) {
          waiting.delete(callback, listener)
          callback(error as T, false)
        },
      })
      waiting.add(callback, listener)
      end.parkReceiver(listener)
      return true
    },
    removeReceiver: (callback) => waiting.deleteLast(callback)?.withdraw(),
  }
}

function senderOf<T>(ch: SendChannel<T>, end: SendEnd<T>): Sender<T> {
  const waiting = new Callbacks<SenderCallback<T>>()
  return {
    addSender(callback) {
      if (ch.closed) throw new ClosedChannelError('send', ch.name)
      if (end.canSend()) {
        const value = callback(undefined, true)
        // With its value the select withdrew its other cases. If one of those was the receiver, the value waits.
        if (!end.put(value)) void sendTo(end, value, undefined)
        return false
      }
      const makeValue = (): T => {
        askedAt = end as SendEnd<unknown>
        try {
          return callback(undefined, true)
        } catch (error) {
          // It was out of its queue when it was asked, and its own side knows of the error.
          waiting.delete(callback, sender)
          throw error
        }
      }
      const sender: Waiter = new LazySender(ch, makeValue, {
        accepted: () => waiting.delete(callback, sender),
        failed(error) {
          waiting.delete(callback, sender)
          refuse(callback, error)
        },
      })
      waiting.add(callback, sender)
      end.parkSender(sender)
      return true
    },
    removeSender: (callback) => waiting.deleteLast(callback)?.withdraw(),
    close: () => ch.close(),
  }
}

/** The end at which that sender of ts-chan waited which was asked for its value last. */
let askedAt: SendEnd<unknown> | null = null

/** A sender of ts-chan has no value before it is chosen: whoever takes the value makes it. */
class LazySender<T> extends Listener {
  constructor(ch: SendChannel<T>, value: () => T, listening: ConstructorParameters<typeof Listener>[0]) {
    super(listening)
    // A channel that closes reads the value as well, to put it into its error, and must not get it.
    Object.defineProperty(this, 'value', { get: () => (ch.closed ? undefined : value()) })
  }
}

/** Tells a sender of ts-chan that it failed. By the protocol it throws the error that it was given. */
function refuse(callback: SenderCallback<unknown>, error: unknown): void {
  try {
    callback(error, false)
  } catch (thrown) {
    if (thrown !== error) throw thrown
  }
}

/** Which waiters stand for which callback. One callback may wait several times: the last wait is removed first. */
class Callbacks<Callback> {
  readonly #waiters = new Map<Callback, Waiter[]>()

  add(callback: Callback, waiter: Waiter): void {
    const waiters = this.#waiters.get(callback)
    if (waiters === undefined) this.#waiters.set(callback, [waiter])
    else waiters.push(waiter)
  }

  delete(callback: Callback, waiter: Waiter): void {
    const waiters = this.#waiters.get(callback)!
    waiters.splice(waiters.indexOf(waiter), 1)
    if (waiters.length === 0) this.#waiters.delete(callback)
  }

  deleteLast(callback: Callback): Waiter | undefined {
    const waiter = this.#waiters.get(callback)?.at(-1)
    if (waiter !== undefined) this.delete(callback, waiter)
    return waiter
  }
}
