// What the language itself offers for a stream of values: async generators, which pull.

import { type Library, type Load, expectEqual, sumBelow } from '../library.ts'
import { type PingPong, pingPong } from '../suites/engine/loads/ping-pong.ts'
import { firstPrimes } from '../suites/engine/loads/sieve.ts'
import { starvation } from '../suites/engine/probes/starvation.ts'

async function* count(from: number, end: number): AsyncGenerator<number, void> {
  for (let i = from; i < end; i++) yield i
}

async function* multiplesLeftOut(source: AsyncIterable<number>, prime: number): AsyncGenerator<number, void> {
  for await (const number of source) if (number % prime !== 0) yield number
}

const iterate: Load = async (n) => {
  let sum = 0
  for await (const value of count(0, n)) sum += value
  expectEqual('sum', sum, sumBelow(n))
  return {}
}

const byHand: Load = async (n) => {
  const values = count(0, n)
  let sum = 0
  for (let i = 0; i < n; i++) sum += (await values.next()).value as number
  expectEqual('sum', sum, sumBelow(n))
  return {}
}

const sieve: Load = async (n) => {
  const { last, sum: expected } = firstPrimes(n)
  let numbers = count(2, last + 1)
  let sum = 0
  for (;;) {
    const { value: prime, done } = await numbers.next()
    if (done) break
    sum += prime
    numbers = multiplesLeftOut(numbers, prime)
  }
  expectEqual('sum of primes', sum, expected)
  return {}
}

const roundTrips: PingPong = async (goesOn) => {
  async function* echo(): AsyncGenerator<number | undefined, void, number> {
    let value: number | undefined
    for (;;) value = yield value
  }
  const echoing = echo()
  await echoing.next(0)
  let made = 0
  while (goesOn(made)) {
    expectEqual('echo', (await echoing.next(made)).value as number, made)
    made++
  }
  await echoing.return()
  return made
}

export const library: Library = {
  loads: {
    'spsc-unbuffered': { run: byHand, note: 'pulled by next()' },
    iterate: { run: iterate },
    'ping-pong': { run: pingPong(roundTrips), note: 'values through next(value)' },
    sieve: { run: sieve },
    starvation: { run: starvation(roundTrips) },
  },
}
