// Go: test/chan/goroutines.go — a value runs through a chain of ten thousand tasks, which come down with it.

import { expect, test } from 'vitest'
import { type Channel, channel } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { program } from '../support/program.ts'

expectNothingLeft()

test('ten thousand tasks pass one value from hand to hand, and all end', async () => {
  const tasks = 10_000
  let ended = 0
  await program(async (go) => {
    const leftmost = channel<number>()
    let left: Channel<number> = leftmost
    for (let i = 0; i < tasks; i++) {
      const [to, from] = [left, channel<number>()]
      go(async () => {
        const { value } = await from.receive()
        await to.send(value! + 1)
        ended++
      })
      left = from
    }
    const rightmost = left
    go(() => rightmost.send(1))
    expect(await leftmost.receive()).toEqual({ value: tasks + 1, ok: true })
  })
  expect(ended).toBe(tasks)
})
