/**
 * What ts-chan's channels and selects ask of each other, as of 0.6. Written down here, not imported: its declarations
 * resolve under bundlers only, and none of its code is needed.
 */

/** Called once: with a value and `true`, or with `false` at the end. */
export type ReceiverCallback<T> = (
  ...outcome: [value: T, ok: true] | [value: T | undefined, ok: false]
) => void

/** What ts-chan receives from. */
export interface Receiver<T> {
  /** Calls at once and says false, or keeps the callback in its line and says true. */
  addReceiver: (callback: ReceiverCallback<T>) => boolean
  /** Takes the callback out of the line; where it stands there several times, the last. */
  removeReceiver: (callback: ReceiverCallback<T>) => void
}

/** Called once: asked for its value, or told why nobody will take it. Then it throws what it was told. */
export type SenderCallback<T> = (...outcome: [error: undefined, ok: true] | [error: unknown, ok: false]) => T

/** What ts-chan sends to. */
export interface Sender<T> {
  /** Calls at once and says false, or keeps the callback and says true; throws if closed. */
  addSender: (callback: SenderCallback<T>) => boolean
  removeSender: (callback: SenderCallback<T>) => void
  close?: () => void
}

declare const MADE_OF: unique symbol

/** Tells the compiler alone what this was made of: `fromTsChan` gives that back, and takes no bare receiver. */
export interface MadeOf<Ch> {
  readonly [MADE_OF]: Ch
}

/** A channel of ts-chan, as far as it is needed: beyond the protocol, what tells what is ready before it is taken. */
export interface Chan<T> extends Receiver<T>, Sender<T> {
  readonly capacity: number
  readonly length: number
  /** How many senders wait, or below 0 how many receivers: never do both. */
  readonly concurrency: number
  trySend(value: T): boolean
  tryRecv(): { readonly done?: boolean; readonly value: T | undefined } | undefined
  close: () => void
}
