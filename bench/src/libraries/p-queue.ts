import PQueue from 'p-queue'
import type { Library } from '../library.ts'
import { CONCURRENCY, mapLoads } from '../suites/tasks/loads.ts'

export const library: Library = {
  loads: mapLoads(async (n, work) => {
    const queue = new PQueue({ concurrency: CONCURRENCY })
    for (let i = 0; i < n; i++) {
      await queue.onSizeLessThan(CONCURRENCY)
      void queue.add(() => work(i))
    }
    await queue.onIdle()
  }, 'started as slots come free'),
}
