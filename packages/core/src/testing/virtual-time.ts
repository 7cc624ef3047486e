import { Timers } from './timers.ts'

/**
 * The clock of a simulation, and who waits for it: timers, and tasks that wait until all others do or let time go on.
 *
 * Invariant: it goes on in `goTo` and `advanceBefore` only, and never back.
 */
export class VirtualTime {
  readonly timers = new Timers()
  #now = 0
  #settling: (() => void)[] = []
  /** The earliest first. */
  readonly #advancing: { at: number; tell(): void }[] = []

  get now(): number {
    return this.#now
  }

  get epochNow(): number {
    return EPOCH_MS + this.#now
  }

  /** Whether a timer is due that did not ring. */
  get isAnyDue(): boolean {
    return this.timers.nextAt <= this.#now
  }

  goTo(moment: number): void {
    this.#now = Math.max(this.#now, moment)
  }

  /** `tell` is called when everybody waits. */
  whenSettled(tell: () => void): void {
    this.#settling.push(tell)
  }

  /** `tell` is called when `ms` have gone by, after what is due earlier. */
  whenAdvanced(ms: number, tell: () => void): void {
    const at = this.#now + ms
    const later = this.#advancing.findIndex((other) => other.at > at)
    this.#advancing.splice(later < 0 ? this.#advancing.length : later, 0, { at, tell })
  }

  /** Everybody waits: tells those who waited for that. Says whether anybody did. */
  settle(): boolean {
    const settling = this.#settling
    this.#settling = []
    for (const tell of settling) tell()
    return settling.length > 0
  }

  /** Goes on to the first who lets time go on, unless a timer is due by then, at `alarmAt`. Says whether it did. */
  advanceBefore(alarmAt: number): boolean {
    const advance = this.#advancing[0]
    if (advance === undefined || advance.at >= alarmAt) return false
    this.#advancing.shift()
    this.#now = advance.at
    advance.tell()
    return true
  }
}

/** The first of January 2000, where Go's bubbles begin, too. */
const EPOCH_MS = Date.UTC(2000, 0, 1)
