import type { ReceiveChannel } from '../channel.ts'
import type { Cancel } from '../internal/foreign.ts'
import { checkWhole } from '../internal/check.ts'
import { Intake } from './intake.ts'
import { checkSource, inputOf, type Source } from './source.ts'
import { PASS, Transform } from './transform.ts'

/**
 * `n` channels that share the items: each item goes to one of them, to whichever is waited on longest. To give every
 * item to every receiver there is `broadcast`.
 *
 * Cancellation: the channels fail with the reason of `cancel`'s signal, and the source is released.
 * Closing: all end and fail with the source, which is released when all of them were left.
 * Source: Go blog, "Pipelines and cancellation", "Fan-out, fan-in".
 *
 * @param n a whole number from 1 on
 * @throws TypeError for what is not a source, or not a number
 * @throws RangeError for a number that `n` cannot be
 * @example
 * import { fanOut } from 'chansel/pipeline'
 *
 * const [one, two] = fanOut([1, 2], 2)
 * await two!.receive() // => { value: 1, ok: true }
 * await one!.receive() // => { value: 2, ok: true }
 */
export function fanOut<T>(source: Source<T>, n: number, cancel?: Cancel): ReceiveChannel<T>[] {
  checkSource('fan out', source)
  checkWhole('fan out a source: n', n, 1)
  const shared = new Transform<T, T>(inputOf(source), cancel, PASS)
  return Array.from({ length: n }, () => {
    const intake = new Intake<T>([shared])
    // Now, and not with its first receive: the source must not be released before this one was left, too.
    intake.enter()
    return new Transform<T, T>(intake, cancel, PASS)
  })
}
