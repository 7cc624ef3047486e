import { expect } from 'vitest'

// Taken at load, so that a test that fakes the host's timers still settles in real turns. A page has no setImmediate.
const { setTimeout } = globalThis
const nextTurn: (callback: () => void) => void =
  'setImmediate' in globalThis ? setImmediate : (callback) => void setTimeout(callback, 0)

/** Lets every microtask run, and one turn of the event loop with what it starts. */
export function settle(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve))
}

export type PromiseState = 'pending' | 'fulfilled' | 'rejected'

export async function stateOf(promise: Promise<unknown>): Promise<PromiseState> {
  let state: PromiseState = 'pending'
  promise.then(
    () => (state = 'fulfilled'),
    () => (state = 'rejected'),
  )
  await settle()
  return state
}

/** Proves that operations wait, without waiting for time to pass. */
export async function expectPending(...promises: Promise<unknown>[]): Promise<void> {
  const states = await Promise.all(promises.map(stateOf))
  expect(states, 'operations that should wait').toEqual(promises.map(() => 'pending'))
}

/** The error that `promise` rejects with; fails if it resolves. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  let error: unknown
  let isRejected = false
  await promise.catch((reason: unknown) => {
    error = reason
    isRejected = true
  })
  expect(isRejected, 'the promise should reject').toBe(true)
  return error
}

/** What `f` throws; fails if it returns. */
export function thrownBy(f: () => unknown): unknown {
  let error: unknown
  let isThrown = false
  try {
    f()
  } catch (thrown) {
    error = thrown
    isThrown = true
  }
  expect(isThrown, 'the call should throw').toBe(true)
  return error
}
