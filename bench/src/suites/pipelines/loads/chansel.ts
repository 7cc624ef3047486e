import { broadcast as broadcastTo, map as mapEach } from 'chansel/pipeline'
import type { Library } from '../../../library.ts'
import { SUBSCRIBERS, broadcast } from './broadcast.ts'
import { CONCURRENCY, map, twice } from './map.ts'
import { STAGES, increment, stages, stagesProbe } from './stages.ts'

/** Our loads; `sumOf` is at the end of each pipeline. */
export function pipelineLoads(sumOf: (items: AsyncIterable<number>) => Promise<number>): Library {
  const mapped = (ordered: boolean) => (items: Iterable<number>) =>
    sumOf(mapEach(items, twice, { concurrency: CONCURRENCY, ordered }))

  const sent = (items: Iterable<number>): Promise<number[]> => {
    const all = broadcastTo(items)
    return Promise.all(Array.from({ length: SUBSCRIBERS }, () => sumOf(all.subscribe({ capacity: 16 }))))
  }

  const staged = (items: Iterable<number>): Promise<number> => {
    let stage = mapEach(items, increment)
    for (let i = 1; i < STAGES; i++) stage = mapEach(stage, increment)
    return sumOf(stage)
  }

  return {
    loads: {
      'map-16': { run: map(mapped(true)) },
      'map-16-unordered': { run: map(mapped(false)) },
      'broadcast-8': { run: broadcast(sent), note: 'a buffer of 16 each, as streams have' },
      'ten-stages': { run: stages(staged) },
      'stages-memory': { run: stagesProbe(staged) },
    },
  }
}
