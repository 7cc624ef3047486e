import { PassThrough, Readable, Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Library } from '../library.ts'
import { SUBSCRIBERS, broadcast } from '../suites/pipelines/loads/broadcast.ts'
import { CONCURRENCY, map, twice } from '../suites/pipelines/loads/map.ts'
import { STAGES, increment, stages, stagesProbe } from '../suites/pipelines/loads/stages.ts'

class Sum extends Writable {
  sum = 0

  constructor() {
    super({ objectMode: true })
  }

  override _write(item: number, _encoding: string, done: () => void): void {
    this.sum += item
    done()
  }
}

async function mapped(items: Iterable<number>): Promise<number> {
  const sum = new Sum()
  await pipeline(Readable.from(items).map(twice, { concurrency: CONCURRENCY }), sum)
  return sum.sum
}

async function sent(items: Iterable<number>): Promise<number[]> {
  const sums = Array.from({ length: SUBSCRIBERS }, () => new Sum())
  const source = Readable.from(items).pipe(new PassThrough({ objectMode: true }))
  await Promise.all(
    sums.map(
      (sum) => new Promise((resolve, reject) => source.pipe(sum).on('finish', resolve).on('error', reject)),
    ),
  )
  return sums.map(({ sum }) => sum)
}

async function staged(items: Iterable<number>): Promise<number> {
  const sum = new Sum()
  const steps = Array.from(
    { length: STAGES },
    () =>
      new Transform({
        objectMode: true,
        transform: (item: number, _, done) => done(null, increment(item)),
      }),
  )
  await pipeline([Readable.from(items), ...steps, sum])
  return sum.sum
}

const buffers = 'each stage buffers up to 16 items'

export const library: Library = {
  loads: {
    'map-16': { run: map(mapped) },
    'broadcast-8': { run: broadcast(sent), note: buffers },
    'ten-stages': { run: stages(staged), note: buffers },
    'stages-memory': { run: stagesProbe(staged), note: buffers },
  },
}
