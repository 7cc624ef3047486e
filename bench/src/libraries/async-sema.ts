import { Sema } from 'async-sema'
import type { Library } from '../library.ts'
import { type Lock, PERMITS, mutexLoads, semaphoreLoads } from '../suites/tasks/loads.ts'

function lock(permits: number): Lock<unknown> {
  const sema = new Sema(permits)
  return { acquire: () => sema.acquire(), release: () => sema.release() }
}

export const library: Library = {
  loads: { ...mutexLoads(() => lock(1)), ...semaphoreLoads(() => lock(PERMITS)) },
}
