import { afterAll, afterEach, beforeAll, expect } from 'vitest'

export { expectPending, rejectionOf, settle, stateOf, thrownBy } from '../../../../test/support/pending.ts'

/** Host timers that were set since the file was loaded and neither fired nor were cleared. */
const hostTimers = new Set<NodeJS.Timeout>()

/** How many host timers keep the process alive. The runner's own do not count. */
export function timersThatHold(): number {
  return [...hostTimers].filter((timer) => timer.hasRef()).length
}

/** To be called once in a test file: after each test, no timer is left that anybody waits for. */
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
