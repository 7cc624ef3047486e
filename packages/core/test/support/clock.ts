import { expect, onTestFinished, vi } from 'vitest'

/** A host timer as the library set it. */
export interface HostTimer {
  readonly at: number
  readonly delayMs: number
  /** Whether it keeps the process alive. */
  readonly holds: boolean
}

/**
 * A clock that moves when it is told to. It stands in for the monotonic clock, the wall clock and the host's
 * timers, for the length of one test.
 */
export class VirtualClock {
  #now = 1_000_000
  readonly #epochOffset = 1_700_000_000_000
  #sequence = 0
  readonly #timers = new Map<object, { at: number; delayMs: number; holds: boolean; ring(): void }>()

  /** Milliseconds of the monotonic clock. */
  get now(): number {
    return this.#now
  }

  get epochMs(): number {
    return this.#epochOffset + this.#now
  }

  /** All host timers that are set. */
  get timers(): HostTimer[] {
    return [...this.#timers.values()]
  }

  /** How many timers were set so far. */
  get timersSet(): number {
    return this.#sequence
  }

  /** Time passes while the program computes: no timer fires. */
  busy(ms: number): void {
    this.#now += ms
  }

  /** Time passes and timers fire, in order, all in this call. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (let due = this.#firstDue(until); due !== undefined; due = this.#firstDue(until)) {
      const [key, timer] = due
      this.#timers.delete(key)
      this.#now = Math.max(this.#now, timer.at)
      timer.ring()
    }
    this.#now = until
  }

  #firstDue(until: number) {
    return [...this.#timers].filter(([, timer]) => timer.at <= until).sort(([, a], [, b]) => a.at - b.at)[0]
  }

  readonly setTimeout = (ring: () => void, delayMs: number): object => {
    this.#sequence++
    const timer = { at: this.#now + delayMs, delayMs, holds: true, ring }
    const handle = {
      ref: () => void (timer.holds = true),
      unref: () => void (timer.holds = false),
    }
    this.#timers.set(handle, timer)
    return handle
  }

  readonly clearTimeout = (handle: object): void => void this.#timers.delete(handle)
}

/** Puts a virtual clock in place until the test ends; then no timer may be left. */
export function virtualClock(): VirtualClock {
  const clock = new VirtualClock()
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now)
  vi.spyOn(Date, 'now').mockImplementation(() => clock.epochMs)
  vi.stubGlobal('setTimeout', clock.setTimeout)
  vi.stubGlobal('clearTimeout', clock.clearTimeout)
  onTestFinished(() => {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
    expect(clock.timers, 'host timers left behind').toEqual([])
  })
  return clock
}

/** Computes for `ms` milliseconds of the real clock. */
export function busyFor(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}
