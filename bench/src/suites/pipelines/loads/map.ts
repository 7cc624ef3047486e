import { type Load, expectEqual, sumBelow } from '../../../library.ts'

/** How many calls may be under way. */
export const CONCURRENCY = 16

/** The function that maps each item: as little as an asynchronous function can do. */
export async function twice(item: number): Promise<number> {
  return 2 * item
}

/** A bounded parallel map over the whole numbers below n; `sumOf` adds up its results. */
export function map(sumOf: (items: Iterable<number>) => Promise<number>): Load {
  return async (n) => {
    expectEqual('sum', await sumOf(below(n)), 2 * sumBelow(n))
    return {}
  }
}

/** Not an array: a million items must not be a million numbers in memory. */
export function* below(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i
}
