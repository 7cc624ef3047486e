import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { background, withCancel, yieldNow } from 'chansel'
import { WaitGroup } from 'chansel/sync'
import { expectNothingLeft, expectPending, rejectionOf, thrownBy } from '../support/pending.ts'
import { canceled } from './outcomes.ts'

expectNothingLeft()

test('M7 wait is over when the counter is 0, for all, and the group can be used again', async () => {
  const wg = new WaitGroup()
  await wg.wait()
  for (let round = 0; round < 8; round++) {
    wg.add(3)
    const waits = [wg.wait(), wg.wait()]
    wg.done()
    wg.add(-1)
    await expectPending(...waits)
    wg.done()
    await Promise.all(waits)
  }
})

test('M7 below 0 is refused, and changes nothing', async () => {
  const wg = new WaitGroup()
  wg.add(1)
  const wait = wg.wait()
  expect(thrownBy(() => wg.add(-2))).toMatchObject({
    name: 'RangeError',
    message: 'Cannot add -2 to a wait group: its counter is 1',
  })
  await expectPending(wait)
  wg.done()
  await wait
  expect(() => wg.done()).toThrow(RangeError)
})

test('M7 above what can be counted is refused as well', () => {
  const wg = new WaitGroup()
  wg.add(1)
  expect(thrownBy(() => wg.add(Number.MAX_SAFE_INTEGER))).toMatchObject({
    name: 'RangeError',
    message: `Cannot add ${Number.MAX_SAFE_INTEGER} to a wait group: its counter is 1`,
  })
})

test.each([0.5, NaN, Infinity, '1', null, 1n])('M7 J13 %s is no delta', (delta) => {
  const error = thrownBy(() => new WaitGroup().add(delta as never))
  expect(error).toBeInstanceOf(typeof delta === 'number' ? RangeError : TypeError)
  expect((error as Error).message).toMatch(/^Cannot add to a wait group: delta must be a /)
})

test('M8 an add before the released have resumed does not hold them back', async () => {
  const wg = new WaitGroup()
  wg.add()
  const first = wg.wait()
  wg.done()
  wg.add()
  const second = wg.wait()
  await first
  await expectPending(second)
  wg.done()
  await second
})

test('M9 go runs a task of its own, in the async context of its caller', async () => {
  const wg = new WaitGroup()
  const storage = new AsyncLocalStorage<number>()
  const seen: unknown[] = []
  let started = 0
  for (const i of [1, 2]) {
    storage.run(i, () =>
      wg.go(async () => {
        started++
        await yieldNow()
        seen.push(storage.getStore())
      }),
    )
  }
  expect(started).toBe(0)
  await wg.wait()
  expect(seen).toEqual([1, 2])
  expect(() => wg.go(1 as never)).toThrow(TypeError)
  await wg.wait()
})

test('M16 M26 a cancel ends a wait, and one that fired wins over a counter of 0', async () => {
  const wg = new WaitGroup()
  const fired = canceled()
  expect(await rejectionOf(wg.wait(fired))).toBe(fired.err)
  wg.add()
  const ctx = withCancel(background())
  const waits = [wg.wait(ctx), wg.wait()]
  ctx.cancel()
  expect(await rejectionOf(waits[0]!)).toBe(ctx.err)
  await expectPending(waits[1]!)
  wg.done()
  await waits[1]
})
