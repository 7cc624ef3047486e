import { expect, test } from 'vitest'
import { background, withCancel } from 'chansel'
import { primes } from '../src/main.ts'

test('finds the first primes, and stops with its context', async () => {
  using ctx = withCancel(background())
  expect(await primes(ctx, 10)).toEqual([2, 3, 5, 7, 11, 13, 17, 19, 23, 29])
})
