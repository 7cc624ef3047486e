import { describe, expect, test } from 'vitest'
import { background, withCancel } from 'chansel'
import { Semaphore } from 'chansel/sync'
import { expectNothingLeft, expectPending, rejectionOf, settle, thrownBy } from '../support/pending.ts'
import { canceled } from './outcomes.ts'

expectNothingLeft()

test('M13 a large claim at the head is not overtaken by small ones', async () => {
  const sem = new Semaphore(3)
  const held = [sem.tryAcquire()!, sem.tryAcquire()!]
  const large = sem.acquire(3)
  const small = sem.acquire(1)
  await expectPending(large, small)
  expect(sem.available).toBe(1)
  for (const guard of held) guard.release()
  const all = await large
  await expectPending(small)
  all.release()
  ;(await small).release()
  expect(sem.available).toBe(3)
})

test('M13 a release serves as many as it makes room for, first in, first out', async () => {
  const sem = new Semaphore(4)
  const held = sem.tryAcquire(4)!
  const order: number[] = []
  const waits = [1, 2, 1, 2].map(async (weight, i) => {
    const guard = await sem.acquire(weight)
    order.push(i)
    return guard
  })
  held.release()
  await settle()
  expect(order).toEqual([0, 1, 2])
  expect(sem.available).toBe(0)
  ;(await waits[0]!).release()
  expect(sem.available).toBe(1)
  ;(await waits[2]!).release()
  await settle()
  expect(order).toEqual([0, 1, 2, 3])
})

test('M14 tryAcquire fails while anybody waits, though there is room', () => {
  const sem = new Semaphore(2)
  sem.tryAcquire()
  void sem.acquire(2)
  expect(sem.available).toBe(1)
  expect([sem.tryAcquire(1), sem.tryAcquire(0)]).toEqual([undefined, undefined])
})

describe('M15 giving up', () => {
  test('takes nothing', async () => {
    const sem = new Semaphore(2)
    const held = sem.tryAcquire(2)!
    const ctx = withCancel(background())
    const wait = sem.acquire(1, ctx)
    ctx.cancel()
    expect(await rejectionOf(wait)).toBe(ctx.err)
    held.release()
    expect(sem.available).toBe(2)
  })

  test('at the head serves those behind with what is there, in that step', async () => {
    const sem = new Semaphore(3)
    const held = sem.tryAcquire(1)!
    const ctx = withCancel(background())
    const large = sem.acquire(3, ctx)
    const behind = [sem.acquire(1), sem.acquire(1), sem.acquire(1)]
    const log: string[] = []
    large.catch(() => log.push('large'))
    for (const wait of behind) void wait.then(() => log.push('small'))
    ctx.cancel()
    expect(sem.available).toBe(0)
    await settle()
    // The cancel comes first, and then what it made possible.
    expect(log).toEqual(['large', 'small', 'small'])
    held.release()
    for (const wait of behind) (await wait).release()
    expect(sem.available).toBe(3)
  })

  test('M26 in the middle serves nobody', async () => {
    const sem = new Semaphore(3)
    sem.tryAcquire(1)
    const ctx = withCancel(background())
    const head = sem.acquire(3)
    const middle = sem.acquire(1, ctx)
    const behind = sem.acquire(1)
    ctx.cancel()
    await rejectionOf(middle)
    await expectPending(head, behind)
    expect(sem.available).toBe(2)
  })
})

test('M16 J9 a cancel that fired wins over free permits', async () => {
  const sem = new Semaphore(1)
  const ctx = canceled()
  expect(await rejectionOf(sem.acquire(1, ctx))).toBe(ctx.err)
  expect(sem.available).toBe(1)
})

describe('M17 cancel against grant in one turn', () => {
  test('granted first: granted', async () => {
    const sem = new Semaphore(1)
    const held = sem.tryAcquire()!
    const ctx = withCancel(background())
    const wait = sem.acquire(1, ctx)
    held.release()
    ctx.cancel()
    expect(sem.available).toBe(0)
    ;(await wait).release()
    expect(sem.available).toBe(1)
  })

  test('cancelled first: cancelled, and the permit is there', async () => {
    const sem = new Semaphore(1)
    const held = sem.tryAcquire()!
    const ctx = withCancel(background())
    const wait = sem.acquire(1, ctx)
    ctx.cancel()
    held.release()
    expect(sem.available).toBe(1)
    expect(await rejectionOf(wait)).toBe(ctx.err)
  })

  test('of waits that one cancel ends none is served in between', async () => {
    const sem = new Semaphore(2)
    const held = sem.tryAcquire(1)!
    const ctx = withCancel(background())
    const ended = [sem.acquire(2, ctx), sem.acquire(1, ctx), sem.acquire(1, withCancel(ctx))]
    const stays = sem.acquire(1)
    ctx.cancel()
    expect(await Promise.all(ended.map(rejectionOf))).toEqual([ctx.err, ctx.err, ctx.err])
    ;(await stays).release()
    held.release()
    expect(sem.available).toBe(2)
  })
})

test('M18 more than the size is refused at once, and blocks nobody', () => {
  const sem = new Semaphore(2)
  expect(thrownBy(() => sem.acquire(3))).toMatchObject({
    name: 'RangeError',
    message: 'Cannot acquire 3 permits: the semaphore has 2',
  })
  expect(() => sem.tryAcquire(3)).toThrow(RangeError)
  expect(() => sem.acquire(3, canceled())).toThrow(RangeError)
  expect(sem.tryAcquire(2)).toBeDefined()
})

test('M19 M2 a guard gives its permits back once', () => {
  const sem = new Semaphore(3)
  const guard = sem.tryAcquire(2)!
  guard.release()
  guard.release()
  guard[Symbol.dispose]()
  expect(sem.available).toBe(3)
})

describe('M20 weights and sizes', () => {
  test.each([-1, 0.5, NaN, Infinity])('%d is no weight', (weight) => {
    expect(() => new Semaphore(2).acquire(weight)).toThrow(RangeError)
    expect(() => new Semaphore(2).tryAcquire(weight)).toThrow(RangeError)
  })

  test.each([0, -1, 0.5, NaN, Infinity])('%d is no size', (size) => {
    expect(() => new Semaphore(size)).toThrow(RangeError)
  })

  test.each(['1', null, {}, 1n])('what is no number is neither: %s', (value) => {
    expect(() => new Semaphore(value as never)).toThrow(TypeError)
    expect(() => new Semaphore(1).acquire(value as never)).toThrow(TypeError)
  })

  test('a weight of 0 waits its turn and takes nothing', async () => {
    const sem = new Semaphore(1)
    ;(await sem.acquire(0)).release()
    const held = sem.tryAcquire()!
    expect(sem.tryAcquire(0)).toBeDefined()
    const first = sem.acquire(1)
    const nothing = sem.acquire(0)
    await expectPending(first, nothing)
    held.release()
    await Promise.all([first, nothing])
    expect(sem.available).toBe(0)
  })

  test('size says what it was made with', () => {
    expect(new Semaphore(5).size).toBe(5)
  })
})
