import pLimit from 'p-limit'
import type { Library } from '../library.ts'
import { CONCURRENCY, mapLoads } from '../suites/tasks/loads.ts'

export const library: Library = {
  loads: mapLoads(async (n, work) => {
    const limit = pLimit(CONCURRENCY)
    await Promise.all(Array.from({ length: n }, (_, i) => limit(() => work(i))))
  }, 'all queued at first'),
}
