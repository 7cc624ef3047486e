import pMap from 'p-map'
import type { Library } from '../library.ts'
import { CONCURRENCY, mapLoads } from '../suites/tasks/loads.ts'

function* below(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i
}

export const library: Library = {
  loads: mapLoads(async (n, work) => {
    await pMap(below(n), work, { concurrency: CONCURRENCY })
  }),
}
