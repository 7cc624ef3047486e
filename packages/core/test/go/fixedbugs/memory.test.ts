// Go: test/gc2.go — a hundred thousand buffered channels that nobody needs any more leave no memory behind.
// Go: test/fixedbugs/issue9110.go — selects that wait several times on one channel leave nothing behind when
//   it closes.
// Go: test/fixedbugs/issue15281.go — a value that was received and dropped is collected, though the range
//   goes on.

import { expect, test } from 'vitest'
import { type ReceiveChannel, channel, select } from 'chansel'
import { expectFlatHeap, isCollected } from '../../support/gc.ts'
import { expectNothingLeft, settle } from '../../support/pending.ts'

expectNothingLeft()

test('gc2.go: channels with values in them are collected', async () => {
  const channels = 100_000
  const run = () => {
    for (let i = 0; i < channels; i++) {
      const ch = channel<number>(10)
      ch.trySend(i)
    }
  }
  await expectFlatHeap(run, 10 * channels)
})

test('issue9110: S10 selects with duplicate cases leave nothing behind', async () => {
  const selects = 10_000
  const closedAtOnce = async () => {
    const ch = channel<number>()
    const waiting = Array.from({ length: 10 }, () => select([ch, ch, ch]))
    ch.close()
    await Promise.all(waiting)
  }
  const run = async () => {
    for (let i = 0; i < selects / 10; i++) await closedAtOnce()
  }
  await expectFlatHeap(run, 30 * selects)
})

test('issue15281: C27 what a range has dropped is collected while it waits for more', async () => {
  const ch = channel<object>(10)
  const dropped: WeakRef<object>[] = []
  const range = async (values: ReceiveChannel<object>) => {
    for await (const value of values) dropped.push(new WeakRef(value))
  }
  const ended = range(ch)
  for (let i = 0; i < 3; i++) await ch.send({ i })
  await settle()
  expect(dropped).toHaveLength(3)
  for (const ref of dropped.slice(0, 2)) expect(await isCollected(ref)).toBe(true)
  ch.close()
  await ended
})
