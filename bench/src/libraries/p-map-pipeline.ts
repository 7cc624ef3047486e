import pMap from 'p-map'
import type { Library } from '../library.ts'
import { CONCURRENCY, map, twice } from '../suites/pipelines/loads/map.ts'

async function mapped(items: Iterable<number>): Promise<number> {
  let sum = 0
  for (const result of await pMap(items, twice, { concurrency: CONCURRENCY })) sum += result
  return sum
}

export const library: Library = {
  loads: { 'map-16': { run: map(mapped), note: 'keeps all results until the end' } },
}
