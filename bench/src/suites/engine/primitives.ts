/*
 * What the loads need of a library whose operations return promises. One load, written once over these, runs for
 * all such libraries; each runs in a process of its own, so the calls are inlined as if they stood in the load.
 */

/** Channels: `C` is the library's channel, `R` what its receive resolves to. */
export interface Channels<C, R> {
  channel(capacity: number): C
  send(ch: C, value: number): Promise<unknown>
  receive(ch: C): Promise<R>
  valueOf(received: R): number
}

export interface Trying<C> {
  trySend(ch: C, value: number): boolean
  /** The value, or `undefined` where a receive would wait. */
  tryReceive(ch: C): number | undefined
}

export interface Iterating<C> {
  close(ch: C): unknown
  iterate(ch: C): AsyncIterable<number>
}

/** Waits that a source of cancellation `K` can end: a context, an AbortController. */
export interface Cancelling<C, R, K> {
  source(): K
  cancel(source: K): void
  sendUnder(ch: C, value: number, source: K): Promise<unknown>
  receiveUnder(ch: C, source: K): Promise<R>
}

/** A select over the same cases again and again; `S` is what it resolves to. */
export interface Selector<S> {
  wait(): Promise<S>
  /** What was received. Called once for each select, at once. */
  valueOf(selected: S): number
}

/** A select of one send and one receive. */
export interface MixedSelector<S> {
  wait(value: number): Promise<S>
  /** What was received, `undefined` where the send happened. */
  valueOf(selected: S): number | undefined
}

export type MakeSelector<C> = (channels: readonly C[]) => Selector<unknown>
export type MakeMixedSelector<C> = (outgoing: C, incoming: C) => MixedSelector<unknown>
