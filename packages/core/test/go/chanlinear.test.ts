// Go: test/chanlinear.go — a select that waits on one quiet channel together with n others comes and goes at
//   a cost that does not grow with n.

import { expect, test } from 'vitest'
import { type Channel, channel, select } from 'chansel'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

/** Tasks that each wait on one quiet channel and on one of their own, which makes them wait again. */
class Crowd {
  readonly #quiet = channel<void>()
  readonly #own: Channel<boolean>[]
  readonly #tasks: Promise<number>[]

  constructor(size: number) {
    this.#own = Array.from({ length: size }, () => channel<boolean>())
    this.#tasks = this.#own.map(async (own) => {
      for (let woken = 0; ; woken++) {
        const event = await select({ quiet: this.#quiet, own })
        if (event.case === 'quiet') return woken
      }
    })
  }

  /** Wakes tasks all over the line, so that each has many before it and many behind. */
  async wake(count: number): Promise<void> {
    const apart = this.#own.length / count
    for (let i = 0; i < count; i++) expect(this.#own[Math.floor((i + 0.5) * apart)]!.trySend(true)).toBe(true)
    await settle()
  }

  /** Lets all of them end, and tells how often they were woken. */
  async end(): Promise<number> {
    this.#quiet.close()
    const counts = await Promise.all(this.#tasks)
    return counts.reduce((sum, count) => sum + count, 0)
  }
}

const ROUNDS = 10
const WOKEN = 200

/** The fewest milliseconds that a round takes: other work of the machine can only add to it. */
async function leastMsOf(crowd: Crowd): Promise<number> {
  let least = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint()
    await crowd.wake(WOKEN)
    least = Math.min(least, Number(process.hrtime.bigint() - start) / 1e6)
  }
  return least
}

test(
  'S22 to wake a select costs the same, whether 500 or 20,000 wait beside it',
  { timeout: 30_000 },
  async () => {
    const [few, many] = [new Crowd(500), new Crowd(20_000)]
    await leastMsOf(few)
    const ratio = (await leastMsOf(many)) / (await leastMsOf(few))
    // Walking a line makes it fifteen or more; memory that is further away makes it two at most.
    expect(ratio).toBeLessThan(5)
    expect([await few.end(), await many.end()]).toEqual([2 * ROUNDS * WOKEN, ROUNDS * WOKEN])
  },
)
