import { describe } from '../errors.ts'
import { currentTask } from './current.ts'
import { host } from './host.ts'

/**
 * Resolves if `promise` is still pending after all microtasks and a few turns of the event loop, and rejects if it
 * is not: proves that an operation waits, without waiting for time to pass.
 *
 * @throws Error if the promise is settled; its `cause` is what it rejected with
 * @throws TypeError for what is not a promise
 * @example
 * import { channel } from 'chansel'
 * import { expectPending } from 'chansel/testing'
 *
 * const jobs = channel<string>()
 * const sent = jobs.send('late')
 * await expectPending(sent)
 * await jobs.receive()
 * await sent
 */
export async function expectPending(...promises: Promise<unknown>[]): Promise<void> {
  const states = await Promise.all(promises.map(stateOf))
  for (const [i, state] of states.entries()) {
    if (state === PENDING) continue
    const which = promises.length === 1 ? 'the promise' : `promise ${i}`
    const text = 'value' in state ? 'it is fulfilled' : 'it is rejected'
    const cause = 'value' in state ? undefined : { cause: state.error }
    throw new Error(`Cannot find ${which} pending: ${text}`, cause)
  }
}

type State = typeof PENDING | { readonly value: unknown } | { readonly error: unknown }

export const PENDING: unique symbol = Symbol('pending')

export async function stateOf(promise: Promise<unknown>): Promise<State> {
  if (typeof (promise as Partial<typeof promise> | null | undefined)?.then !== 'function') {
    throw new TypeError(
      `Cannot find out whether it is pending: it must be a promise, got ${describe(promise)}`,
    )
  }
  let state: State = PENDING
  promise.then(
    (value) => (state = { value }),
    (error: unknown) => (state = { error }),
  )
  const world = currentTask()?.world
  await (world ? world.settled() : turns())
  return state
}

/** Lets everything happen that takes microtasks and a few turns of the event loop, but no time. */
async function turns(): Promise<void> {
  for (let i = 0; i < TURNS; i++) await host.turn()
}

/** Work of the library that is put off comes one turn later. */
const TURNS = 2
