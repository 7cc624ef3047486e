import { expect } from 'vitest'

export { expectPending, rejectionOf, settle, stateOf, thrownBy } from '../../../../test/support/pending.ts'

const nextTurn = globalThis.setTimeout

/** Time passes. For what has no event: that a peer goes on to do nothing. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve, ms))
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
const STUCK_MS = 'process' in globalThis ? 80 : 600
