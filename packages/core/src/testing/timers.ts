import type { Alarm } from '../internal/alarms.ts'

/** The timers of a simulation. */
export class Timers {
  readonly #alarms = new Set<Alarm>()
  /** Kept, since it is asked for at each step; `undefined` once the timer that it came from has gone. */
  #nextAt: number | undefined = Infinity

  arm(alarm: Alarm): void {
    alarm.slot = 0
    this.#alarms.add(alarm)
    if (this.#nextAt !== undefined) this.#nextAt = Math.min(this.#nextAt, alarm.at)
  }

  disarm(alarm: Alarm): void {
    alarm.slot = -1
    if (this.#alarms.delete(alarm) && alarm.at === this.#nextAt) this.#nextAt = undefined
  }

  /** When the next is due; `Infinity` if none is. */
  get nextAt(): number {
    if (this.#nextAt === undefined) {
      this.#nextAt = Infinity
      for (const { at } of this.#alarms) this.#nextAt = Math.min(this.#nextAt, at)
    }
    return this.#nextAt
  }

  /** Those that are due at `at`, in the order in which they were set. */
  dueAt(at: number): Alarm[] {
    return [...this.#alarms].filter((alarm) => alarm.at === at).sort((a, b) => a.sequence - b.sequence)
  }
}
