import { beforeEach, expect, onTestFinished } from 'vitest'

/** What keeps the process alive and a connection could have left: sockets, servers, timers. */
export function resourcesInUse(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /TCP|TLS|Pipe|Timeout|HTTP|Immediate/.test(kind) && kind !== 'PipeWrap')
    .sort()
}

/** Waits until nothing is in use but what was `before`. */
export async function expectResources(before: readonly string[], ms = 1_000): Promise<void> {
  const until = performance.now() + ms
  while (!isWithin(resourcesInUse(), before) && performance.now() < until) {
    // Its own timer is gone by the time of the next look.
    await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(leftovers(resourcesInUse(), before), 'what is left').toEqual([])
}

function leftovers(now: readonly string[], before: readonly string[]): string[] {
  const rest = [...before]
  return now.filter((kind) => {
    const at = rest.indexOf(kind)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}

function isWithin(now: readonly string[], before: readonly string[]): boolean {
  return leftovers(now, before).length === 0
}

/**
 * To be called once in a file: after each test, and after what the test asked to be ended with it, no socket is
 * left. Timers are left out, since the watch over peers may look once more; `heartbeat.test.ts` has them.
 */
export function expectNoSocketLeft(): void {
  beforeEach(() => {
    const before = socketsInUse()
    // Registered first, so it runs last.
    onTestFinished(async () => {
      const until = performance.now() + 1_000
      while (!isWithin(socketsInUse(), before) && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      expect(leftovers(socketsInUse(), before), 'sockets left behind').toEqual([])
    })
  })
}

function socketsInUse(): string[] {
  return resourcesInUse().filter((kind) => /TCP|TLS/.test(kind))
}

/** Counts, until the test is over, the host timers that were set and hold the process. */
export function countTimers(): () => number {
  const { setTimeout, clearTimeout } = globalThis
  const timers = new Set<NodeJS.Timeout>()
  const recorded = (ring: () => void, delayMs?: number): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      ring()
    }, delayMs)
    timers.add(timer)
    return timer
  }
  const forgotten = (timer: NodeJS.Timeout): void => {
    timers.delete(timer)
    clearTimeout(timer)
  }
  Object.assign(globalThis, { setTimeout: recorded, clearTimeout: forgotten })
  onTestFinished(() => void Object.assign(globalThis, { setTimeout, clearTimeout }))
  return () => [...timers].filter((timer) => timer.hasRef()).length
}
