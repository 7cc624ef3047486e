/** Something that is due at a moment of the monotonic clock. Lives in the heap while it is armed. */
export interface Alarm {
  /** When it is due, in ms of the monotonic clock. Only changed while not armed. */
  at: number
  /** Its place in the heap, or -1. The heap's own. */
  slot: number
  /** Breaks ties: what was set earlier rings earlier. From `nextSequence`, whenever `at` is set. */
  sequence: number
  /** Called once it is due, after it left the heap. */
  ring(): void
}

/**
 * All timers of the program behind one host timer.
 *
 * Invariants:
 * 1. `#heap` is a binary heap by (`at`, `sequence`), and `#heap[alarm.slot] === alarm` for each alarm in it.
 * 2. The host timer is set, for `#hostAt` or earlier, while the heap has an alarm, and only then.
 * 3. The host timer keeps the process alive while `#holds > 0`, and only then.
 */
export class Alarms {
  readonly #now: () => number
  #heap: Alarm[] = []
  #sequence = 0
  #host: ReturnType<typeof setTimeout> | undefined
  #hostAt = Infinity
  #holds = 0

  constructor(now: () => number) {
    this.#now = now
  }

  nextSequence(): number {
    return this.#sequence++
  }

  arm(alarm: Alarm): void {
    alarm.slot = this.#heap.length
    this.#heap.push(alarm)
    this.#rise(alarm)
    if (alarm.slot === 0) this.#setHost()
  }

  /** Does nothing for an alarm that is not armed. */
  disarm(alarm: Alarm): void {
    if (alarm.slot < 0) return
    this.#remove(alarm)
    if (this.#heap.length === 0) this.#clearHost()
  }

  /** Somebody waits for an alarm: the process stays alive for it. */
  hold(): void {
    if (this.#holds++ === 0) this.#keepAlive(true)
  }

  release(): void {
    if (--this.#holds === 0) this.#keepAlive(false)
  }

  // An arrow field: the host calls it without a receiver.
  readonly #ring = (): void => {
    this.#host = undefined
    this.#hostAt = Infinity
    // One look at the clock: what alarms arm while they ring is due later, and the loop ends.
    const now = this.#now()
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#remove(first)
      first.ring()
    }
    if (this.#heap.length > 0) this.#setHost()
  }

  #setHost(): void {
    const at = this.#heap[0]!.at
    if (at >= this.#hostAt) return
    clearTimeout(this.#host)
    // Rounded up: a host timer may fire up to one ms early. Waits longer than the host can count are chained.
    const delay = Math.min(Math.max(0, Math.ceil(at - this.#now())), LONGEST_DELAY)
    this.#host = setTimeout(this.#ring, delay)
    this.#hostAt = at
    if (this.#holds === 0) this.#keepAlive(false)
  }

  #clearHost(): void {
    clearTimeout(this.#host)
    this.#host = undefined
    this.#hostAt = Infinity
  }

  #keepAlive(alive: boolean): void {
    // Browsers have numbers for timers and no process to keep alive.
    const host = this.#host as Partial<NodeJS.Timeout> | undefined
    if (alive) host?.ref?.()
    else host?.unref?.()
  }

  #remove(alarm: Alarm): void {
    const last = this.#heap.pop()!
    if (last !== alarm) {
      last.slot = alarm.slot
      this.#heap[last.slot] = last
      this.#rise(last)
      this.#sink(last)
    }
    alarm.slot = -1
  }

  #rise(alarm: Alarm): void {
    let slot = alarm.slot
    while (slot > 0) {
      const parentSlot = (slot - 1) >> 1
      const parent = this.#heap[parentSlot]!
      if (isEarlier(parent, alarm)) break
      this.#place(parent, slot)
      slot = parentSlot
    }
    this.#place(alarm, slot)
  }

  #sink(alarm: Alarm): void {
    let slot = alarm.slot
    for (;;) {
      let childSlot = 2 * slot + 1
      if (childSlot >= this.#heap.length) break
      const right = this.#heap[childSlot + 1]
      if (right !== undefined && isEarlier(right, this.#heap[childSlot]!)) childSlot++
      const child = this.#heap[childSlot]!
      if (isEarlier(alarm, child)) break
      this.#place(child, slot)
      slot = childSlot
    }
    this.#place(alarm, slot)
  }

  #place(alarm: Alarm, slot: number): void {
    this.#heap[slot] = alarm
    alarm.slot = slot
  }
}

/** The longest delay that hosts count right, about 24.8 days; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1

function isEarlier(a: Alarm, b: Alarm): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence)
}
