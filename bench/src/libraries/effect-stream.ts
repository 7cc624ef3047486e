import { Effect, Stream } from 'effect'
import type { Library } from '../library.ts'
import { CONCURRENCY, map, twice } from '../suites/pipelines/loads/map.ts'
import { STAGES, increment, stages, stagesProbe } from '../suites/pipelines/loads/stages.ts'

function sumOf(numbers: Stream.Stream<number>): Promise<number> {
  let sum = 0
  return Effect.runPromise(Stream.runForEach(numbers, (item) => Effect.sync(() => void (sum += item)))).then(
    () => sum,
  )
}

function mapped(unordered: boolean) {
  return (items: Iterable<number>) =>
    sumOf(
      Stream.mapEffect(Stream.fromIterable(items), (item) => Effect.promise(() => twice(item)), {
        concurrency: CONCURRENCY,
        unordered,
      }),
    )
}

function staged(items: Iterable<number>): Promise<number> {
  let stage: Stream.Stream<number> = Stream.fromIterable(items)
  for (let i = 0; i < STAGES; i++) stage = Stream.map(stage, increment)
  return sumOf(stage)
}

const chunks = 'passes chunks of items from stage to stage'

export const library: Library = {
  loads: {
    'map-16': { run: map(mapped(false)) },
    'map-16-unordered': { run: map(mapped(true)) },
    'ten-stages': { run: stages(staged), note: chunks },
    'stages-memory': { run: stagesProbe(staged), note: chunks },
  },
}
