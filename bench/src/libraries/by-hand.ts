// What people write without a library: workers over one iterator, a loop over subscribers, async generators.

import type { Library } from '../library.ts'
import { SUBSCRIBERS, broadcast } from '../suites/pipelines/loads/broadcast.ts'
import { CONCURRENCY, map, twice } from '../suites/pipelines/loads/map.ts'
import { STAGES, increment, stages, stagesProbe } from '../suites/pipelines/loads/stages.ts'

async function mapped(items: Iterable<number>): Promise<number> {
  const iterator = items[Symbol.iterator]()
  let sum = 0
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      // In two steps: `sum +=` would read the sum before the await.
      const result = await twice(next.value)
      sum += result
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return sum
}

async function sent(items: Iterable<number>): Promise<number[]> {
  const sums: number[] = Array.from({ length: SUBSCRIBERS }, () => 0)
  for (const item of items) {
    await Promise.all(sums.map(async (_, i) => void (sums[i]! += item)))
  }
  return sums
}

async function* incremented(items: AsyncIterable<number> | Iterable<number>): AsyncGenerator<number> {
  for await (const item of items) yield increment(item)
}

async function staged(items: Iterable<number>): Promise<number> {
  let stage: AsyncIterable<number> | Iterable<number> = items
  for (let i = 0; i < STAGES; i++) stage = incremented(stage)
  let sum = 0
  for await (const item of stage) sum += item
  return sum
}

export const library: Library = {
  loads: {
    'map-16': { run: map(mapped), note: 'in no order' },
    'map-16-unordered': { run: map(mapped) },
    'broadcast-8': { run: broadcast(sent), note: 'a call for each, awaited together' },
    'ten-stages': { run: stages(staged), note: 'async generators' },
    'stages-memory': { run: stagesProbe(staged), note: 'async generators' },
  },
}
