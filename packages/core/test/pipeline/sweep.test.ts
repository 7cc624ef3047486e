// A short program for each operator, cancelled at every step of it: its source is released, once, nobody waits at a
// channel any more, and no timer and no listener is left.

import { describe, expect, test } from 'vitest'
import { type Cancel, type ReceiveChannel, channel } from 'chansel'
import * as pipeline from 'chansel/pipeline'
import {
  type Source,
  batch,
  broadcast,
  collect,
  debounce,
  fanOut,
  filter,
  forEach,
  from,
  map,
  merge,
  pipe,
  route,
  scan,
  skip,
  take,
  throttle,
  zip,
} from 'chansel/pipeline'
import { cancels, countListeners } from '../support/cancels.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

type Program = (source: Source<number>, cancel: Cancel) => Promise<unknown>

/** Reads a result to its end. */
async function read(...outs: readonly ReceiveChannel<unknown>[]): Promise<void> {
  const reading = outs.map(async (out) => {
    for (let got = await out.receive(); got.ok; got = await out.receive());
  })
  await Promise.all(reading)
}

const programs: { readonly [operator: string]: Program } = {
  from: (s, cancel) => read(from(s, cancel)),
  map: (s, cancel) => read(map(s, async (n) => n, {}, cancel)),
  filter: (s, cancel) => read(filter(s, async (n) => n % 2 === 0, cancel)),
  merge: (s, cancel) => read(merge([s, [1, 2]], cancel)),
  zip: (s, cancel) => read(zip([s, Array(9).fill(0)], cancel)),
  take: (s, cancel) => read(take(s, 99, cancel)),
  skip: (s, cancel) => read(skip(s, 1, cancel)),
  batch: (s, cancel) => read(batch(s, { size: 2, ms: 60_000 }, cancel)),
  debounce: (s, cancel) => read(debounce(s, 60_000, cancel)),
  throttle: (s, cancel) => read(throttle(s, 0, cancel)),
  scan: (s, cancel) => read(scan(s, async (sum, n: number) => sum + n, 0, cancel)),
  fanOut: (s, cancel) => read(...fanOut(s, 2, cancel)),
  collect: (s, cancel) => collect(s, cancel),
  forEach: (s, cancel) => forEach(s, async () => {}, cancel),
  broadcast: (s, cancel) => {
    const all = broadcast(s, {}, cancel)
    return read(all.subscribe(), all.subscribe({ capacity: 1 }), all.subscribe({ slow: 'drop-oldest' }))
  },
  route: (s, cancel) => {
    const all = route(s, async (n) => n % 2, {}, cancel)
    return read(all.subscribe(0), all.subscribe(1, { capacity: 1 }))
  },
  pipe: (s, cancel) =>
    pipe(
      s,
      (all) => map(all, (n) => n, { concurrency: 2 }, cancel),
      (all) => filter(all, () => true, cancel),
      (all) => collect(all, cancel),
    ),
}

test('every operator is swept', () => {
  const operators = Object.keys(pipeline).filter((name) => !name.endsWith('Error'))
  expect(Object.keys(programs).toSorted()).toEqual(operators.toSorted())
})

/** Four items, with an await before each, and a count of the iterators that are open. */
function generated(open: { count: number }): AsyncIterable<number> {
  return {
    async *[Symbol.asyncIterator]() {
      open.count++
      try {
        for (let n = 0; n < 4; n++) {
          await Promise.resolve()
          yield n
        }
      } finally {
        open.count--
      }
    },
  }
}

/** Runs a program that is cancelled after `step` microtasks; says whether it ended before. */
async function cancelAfter(
  step: number,
  run: Program,
  source: Source<number>,
  cancel: Cancel & { stop(): void },
): Promise<boolean> {
  let outcome: unknown = null
  const running = run(source, cancel).then(
    () => (outcome = 'ended'),
    (error: unknown) => (outcome = error),
  )
  for (let i = 0; i < step; i++) await Promise.resolve()
  const wasOver = outcome !== null
  cancel.stop()
  await running
  await settle()
  if (outcome !== 'ended') expect(outcome, `after step ${step}`).toBe(cancel.signal.reason)
  return wasOver
}

const swept = Object.entries(programs).flatMap(([name, run]) =>
  cancels.map(({ of, make }) => ({ name, of, run, make })),
)

describe.each(swept)('J8 J9 $name, cancelled by $of at every step', ({ run, make }) => {
  test('releases what it reads from, once, and leaves nothing', async () => {
    const listeners = countListeners()
    let step = 0
    for (let isOver = false; !isOver; step++) {
      expect(step, 'comes to its end').toBeLessThan(200)
      const open = { count: 0 }
      isOver = await cancelAfter(step, run, generated(open), make())
      expect([open.count, listeners.count], `after step ${step}`).toEqual([0, 0])
    }
    expect(step).toBeGreaterThan(5)
  })

  test('leaves nobody in the line of a channel', async () => {
    for (let step = 0; step < 20; step++) {
      const ch = channel<number>(1)
      ch.trySend(0)
      await cancelAfter(step, run, ch, make())
      while (ch.tryReceive()?.ok);
      expect([ch.trySend(1), ch.length], `after step ${step}`).toEqual([true, 1])
    }
  })
})
