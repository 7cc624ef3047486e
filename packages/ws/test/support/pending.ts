import { expect } from 'vitest'

const nextTurn = globalThis.setTimeout

/** Lets every microtask run, and a turn of the event loop with what it starts. In Node and in a page. */
export function settle(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve, 0))
}

/** Time passes. For what has no event: that a peer goes on to do nothing. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve, ms))
}

export type PromiseState = 'pending' | 'fulfilled' | 'rejected'

/** How `promise` stands at once, and after each look of `settle`. */
export async function stateOf(promise: Promise<unknown>): Promise<PromiseState> {
  let state: PromiseState = 'pending'
  promise.then(
    () => (state = 'fulfilled'),
    () => (state = 'rejected'),
  )
  await settle()
  return state
}

/** Proves that operations wait. */
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

/** Waits for something that has no event of its own. */
export async function eventually(what: string, check: () => boolean, ms = 3_000): Promise<void> {
  const until = performance.now() + ms
  while (!check() && performance.now() < until) await new Promise((resolve) => nextTurn(resolve, 5))
  expect(check(), what).toBe(true)
}

/** Whether `promise` waits for something that does not come: it is pending for many turns. */
export async function isStuck(promise: Promise<unknown>, ms = STUCK_MS): Promise<boolean> {
  let isSettled = false
  const settled = (): void => void (isSettled = true)
  promise.then(settled, settled)
  await Promise.resolve()
  await Promise.resolve()
  const until = performance.now() + ms
  while (!isSettled && performance.now() < until) await new Promise((resolve) => nextTurn(resolve, 2))
  return !isSettled
}

/** The network of a page is another process, which may be late on a busy machine. */
const STUCK_MS = 'process' in globalThis ? 80 : 300
