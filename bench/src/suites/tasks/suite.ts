// Locks and bounded tasks beside the libraries that people use for them, on the same work.

import { engine } from '../../report/presentation.ts'
import type { Figures, LibraryTitle, Measured, Suite, Target } from '../suite.ts'

const OURS = 'chansel-tasks'
const CONTROL = 'promises-tasks'

const libraries: readonly LibraryTitle[] = [
  { id: CONTROL, title: 'raw promises' },
  { id: OURS, title: 'chansel', package: 'chansel' },
  { id: 'async-mutex', title: 'async-mutex', package: 'async-mutex' },
  { id: 'async-sema', title: 'async-sema', package: 'async-sema' },
  { id: 'p-limit', title: 'p-limit', package: 'p-limit' },
  { id: 'p-queue', title: 'p-queue', package: 'p-queue' },
  { id: 'p-map', title: 'p-map', package: 'p-map' },
  { id: 'effect-tasks', title: 'effect', package: 'effect' },
]

export const tasks: Suite = {
  name: 'tasks',
  libraries,
  control: { library: CONTROL, load: 'mutex' },
  subject: OURS,
  loads: [
    { kind: 'timed', name: 'mutex', group: 'mutex', what: 'eight tasks take turns at a lock', unit: 'ns' },
    {
      kind: 'timed',
      name: 'semaphore',
      group: 'semaphore',
      what: '32 tasks share eight permits',
      unit: 'ns',
    },
    {
      kind: 'timed',
      name: 'map',
      group: 'map',
      what: 'items, eight at a time',
      unit: 'ns',
      control: { library: CONTROL, load: 'map' },
    },
    {
      kind: 'timed',
      name: 'map-million',
      group: 'map-million',
      what: 'a million items, eight at a time',
      control: { library: CONTROL, load: 'map-million' },
      unit: 'ms',
      items: 1_000_000,
    },
    { kind: 'probe', name: 'memory-lock', what: 'waits for one lock', sizes: [100_000] },
  ],
  targets: [
    ...['mutex', 'semaphore', 'map', 'map-million'].map((load) => fastest(load, load)),
    {
      what: 'a wait for a mutex',
      limit: 400,
      better: 'lower',
      unit: 'bytes',
      measure: (f) => {
        const value = f.figure(OURS, 'memory-lock', 100_000, 'bytes')
        return value === null ? null : { value }
      },
    },
  ],
  presentation: {
    ...engine,
    floor: 'The floor is the same by raw promises; less is better; the scale is logarithmic.',
    rival: 'effect-tasks',
    rivalTitle: 'effect',
    controls: [CONTROL],
  },
}

function fastest(group: string, load: string): Target {
  const measure = (f: Figures): Measured | null =>
    f
      .librariesOn(group, load)
      .filter((library) => library !== OURS && library !== CONTROL)
      .flatMap((library) => {
        const measured = f.ratio(group, { library: OURS, load }, { library, load })
        return measured === null ? [] : [{ ...measured, of: library }]
      })
      .reduce<Measured | null>(
        (worst, one) => (worst === null || one.value > worst.value ? one : worst),
        null,
      )
  return { what: `${load}, of the fastest library`, limit: 1, better: 'lower', unit: '×', measure }
}
