import pLimit from 'p-limit'
import type { Library } from '../library.ts'
import { CONCURRENCY, map, twice } from '../suites/pipelines/loads/map.ts'

async function mapped(items: Iterable<number>): Promise<number> {
  const limit = pLimit(CONCURRENCY)
  let sum = 0
  for (const result of await limit.map(items, twice)) sum += result
  return sum
}

export const library: Library = {
  loads: { 'map-16': { run: map(mapped), note: 'all queued at first; keeps all results until the end' } },
}
