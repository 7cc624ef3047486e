import { engine } from '../../report/presentation.ts'
import type { LibraryTitle, Suite, TimedLoad } from '../suite.ts'
import { targets } from './targets.ts'

const libraries: readonly LibraryTitle[] = [
  { id: 'by-hand', title: 'by hand' },
  { id: 'chansel-pipeline', title: 'chansel', package: 'chansel' },
  { id: 'chansel-for-await', title: 'chansel, for await' },
  { id: 'p-limit-pipeline', title: 'p-limit', package: 'p-limit' },
  { id: 'p-map-pipeline', title: 'p-map', package: 'p-map' },
  { id: 'p-queue-pipeline', title: 'p-queue', package: 'p-queue' },
  { id: 'rxjs', title: 'RxJS', package: 'rxjs' },
  { id: 'effect-stream', title: 'effect', package: 'effect' },
  { id: 'node-stream', title: 'node:stream' },
]

export const pipelines: Suite = {
  name: 'pipelines',
  libraries,
  control: { library: 'by-hand', load: 'map-16' },
  subject: 'chansel-pipeline',
  loads: [
    timed('map-16', 'an asynchronous function, 16 calls at a time, results in order'),
    timed('map-16-unordered', 'the same, results as they come'),
    timed('broadcast-8', 'every item to eight subscribers'),
    timed('ten-stages', 'ten stages that add one'),
    {
      kind: 'probe',
      name: 'stages-memory',
      what: 'ten stages: time of an item, and heap taken while they pass',
      sizes: [10_000, 100_000, 1_000_000],
    },
  ],
  targets,
  presentation: {
    ...engine,
    floor: 'The floor is the same by hand; less is better; the scale is logarithmic.',
    rival: 'rxjs',
    rivalTitle: 'RxJS',
    controls: ['by-hand'],
  },
}

/** Each in a group of its own, because there is nothing to compare between them. */
function timed(name: string, what: string): TimedLoad {
  return { kind: 'timed', name, group: name, what, unit: 'ns', control: { library: 'by-hand', load: name } }
}
