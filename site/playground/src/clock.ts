/**
 * The page's time, in place of the host's: it can be stopped, stepped, and made faster or slower, and with it all that
 * waits in the library: sleeps, deadlines, tickers. The library reads the host's clock and sets the host's timers as
 * ever; so this module has to be loaded before it.
 *
 * Invariants:
 * 1. Time moves in `#goTo` only, and only forwards.
 * 2. A timer fires when the time is its moment exactly, however far one frame goes; those of one moment in the order in
 *    which they were set.
 * 3. After each timer the host has a turn: what follows from it is over before the next one fires.
 */
class Clock {
  #now = performance.now()
  readonly #epoch = Date.now() - this.#now
  readonly #timers = new Map<number, { readonly at: number; readonly fire: () => void }>()
  #lastId = 0
  #isBusy = false

  /** Milliseconds, as `performance.now()` gives them. */
  get now(): number {
    return this.#now
  }

  get epochNow(): number {
    return this.#epoch + this.#now
  }

  /** Lets `ms` go by. Does nothing while an earlier call has not come to its end. */
  async advance(ms: number): Promise<void> {
    await this.#exclusively(async () => {
      const until = this.#now + ms
      for (let count = 0; count < MOST_TIMERS; count++) {
        const due = this.#next()
        if (due === undefined || due.at > until) return this.#goTo(until)
        await this.#fire(due)
      }
    })
  }

  /** Goes to the next moment at which something is due, and lets it happen. */
  async step(): Promise<void> {
    await this.#exclusively(async () => {
      const first = this.#next()
      for (let due = first; due !== undefined && due.at === first!.at; due = this.#next())
        await this.#fire(due)
    })
  }

  setTimeout(fire: () => void, ms: number): number {
    const id = ++this.#lastId
    this.#timers.set(id, { at: this.#now + Math.max(0, ms), fire })
    return id
  }

  clearTimeout(id: number): void {
    this.#timers.delete(id)
  }

  #next(): { readonly id: number; readonly at: number; readonly fire: () => void } | undefined {
    let next
    for (const [id, timer] of this.#timers)
      if (next === undefined || timer.at < next.at) next = { id, ...timer }
    return next
  }

  async #fire({ id, at, fire }: { readonly id: number; readonly at: number; readonly fire: () => void }) {
    this.#timers.delete(id)
    this.#goTo(at)
    fire()
    await turn()
  }

  #goTo(moment: number): void {
    this.#now = Math.max(this.#now, moment)
  }

  async #exclusively(f: () => Promise<void>): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      await f()
    } finally {
      this.#isBusy = false
    }
  }
}

/** The most in one frame; the rest has to wait for the next one, so that the page stays alive. */
const MOST_TIMERS = 1_000

const { port1, port2 } = new MessageChannel()
const turns: (() => void)[] = []
port1.onmessage = () => turns.shift()?.()

function turn(): Promise<void> {
  return new Promise((resolve) => {
    turns.push(resolve)
    port2.postMessage(undefined)
  })
}

export const clock = new Clock()

Object.assign(globalThis, {
  setTimeout: (f: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    clock.setTimeout(() => f(...args), ms),
  clearTimeout: (id: number) => clock.clearTimeout(id),
})
performance.now = () => clock.now
Date.now = () => clock.epochNow
