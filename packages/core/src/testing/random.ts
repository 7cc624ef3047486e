/** A source of random numbers that gives the same numbers for the same seed, everywhere. */
export interface SeededRandom {
  /** A number from 0 to below 1. */
  next(): number
  /** A whole number from 0 to below `count`. */
  below(count: number): number
}

/**
 * Random numbers that a test can have again.
 *
 * @param seed any number; its lowest 32 bits count
 * @throws TypeError if the seed is not a number
 * @example
 * import { seededRandom } from 'chansel/testing'
 *
 * const dice = seededRandom(7)
 * const again = seededRandom(7)
 * dice.below(6) === again.below(6) // => true
 */
export function seededRandom(seed: number): SeededRandom {
  if (typeof seed !== 'number' || Number.isNaN(seed)) {
    throw new TypeError(`Cannot make a random source: seed must be a number, got ${String(seed)}`)
  }
  let state = seed >>> 0
  // Source: mulberry32.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, below: (count) => Math.floor(next() * count) }
}
