import { expect, test } from 'vitest'
import { background, isCanceled, withCancel, yieldNow } from 'chansel'
import { inParallel } from '../src/main.ts'

test('all jobs are done, a few at a time, and the results are in order', async () => {
  let busy = 0
  let most = 0
  const results = await inParallel(
    [5, 3, 8, 1, 2],
    2,
    async (n) => {
      most = Math.max(most, ++busy)
      for (let i = 0; i < n; i++) await yieldNow()
      busy--
      return n * n
    },
    background(),
  )
  expect(results).toEqual([25, 9, 64, 1, 4])
  expect(most).toBe(2)
})

test('jobs are taken as there is room for them', async () => {
  let taken = 0
  let done = 0
  function* jobs() {
    for (let i = 0; i < 10; i++) {
      expect(taken++ - done).toBeLessThanOrEqual(3)
      yield i
    }
  }
  await inParallel(jobs(), 3, async () => (await yieldNow(), done++), background())
  expect(done).toBe(10)
})

test('a job that fails stops the others', async () => {
  const boom = new Error('boom')
  const never = (_: number, ctx: { signal: AbortSignal }) =>
    new Promise<never>((_resolve, reject) =>
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)),
    )
  const failing = inParallel(
    [0, 1, 2],
    3,
    (n, ctx) => (n === 2 ? Promise.reject(boom) : never(n, ctx)),
    background(),
  )
  await expect(failing).rejects.toBe(boom)
})

test('a cancel stops them all', async () => {
  const ctx = withCancel(background())
  const working = inParallel(
    [1, 2],
    1,
    async (_, under) => {
      await yieldNow()
      ctx.cancel()
      throw under.signal.reason
    },
    ctx,
  )
  expect(isCanceled(await working.catch((error: unknown) => error))).toBe(true)
})

test('after a failure no more jobs are taken, also of endless ones', async () => {
  function* endless() {
    for (let i = 0; ; i++) yield i
  }
  const boom = new Error('boom')
  const failing = inParallel(
    endless(),
    2,
    async (n) => {
      await yieldNow()
      if (n === 5) throw boom
    },
    background(),
  )
  await expect(failing).rejects.toBe(boom)
})
