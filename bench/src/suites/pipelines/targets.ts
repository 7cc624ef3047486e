// What pipelines have to reach: the time of the fastest library that people use for the same job.

import type { Figures, Measured, Target } from '../suite.ts'

const OURS = 'chansel-pipeline'
/** It calls its subscribers, and nobody can make it wait. */
const UNSTOPPABLE = ['rxjs']
/** Neither rivals nor ours. */
const CONTROLS = ['by-hand', 'chansel-for-await']

export const targets: readonly Target[] = [
  ...['map-16', 'map-16-unordered', 'broadcast-8', 'ten-stages'].map((load): Target => ({
    what: `${load}, of the fastest library`,
    limit: 1,
    better: 'lower',
    unit: '×',
    measure: (figures) => againstFastest(figures, load),
  })),
  ...['broadcast-8', 'ten-stages'].map((load): Target => ({
    what: `${load}, of the fastest that consumers can hold back`,
    limit: 1,
    better: 'lower',
    unit: '×',
    measure: (figures) => againstFastest(figures, load, UNSTOPPABLE),
  })),
  {
    what: 'ten stages: an item of 1,000,000, of one of 100,000',
    limit: 1.3,
    better: 'lower',
    unit: '×',
    measure: (figures) => {
      const [few, many] = [100_000, 1_000_000].map((n) =>
        figures.figure(OURS, 'stages-memory', n, 'nsPerItem'),
      )
      return few == null || many == null ? null : { value: many / few }
    },
  },
  {
    what: 'ten stages: heap taken while 1,000,000 items pass',
    limit: 1_024,
    better: 'lower',
    unit: 'KiB',
    measure: (figures) => {
      const value = figures.figure(OURS, 'stages-memory', 1_000_000, 'heapKiB')
      return value === null ? null : { value }
    },
  },
]

function againstFastest(figures: Figures, load: string, leftOut: readonly string[] = []): Measured | null {
  const others = [OURS, ...CONTROLS, ...leftOut]
  const rivals = figures.librariesOn(load, load).filter((library) => !others.includes(library))
  const ratios = rivals.flatMap((library) => {
    const ratio = figures.ratio(load, { library: OURS, load }, { library, load })
    return ratio === null ? [] : [{ ...ratio, of: library }]
  })
  // The fastest rival is the one against which our ratio is largest.
  return ratios.sort((a, b) => b.value - a.value)[0] ?? null
}
