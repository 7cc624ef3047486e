// Its fibers are generators that its own scheduler runs, so the loads are written again for it.

import { Effect, Semaphore } from 'effect'
import { type Library, type Load, expectEqual } from '../library.ts'
import { CONCURRENCY, PERMITS, TASKS, mapLoads } from '../suites/tasks/loads.ts'

function turns(tasks: number, permits: number): Load {
  return (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(permits)
        let turnsTaken = 0
        const hold = Effect.gen(function* () {
          yield* Effect.yieldNow
          turnsTaken++
        })
        const task = (from: number) =>
          Effect.gen(function* () {
            for (let i = from; i < n; i += tasks) yield* semaphore.withPermits(1)(hold)
          })
        yield* Effect.all(
          Array.from({ length: tasks }, (_, i) => task(i)),
          { concurrency: 'unbounded' },
        )
        expectEqual('turns', turnsTaken, n)
        return {}
      }),
    )
}

export const library: Library = {
  loads: {
    mutex: { run: turns(TASKS, 1) },
    semaphore: { run: turns(PERMITS * 4, PERMITS) },
    ...mapLoads(async (n, work) => {
      const add = (i: number) => Effect.promise(() => work(i))
      const all = Effect.forEach(
        Array.from({ length: n }, (_, i) => i),
        add,
        {
          concurrency: CONCURRENCY,
          discard: true,
        },
      )
      await Effect.runPromise(all)
    }),
  },
}
