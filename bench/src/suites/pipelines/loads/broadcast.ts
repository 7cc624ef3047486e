import { type Load, expectEqual, sumBelow } from '../../../library.ts'
import { below } from './map.ts'

export const SUBSCRIBERS = 8

/** Sends every item to eight subscribers; `sumsOf` has what each of them added up. */
export function broadcast(sumsOf: (items: Iterable<number>) => Promise<number[]>): Load {
  return async (n) => {
    const sums = await sumsOf(below(n))
    expectEqual('subscribers', sums.length, SUBSCRIBERS)
    for (const sum of sums) expectEqual('sum', sum, sumBelow(n))
    return {}
  }
}
