/**
 * Matchers for vitest, and for what has its `expect.extend`: `expect.extend(matchers)`.
 */
import { ExplorationError } from './errors.ts'
import { type ExploreOptions, explore } from './explore.ts'
import { PENDING, stateOf } from './pending.ts'
import type { Simulation } from './simulation.ts'

/** What a matcher says of what it was given. */
export interface Verdict {
  readonly pass: boolean
  readonly message: () => string
}

/**
 * What `expect(…)` has once it is extended. Your program tells the runner's types so:
 * `declare module 'vitest' { interface Matchers<T = any> extends ChannelMatchers {} }`.
 */
export interface ChannelMatchers {
  toBePending(): Promise<void>
  toHoldInEveryOrder(options?: ExploreOptions): Promise<void>
}

/**
 * Matchers for `expect.extend`: `toBePending()`, of a promise, and `toHoldInEveryOrder(options?)`, of a body for
 * `explore`. Both have to be awaited.
 *
 * @example
 * import { channel } from 'chansel'
 * import { matchers } from 'chansel/testing/vitest'
 *
 * const verdict = await matchers.toBePending(channel().receive())
 * verdict.pass // => true
 */
export const matchers: {
  toBePending(received: unknown): Promise<Verdict>
  toHoldInEveryOrder(received: unknown, options?: ExploreOptions): Promise<Verdict>
} = {
  async toBePending(received: unknown): Promise<Verdict> {
    const isPending = (await stateOf(received as Promise<unknown>)) === PENDING
    return {
      pass: isPending,
      message: () => `expected a promise ${isPending ? 'not to be' : 'to be'} pending`,
    }
  },

  async toHoldInEveryOrder(received: unknown, options?: ExploreOptions): Promise<Verdict> {
    try {
      const { runs } = await explore(received as (t: Simulation) => unknown, options)
      return { pass: true, message: () => `expected a failure in some order, in ${runs} runs there was none` }
    } catch (error) {
      // Of a body that is not deterministic nothing is known: neither that it holds in every order nor that it does not.
      if (!(error instanceof ExplorationError) || error.kind !== 'failure') throw error
      return { pass: false, message: () => error.message }
    }
  },
}
