// Its fibers are generators that its own scheduler runs, so the loads are written again for it.

import { Effect, Queue } from 'effect'
import { type Entry, type Library, type Load, expectEqual, no, sumBelow } from '../library.ts'
import { TASKS } from '../suites/engine/loads/mpmc.ts'
import { type PingPong, pingPong } from '../suites/engine/loads/ping-pong.ts'
import { type Phase, inBothPhases, readyShare } from '../suites/engine/loads/select.ts'
import { SEQ_CAPACITY } from '../suites/engine/loads/seq.ts'
import { COUNTS } from '../suites/engine/loads/transfer.ts'
import { starvation } from '../suites/engine/probes/starvation.ts'
import { Choices } from '../suites/engine/random.ts'

type Fiber = Effect.Effect<void>

function together(...fibers: Fiber[]): Effect.Effect<unknown> {
  return Effect.all(fibers, { concurrency: 'unbounded', discard: true })
}

const seq: Load = (n) =>
  Effect.runPromise(
    Effect.gen(function* () {
      const queue = yield* Queue.bounded<number>(SEQ_CAPACITY)
      let sum = 0
      for (let i = 0; i < n; i += SEQ_CAPACITY) {
        for (let j = 0; j < SEQ_CAPACITY; j++) yield* Queue.offer(queue, i + j)
        for (let j = 0; j < SEQ_CAPACITY; j++) sum += yield* Queue.take(queue)
      }
      expectEqual('sum', sum, sumBelow(n))
      return {}
    }),
  )

function transfer(capacity: number, tasks: number): Load {
  return (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const queue = yield* Queue.bounded<number>(capacity)
        const sums: number[] = []
        const pairs = Array.from({ length: tasks }, (_, task) => [
          Effect.gen(function* () {
            for (let i = task; i < n; i += tasks) yield* Queue.offer(queue, i)
          }),
          Effect.gen(function* () {
            let sum = 0
            for (let i = task; i < n; i += tasks) sum += yield* Queue.take(queue)
            sums.push(sum)
          }),
        ])
        yield* together(...pairs.flat())
        expectEqual(
          'sum',
          sums.reduce((a, b) => a + b),
          sumBelow(n),
        )
        return {}
      }),
    )
}

const roundTrips: PingPong = (goesOn) =>
  Effect.runPromise(
    Effect.gen(function* () {
      const there = yield* Queue.bounded<number>(0)
      const back = yield* Queue.bounded<number>(0)
      let made = 0
      const ping = Effect.gen(function* () {
        while (goesOn(made)) {
          yield* Queue.offer(there, made)
          expectEqual('echo', yield* Queue.take(back), made)
          made++
        }
        yield* Queue.offer(there, -1)
      })
      const pong = Effect.gen(function* () {
        for (;;) {
          const value = yield* Queue.take(there)
          if (value < 0) return
          yield* Queue.offer(back, value)
        }
      })
      yield* together(ping, pong)
      return made
    }),
  )

/** Instead of a select it has a race of takes. The losers of a race may already have taken a value. */
function race(count: number, phase: Phase): Load {
  return (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const queues: Queue.Queue<number>[] = []
        for (let i = 0; i < count; i++) queues.push(yield* Queue.bounded<number>(0))
        const choices = new Choices()
        let sent = 0
        let ready = 0
        let sum = 0
        const send = Effect.gen(function* () {
          for (let i = 0; i < n; i++) {
            sent++
            yield* Queue.offer(queues[choices.next(count)]!, i)
          }
        })
        const receive = Effect.gen(function* () {
          for (let i = 0; i < n; i++) {
            if (sent > i) ready++
            sum += yield* Effect.raceAllFirst(queues.map((queue) => Queue.take(queue)))
          }
        })
        yield* phase === 'ready' ? together(send, receive) : together(receive, send)
        expectEqual('sum', sum, sumBelow(n))
        return readyShare(ready, n)
      }),
    )
}

const loads: { readonly [load: string]: Entry } = {
  seq: { run: seq },
  'spsc-unbuffered': { run: transfer(0, 1) },
  'spsc-buffered-128': { run: transfer(128, 1) },
  'mpmc-8x8-unbuffered': { run: transfer(0, TASKS) },
  'ping-pong': { run: pingPong(roundTrips) },
  ...no('no iterator without its streams', 'iterate'),
  ...Object.assign(
    {},
    ...COUNTS.map((count) => inBothPhases(`select-receive-${count}`, (phase) => race(count, phase))),
  ),
  starvation: { run: starvation(roundTrips) },
}

export const library: Library = { loads }
