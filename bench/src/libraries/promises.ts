// The floor: what JavaScript itself needs to hand a value over. The receiver waits on a promise of its own, the sender on
// one that is already resolved: two hops and one promise for each item, and nothing else.

import { type Entry, type Library, type Load, expectEqual, no, sumBelow } from '../library.ts'
import { type PingPong, pingPong } from '../suites/engine/loads/ping-pong.ts'
import { TASKS } from '../suites/engine/loads/mpmc.ts'
import { starvation } from '../suites/engine/probes/starvation.ts'

let captured: ((value: any) => void) | null = null
const capture = (resolve: (value: any) => void): void => {
  captured = resolve
}
const DONE = Promise.resolve()
const OVER: Promise<IteratorResult<never>> = Promise.resolve({ value: undefined, done: true })

/** One receiver's place: whoever hands over must know that the receiver waits. */
class Place<T> {
  #resolve: ((value: T) => void) | null = null

  receive(): Promise<T> {
    const promise = new Promise<T>(capture)
    this.#resolve = captured
    return promise
  }

  send(value: T): Promise<void> {
    this.#resolve!(value)
    return DONE
  }
}

async function handOver(from: number, n: number, step: number): Promise<number> {
  const place = new Place<number>()
  let sum = 0
  const receive = async (): Promise<void> => {
    for (let i = from; i < n; i += step) sum += await place.receive()
  }
  const receiving = receive()
  for (let i = from; i < n; i += step) await place.send(i)
  await receiving
  return sum
}

const spsc: Load = async (n) => {
  expectEqual('sum', await handOver(0, n, 1), sumBelow(n))
  return {}
}

/** Eight pairs, each with its own place: a floor, since a shared queue costs more. */
const mpmc: Load = async (n) => {
  const sums = await Promise.all(Array.from({ length: TASKS }, (_, task) => handOver(task, n, TASKS)))
  expectEqual(
    'sum',
    sums.reduce((a, b) => a + b),
    sumBelow(n),
  )
  return {}
}

const seq: Load = async (n) => {
  let sum = 0
  for (let i = 0; i < n; i++) {
    await DONE
    sum += await Promise.resolve(i)
  }
  expectEqual('sum', sum, sumBelow(n))
  return {}
}

const iterate: Load = async (n) => {
  const place = new Place<IteratorResult<number>>()
  let received = 0
  const results: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({ next: () => (received++ < n ? place.receive() : OVER) }),
  }
  let sum = 0
  const receive = async (): Promise<void> => {
    for await (const value of results) sum += value
  }
  const receiving = receive()
  for (let i = 0; i < n; i++) await place.send({ value: i, done: false })
  await receiving
  expectEqual('sum', sum, sumBelow(n))
  return {}
}

const roundTrips: PingPong = async (goesOn) => {
  const there = new Place<number>()
  const back = new Place<number>()
  let isOver = false
  const echo = async (): Promise<void> => {
    for (;;) {
      const value = await there.receive()
      if (isOver) return
      await back.send(value)
    }
  }
  const echoing = echo()
  let made = 0
  while (goesOn(made)) {
    // Before the send: whoever hands over must find the other waiting.
    const answer = back.receive()
    await there.send(made)
    expectEqual('echo', await answer, made)
    made++
  }
  isOver = true
  await there.send(made)
  await echoing
  return made
}

const loads: { readonly [load: string]: Entry } = {
  seq: { run: seq },
  'spsc-unbuffered': { run: spsc },
  'spsc-buffered-128': { run: spsc, note: 'no buffer: the same hand-over' },
  'mpmc-8x8-unbuffered': { run: mpmc, note: 'eight pairs, no shared queue' },
  iterate: { run: iterate, note: 'an iterator around the hand-over' },
  'ping-pong': { run: pingPong(roundTrips) },
  starvation: { run: starvation(roundTrips) },
  ...no('promises have no select', 'select-receive-2-ready', 'select-receive-2-parked'),
}

export const library: Library = { loads }
