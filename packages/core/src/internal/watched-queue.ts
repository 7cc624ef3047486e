import { type Line, WaitQueue, type Waiter } from './waiter.ts'

/** A case of a prepared select, as the queue of its channel knows it. */
export interface Watcher {
  /** What waits for it. Its operation is the select. */
  readonly waiter: Waiter
  /** Whether it is among those that rest in the queue, and between which of them. */
  isResting: boolean
  nextResting: Watcher | null
  previousResting: Watcher | null
  /** Its side of the channel may have become ready: the select has to look at it. */
  alert(): void
  /** It is not alone any more: it takes a place in line at each wait. */
  seat(): void
}

/** A channel that can be watched. */
export interface Watchable {
  exchangeLines(exchange: (...lines: Lines) => Lines): void
}

type Lines<L extends Line = Line> = readonly [senders: L, receivers: L]

/**
 * One side of a channel while prepared selects watch it. It stands where the plain queue stood, and gives way to that
 * again when the last watcher leaves: a channel that nobody watches has no trace of all this.
 *
 * A watcher behind which nobody stands needs no place in line. So a select over many channels begins to wait on all of
 * them in one step: `first` finds its case here because the select waits. Once somebody comes after it, or another
 * watcher, there is an order to be kept: from then on its waiter stands in line like any other, at each wait.
 *
 * There are two signs that a side has become ready. Someone begins to wait on the opposite side; or the channel asks
 * for the first in line, to hand over a value, a place in the buffer or its end, and there is nobody.
 *
 * Invariants:
 * 1. `#line` is the plain queue of the channel: all who wait stand in it, except the sole watcher.
 * 2. `#sole` is the only watcher of the channel, on either side. Whoever is in `#line` while its select waits came
 *    before it.
 * 3. A watcher rests here, or its select will look at it before it waits. If it rests, its side is not ready or its
 *    case is switched off.
 */
export class WatchedQueue implements Line {
  readonly #channel: Watchable
  readonly #line: WaitQueue
  #opposite: WatchedQueue = this
  #count = 0
  #sole: Watcher | null = null
  #resting: Watcher | null = null

  private constructor(channel: Watchable, line: WaitQueue) {
    this.#channel = channel
    this.#line = line
  }

  /** For a watcher that its select has yet to look at; `null` for an end that cannot be watched. */
  static joinSenders(end: object): WatchedQueue | null {
    return isWatchable(end) ? WatchedQueue.#join(end, 0) : null
  }

  static joinReceivers(end: object): WatchedQueue | null {
    return isWatchable(end) ? WatchedQueue.#join(end, 1) : null
  }

  static #join(channel: Watchable, side: 0 | 1): WatchedQueue | null {
    let joined: WatchedQueue | null = null
    channel.exchangeLines((...lines) => {
      const both = WatchedQueue.#over(channel, lines)
      if (both === null) return lines
      joined = both[side]
      return both
    })
    if (joined !== null) (joined as WatchedQueue).#enter()
    return joined
  }

  static #over(channel: Watchable, [senders, receivers]: Lines): Lines<WatchedQueue> | null {
    if (senders instanceof WatchedQueue) return [senders, receivers as WatchedQueue]
    // The lines of another copy of the package hold waiters of its own.
    if (!(senders instanceof WaitQueue)) return null
    const both = [
      new WatchedQueue(channel, senders),
      new WatchedQueue(channel, receivers as WaitQueue),
    ] as const
    both[0].#opposite = both[1]
    both[1].#opposite = both[0]
    return both
  }

  get first(): Waiter | null {
    return this.#line.first ?? this.#waitingSole
  }

  /** How many wait besides those in the line, while there are any in it. */
  get besides(): number {
    return this.#line.first !== null && this.#waitingSole !== null ? 1 : 0
  }

  push(waiter: Waiter): void {
    this.seatSole()
    this.#line.push(waiter)
    this.#opposite.alert()
  }

  shift(): Waiter | null {
    const waiter = this.#line.shift() ?? this.#waitingSole
    if (waiter === null) this.alert()
    return waiter
  }

  #enter(): void {
    this.#count++
    this.seatSole()
    this.#opposite.seatSole()
  }

  leave(watcher: Watcher): void {
    this.#count--
    if (watcher.isResting) this.rouse(watcher)
    if (this.#count + this.#opposite.#count > 0) return
    this.#channel.exchangeLines((senders, receivers) => [
      (senders as WatchedQueue).#line,
      (receivers as WatchedQueue).#line,
    ])
  }

  /** Lets a watcher that begins to wait do without a place in line, if no other watches the channel. */
  admit(watcher: Watcher): boolean {
    if (this.#count + this.#opposite.#count > 1) return false
    this.#sole = watcher
    return true
  }

  /** A watcher that was switched off must not be found here when its select waits. */
  dismiss(watcher: Watcher): void {
    if (this.#sole === watcher) this.#sole = null
  }

  /** Its select looked, and this side is not ready. */
  rest(watcher: Watcher): void {
    const next = this.#resting
    watcher.isResting = true
    if (next !== null) {
      watcher.nextResting = next
      next.previousResting = watcher
    }
    this.#resting = watcher
  }

  /** Its select will look again without being alerted. */
  rouse(watcher: Watcher): void {
    const { nextResting: next, previousResting: previous } = watcher
    if (previous === null) this.#resting = next
    else previous.nextResting = next
    if (next !== null) next.previousResting = previous
    watcher.nextResting = watcher.previousResting = null
    watcher.isResting = false
  }

  alert(): void {
    for (let watcher = this.#resting; watcher !== null; watcher = this.#resting) {
      this.rouse(watcher)
      watcher.alert()
    }
  }

  get #waitingSole(): Waiter | null {
    const sole = this.#sole
    return sole !== null && sole.waiter.operation.isWaiting ? sole.waiter : null
  }

  /** Gives the sole watcher a place in line if it waits: whoever comes next stands behind it. */
  seatSole(): void {
    const sole = this.#sole
    if (sole === null) return
    this.#sole = null
    sole.seat()
    if (sole.waiter.operation.isWaiting) this.#line.push(sole.waiter)
  }
}

function isWatchable(end: Partial<Watchable>): end is Watchable {
  return end.exchangeLines !== undefined
}
