import { VirtualClock } from '../support/clock.ts'
import { Random } from '../support/random.ts'

/** The clock that all programs use, one after the other. */
export const clock = new VirtualClock()

let dice = new Random(0)

/** From now on the library draws its lots from `seed`: what was run can be run again. */
export function throwDiceFrom(seed: number): void {
  dice = new Random(seed)
}

/**
 * Runs `body` with that clock and those dice in place of the host's. They are put there bare, for a spy
 * remembers each of millions of calls.
 */
export async function inModelWorld<T>(body: () => Promise<T>): Promise<T> {
  const { setTimeout, clearTimeout } = globalThis
  const { random } = Math
  const { now } = Date
  const { stackTraceLimit } = Error
  Object.assign(globalThis, { setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout })
  Object.assign(performance, { now: () => clock.now })
  Object.assign(Date, { now: () => clock.epochMs })
  Object.assign(Math, { random: () => dice.next() })
  // Most of the errors are expected, and a stack costs more than the operation that failed.
  Object.assign(Error, { stackTraceLimit: 0 })
  try {
    return await body()
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout })
    Reflect.deleteProperty(performance, 'now')
    Object.assign(Date, { now })
    Object.assign(Math, { random })
    Object.assign(Error, { stackTraceLimit })
  }
}
