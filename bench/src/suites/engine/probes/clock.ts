/** The CPU time that something takes, including collectors, in microseconds. */
export async function cpuUs(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** The next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Resolves when `isDone`, which is checked once a turn. If it never is, the watchdog ends the loop. */
export async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await turn()
}

/** Ends a probe that would take minutes: if it is quadratic in the number of waiters, that is reported, not waited for. */
export class TimeLimit {
  readonly #startedAt = performance.now()
  readonly #limitMs: number

  constructor(limitMs = 15_000) {
    this.#limitMs = limitMs
  }

  /** Cheap enough for every step of a loop: looks at the clock at each 64th. */
  isOver(step: number): boolean {
    return step % 64 === 0 && performance.now() - this.#startedAt > this.#limitMs
  }

  check(what: string, step: number, steps: number): void {
    if (!this.isOver(step)) return
    throw new TooSlow(`${what}: ${step} of ${steps} after ${this.#limitMs / 1_000} s`)
  }
}

class TooSlow extends Error {
  override readonly name = 'TooSlow'
}
