// Go: test/235.go — the numbers that have no prime factor but 2, 3 and 5: three tasks multiply, one merges.

import { expect, test } from 'vitest'
import { type Channel, channel } from 'chansel'
import { expectNothingLeft } from '../support/pending.ts'
import { program } from './support/program.ts'

expectNothingLeft()

const FACTORS = [2, 3, 5]

function isRegular(n: number): boolean {
  for (const factor of FACTORS) while (n % factor === 0) n /= factor
  return n === 1
}

test('the products of 2, 3 and 5 come in order, each once', () =>
  program(async (go, exit) => {
    const limit = 2_000
    const multipliers = FACTORS.map((factor) => {
      const input: Channel<number> = channel<number>(limit)
      const output: Channel<number> = channel<number>()
      go(async () => {
        for (;;) await output.send(factor * (await input.receive(exit)).value!, exit)
      })
      return { input, output, head: 1 }
    })
    const merged: number[] = []
    for (let n = 1; n <= limit;) {
      for (const multiplier of multipliers) await multiplier.input.send(n)
      for (const multiplier of multipliers) {
        if (multiplier.head === n) multiplier.head = (await multiplier.output.receive()).value!
      }
      n = Math.min(...multipliers.map(({ head }) => head))
      merged.push(n)
    }
    const regular = Array.from({ length: limit - 1 }, (_, i) => i + 2).filter(isRegular)
    expect(merged.filter((n) => n <= limit)).toEqual(regular)
  }))
