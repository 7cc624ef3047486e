// What JavaScript lets happen within one turn, between two awaits of a task, a search has to try, too.

import { describe, expect, test } from 'vitest'
import { background, channel, group, sleep, withCancel, yieldNow } from 'chansel'
import { explore, simulate } from 'chansel/testing'
import { rejectionOf } from '../support/pending.ts'

describe('G16 the turn in which a body may answer a cancel', () => {
  test('R8 comes after all that can go on, in every order', async () => {
    for (const strategy of ['delays', 'dfs', 'pct', 'random'] as const) {
      const { outcomes } = await explore(
        async (t) => {
          const parent = withCancel(background())
          parent.cancel()
          const box = channel<number>(1)
          let seen = 'nothing'
          await group(parent, async (g) => {
            seen = 'body'
            await box.send(1)
            await box.receive()
            void g.go(() => (seen += ', task'))
          }).catch(({ name }: Error) => (seen += `, ${name}`))
          t.log(seen)
        },
        { strategy, runs: 300 },
      )
      expect(outcomes, strategy).toEqual(['body, task'])
    }
  })

  test('comes all the same while others wake each other for ever', async () => {
    await simulate(
      async (t) => {
        const parent = withCancel(background())
        parent.cancel()
        const [there, back] = [channel<void>(), channel<void>()]
        let isOver = false
        void t.go('echoes', async () => {
          for await (const _ of there) await back.send()
        })
        const plays = t.go('plays', async () => {
          while (!isOver) {
            await there.send()
            await back.receive()
          }
          there.close()
        })
        const left = await rejectionOf(group(parent, () => sleep(1, t.ctx)))
        isOver = true
        expect(left).toMatchObject({ name: 'CanceledError' })
        await plays
      },
      { maxSteps: 10_000 },
    )
  })

  test('R8 a yield may come before those who can go on, and after them', async () => {
    const { outcomes } = await explore(
      async (t) => {
        let has = 'not begun'
        const task = t.go('begins', () => void (has = 'begun'))
        await yieldNow()
        t.log(has)
        await task
      },
      { strategy: 'dfs' },
    )
    expect([...outcomes].sort()).toEqual(['begun', 'not begun'])
  })
})
