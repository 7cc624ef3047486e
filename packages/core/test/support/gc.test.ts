import { expect, test } from 'vitest'
import { expectFlatHeap } from './gc.ts'

const NUMBERS = 100_000

test('a list that grows is not flat, though between two leaps it takes no memory', async () => {
  const kept: number[] = []
  const leak = () => {
    for (let i = 0; i < NUMBERS; i++) kept.push(i)
  }
  await expect(expectFlatHeap(leak, 4 * NUMBERS)).rejects.toThrow('bytes of a run')
  expect(kept.length).toBeGreaterThan(NUMBERS)
})

test('what is kept once, or dropped, is', async () => {
  let kept: number[] | undefined
  await expectFlatHeap(() => (kept ??= Array.from({ length: NUMBERS }, (_, i) => i)), NUMBERS)
  await expectFlatHeap(() => Array.from({ length: NUMBERS }, (_, i) => i), NUMBERS)
  expect(kept).toHaveLength(NUMBERS)
})
