import { afterAll, afterEach, beforeAll, expect } from 'vitest'

// Taken at load: a test that fakes the host's timers still settles in real turns.
const nextTurn = setImmediate

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

/** Host timers that were set since the file was loaded and neither fired nor were cleared. */
const hostTimers = new Set<NodeJS.Timeout>()

/** How many host timers keep the process alive. The runner's own do not count. */
export function timersThatHold(): number {
  return [...hostTimers].filter((timer) => timer.hasRef()).length
}

/** To be called once in a file of tests: after each of them, no timer is left that anybody waits for. */
export function expectNothingLeft(): void {
  const { setTimeout, clearTimeout } = globalThis
  const recorded = (ring: () => void, delayMs?: number) => {
    const timer = setTimeout(() => {
      hostTimers.delete(timer)
      ring()
    }, delayMs)
    hostTimers.add(timer)
    return timer
  }
  const forgotten = (timer: NodeJS.Timeout) => {
    hostTimers.delete(timer)
    clearTimeout(timer)
  }
  beforeAll(() => void Object.assign(globalThis, { setTimeout: recorded, clearTimeout: forgotten }))
  afterAll(() => void Object.assign(globalThis, { setTimeout, clearTimeout }))
  afterEach(() => expect(timersThatHold(), 'host timers left behind').toBe(0))
}
