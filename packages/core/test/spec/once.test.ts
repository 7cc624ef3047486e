import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import { background, channel, sleep, withCancel } from 'chansel'
import { Once, onceValue } from 'chansel/sync'
import { simulate } from 'chansel/testing'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { canceled } from './outcomes.ts'

expectNothingLeft()

const boom = new Error('boom')

describe('M10 Once', () => {
  test('runs one function once, and everybody waits for it', async () => {
    const once = new Once()
    const gate = channel<void>()
    const runs: string[] = []
    const run = (name: string) => () => {
      runs.push(name)
      return gate.receive()
    }
    const calls = [once.do(run('a')), once.do(run('b'))]
    await expectPending(...calls)
    await gate.send()
    expect(await Promise.all(calls)).toEqual([undefined, undefined])
    expect(await once.do(run('c'))).toBeUndefined()
    expect(runs).toEqual(['a'])
  })

  test('R1 J12 the function does not run inside the call', async () => {
    let hasRun = false
    const call = new Once().do(() => void (hasRun = true))
    expect(hasRun).toBe(false)
    await call
    expect(hasRun).toBe(true)
  })

  test.each([
    [
      'throws',
      () => {
        throw boom
      },
    ],
    ['rejects', () => Promise.reject(boom)],
  ])('one that %s is over, and only its caller hears of it', async (_, fail) => {
    const once = new Once()
    const first = once.do(fail)
    const second = once.do(() => {})
    expect(await rejectionOf(first)).toBe(boom)
    await second
    await once.do(fail)
  })

  test('one that asks for itself before its first await gets an error', async () => {
    const once = new Once()
    const error = await rejectionOf(once.do(() => once.do(() => {})))
    expect(error).toMatchObject({ message: 'Cannot wait for a call: this is the function that is called' })
    await once.do(() => {})
  })

  test('a cancel ends a wait, not the run', async () => {
    const once = new Once()
    const gate = channel<void>()
    const ctx = withCancel(background())
    let ended = false
    const first = once.do(async () => {
      await gate.receive()
      ended = true
      throw boom
    }, ctx)
    const second = once.do(() => {})
    ctx.cancel()
    expect(await rejectionOf(first)).toBe(ctx.err)
    await expectPending(second)
    await gate.send()
    await second
    expect(ended).toBe(true)
    await settle()
  })

  test('M16 J9 a cancel that fired starts no run, and wins over one that is over', async () => {
    const once = new Once()
    const ctx = canceled()
    let runs = 0
    expect(await rejectionOf(once.do(() => void runs++, ctx))).toBe(ctx.err)
    await once.do(() => void runs++)
    expect(await rejectionOf(once.do(() => {}, ctx))).toBe(ctx.err)
    expect(runs).toBe(1)
  })

  test('J13 what is no function is refused at once', () => {
    expect(() => new Once().do(1 as never)).toThrow(TypeError)
  })
})

describe('M11 onceValue', () => {
  test('J12 runs its function in the async context of who asks first', async () => {
    const user = new AsyncLocalStorage<string>()
    const get = user.run('made', () => onceValue(() => user.getStore()))
    expect(await user.run('asked', () => get())).toBe('asked')
    expect(await user.run('later', () => get())).toBe('asked')
  })

  test('J12 what a module gives it runs in the simulation that asks first', async () => {
    const get = onceValue(async () => {
      await sleep(1_000)
      return 'loaded'
    })
    const [value, tookMs] = await simulate(async (t) => {
      const start = t.now()
      return [await get(), t.now() - start]
    })
    expect([value, tookMs]).toEqual(['loaded', 1_000])
  })

  test('gives everybody the same value, of one run', async () => {
    let runs = 0
    const get = onceValue(async () => ({ run: ++runs }))
    const [a, b] = await Promise.all([get(), get()])
    expect(a).toBe(b)
    expect(await get()).toBe(a)
    expect(runs).toBe(1)
  })

  test.each([boom, undefined, 0])('gives everybody the same error: %s', async (error) => {
    const get = onceValue(() => {
      throw error
    })
    expect(await Promise.all([rejectionOf(get()), rejectionOf(get())])).toEqual([error, error])
    expect(await rejectionOf(get())).toBe(error)
  })

  test('does not run before it is asked for, nor inside the call', async () => {
    let runs = 0
    const get = onceValue(() => ++runs)
    await settle()
    expect(runs).toBe(0)
    const value = get()
    expect(runs).toBe(0)
    expect(await value).toBe(1)
  })

  test('that asks for itself gets an error', async () => {
    const get: () => Promise<unknown> = onceValue(() => get())
    expect(await rejectionOf(get())).toMatchObject({
      message: expect.stringContaining('Cannot wait for a call'),
    })
  })

  test('a cancel ends a wait, not the run', async () => {
    const gate = channel<number>()
    const get = onceValue(async () => (await gate.receive()).value)
    const ctx = withCancel(background())
    const [first, second] = [get(ctx), get()]
    ctx.cancel()
    expect(await rejectionOf(first)).toBe(ctx.err)
    await gate.send(7)
    expect(await second).toBe(7)
    expect(await rejectionOf(get(ctx))).toBe(ctx.err)
    expect(() => onceValue(null as never)).toThrow(TypeError)
  })
})
