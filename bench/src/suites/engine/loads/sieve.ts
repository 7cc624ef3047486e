import { type Load, expectEqual } from '../../../library.ts'
import type { Channels } from '../primitives.ts'

/** Sent after the last number, so that every filter ends: not a prime. */
export const END = 0

/** Go's prime sieve: a chain of filters, one for each prime, that grows as primes come out of it. */
export function sieve<C, R>(channels: Channels<C, R>): Load {
  return async (n) => {
    const { last, sum: expected } = firstPrimes(n)
    const filters: Promise<void>[] = []
    const generate = async (out: C): Promise<void> => {
      for (let number = 2; number <= last; number++) await channels.send(out, number)
      await channels.send(out, END)
    }
    const filter = async (from: C, out: C, prime: number): Promise<void> => {
      for (;;) {
        const number = channels.valueOf(await channels.receive(from))
        if (number === END || number % prime !== 0) await channels.send(out, number)
        if (number === END) return
      }
    }
    let from = channels.channel(0)
    filters.push(generate(from))
    let sum = 0
    for (;;) {
      const prime = channels.valueOf(await channels.receive(from))
      if (prime === END) break
      sum += prime
      const out = channels.channel(0)
      filters.push(filter(from, out, prime))
      from = out
    }
    await Promise.all(filters)
    expectEqual('sum of primes', sum, expected)
    return {}
  }
}

const known = new Map<number, { last: number; sum: number }>()

/** The `count`th prime and the sum up to it, found without channels, once. */
export function firstPrimes(count: number): { last: number; sum: number } {
  let found = known.get(count)
  if (found === undefined) {
    const primes: number[] = []
    for (let number = 2; primes.length < count; number++) {
      if (primes.every((prime) => number % prime !== 0)) primes.push(number)
    }
    found = { last: primes.at(-1) ?? 1, sum: primes.reduce((sum, prime) => sum + prime, 0) }
    known.set(count, found)
  }
  return found
}
