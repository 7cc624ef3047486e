import PQueue from 'p-queue'
import type { Library } from '../library.ts'
import { CONCURRENCY, map, twice } from '../suites/pipelines/loads/map.ts'

async function mapped(items: Iterable<number>): Promise<number> {
  const queue = new PQueue({ concurrency: CONCURRENCY })
  let sum = 0
  for (const item of items) {
    await queue.onSizeLessThan(CONCURRENCY)
    void queue.add(async () => {
      const result = await twice(item)
      sum += result
    })
  }
  await queue.onIdle()
  return sum
}

export const library: Library = {
  loads: { 'map-16-unordered': { run: map(mapped), note: 'held back by `onSizeLessThan`' } },
}
