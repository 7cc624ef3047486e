import type { Alarm, Alarms as OfHost } from './alarms.ts'

/**
 * A host timer for each alarm. In Cloudflare Workers a timer belongs to the request that set it, and is gone with it:
 * none may serve what another request waits for.
 *
 * Invariant: an alarm is armed, and `#timers` has the timer that will ring it or set another, while its `slot` is 0. (Of
 * one whose request has gone nobody hears any more.)
 */
export class Alarms implements Pick<OfHost, keyof OfHost> {
  readonly #now: () => number
  readonly #timers = new WeakMap<Alarm, ReturnType<typeof setTimeout>>()
  #sequence = 0

  constructor(now: () => number) {
    this.#now = now
  }

  nextSequence(): number {
    return this.#sequence++
  }

  arm(alarm: Alarm): void {
    alarm.slot = 0
    const delay = Math.min(Math.max(0, Math.ceil(alarm.at - this.#now())), DAY_MS)
    this.#timers.set(
      alarm,
      setTimeout(() => this.#due(alarm), delay),
    )
  }

  disarm(alarm: Alarm): void {
    if (alarm.slot < 0) return
    alarm.slot = -1
    clearTimeout(this.#timers.get(alarm))
  }

  // There is no process to keep alive.
  hold(): void {}
  release(): void {}

  #due(alarm: Alarm): void {
    if (alarm.at > this.#now()) return this.arm(alarm)
    alarm.slot = -1
    alarm.ring()
  }
}

/** Far less than a host can count. For what takes longer another timer is set. */
const DAY_MS = 86_400_000
