// Go: x/sync/semaphore/semaphore_test.go TestWeighted — tasks of all weights take and give back, over and over.
// Go: x/sync/semaphore/semaphore_test.go TestWeightedTryAcquire — yes, no, yes, no.
// Go: x/sync/semaphore/semaphore_test.go TestWeightedAcquire — the same, waiting for a moment.
// Go: x/sync/semaphore/semaphore_test.go TestWeightedDoesntBlockIfTooBig — a claim that can never be met blocks nobody;
//   here it is refused.
// Go: x/sync/semaphore/semaphore_test.go TestLargeAcquireDoesntStarve — a claim on all permits is met though others
//   take and give back all the time.
// Go: x/sync/semaphore/semaphore_test.go TestAllocCancelDoesntStarve — a large claim that gives up lets the small one
//   behind it through.
// Go: x/sync/semaphore/semaphore_test.go TestWeightedAcquireCanceled — a context that is done wins over free permits.
import { expect, test } from 'vitest'
import { background, group, isCanceled, withCancel, withTimeout, yieldNow } from 'chansel'
import { Semaphore } from 'chansel/sync'
import { rejectionOf } from '../../support/pending.ts'
import { inBubble } from '../time/bubble.ts'

test('TestWeighted', async () => {
  const n = 4
  const sem = new Semaphore(n)
  await group(background(), (g) => {
    for (let weight = 0; weight < n; weight++) {
      void g.go(async () => {
        for (let i = 0; i < 200; i++) {
          using _ = await sem.acquire(weight)
          await yieldNow()
        }
      })
    }
  })
  expect(sem.available).toBe(n)
})

test('TestWeightedTryAcquire', async () => {
  const sem = new Semaphore(2)
  const first = await sem.acquire()
  const second = sem.tryAcquire()
  const tries = [second, sem.tryAcquire()]
  first.release()
  second!.release()
  tries.push(sem.tryAcquire())
  await sem.acquire()
  tries.push(sem.tryAcquire())
  expect(tries.map((guard) => guard !== undefined)).toEqual([true, false, true, false])
})

test('TestWeightedAcquire', async () => {
  const tries = await inBubble(async () => {
    const sem = new Semaphore(2)
    const attempt = async () => {
      using ctx = withTimeout(background(), 2)
      return await sem.acquire(1, ctx).catch(() => undefined)
    }
    const first = await sem.acquire()
    const second = await attempt()
    const guards = [second, await attempt()]
    first.release()
    second!.release()
    guards.push(await attempt())
    await sem.acquire()
    guards.push(await attempt())
    return guards.map((guard) => guard !== undefined)
  })
  expect(tries).toEqual([true, false, true, false])
})

test('TestWeightedDoesntBlockIfTooBig', async () => {
  const sem = new Semaphore(2)
  expect(() => sem.acquire(3)).toThrow(RangeError)
  await group(background(), (g) => {
    for (let i = 0; i < 6; i++) {
      void g.go(async (ctx) => {
        using _ = await sem.acquire(1, ctx)
        await yieldNow()
      })
    }
  })
})

test('TestLargeAcquireDoesntStarve', async () => {
  const n = 4
  const sem = new Semaphore(n)
  let isRunning = true
  await group(background(), async (g) => {
    for (let i = 0; i < n; i++) {
      let guard = await sem.acquire()
      void g.go(async () => {
        while (isRunning) {
          await yieldNow()
          guard.release()
          guard = await sem.acquire()
        }
        guard.release()
      })
    }
    const all = await sem.acquire(n)
    isRunning = false
    all.release()
  })
  expect(sem.available).toBe(n)
})

test('TestAllocCancelDoesntStarve', async () => {
  const sem = new Semaphore(10)
  await sem.acquire(1)
  const ctx = withCancel(background())
  const large = rejectionOf(sem.acquire(10, ctx))
  const small = sem.acquire(1)
  ctx.cancel()
  expect(isCanceled(await large)).toBe(true)
  ;(await small).release()
})

test('TestWeightedAcquireCanceled', async () => {
  const sem = new Semaphore(2)
  const ctx = withCancel(background())
  ctx.cancel()
  expect(await rejectionOf(sem.acquire(1, ctx))).toBe(ctx.err)
  expect(sem.available).toBe(2)
})
