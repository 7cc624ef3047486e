// Go: test/chan/select2.go — a hundred thousand selects that lose on a quiet channel leave no memory behind.

import { expect, test } from 'vitest'
import { channel, select } from 'chansel'
import { expectFlatHeap } from '../../support/gc.ts'
import { expectNothingLeft } from '../../support/pending.ts'
import { program } from '../support/program.ts'

expectNothingLeft()

test('S23 the heap is the same after a hundred thousand selects with a quiet channel', async () => {
  const busy = channel<number>()
  const quiet = channel<number>()
  const selects = 100_000
  let received: number
  const run = () =>
    program(async (go) => {
      received = 0
      go(async () => {
        for (let i = 0; i < selects; i++) await busy.send(1)
      })
      for (let i = 0; i < selects; i++) if ((await select({ busy, quiet })).case === 'busy') received++
    })
  // Ten bytes for each select: one that was left behind takes a hundred at least.
  await expectFlatHeap(run, 10 * selects)
  expect(received!).toBe(selects)
})
