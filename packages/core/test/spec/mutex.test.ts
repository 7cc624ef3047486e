import { describe, expect, test } from 'vitest'
import { background, withCancel, yieldNow } from 'chansel'
import { Mutex } from 'chansel/sync'
import { expectNothingLeft, expectPending, rejectionOf, settle, thrownBy } from '../support/pending.ts'
import { canceled } from './outcomes.ts'

expectNothingLeft()

test('M1 who waits gets the lock first in, first out', async () => {
  const mu = new Mutex()
  const first = await mu.lock()
  const order: number[] = []
  const waits = [0, 1, 2, 3].map(async (i) => {
    using _ = await mu.lock()
    order.push(i)
    await yieldNow()
  })
  await expectPending(...waits)
  first.release()
  await Promise.all(waits)
  expect(order).toEqual([0, 1, 2, 3])
})

test('M1 a release hands over in the same step: nobody gets in between', async () => {
  const mu = new Mutex()
  const first = mu.tryLock()!
  const second = mu.lock()
  first.release()
  expect(mu.tryLock()).toBeUndefined()
  const third = mu.lock()
  ;(await second).release()
  expect(mu.tryLock()).toBeUndefined()
  ;(await third).release()
  expect(mu.tryLock()).toBeDefined()
})

test('M2 a guard gives back once, whoever releases it', async () => {
  const mu = new Mutex()
  const first = await mu.lock()
  first.release()
  const second = await mu.lock()
  first.release()
  first[Symbol.dispose]()
  expect(mu.tryLock()).toBeUndefined()
  await Promise.resolve().then(() => second[Symbol.dispose]())
  expect(mu.tryLock()).toBeDefined()
})

test('J20 using releases at the end of the block, also after a throw', async () => {
  const mu = new Mutex()
  const work = async () => {
    using _ = await mu.lock()
    throw new Error('boom')
  }
  await rejectionOf(work())
  expect(mu.tryLock()).toBeDefined()
})

test('M3 tryLock gives the guard or undefined, and never waits', () => {
  const mu = new Mutex()
  const guard = mu.tryLock()
  expect(guard).toBeDefined()
  expect(mu.tryLock()).toBeUndefined()
  guard!.release()
  expect(mu.tryLock()).toBeDefined()
})

test('J23 it keeps updates around an await', async () => {
  const mu = new Mutex()
  let sum = 0
  const add = async () => {
    using _ = await mu.lock()
    const read = sum
    await yieldNow()
    sum = read + 1
  }
  await Promise.all(Array.from({ length: 10 }, add))
  expect(sum).toBe(10)
})

describe('cancelling', () => {
  test('M16 J9 a cancel that fired wins over a free lock', async () => {
    const mu = new Mutex()
    const ctx = canceled()
    expect(await rejectionOf(mu.lock(ctx))).toBe(ctx.err)
    expect(mu.tryLock()).toBeDefined()
  })

  test('M26 one who gives up wakes nobody, and the line goes on without', async () => {
    const mu = new Mutex()
    const first = await mu.lock()
    const contexts = [0, 1, 2].map(() => withCancel(background()))
    const [a, b, c] = contexts.map((ctx) => mu.lock(ctx))
    contexts[1]!.cancel()
    expect(await rejectionOf(b!)).toBe(contexts[1]!.err)
    await expectPending(a!, c!)
    first.release()
    ;(await a!).release()
    ;(await c!).release()
    expect(mu.tryLock()).toBeDefined()
  })

  test('M17 R3 granted, then cancelled in one turn: granted', async () => {
    const mu = new Mutex()
    const ctx = withCancel(background())
    const first = mu.tryLock()!
    const second = mu.lock(ctx)
    first.release()
    ctx.cancel()
    ;(await second).release()
    expect(mu.tryLock()).toBeDefined()
  })

  test('M17 R3 cancelled, then released in one turn: cancelled, and the next has it', async () => {
    const mu = new Mutex()
    const ctx = withCancel(background())
    const first = mu.tryLock()!
    const second = mu.lock(ctx)
    const third = mu.lock()
    ctx.cancel()
    first.release()
    expect(await rejectionOf(second)).toBe(ctx.err)
    expect(mu.tryLock()).toBeUndefined()
    ;(await third).release()
    expect(mu.tryLock()).toBeDefined()
  })

  test('a signal’s own reason is the rejection', async () => {
    const mu = new Mutex()
    mu.tryLock()
    const controller = new AbortController()
    const wait = mu.lock(controller)
    controller.abort('stop')
    expect(await rejectionOf(wait)).toBe('stop')
  })

  test('J13 what cannot cancel is refused at once', () => {
    expect(thrownBy(() => new Mutex().lock({} as never))).toBeInstanceOf(TypeError)
  })
})

test('R4 a lock is told in one hop, in the order of the commits', async () => {
  const mu = new Mutex()
  const order: string[] = []
  const first = mu.tryLock()!
  const second = mu.lock()
  void second.then(() => order.push('second'))
  first.release()
  void Promise.resolve().then(() => order.push('after'))
  await settle()
  expect(order).toEqual(['second', 'after'])
})
