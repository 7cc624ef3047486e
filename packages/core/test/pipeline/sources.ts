/** A source that counts, and knows whether it was released. */
export class Counting implements AsyncIterable<number> {
  /** How many items were asked for. */
  asked = 0
  /** How often `return` was called. */
  released = 0
  readonly #count: number

  constructor(count = Infinity) {
    this.#count = count
  }

  [Symbol.asyncIterator](): AsyncIterator<number> {
    return {
      next: () => {
        const value = this.asked++
        return Promise.resolve(
          value < this.#count ? { value, done: false } : { value: undefined, done: true },
        )
      },
      return: () => {
        this.released++
        return Promise.resolve({ value: undefined, done: true })
      },
    }
  }
}

/** Gives the items, then fails. */
export async function* failing<T>(items: readonly T[], error: unknown): AsyncGenerator<T> {
  yield* items
  throw error
}

/** Never gives anything. */
export const silent: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
}
