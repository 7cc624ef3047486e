import { describe, expect, test } from 'vitest'
import { type Task, background, channel, group } from 'chansel'
import { expectNothingLeft, expectPending, rejectionOf, settle, stateOf } from '../support/pending.ts'

expectNothingLeft()

test('G4 no more than the limit run at once, and each of them does', async () => {
  let running = 0
  let most = 0
  const order: number[] = []
  await group(
    background(),
    (g) => {
      for (let i = 0; i < 50; i++) {
        void g.go(async () => {
          order.push(i)
          most = Math.max(most, ++running)
          await settle()
          running--
        })
      }
    },
    { limit: 7 },
  )
  expect(most).toBe(7)
  expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i))
})

test('G4 started resolves with the slot', async () => {
  const gate = channel<void>()
  await group(
    background(),
    async (g) => {
      const tasks: Task<unknown>[] = Array.from({ length: 4 }, () => g.go(() => gate.receive()))
      const started = () => Promise.all(tasks.map((task) => stateOf(task.started)))
      expect(await started()).toEqual(['fulfilled', 'fulfilled', 'pending', 'pending'])
      await gate.send()
      expect(await started()).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'pending'])
      await gate.send()
      expect(await started()).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled'])
      await gate.send()
      await gate.send()
    },
    { limit: 2 },
  )
})

test('G4 who waits for started in a loop has no more tasks than slots', async () => {
  let begun = 0
  let ended = 0
  await group(
    background(),
    async (g) => {
      for (let i = 0; i < 20; i++) {
        await g.go(async () => {
          begun++
          await settle()
          ended++
        }).started
        expect(i + 1 - ended).toBeLessThanOrEqual(3)
      }
    },
    { limit: 3 },
  )
  expect([begun, ended]).toEqual([20, 20])
})

test('G4 tryGo gives undefined while the group is full, also in the turn in which a slot is handed over', async () => {
  const gate = channel<void>()
  await group(
    background(),
    async (g) => {
      const first = g.tryGo(() => gate.receive())!
      expect(g.tryGo(() => {})).toBeUndefined()
      void g.go(() => gate.receive())
      const handedOver = first.then(() => g.tryGo(() => {}))
      await gate.send()
      expect(await handedOver).toBeUndefined()
      await gate.send()
    },
    { limit: 1 },
  )
})

test('G5 who hears of the end of a task finds its slot free', async () => {
  const found: boolean[] = []
  const settled = group(
    background(),
    async (g) => {
      const look = () => void found.push(g.tryGo(() => {}) !== undefined)
      await g.go(() => {}).then(look)
      await g.go(async () => {}).then(look)
      await g.go(() => Promise.reject(new Error('boom'))).catch(look)
    },
    { limit: 1 },
  )
  await rejectionOf(settled)
  expect(found).toEqual([true, true, true])
})

describe('a task', () => {
  test('R4 is a plain promise: to await it takes no detour', async () => {
    await group(background(), async (g) => {
      const task = g.go(() => 1)
      expect(Object.getPrototypeOf(task)).toBe(Promise.prototype)
      expect(await task).toBe(1)
    })
  })

  test('G4 that waits for its slot holds the group', async () => {
    const gate = channel<void>()
    const settled = group(
      background(),
      (g) => {
        void g.go(() => gate.receive())
        void g.go(() => gate.receive())
      },
      { limit: 1 },
    )
    await gate.send()
    await expectPending(settled)
    await gate.send()
    await settled
  })
})

test('G4 a queued task starts as soon as one that came later and found a slot, and when it is told', async () => {
  const order: string[] = []
  await group(
    background(),
    async (g) => {
      void g.go(() => {})
      void g.go(() => {})
      const queued = g.go(() => void order.push('queued'))
      void queued.started.then(() => order.push('told'))
      await Promise.resolve()
      await Promise.resolve()
      void g.go(() => void order.push('late'))
    },
    { limit: 2 },
  )
  expect(order).toEqual(['queued', 'told', 'late'])
})
