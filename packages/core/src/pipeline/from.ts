import type { ReceiveChannel } from '../channel.ts'
import { type ReceiveEnd, receiveEndOf } from '../internal/end.ts'
import type { Cancel } from '../internal/foreign.ts'
import { type Source, checkSource, inputOf } from './source.ts'
import { PASS, Transform } from './transform.ts'

/**
 * The items of any iterable as a read channel: for a select, for workers that share them, for a stage of a
 * pipeline. Promises of a synchronous iterable are items, handed on as they are.
 *
 * Cancellation: the channel fails with the reason of `cancel`'s signal, and the source's `return` is called.
 * Closing: ends and fails with the source. A loop over it that is left early ends the source.
 * Source: no counterpart in Go; a goroutine that sends what a `range` over an iterator gives.
 *
 * @throws TypeError for what is not iterable
 * @example
 * import { from } from 'chansel/pipeline'
 *
 * const letters = from('ab')
 * await letters.receive() // => { value: 'a', ok: true }
 * await letters.receive() // => { value: 'b', ok: true }
 * await letters.receive() // => { value: undefined, ok: false }
 */
export function from<T>(source: Source<T>, cancel?: Cancel): ReceiveChannel<T> {
  checkSource('read', source)
  return new Transform<T, T>(inputOf(source), cancel, PASS)
}

/** The end to receive the items of any source from. */
export function endOf(source: Source<unknown>): ReceiveEnd<unknown> {
  return receiveEndOf(source) ?? new Transform(inputOf(source), undefined, PASS)
}
