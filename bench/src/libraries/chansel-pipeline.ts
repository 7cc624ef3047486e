import type { ReceiveChannel } from 'chansel'
import * as pipeline from 'chansel/pipeline'
import type { Library } from '../library.ts'
import { SUBSCRIBERS, broadcast } from '../suites/pipelines/loads/broadcast.ts'
import { CONCURRENCY, map, twice } from '../suites/pipelines/loads/map.ts'
import { STAGES, increment, stages, stagesProbe } from '../suites/pipelines/loads/stages.ts'

async function sumOf(channel: AsyncIterable<number>): Promise<number> {
  let sum = 0
  for await (const item of channel) sum += item
  return sum
}

function mapped(ordered: boolean) {
  return (items: Iterable<number>) => sumOf(pipeline.map(items, twice, { concurrency: CONCURRENCY, ordered }))
}

function sent(items: Iterable<number>): Promise<number[]> {
  const all = pipeline.broadcast(items)
  return Promise.all(Array.from({ length: SUBSCRIBERS }, () => sumOf(all.subscribe({ capacity: 16 }))))
}

function staged(items: Iterable<number>): Promise<number> {
  let stage: Iterable<number> | ReceiveChannel<number> = items
  for (let i = 0; i < STAGES; i++) stage = pipeline.map(stage, increment)
  return sumOf(stage as ReceiveChannel<number>)
}

export const library: Library = {
  loads: {
    'map-16': { run: map(mapped(true)) },
    'map-16-unordered': { run: map(mapped(false)) },
    'broadcast-8': { run: broadcast(sent), note: 'a buffer of 16 each, as streams have' },
    'ten-stages': { run: stages(staged) },
    'stages-memory': { run: stagesProbe(staged) },
  },
}
