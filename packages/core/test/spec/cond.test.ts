import { describe, expect, test } from 'vitest'
import { background, withCancel } from 'chansel'
import { Cond, Mutex } from 'chansel/sync'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { canceled } from './outcomes.ts'

expectNothingLeft()

/** Tasks that wait, each noted when it has the mutex again. */
async function waiters(count: number) {
  const mu = new Mutex()
  const cond = new Cond(mu)
  const woken: number[] = []
  const ends = Array.from({ length: count }, async (_, i) => {
    using guard = await mu.lock()
    await cond.wait()
    woken.push(i)
    expect(mu.tryLock()).toBeUndefined()
    void guard
  })
  await settle()
  return { mu, cond, woken, ends }
}

test('M12 signal wakes whoever waits longest, one each time', async () => {
  const { mu, cond, woken, ends } = await waiters(4)
  for (let i = 0; i < 4; i++) {
    expect(mu.tryLock()?.release()).toBeUndefined()
    cond.signal()
    await settle()
    expect(woken).toEqual([0, 1, 2, 3].slice(0, i + 1))
  }
  await Promise.all(ends)
  cond.signal()
})

test('M12 wait gives the mutex away and takes its place in one step', async () => {
  const mu = new Mutex()
  const cond = new Cond(mu)
  const guard = mu.tryLock()!
  const wait = cond.wait()
  const other = mu.tryLock()!
  cond.signal()
  await expectPending(wait)
  other.release()
  await wait
  expect(mu.tryLock()).toBeUndefined()
  guard.release()
  expect(mu.tryLock()).toBeDefined()
})

test('M12 broadcast wakes all who wait now, in order, and none who come later', async () => {
  const { mu, cond, woken, ends } = await waiters(3)
  const guard = await mu.lock()
  cond.broadcast()
  const late = cond.wait()
  await Promise.all(ends)
  expect(woken).toEqual([0, 1, 2])
  await expectPending(late)
  cond.broadcast()
  await late
  guard.release()
})

test('M12 nobody wakes without a signal, and a signal for nobody is nothing', async () => {
  const mu = new Mutex()
  const cond = new Cond(mu)
  cond.signal()
  cond.broadcast()
  mu.tryLock()
  await expectPending(cond.wait())
})

test('M12 who wakes stands in the line of the mutex behind who came before', async () => {
  const { mu, cond, woken, ends } = await waiters(1)
  const guard = await mu.lock()
  const before = mu.lock()
  cond.signal()
  const after = mu.lock()
  guard.release()
  const second = await before
  expect(woken).toEqual([])
  second.release()
  await Promise.all(ends)
  ;(await after).release()
})

describe('cancelling', () => {
  test('M12 M17 a cancelled wait has the mutex again before it rejects', async () => {
    const mu = new Mutex()
    const cond = new Cond(mu)
    const ctx = withCancel(background())
    const guard = mu.tryLock()!
    const wait = cond.wait(ctx)
    const other = mu.tryLock()!
    ctx.cancel()
    await expectPending(wait)
    other.release()
    expect(mu.tryLock()).toBeUndefined()
    expect(await rejectionOf(wait)).toBe(ctx.err)
    guard.release()
    expect(mu.tryLock()).toBeDefined()
  })

  test('M17 signalled, then cancelled: the signal counts', async () => {
    const mu = new Mutex()
    const cond = new Cond(mu)
    const ctx = withCancel(background())
    mu.tryLock()
    const wait = cond.wait(ctx)
    cond.signal()
    ctx.cancel()
    await wait
  })

  test('M17 cancelled, then signalled: the signal goes to the next', async () => {
    const mu = new Mutex()
    const cond = new Cond(mu)
    const ctx = withCancel(background())
    const guard = mu.tryLock()!
    const first = cond.wait(ctx)
    const second = mu.lock().then(async (held) => {
      await cond.wait()
      held.release()
    })
    await settle()
    ctx.cancel()
    cond.signal()
    expect(await rejectionOf(first)).toBe(ctx.err)
    guard.release()
    await second
  })

  test('M16 J9 a cancel that fired does not give the mutex away', async () => {
    const mu = new Mutex()
    const cond = new Cond(mu)
    const ctx = canceled()
    mu.tryLock()
    const wait = cond.wait(ctx)
    expect(mu.tryLock()).toBeUndefined()
    expect(await rejectionOf(wait)).toBe(ctx.err)
  })
})

describe('misuse', () => {
  test('M12 waiting without the mutex rejects', async () => {
    const error = await rejectionOf(new Cond(new Mutex()).wait())
    expect(error).toMatchObject({ message: 'Cannot wait for a condition: its mutex is not locked' })
  })

  test('M2 a guard that is released while it is lent takes nothing from who has the mutex, and comes back for nothing', async () => {
    const mu = new Mutex()
    const cond = new Cond(mu)
    const guard = mu.tryLock()!
    const wait = cond.wait()
    const other = mu.tryLock()!
    guard.release()
    expect(mu.tryLock()).toBeUndefined()
    cond.signal()
    other.release()
    await wait
    expect(mu.tryLock()).toBeDefined()
  })

  test('J13 only a Mutex will do', () => {
    expect(() => new Cond({} as never)).toThrow(TypeError)
    const mu = new Mutex()
    expect(new Cond(mu).mutex).toBe(mu)
  })
})
