import { type VirtualClock, virtualClock } from '../../support/clock.ts'
import { settle } from '../../support/pending.ts'

/**
 * Runs `program` in virtual time, for the rest of the test: the clock stands still while anybody has
 * something to do, and goes on to the next host timer when all wait. A program that waits for hours takes a
 * moment, and what it measures is exact. One in which everybody waits for ever fails the test instead of
 * hanging it.
 *
 * Source: Go, package `testing/synctest`.
 */
export async function inBubble<T>(program: (clock: VirtualClock) => Promise<T>): Promise<T> {
  const clock = virtualClock()
  let isOver = false
  const over = program(clock).finally(() => (isOver = true))
  // Reported where it is awaited, below.
  over.catch(() => {})
  for (let steps = 0; ; steps++) {
    // The library may put off a part of its work by one turn.
    await settle()
    await settle()
    if (isOver) return over
    const next = Math.min(...clock.timers.map((hostTimer) => hostTimer.at))
    if (next === Infinity) throw new Error('all tasks are asleep, and no timer is set')
    if (steps > MOST_STEPS) throw new Error(`the program goes on after ${MOST_STEPS} timers`)
    clock.advance(Math.max(0, next - clock.now))
  }
}

/** Settling virtual time must not hang a test that is broken. */
const MOST_STEPS = 20_000

/** The tasks of a program, which awaits them before it ends: then none of them fails unseen. */
export class Tasks {
  readonly #tasks: Promise<void>[] = []

  /** Go's `go`: the task runs to its first wait in this call. */
  go(task: () => Promise<void>): void {
    this.#tasks.push(task())
  }

  async joined(): Promise<void> {
    // A task may start others while it is waited for.
    for (let i = 0; i < this.#tasks.length; i++) await this.#tasks[i]
  }
}
