import { awkwardValues } from '../support/values.ts'
import { Random } from '../support/random.ts'
import { TIMEOUT } from './contexts.ts'

/** A map takes 0 and -0 for the same key. */
const MINUS_ZERO = Symbol('-0')

const AWKWARD = awkwardValues().map(({ value }) => value)

/** The number of the first value that channels fail and contexts end with. */
export const ERRORS = 500
/** The number of the first value that signals are aborted with: different from what channels fail with. */
export const REASONS = 700

/** What the numbers of a program stand for: the awkward values, among others that can be told apart. */
export class Values {
  readonly #values = new Map<number, unknown>()
  readonly #numbers = new Map<unknown, number>()
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  valueOf(n: number): unknown {
    if (!this.#values.has(n)) {
      const value = this.#make(n)
      this.#values.set(n, value)
      // Where several numbers stand for one value, the first that was asked for counts.
      const key = keyOf(value)
      if (!this.#numbers.has(key)) this.#numbers.set(key, n)
    }
    return this.#values.get(n)
  }

  /** The number that stands for a value; -1 for a value that is none of them. */
  numberOf(value: unknown): number {
    return this.#numbers.get(keyOf(value)) ?? -1
  }

  #make(n: number): unknown {
    if (n === TIMEOUT) return new DOMException('too late', 'TimeoutError')
    if (n >= REASONS) return this.#random.pick([new Error('aborted'), false, '', { n }])
    // Anything but undefined, which would be neither a failure nor a cause.
    if (n >= ERRORS) return this.#random.pick([new Error('broken'), null, 0, NaN, { n }])
    return this.#random.chance(0.5) ? this.#random.pick(AWKWARD) : { n }
  }
}

function keyOf(value: unknown): unknown {
  return Object.is(value, -0) ? MINUS_ZERO : value
}
