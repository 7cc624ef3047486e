// The least that a lock and a bounded map can be made of: no cancel, no checks, no guard.

import type { Library } from '../library.ts'
import {
  type Lock,
  CONCURRENCY,
  PERMITS,
  mapLoads,
  mutexLoads,
  semaphoreLoads,
} from '../suites/tasks/loads.ts'

/** An array used as a queue from an index on: the lines here are short, or emptied at once. */
function permits(count: number): Lock<void> {
  const waiting: (() => void)[] = []
  let first = 0
  let free = count
  const release = (): void => {
    if (first === waiting.length) {
      free++
      return
    }
    const next = waiting[first++]!
    if (first > 1_024) {
      waiting.splice(0, first)
      first = 0
    }
    next()
  }
  const acquire = (): Promise<void> => {
    if (free === 0) return new Promise((resolve) => waiting.push(resolve))
    free--
    return Promise.resolve()
  }
  return { acquire, release }
}

export const library: Library = {
  loads: {
    ...mutexLoads(() => permits(1)),
    ...semaphoreLoads(() => permits(PERMITS)),
    ...mapLoads(async (n, work) => {
      let next = 0
      const worker = async (): Promise<void> => {
        while (next < n) await work(next++)
      }
      await Promise.all(Array.from({ length: CONCURRENCY }, worker))
    }, 'eight loops over one counter'),
  },
}
