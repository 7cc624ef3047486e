import { type Cancel, type Channel, channel, select, sendCase } from 'chansel'
import type { Go } from '../support/program.ts'
import type { Rational } from './rational.ts'

/** A coefficient of a power series, or `null` for the end of a finite one. */
export type Term = Rational | null

/** What travels through the channels in place of a term. */
export interface Wire {
  pack(term: Term): unknown
  unpack(packed: unknown): Term
}

/** What the tasks of one program share. */
export interface Workshop {
  readonly go: Go
  readonly exit: Cancel
  readonly wire: Wire
}

/**
 * A stream of terms that are computed on demand: whoever wants one asks for it on `requests` and gets it from
 * `answers`. Without the requests the tasks of an infinite series would compute for ever.
 */
export class Demand {
  readonly requests: Channel<void> = channel<void>()
  readonly answers: Channel<unknown> = channel<unknown>()
  readonly #exit: Cancel
  readonly #wire: Wire

  constructor({ exit, wire }: Workshop) {
    this.#exit = exit
    this.#wire = wire
  }

  async get(): Promise<Term> {
    await this.requests.send(undefined, this.#exit)
    return this.#receiveAnswer()
  }

  /** Waits until somebody asks. */
  async asked(): Promise<void> {
    await this.requests.receive(this.#exit)
  }

  answer(term: Term): Promise<void> {
    return this.answers.send(this.#wire.pack(term), this.#exit)
  }

  async put(term: Term): Promise<void> {
    await this.asked()
    await this.answer(term)
  }

  /** One term of each, asked for and received in whatever order they are ready. */
  static async getBoth(first: Demand, second: Demand): Promise<[Term, Term]> {
    const terms: [Term, Term] = [null, null]
    const requests: (Channel<void> | null)[] = [first.requests, second.requests]
    const answers: (Channel<unknown> | null)[] = [null, null]
    for (let step = 0; step < 4; step++) {
      const event = await select(
        [
          requests[0] && sendCase(requests[0], undefined),
          requests[1] && sendCase(requests[1], undefined),
          answers[0],
          answers[1],
        ],
        first.#exit,
      )
      const side = event.case % 2
      if (event.case < 2) {
        requests[side] = null
        answers[side] = [first, second][side]!.answers
      } else {
        terms[side] = first.#wire.unpack('value' in event ? event.value : undefined)
        answers[side] = null
      }
    }
    return terms
  }

  async #receiveAnswer(): Promise<Term> {
    const { value } = await this.answers.receive(this.#exit)
    return this.#wire.unpack(value)
  }
}

/**
 * Copies one stream into two, which may be read at different speeds. Each term has a task of its own, which
 * starts when the term is first asked for and ends when both sides have it. The newest task serves the side
 * that is ahead, the oldest the side that is behind, and those between hold the terms that the one has and
 * the other has not; when the oldest is done it releases the next one to serve the side behind.
 */
export function splitInto(
  source: Demand,
  [left, right]: readonly [Demand, Demand],
  { go, exit }: Workshop,
): void {
  const serveTerm = async (ahead: Demand, behind: Demand, released: Channel<void>): Promise<void> => {
    const first = await select({ asked: ahead.requests, released }, exit)
    const isOldest = first.case === 'released'
    if (isOldest) {
      // Every term so far has been taken on both sides: either may get ahead now.
      const next = await select({ ahead: ahead.requests, behind: behind.requests }, exit)
      if (next.case === 'behind') [ahead, behind] = [behind, ahead]
    }
    const release = channel<void>()
    await source.requests.send(undefined, exit)
    go(() => serveTerm(ahead, behind, release))
    const { value } = await source.answers.receive(exit)
    await ahead.answers.send(value, exit)
    if (!isOldest) await released.receive(exit)
    await behind.requests.receive(exit)
    await behind.answers.send(value, exit)
    await release.send(undefined, exit)
  }
  const release = channel<void>()
  go(() => serveTerm(left, right, release))
  go(() => release.send(undefined, exit))
}
