// Go: test/chan/sieve2.go — the sieve of Eratosthenes over buffered channels: the multiples of the primes are
//   merged, and a proxy that buffers without limit, its output switched off while it is empty, feeds the
//   primes back.

import { expect, test } from 'vitest'
import { type Cancel, type ReceiveChannel, type SendChannel, channel, select, sendCase } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { primesBelow } from '../support/primes.ts'
import { type Go, program } from '../support/program.ts'

expectNothingLeft()

/** Every second number from `first` on, `step` apart. */
function counted(
  first: number,
  step: number,
  capacity: number,
  go: Go,
  exit: Cancel,
): ReceiveChannel<number> {
  const numbers = channel<number>(capacity)
  go(async () => {
    for (let n = first; ; n += step) await numbers.send(n, exit)
  })
  return numbers
}

/** Takes whatever is sent to it at once, and passes it on to `output` in order. */
function unbounded(output: SendChannel<number>, go: Go, exit: Cancel): SendChannel<number> {
  const proxy = channel<number>(10)
  go(async () => {
    const waiting: number[] = []
    for (;;) {
      const event = await select(
        { arrived: proxy, left: waiting.length > 0 && sendCase(output, waiting[0]!) },
        exit,
      )
      if (event.case === 'arrived') waiting.push(event.value!)
      else waiting.shift()
    }
  })
  return proxy
}

/** The multiples of one prime that are still to come: the next one, and where the others come from. */
interface Multiples {
  next: number
  readonly rest: ReceiveChannel<number>
}

async function receiveNumber(numbers: ReceiveChannel<number>, exit: Cancel): Promise<number> {
  const { value } = await numbers.receive(exit)
  return value!
}

/** Merges the odd composites out of the multiples of the primes that come back. */
async function merge(primes: ReceiveChannel<number>, composites: SendChannel<number>, go: Go, exit: Cancel) {
  const streams: Multiples[] = []
  const leastOf = () => streams.reduce((least, other) => (other.next < least.next ? other : least))
  const advance = async (multiples: Multiples) => {
    multiples.next = await receiveNumber(multiples.rest, exit)
  }
  for (;;) {
    const prime = await receiveNumber(primes, exit)
    const rest = counted(prime * prime, 2 * prime, 10, go, exit)
    const square = await receiveNumber(rest, exit)
    while (streams.length > 0 && leastOf().next < square) {
      const composite = leastOf().next
      await composites.send(composite, exit)
      while (leastOf().next === composite) await advance(leastOf())
    }
    while (streams.length > 0 && leastOf().next === square) await advance(leastOf())
    await composites.send(square, exit)
    streams.push({ next: await receiveNumber(rest, exit), rest })
  }
}

function sieve(go: Go, exit: Cancel): ReceiveChannel<number> {
  const output = channel<number>(10)
  const composites = channel<number>(50)
  const primes = channel<number>(10)
  for (const prime of [2, 3]) output.trySend(prime)
  primes.trySend(3)
  go(() => merge(primes, composites, go, exit))
  go(async () => {
    // Only primes up to the root need multiples, so `primes` is read much more slowly than it is written:
    // without the proxy the two tasks would wait for each other.
    const fedBack = unbounded(primes, go, exit)
    const candidates = counted(5, 2, 50, go, exit)
    let candidate = await receiveNumber(candidates, exit)
    for (;;) {
      const composite = await receiveNumber(composites, exit)
      for (; candidate < composite; candidate = await receiveNumber(candidates, exit)) {
        await fedBack.send(candidate, exit)
        await output.send(candidate, exit)
      }
      if (candidate === composite) candidate = await receiveNumber(candidates, exit)
    }
  })
  return output
}

test('the primes come out of the sieve in order', () =>
  program(async (go, exit) => {
    const primes = sieve(go, exit)
    for (const prime of primesBelow(2_000)) {
      expect(await primes.receive()).toEqual({ value: prime, ok: true })
    }
  }))
