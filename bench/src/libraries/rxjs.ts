import { type Observable, Subject, from, map as mapEach, mergeMap } from 'rxjs'
import type { Library } from '../library.ts'
import { SUBSCRIBERS, broadcast } from '../suites/pipelines/loads/broadcast.ts'
import { CONCURRENCY, map, twice } from '../suites/pipelines/loads/map.ts'
import { STAGES, increment, stages, stagesProbe } from '../suites/pipelines/loads/stages.ts'

function sumOf(numbers: Observable<number>): Promise<number> {
  let sum = 0
  return new Promise((resolve, reject) => {
    numbers.subscribe({ next: (item) => void (sum += item), error: reject, complete: () => resolve(sum) })
  })
}

function mapped(items: Iterable<number>): Promise<number> {
  return sumOf(from(items).pipe(mergeMap(twice, CONCURRENCY)))
}

function sent(items: Iterable<number>): Promise<number[]> {
  const subject = new Subject<number>()
  const sums = Promise.all(Array.from({ length: SUBSCRIBERS }, () => sumOf(subject)))
  from(items).subscribe(subject)
  return sums
}

function staged(items: Iterable<number>): Promise<number> {
  let stage: Observable<number> = from(items)
  for (let i = 0; i < STAGES; i++) stage = stage.pipe(mapEach(increment))
  return sumOf(stage)
}

const calls = 'calls its subscribers: nobody can wait'

export const library: Library = {
  loads: {
    'map-16-unordered': { run: map(mapped), note: 'mergeMap keeps all items that wait in an array' },
    'broadcast-8': { run: broadcast(sent), note: calls },
    'ten-stages': { run: stages(staged), note: calls },
    'stages-memory': { run: stagesProbe(staged), note: calls },
  },
}
