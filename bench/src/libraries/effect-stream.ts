import { Effect, Stream } from 'effect'
import type { Library } from '../library.ts'
import { SUBSCRIBERS, broadcast } from '../suites/pipelines/loads/broadcast.ts'
import { CONCURRENCY, map, twice } from '../suites/pipelines/loads/map.ts'
import { STAGES, increment, stages, stagesProbe } from '../suites/pipelines/loads/stages.ts'

/** Adds up the items, each in a call of its own. */
function summing(numbers: Stream.Stream<number>): Effect.Effect<number> {
  return Effect.suspend(() => {
    let sum = 0
    const adding = Stream.runForEach(numbers, (item) => Effect.sync(() => void (sum += item)))
    return Effect.map(adding, () => sum)
  })
}

function sumOf(numbers: Stream.Stream<number>): Promise<number> {
  return Effect.runPromise(summing(numbers))
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

function sent(items: Iterable<number>): Promise<number[]> {
  const all = Stream.broadcastN(Stream.fromIterable(items), { n: SUBSCRIBERS, capacity: 16 })
  return Effect.runPromise(
    Effect.scoped(
      Effect.flatMap(all, (streams) => Effect.all(streams.map(summing), { concurrency: 'unbounded' })),
    ),
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
    'broadcast-8': { run: broadcast(sent), note: chunks },
    'ten-stages': { run: stages(staged), note: chunks },
    'stages-memory': { run: stagesProbe(staged), note: chunks },
  },
}
