import type { Alarm } from '../internal/alarms.ts'

/** The timers of a simulation. */
export class Timers {
  readonly #alarms = new Set<Alarm>()

  arm(alarm: Alarm): void {
    alarm.slot = 0
    this.#alarms.add(alarm)
  }

  disarm(alarm: Alarm): void {
    alarm.slot = -1
    this.#alarms.delete(alarm)
  }

  /** When the next is due; `Infinity` if none is. */
  get nextAt(): number {
    let at = Infinity
    for (const alarm of this.#alarms) at = Math.min(at, alarm.at)
    return at
  }

  /** Those that are due at `at`, in the order in which they were set. */
  dueAt(at: number): Alarm[] {
    return [...this.#alarms].filter((alarm) => alarm.at === at).sort((a, b) => a.sequence - b.sequence)
  }
}
