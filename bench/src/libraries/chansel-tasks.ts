import { background, group } from 'chansel'
import { type Guard, Mutex, Semaphore } from 'chansel/sync'
import type { Library } from '../library.ts'
import { CONCURRENCY, PERMITS, mapLoads, mutexLoads, semaphoreLoads } from '../suites/tasks/loads.ts'

const release = (guard: Guard): void => guard.release()

export const library: Library = {
  loads: {
    ...mutexLoads<Guard>(() => {
      const mu = new Mutex()
      return { acquire: () => mu.lock(), release }
    }),
    ...semaphoreLoads<Guard>(() => {
      const sem = new Semaphore(PERMITS)
      return { acquire: () => sem.acquire(), release }
    }),
    ...mapLoads(
      (n, work) =>
        group(
          background(),
          async (g) => {
            for (let i = 0; i < n; i++) await g.go(() => work(i)).started
          },
          { limit: CONCURRENCY },
        ),
      'started as slots come free',
    ),
  },
}
