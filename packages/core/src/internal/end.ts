import type { Waiter } from './waiter.ts'

// All symbols here are from the registry, so that the channels of two copies of the package work together. A copy
// whose ends differ has another number and is refused by name.

/** `take` found nothing to take: a receive would wait. */
export const WOULD_WAIT: unique symbol = Symbol.for('chansel.would-wait@1')
/** `take` found the channel closed and drained. */
export const CLOSED: unique symbol = Symbol.for('chansel.closed@1')

/**
 * What receive, `for await` and select need of anything that can be received from: a channel, a timer, the
 * end of a context, the far end of a device. The library's whole knowledge of kinds of channels is here.
 *
 * Each call is one step: it MUST NOT run the user's code, and MUST leave the channel in a state that its
 * next caller can act on.
 */
export interface ReceiveEnd<out T> {
  /**
   * Whether `take` would take, end or throw now. MUST NOT change anything that can be observed, except that it may
   * notice that a deadline has passed.
   */
  canReceive(): boolean
  /** Takes the next value if there is one. Throws the error that the channel failed with, once drained. */
  take(): T | typeof WOULD_WAIT | typeof CLOSED
  /** Lets a receive wait. Only called right after `take` or `canReceive` said that it has to. */
  parkReceiver(waiter: Waiter): void
  /**
   * Somebody tried and found nothing. An end that makes values on demand makes one all the same and holds it, so that
   * the next to try finds it.
   */
  ask?(): void
}

/** The same of anything that can be sent to. */
export interface SendEnd<in T> {
  /** Whether `put` would hand over or throw now. MUST NOT change anything that can be observed. */
  canSend(): boolean
  /** Hands the value over if that is possible now; false: a send would wait. Throws if closed. */
  put(value: T): boolean
  /** Lets a send of `waiter.value` wait. Only called right after `put` or `canSend` said that it has to. */
  parkSender(waiter: Waiter): void
  /** Throws for a value that this end can never take. Called before anything else is done with it. */
  check?(value: T): void
  /**
   * Converts what the program sends to what `check`, `put` and `parkSender` take. It runs the user's code, so whoever
   * sends calls it before anything else is done.
   */
  convert?(value: unknown): unknown
}

/** Where a public channel object keeps its ends. */
export const RECEIVE_END: unique symbol = Symbol.for('chansel.receive-end@1')
export const SEND_END: unique symbol = Symbol.for('chansel.send-end@1')
/** Where a send case keeps the end it sends to. */
export const SEND_CASE_END: unique symbol = Symbol.for('chansel.send-case@1')

export function receiveEndOf(channel: unknown): ReceiveEnd<unknown> | undefined {
  return typeof channel === 'object' && channel !== null
    ? (channel as { [RECEIVE_END]?: ReceiveEnd<unknown> })[RECEIVE_END]
    : undefined
}

export function sendEndOf(channel: unknown): SendEnd<unknown> | undefined {
  return typeof channel === 'object' && channel !== null
    ? (channel as { [SEND_END]?: SendEnd<unknown> })[SEND_END]
    : undefined
}
