// Processes are generators here, so the loads are written again, in the style of this library.

import { createRequire } from 'node:module'
import type { Chan, Instruction } from 'js-csp'
import { type Entry, type Library, type Load, expectEqual, no, sumBelow, withNote } from '../library.ts'
import { TASKS } from '../suites/engine/loads/mpmc.ts'
import { type PingPong, pingPong } from '../suites/engine/loads/ping-pong.ts'
import { type Phase, inBothPhases, mixedSums, readyShare } from '../suites/engine/loads/select.ts'
import { SEQ_CAPACITY } from '../suites/engine/loads/seq.ts'
import { END, firstPrimes } from '../suites/engine/loads/sieve.ts'
import { COUNTS } from '../suites/engine/loads/transfer.ts'
import { starvation } from '../suites/engine/probes/starvation.ts'
import { Choices } from '../suites/engine/random.ts'

// A bundle of the old kind, whose exports no tool can see.
const csp = createRequire(import.meta.url)('js-csp') as typeof import('js-csp').default

type Process = Generator<Instruction, void, any>

/** Runs processes to their ends; if one throws, the load has failed. */
function all(...processes: (() => Process)[]): Promise<unknown> {
  return Promise.all(
    processes.map(
      (process) =>
        new Promise<void>((resolve, reject) => {
          csp.go(function* () {
            try {
              yield* process()
              resolve()
            } catch (error) {
              reject(error as Error)
            }
          })
        }),
    ),
  )
}

const seq: Load = async (n) => {
  const ch = csp.chan(SEQ_CAPACITY)
  let sum = 0
  await all(function* () {
    for (let i = 0; i < n; i += SEQ_CAPACITY) {
      for (let j = 0; j < SEQ_CAPACITY; j++) yield csp.put(ch, i + j)
      for (let j = 0; j < SEQ_CAPACITY; j++) sum += (yield csp.take(ch)) as number
    }
  })
  expectEqual('sum', sum, sumBelow(n))
  return {}
}

/** One channel between `tasks` senders and as many receivers. */
function transfer(capacity: number, tasks: number): Load {
  return async (n) => {
    const ch = csp.chan(capacity)
    const sums: number[] = []
    const pairs = Array.from({ length: tasks }, (_, task) => [
      function* (): Process {
        for (let i = task; i < n; i += tasks) yield csp.put(ch, i)
      },
      function* (): Process {
        let sum = 0
        for (let i = task; i < n; i += tasks) sum += (yield csp.take(ch)) as number
        sums.push(sum)
      },
    ])
    await all(...pairs.flat())
    expectEqual(
      'sum',
      sums.reduce((a, b) => a + b),
      sumBelow(n),
    )
    return {}
  }
}

const trying: Load = async (n) => {
  const ch = csp.chan(128)
  let sum = 0
  await all(
    function* () {
      for (let i = 0; i < n; i++) if (!csp.offer(ch, i)) yield csp.put(ch, i)
    },
    function* () {
      for (let i = 0; i < n; i++) {
        const polled = csp.poll(ch)
        sum += (polled === csp.NO_VALUE ? yield csp.take(ch) : polled) as number
      }
    },
  )
  expectEqual('sum', sum, sumBelow(n))
  return {}
}

const roundTrips: PingPong = async (goesOn) => {
  const there = csp.chan()
  const back = csp.chan()
  let made = 0
  await all(
    function* () {
      while (goesOn(made)) {
        yield csp.put(there, made)
        expectEqual('echo', (yield csp.take(back)) as number, made)
        made++
      }
      yield csp.put(there, -1)
    },
    function* () {
      for (;;) {
        const value = (yield csp.take(there)) as number
        if (value < 0) return
        yield csp.put(back, value)
      }
    },
  )
  return made
}

const sieve: Load = async (n) => {
  const { last, sum: expected } = firstPrimes(n)
  const filter = (from: Chan, out: Chan, prime: number) =>
    function* (): Process {
      for (;;) {
        const number = (yield csp.take(from)) as number
        if (number === END || number % prime !== 0) yield csp.put(out, number)
        if (number === END) return
      }
    }
  const first = csp.chan()
  let sum = 0
  await all(
    function* () {
      for (let number = 2; number <= last; number++) yield csp.put(first, number)
      yield csp.put(first, END)
    },
    function* () {
      let from = first
      for (;;) {
        const prime = (yield csp.take(from)) as number
        if (prime === END) return
        sum += prime
        const out = csp.chan()
        csp.go(filter(from, out, prime))
        from = out
      }
    },
  )
  expectEqual('sum of primes', sum, expected)
  return {}
}

/** `peer` first, so that it waits, or the process that selects first. */
function inPhase(phase: Phase, peer: () => Process, select: () => Process): Promise<unknown> {
  return phase === 'ready' ? all(peer, select) : all(select, peer)
}

function selectReceive(count: number, phase: Phase, quiet: readonly Chan[] = []): Load {
  return async (n) => {
    const channels = Array.from({ length: count }, () => csp.chan())
    const cases = [...channels, ...quiet]
    const choices = new Choices()
    let sent = 0
    let ready = 0
    let sum = 0
    await inPhase(
      phase,
      function* () {
        for (let i = 0; i < n; i++) {
          sent++
          yield csp.put(channels[choices.next(count)]!, i)
        }
      },
      function* () {
        for (let i = 0; i < n; i++) {
          if (sent > i) ready++
          sum += ((yield csp.alts(cases)) as { value: number }).value
        }
      },
    )
    expectEqual('sum', sum, sumBelow(n))
    return readyShare(ready, n)
  }
}

function selectMixed(phase: Phase): Load {
  return async (n) => {
    const outgoing = csp.chan()
    const incoming = csp.chan()
    const choices = new Choices()
    let begun = 0
    let ready = 0
    let sum = 0
    let peerSum = 0
    await inPhase(
      phase,
      function* () {
        for (let i = 0; i < n; i++) {
          begun++
          if (choices.next(2) === 0) yield csp.put(incoming, i)
          else peerSum += ((yield csp.take(outgoing)) as number) + i
        }
      },
      function* () {
        for (let i = 0; i < n; i++) {
          if (begun > i) ready++
          const { value, channel } = (yield csp.alts([[outgoing, i], incoming])) as {
            value: number
            channel: Chan
          }
          if (channel === incoming) sum += value
        }
      },
    )
    const { received, sent } = mixedSums(n)
    expectEqual('sum received', sum, received)
    expectEqual('sum sent', peerSum, sent)
    return readyShare(ready, n)
  }
}

const loads: { readonly [load: string]: Entry } = {
  seq: { run: seq },
  'spsc-unbuffered': { run: transfer(0, 1) },
  'spsc-buffered-128': { run: transfer(128, 1) },
  'spsc-buffered-128-try': { run: trying },
  'mpmc-8x8-unbuffered': { run: transfer(0, TASKS) },
  ...no('has no iterator', 'iterate'),
  'ping-pong': { run: pingPong(roundTrips) },
  sieve: { run: sieve },
  ...Object.assign(
    {},
    ...COUNTS.map((count) => inBothPhases(`select-receive-${count}`, (phase) => selectReceive(count, phase))),
  ),
  ...inBothPhases('select-mixed', selectMixed),
  ...withNote(
    'no cancel: a third, quiet channel stands in',
    inBothPhases('select-cancel', (phase) => selectReceive(2, phase, [csp.chan()])),
  ),
  starvation: { run: starvation(roundTrips) },
}

export const library: Library = { loads }
