// Go: test/chan/sieve1.go — the prime sieve: each number passes through a chain of filters that grows by one
//   task and one channel for each prime.
// Go: test/sieve.go — the same, first written down; its program never ends.

import { expect, test } from 'vitest'
import { type Cancel, type Channel, type ReceiveChannel, type SendChannel, channel } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { type Go, program } from '../support/program.ts'
import { primesBelow } from '../support/primes.ts'

expectNothingLeft()

async function count(numbers: SendChannel<number>, exit: Cancel): Promise<void> {
  for (let n = 2; ; n++) await numbers.send(n, exit)
}

async function filter(
  source: ReceiveChannel<number>,
  output: SendChannel<number>,
  prime: number,
  exit: Cancel,
): Promise<void> {
  for (;;) {
    const { value: n } = await source.receive(exit)
    if (n! % prime !== 0) await output.send(n!, exit)
  }
}

async function sieve(primes: SendChannel<number>, go: Go, exit: Cancel): Promise<void> {
  let source: Channel<number> = channel<number>()
  const numbers = source
  go(() => count(numbers, exit))
  for (;;) {
    const { value: prime } = await source.receive(exit)
    await primes.send(prime!, exit)
    const [unfiltered, filtered] = [source, channel<number>()]
    go(() => filter(unfiltered, filtered, prime!, exit))
    source = filtered
  }
}

test('the primes come out of the sieve in order', () =>
  program(async (go, exit) => {
    const primes = channel<number>()
    go(() => sieve(primes, go, exit))
    for (const prime of primesBelow(1_000)) {
      expect(await primes.receive()).toEqual({ value: prime, ok: true })
    }
  }))
