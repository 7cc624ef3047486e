import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import { afterFunc, background, withCancel, withTimeout } from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

describe('afterFunc', () => {
  test('X17 runs in a task of its own after done, never inside cancel()', async () => {
    const ctx = withCancel(background())
    let ran = 0
    afterFunc(ctx, () => ran++)
    ctx.cancel()
    expect(ran).toBe(0)
    await settle()
    expect(ran).toBe(1)
  })

  test('X18 is prevented by stop as long as nobody noticed that the deadline has passed', async () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 5)
    let ran = 0
    const stop = afterFunc(ctx, () => ran++)
    clock.busy(5)
    expect(stop()).toBe(true)
    expect(ctx.err).toBeDefined()
    await settle()
    expect(ran).toBe(0)
  })

  test('X17 of a context that is done already, it does not run inside afterFunc', async () => {
    const ctx = withCancel(background())
    ctx.cancel()
    let ran = 0
    const stop = afterFunc(ctx, () => ran++)
    expect(ran).toBe(0)
    await settle()
    expect(ran).toBe(1)
    expect(stop()).toBe(false)
  })

  test('X17 of a context that is never cancelled, it never runs', async () => {
    let ran = 0
    const stop = afterFunc(background(), () => ran++)
    await settle()
    expect([ran, stop(), stop()]).toEqual([0, true, false])
  })

  test('X18 stop says true if and only if this call prevented it', async () => {
    const ctx = withCancel(background())
    let ran = 0
    const stop = afterFunc(ctx, () => ran++)
    expect([stop(), stop()]).toEqual([true, false])
    const tooLate = afterFunc(ctx, () => ran++)
    ctx.cancel()
    expect([stop(), tooLate()]).toEqual([false, false])
    await settle()
    expect(ran).toBe(1)
    expect(tooLate()).toBe(false)
  })

  test('X19 several are independent, in order, and each runs at most once', async () => {
    const ctx = withCancel(background())
    const log: string[] = []
    const once = () => log.push('twice given')
    afterFunc(ctx, once)
    const stop = afterFunc(ctx, () => log.push('stopped'))
    afterFunc(ctx, once)
    afterFunc(ctx, () => log.push('last'))
    expect(stop()).toBe(true)
    ctx.cancel()
    ctx.cancel()
    await settle()
    expect(log).toEqual(['twice given', 'twice given', 'last'])
  })

  test('X17 runs when the deadline passes, and holds a timer only while it may', async () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 50)
    let ran = 0
    const stop = afterFunc(ctx, () => ran++)
    afterFunc(ctx, () => ran++)
    expect(stop()).toBe(true)
    clock.advance(50)
    await settle()
    expect(ran).toBe(1)
    const other = withTimeout(background(), 50)
    expect(afterFunc(other, () => ran++)()).toBe(true)
    expect(clock.timers.filter((timer) => timer.holds)).toEqual([])
    other.cancel()
  })

  test('J12 runs in the async context of whoever registered it', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const ctx = withCancel(background())
    storage.run('registrant', () => afterFunc(ctx, () => seen.push(storage.getStore())))
    storage.run('canceller', () => ctx.cancel())
    storage.run('late registrant', () => afterFunc(ctx, () => seen.push(storage.getStore())))
    await settle()
    expect(seen).toEqual(['registrant', 'late registrant'])
  })

  test('J12 R1 one that cancels, registers and throws does no harm to the others', async () => {
    const ctx = withCancel(background())
    const child = withCancel(background())
    const log: string[] = []
    afterFunc(ctx, () => {
      child.cancel()
      afterFunc(ctx, () => log.push('registered late'))
      log.push('first')
    })
    afterFunc(child, () => log.push('child'))
    afterFunc(ctx, () => log.push('second'))
    ctx.cancel()
    await settle()
    expect(log.sort()).toEqual(['child', 'first', 'registered late', 'second'])
  })

  test('api: thrown at once: what is no function is a TypeError', () => {
    expect(() => afterFunc(background(), undefined as never)).toThrow(TypeError)
  })
})
