/**
 * What ts-chan's channels and selects ask of each other, as of 0.6. Written down here and not imported: its own
 * declarations resolve under bundlers only, and everything else in here needs none of its code.
 */

/** Is called once, with a value, or with `false` at the end. */
export type ReceiverCallback<T> = (
  ...outcome: [value: T, ok: true] | [value: T | undefined, ok: false]
) => void

export interface Receiver<T> {
  /** Calls at once and says false, or keeps the callback in its line and says true. */
  addReceiver: (callback: ReceiverCallback<T>) => boolean
  /** Takes the callback out of the line; where it stands there several times, the last. */
  removeReceiver: (callback: ReceiverCallback<T>) => void
}

/** Is asked once for its value, or told why nobody will; then it throws what it was told. */
export type SenderCallback<T> = (...outcome: [error: undefined, ok: true] | [error: unknown, ok: false]) => T

export interface Sender<T> {
  /** Calls at once and says false, or keeps the callback and says true; throws if closed. */
  addSender: (callback: SenderCallback<T>) => boolean
  removeSender: (callback: SenderCallback<T>) => void
  close?: () => void
}

declare const MADE_OF: unique symbol

/** For the compiler only: whose face this is, so that `fromTsChan` gives it back and takes no other bare receiver. */
export interface MadeOf<Ch> {
  readonly [MADE_OF]: Ch
}

/** What `Chan` has beyond the protocol and is needed to look before taking. */
export interface Chan<T> extends Receiver<T>, Sender<T> {
  readonly capacity: number
  readonly length: number
  /** Senders that wait count up, receivers count down; never both are there. */
  readonly concurrency: number
  trySend(value: T): boolean
  tryRecv(): { readonly done?: boolean; readonly value: T | undefined } | undefined
  close: () => void
}
