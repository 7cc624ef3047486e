import type { Cancellation } from './cancellation.ts'
import { type ReceiveEnd, type SendEnd, WOULD_WAIT } from './end.ts'
import type { WaitingCase } from './observer.ts'
import { takenAs } from './operation.ts'
import { runtime } from './runtime.ts'
import { NOTHING, type WaitQueue, Waiter, sentAs } from './waiter.ts'

/** What a send case sends. */
export interface Offer {
  readonly value: unknown
}

export type AnyEnd = ReceiveEnd<unknown> | SendEnd<unknown>

/** The waiters of one select by the queue that they stand in, for each queue in which several do. */
export type Rivals = Map<WaitQueue, Waiter[]>

/**
 * Cases of one select on one channel stand side by side in its queue, since a select parks all in one step. Each must
 * be as likely as the others to be first: so the newcomer changes places with a random one of them, or with none.
 */
export function mix(rivals: Rivals, before: Waiter, newcomer: Waiter): void {
  const queue = newcomer.queue!
  let together = rivals.get(queue)
  if (together === undefined) rivals.set(queue, (together = [before]))
  together.push(newcomer)
  const other = together[runtime.pick(together.length)]!
  const { form, value } = other
  other.form = newcomer.form
  other.value = newcomer.value
  newcomer.form = form
  newcomer.value = value
}

/** What the cases of a select are added to as they are read, in their order. */
export interface CaseList {
  /** Adds a case that receives, or that sends what is offered. An end of `null`: it is switched off. */
  add(label: string | number, end: AnyEnd | null, offer?: Offer): void
}

/**
 * A select: its cases from the first look at them, and the operation that waits, until its caller is told.
 *
 * Then it is used again for another select: making a list, and a waiter for each case, costs more than the rest of
 * the select.
 *
 * Invariants:
 * 1. `#ends` and `#offers` have the cases by their index, and nothing elsewhere: a choice that is not in use
 *    keeps nothing alive.
 * 2. Waiter i stands in the queue of case i while the select waits, and in none otherwise.
 */
export class Choice extends Waiter implements CaseList {
  #count = 0
  /** A case of an array has its index for a label. */
  #isArray = false
  readonly #labels: string[] = []
  /** Where a case receives from, or sends to; `null` for a case that is switched off. */
  readonly #ends: (AnyEnd | null)[] = []
  /** What a case sends; nothing for a receive. */
  readonly #offers: (Offer | undefined)[] = []
  #hasOffers = false
  /** The indexes of the cases that are ready, from one look at all of them. */
  readonly #ready: number[] = []
  readonly #waiters: Waiter[] = []
  #rivals: Rivals | null = null

  private constructor() {
    super(null, NOTHING)
  }

  /** A choice that is not in use. */
  static take(): Choice {
    return spares.pop() ?? new Choice()
  }

  /**
   * Adds the cases of an array, and reads each of them once. Channels of `kind`, which most often all of them are, it
   * adds right here, in half the time that a call for each takes; the others by `addOther`.
   */
  addAll<Case>(
    cases: readonly Case[],
    kind: abstract new (...made: never) => ReceiveEnd<unknown>,
    addOther: (list: Choice, cases: readonly Case[], i: number, given: Case) => void,
  ): void {
    this.#isArray = true
    const ends = this.#ends
    let i = 0
    for (; i < cases.length; i++) {
      const given = cases[i]!
      if (given instanceof kind) {
        ends[i] = given
      } else {
        this.#count = i
        addOther(this, cases, i, given)
      }
    }
    this.#count = i
  }

  add(label: string | number, end: AnyEnd | null, offer?: Offer): void {
    const i = this.#count++
    this.#ends[i] = end
    if (typeof label === 'string') this.#labels[i] = label
    if (offer !== undefined) {
      this.#offers[i] = offer
      this.#hasOffers = true
    }
  }

  /** Makes one of the ready cases happen, all equally likely; `WOULD_WAIT` if none is ready. */
  perform(): unknown {
    for (;;) {
      const count = this.#findReady()
      if (count === 0) return WOULD_WAIT
      const outcome = this.#performCase(this.#ready[count === 1 ? 0 : runtime.pick(count)]!)
      // A look at a context may notice that its deadline has passed. That ends waits, one of which may have been what
      // made another case ready. Nothing has happened then; the context's own case is ready at the next look.
      if (outcome !== WOULD_WAIT) return outcome
    }
  }

  #findReady(): number {
    const ends = this.#ends
    const offers = this.#hasOffers ? this.#offers : null
    const count = this.#count
    let found = 0
    for (let i = 0; i < count; i++) {
      const end = ends[i]!
      if (end === null) continue
      const isReady = offers?.[i]
        ? (end as SendEnd<unknown>).canSend()
        : (end as ReceiveEnd<unknown>).canReceive()
      if (isReady) this.#ready[found++] = i
    }
    return found
  }

  #performCase(i: number): unknown {
    const label = this.#isArray ? i : this.#labels[i]!
    const offer = this.#offers[i]
    if (offer) {
      return (this.#ends[i] as SendEnd<unknown>).put(offer.value) ? sentAs(label) : WOULD_WAIT
    }
    return takenAs(label, (this.#ends[i] as ReceiveEnd<unknown>).take())
  }

  /** Asks for what is made on demand, for a later look. Only right after `perform` found nothing. */
  ask(): void {
    for (let i = 0; i < this.#count; i++) {
      const end = this.#ends[i]!
      if (end && !this.#offers[i]) (end as ReceiveEnd<unknown>).ask?.()
    }
  }

  /** Waits in every queue, under the cancel. Only right after `perform` said that it has to. */
  wait(cancellation: Cancellation | null): Promise<unknown> {
    const told = this.promise<unknown>()
    const ends = this.#ends
    const offers = this.#hasOffers ? this.#offers : null
    const labels = this.#isArray ? null : this.#labels
    const waiters = this.#waiters
    const count = this.#count
    for (let i = 0; i < count; i++) {
      if (i === waiters.length) waiters.push(new Waiter(this, NOTHING))
      const end = ends[i]!
      if (end === null) continue
      const waiter = waiters[i]!
      waiter.form = labels === null ? i : labels[i]!
      const offer = offers?.[i]
      if (offer) {
        waiter.value = offer.value
        ;(end as SendEnd<unknown>).parkSender(waiter)
      } else {
        ;(end as ReceiveEnd<unknown>).parkReceiver(waiter)
      }
      const before = waiter.previous
      if (before !== null && before.operation === this) mix((this.#rivals ??= new Map()), before, waiter)
    }
    if (cancellation !== null) cancellation.park(this)
    if (runtime.observer !== null) runtime.observer.waits(this, 'select', this.#waitingCases())
    return told
  }

  #waitingCases(): WaitingCase[] {
    const cases: WaitingCase[] = []
    for (let i = 0; i < this.#count; i++) {
      const on = this.#ends[i]!
      const verb = this.#offers[i] ? 'send' : 'receive'
      if (on) cases.push({ verb, on })
    }
    return cases
  }

  override withdraw(): void {
    super.withdraw()
    const waiters = this.#waiters
    const count = this.#count
    for (let i = 0; i < count; i++) {
      const waiter = waiters[i]!
      if (waiter.queue !== null) waiter.queue.remove(waiter)
    }
  }

  override settle(outcome: unknown): void {
    super.settle(outcome)
    this.release()
  }

  /** The select is over, and nobody needs this choice any more. */
  release(): void {
    const count = this.#count
    const ends = this.#ends
    for (let i = 0; i < count; i++) ends[i] = null
    if (this.#hasOffers) {
      this.#hasOffers = false
      for (let i = 0; i < count; i++) {
        this.#offers[i] = undefined
        if (i < this.#waiters.length) this.#waiters[i]!.value = undefined
      }
    }
    this.#count = 0
    this.#isArray = false
    this.#rivals = null
    if (ends.length <= SPARE_CASES && spares.length < SPARES) spares.push(this)
  }
}

/** Choices that are not in use: enough for a program to find one again, few and small enough to forget. */
const spares: Choice[] = []
const SPARES = 64
const SPARE_CASES = 64
