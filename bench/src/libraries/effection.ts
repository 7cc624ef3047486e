// It has only unbounded queues: an acknowledgement in a second queue makes a hand-over, credits make a buffer.

import { type Operation, type Queue, createQueue, race, run, spawn } from 'effection'
import { type Entry, type Library, type Load, expectEqual, no, sumBelow, withNote } from '../library.ts'
import { type PingPong, pingPong } from '../suites/engine/loads/ping-pong.ts'
import { type Phase, inBothPhases, readyShare } from '../suites/engine/loads/select.ts'
import { COUNTS } from '../suites/engine/loads/transfer.ts'
import { starvation } from '../suites/engine/probes/starvation.ts'
import { Choices } from '../suites/engine/random.ts'

type NumberQueue = Queue<number, never>

function* take(queue: NumberQueue): Operation<number> {
  return (yield* queue.next()).value as number
}

/** At most `window` values on their way. */
function transfer(window: number): Load {
  return (n) =>
    run(function* () {
      const values: NumberQueue = createQueue()
      const credits: NumberQueue = createQueue()
      const sending = yield* spawn(function* () {
        for (let i = 0; i < n; i++) {
          if (i >= window) yield* credits.next()
          values.add(i)
        }
      })
      let sum = 0
      for (let i = 0; i < n; i++) {
        sum += yield* take(values)
        credits.add(i)
      }
      yield* sending
      expectEqual('sum', sum, sumBelow(n))
      return {}
    })
}

const roundTrips: PingPong = (goesOn) =>
  run(function* () {
    const there: NumberQueue = createQueue()
    const back: NumberQueue = createQueue()
    // Halted with the task that it belongs to.
    void (yield* spawn(function* () {
      for (;;) back.add(yield* take(there))
    }))
    let made = 0
    while (goesOn(made)) {
      there.add(made)
      expectEqual('echo', yield* take(back), made)
      made++
    }
    return made
  })

function selectReceive(count: number, phase: Phase): Load {
  return (n) =>
    run(function* () {
      const queues = Array.from({ length: count }, (): NumberQueue => createQueue())
      const credits: NumberQueue = createQueue()
      const choices = new Choices()
      let sent = 0
      let ready = 0
      let sum = 0
      const send = function* (): Operation<void> {
        for (let i = 0; i < n; i++) {
          sent++
          queues[choices.next(count)]!.add(i)
          yield* credits.next()
        }
      }
      const receive = function* (): Operation<void> {
        for (let i = 0; i < n; i++) {
          if (sent > i) ready++
          sum += yield* race(queues.map(take))
          credits.add(i)
        }
      }
      const [first, second] = phase === 'ready' ? [send, receive] : [receive, send]
      const started = yield* spawn(first)
      yield* second()
      yield* started
      expectEqual('sum', sum, sumBelow(n))
      return readyShare(ready, n)
    })
}

const loads: { readonly [load: string]: Entry } = {
  ...no('has no bounded queue to fill', 'seq'),
  'spsc-unbuffered': { run: transfer(1), note: 'an unbounded queue, each value acknowledged' },
  'spsc-buffered-128': { run: transfer(128), note: 'an unbounded queue with 128 credits' },
  'ping-pong': { run: pingPong(roundTrips) },
  ...withNote(
    'a race of next()',
    Object.assign(
      {},
      ...COUNTS.map((count) =>
        inBothPhases(`select-receive-${count}`, (phase) => selectReceive(count, phase)),
      ),
    ),
  ),
  starvation: { run: starvation(roundTrips) },
}

export const library: Library = { loads }
