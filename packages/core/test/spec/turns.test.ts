// When the library lets a turn of the event loop happen, by a clock that moves when it is told to.

import { expect, test } from 'vitest'
import { channel } from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

/** More operations than there are between two looks at the clock. */
function operate(): void {
  for (let i = 0; i < 600; i++) void channel<number>(1).send(i)
}

/** Whether an operation that commits now is told in this turn. */
async function isToldNow(): Promise<boolean> {
  let isTold = false
  void channel<number>(1)
    .send(1)
    .then(() => (isTold = true))
  for (let i = 0; i < 10; i++) await Promise.resolve()
  return isTold
}

test('J3 three milliseconds without a turn are too many: what commits then is told in the next', async () => {
  const clock = virtualClock()
  await settle()
  operate()
  clock.busy(3)
  operate()
  expect(await isToldNow()).toBe(false)
  await settle()
  expect(await isToldNow()).toBe(true)
})

test('J3 a fifth of a millisecond is not: a turn for each few operations would cost more than they do', async () => {
  const clock = virtualClock()
  await settle()
  operate()
  clock.busy(0.2)
  operate()
  expect(await isToldNow()).toBe(true)
})
