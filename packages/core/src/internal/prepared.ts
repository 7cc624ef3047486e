import type { Cancellation } from './cancellation.ts'
import { type AnyEnd, type CaseList, type Offer, type Rivals, mix } from './choice.ts'
import { type ReceiveEnd, type SendEnd, WOULD_WAIT } from './end.ts'
import type { WaitingCase } from './observer.ts'
import { takenAs } from './operation.ts'
import { runtime } from './runtime.ts'
import { NOTHING, Waiter, sentAs } from './waiter.ts'
import { WatchedQueue, type Watcher } from './watched-queue.ts'

/**
 * A select that is prepared for many rounds: its cases, and the operation that waits in a round.
 *
 * What a round costs depends on what is ready, not on how many cases there are. It looks at the suspects alone; if none
 * of them is ready it waits, and then only those cases take a place in line that need one: see `WatchedQueue`.
 *
 * Invariants:
 * 1. Between two rounds each case that may be ready is among `#suspects`: it watches its channel, which alerts it. A
 *    case whose end cannot be watched always is.
 * 2. While the select waits, each case that is switched on stands in line or is the sole watcher of its channel. It
 *    is in `#seated` if it stood in line in this round, or has to in the next.
 * 3. Between two rounds no case stands in line.
 */
export class PreparedChoice extends Waiter implements CaseList {
  readonly #cases = new Map<string | number, PreparedCase>()
  readonly #suspects: PreparedCase[] = []
  readonly #seated: PreparedCase[] = []
  /** The suspects that are ready, by their indexes, from one look at all of them. */
  readonly #ready: number[] = []
  readonly #rivals: Rivals = new Map()
  /** From the call of a round until its caller is told. */
  isUnderWay = false
  isOver = false

  constructor() {
    super(null, NOTHING)
  }

  has(label: string | number): boolean {
    return this.#cases.has(label)
  }

  /** Adds a case, or sets the one with that label anew. */
  add(label: string | number, end: AnyEnd | null, offer?: Offer): void {
    let one = this.#cases.get(label)
    if (one === undefined) this.#cases.set(label, (one = new PreparedCase(this, label)))
    one.set(end, offer)
  }

  suspect(one: PreparedCase): void {
    this.#suspects.push(one)
  }

  seat(one: PreparedCase): void {
    this.#seated.push(one)
  }

  /** Makes one of the ready cases happen, all equally likely; `WOULD_WAIT` if none is ready. */
  perform(): unknown {
    this.isUnderWay = true
    try {
      for (;;) {
        const count = this.#findReady()
        if (count === 0) return WOULD_WAIT
        const at = this.#ready[count === 1 ? 0 : runtime.pick(count)]!
        const one = this.#suspects[at]!
        const outcome = one.perform()
        if (one.isWatched && !one.isReady()) this.#acquit(one, at)
        // A look at a context may end the wait that had made this case ready. See `Choice.perform`.
        if (outcome !== WOULD_WAIT) return outcome
      }
    } finally {
      this.isUnderWay = false
    }
  }

  #findReady(): number {
    const suspects = this.#suspects
    // One alone needs no look: whether it is ready shows when it is performed.
    if (suspects.length === 1 && suspects[0]!.isWatched) {
      this.#ready[0] = 0
      return 1
    }
    let found = 0
    for (let i = 0; i < suspects.length;) {
      const one = suspects[i]!
      if (one.isReady()) this.#ready[found++] = i++
      else if (one.isWatched || !one.isOn) this.#acquit(one, i)
      else i++
    }
    return found
  }

  /** A suspect turned out not to be ready, and will tell when that changes. The last one takes its place in the list. */
  #acquit(one: PreparedCase, at: number): void {
    one.rest()
    const last = this.#suspects.pop()!
    if (at < this.#suspects.length) this.#suspects[at] = last
  }

  /** See `Choice.ask`. Only suspects: an end that can be asked cannot be watched, so its case always is one. */
  ask(): void {
    for (const one of this.#suspects) one.ask()
  }

  /** Waits for all cases, under the cancel. Only right after `perform` said that it has to. */
  wait(cancellation: Cancellation | null): Promise<unknown> {
    this.isUnderWay = true
    const told = this.promise<unknown>()
    const seated = this.#seated
    let left = 0
    for (const one of seated) {
      if (!one.takesPlace()) continue
      seated[left++] = one
      const before = one.waiter.previous
      if (before !== null && before.operation === this) mix(this.#rivals, before, one.waiter)
    }
    shorten(seated, left)
    if (cancellation !== null) cancellation.park(this)
    if (runtime.observer !== null) runtime.observer.waits(this, 'select', this.#waitingCases())
    return told
  }

  #waitingCases(): WaitingCase[] {
    return [...this.#cases.values()].flatMap((one) => one.waitingCase ?? [])
  }

  override withdraw(): void {
    super.withdraw()
    for (const { waiter } of this.#seated) if (waiter.queue !== null) waiter.queue.remove(waiter)
    if (this.#rivals.size > 0) this.#rivals.clear()
  }

  override settle(outcome: unknown): void {
    this.isUnderWay = false
    super.settle(outcome)
  }

  /** Leaves all channels. A round that waits ends with the error. */
  dispose(error: unknown): void {
    this.isOver = true
    if (this.isWaiting) this.fail(error)
    for (const one of this.#cases.values()) one.leave()
    this.#cases.clear()
    this.#suspects.length = this.#seated.length = this.#ready.length = 0
  }
}

/**
 * A case of a prepared select.
 *
 * Invariants:
 * 1. It watches `#end` through `#queue` from when it is first switched on until it gets another end: switching it off
 *    for a round costs nothing. `#queue` is null where the end cannot be watched.
 * 2. `waiter` tells `#label` and has the value of the send, except while it stands in line among rivals (see `mix`).
 */
class PreparedCase implements Watcher {
  readonly waiter: Waiter
  isResting = false
  nextResting: Watcher | null = null
  previousResting: Watcher | null = null
  isOn = false
  readonly #choice: PreparedChoice
  readonly #label: string | number
  #end: AnyEnd | null = null
  #sends = false
  #value: unknown = undefined
  #queue: WatchedQueue | null = null
  #isSuspect = false
  #isSeated = false

  constructor(choice: PreparedChoice, label: string | number) {
    this.waiter = new Waiter(choice, label)
    this.#choice = choice
    this.#label = label
  }

  set(end: AnyEnd | null, offer: Offer | undefined): void {
    if (end === null) this.#switchOff()
    else this.#switchOn(end, !!offer, offer?.value)
  }

  #switchOff(): void {
    this.isOn = false
    this.#value = this.waiter.value = undefined
    if (this.#queue !== null) this.#queue.dismiss(this)
  }

  #switchOn(end: AnyEnd, sends: boolean, value: unknown): void {
    const isNew = end !== this.#end || sends !== this.#sends
    if (isNew) this.leave()
    this.#value = this.waiter.value = value
    if (this.isOn) return
    this.isOn = true
    if (isNew) {
      this.#end = end
      this.#sends = sends
      this.#queue = sends ? WatchedQueue.joinSenders(end) : WatchedQueue.joinReceivers(end)
    } else if (this.isResting) {
      // It rested because it was off.
      this.#queue!.rouse(this)
    }
    this.alert()
    this.seat()
  }

  /** Lets go of its end. */
  leave(): void {
    if (this.#queue !== null) this.#queue.leave(this)
    this.#queue = null
    this.#end = null
    this.#switchOff()
  }

  alert(): void {
    if (this.#isSuspect) return
    this.#isSuspect = true
    this.#choice.suspect(this)
  }

  seat(): void {
    if (this.#isSeated) return
    this.#isSeated = true
    this.#choice.seat(this)
  }

  isReady(): boolean {
    if (!this.isOn) return false
    return this.#sends
      ? (this.#end as SendEnd<unknown>).canSend()
      : (this.#end as ReceiveEnd<unknown>).canReceive()
  }

  get isWatched(): boolean {
    return this.#queue !== null
  }

  /** What it waits for; null while it is switched off. */
  get waitingCase(): WaitingCase | null {
    return this.isOn ? { verb: this.#sends ? 'send' : 'receive', on: this.#end! } : null
  }

  /** It is a suspect no more. */
  rest(): void {
    this.#isSuspect = false
    if (this.#queue !== null) this.#queue.rest(this)
  }

  ask(): void {
    if (!this.#sends) (this.#end as ReceiveEnd<unknown>).ask?.()
  }

  /** `WOULD_WAIT` if it is not ready any more. */
  perform(): unknown {
    if (!this.isOn) return WOULD_WAIT
    if (this.#sends) {
      return (this.#end as SendEnd<unknown>).put(this.#value) ? sentAs(this.#label) : WOULD_WAIT
    }
    return takenAs(this.#label, (this.#end as ReceiveEnd<unknown>).take())
  }

  /** The select begins to wait: whether this case needs a place in line for it, and has one now. */
  takesPlace(): boolean {
    this.waiter.form = this.#label
    this.waiter.value = this.#value
    if (!this.isOn || (this.#queue !== null && this.#queue.admit(this))) {
      this.#isSeated = false
      return false
    }
    if (this.#sends) (this.#end as SendEnd<unknown>).parkSender(this.waiter)
    else (this.#end as ReceiveEnd<unknown>).parkReceiver(this.waiter)
    return true
  }
}

/** Setting `length` costs more than all the rest of a round. */
function shorten(list: unknown[], length: number): void {
  while (list.length > length) list.pop()
}
