/**
 * Holds a lock, or permits of a semaphore. `using` gives back what it holds at the end of the block, `release` does so
 * earlier.
 */
export interface Guard extends Disposable {
  /** Gives back what the guard holds. Only the first release counts, `using` included. */
  release(): void
}

/** How a guard gives back what it holds. Only guards call it, once each. */
export const RELEASE: unique symbol = Symbol('release')

export interface Holdable {
  [RELEASE](guard: HeldGuard): void
}

/** The guard of every lock and semaphore: `amount` says what it holds, in its owner's terms. */
export class HeldGuard implements Guard {
  readonly amount: number
  #owner: Holdable | null

  constructor(owner: Holdable, amount: number) {
    this.#owner = owner
    this.amount = amount
  }

  release(): void {
    const owner = this.#owner
    if (owner === null) return
    this.#owner = null
    owner[RELEASE](this)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}
