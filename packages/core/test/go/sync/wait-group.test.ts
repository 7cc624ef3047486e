// Go: src/sync/waitgroup_test.go TestWaitGroup — sixteen tasks wait for sixteen others, eight times over.
// Go: src/sync/waitgroup_test.go TestWaitGroupMisuse — one done too many fails.
// Go: src/sync/waitgroup_test.go TestWaitGroupRace — two tasks are done before the wait is over, a thousand times.
// Go: src/sync/waitgroup_test.go TestWaitGroupGo — what go starts is waited for.
import { expect, test } from 'vitest'
import { channel, go } from 'chansel'
import { WaitGroup } from 'chansel/sync'

test('TestWaitGroup', async () => {
  const [wg1, wg2] = [new WaitGroup(), new WaitGroup()]
  const n = 16
  for (let round = 0; round < 8; round++) {
    wg1.add(n)
    wg2.add(n)
    const exited = channel<boolean>(n)
    for (let i = 0; i < n; i++) {
      void go(async () => {
        wg1.done()
        await wg2.wait()
        await exited.send(true)
      })
    }
    await wg1.wait()
    for (let i = 0; i < n; i++) {
      expect(exited.tryReceive()).toBeUndefined()
      wg2.done()
    }
    for (let i = 0; i < n; i++) await exited.receive()
  }
})

test('TestWaitGroupMisuse', () => {
  const wg = new WaitGroup()
  wg.add(1)
  wg.done()
  expect(() => wg.done()).toThrow('Cannot add -1 to a wait group: its counter is 0')
})

test('TestWaitGroupRace', async () => {
  for (let i = 0; i < 1_000; i++) {
    const wg = new WaitGroup()
    let n = 0
    for (let task = 0; task < 2; task++) wg.go(() => void n++)
    await wg.wait()
    expect(n).toBe(2)
  }
})

test('TestWaitGroupGo', async () => {
  const wg = new WaitGroup()
  let n = 0
  for (let i = 0; i < 3; i++) wg.go(async () => void n++)
  await wg.wait()
  expect(n).toBe(3)
})
