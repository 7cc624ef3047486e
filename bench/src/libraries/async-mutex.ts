import { Mutex, Semaphore } from 'async-mutex'
import type { Library } from '../library.ts'
import { PERMITS, mutexLoads, semaphoreLoads } from '../suites/tasks/loads.ts'

type Release = () => void

export const library: Library = {
  loads: {
    ...mutexLoads<Release>(() => {
      const mutex = new Mutex()
      return { acquire: () => mutex.acquire(), release: (release) => release() }
    }),
    ...semaphoreLoads<[number, Release]>(() => {
      const semaphore = new Semaphore(PERMITS)
      return { acquire: () => semaphore.acquire(), release: ([, release]) => release() }
    }),
  },
}
