import { describe, expect, test } from 'vitest'
import { channel, sleep } from 'chansel'
import { type Simulation, expectPending, seededRandom, simulate, steps } from 'chansel/testing'
import { type ChannelMatchers, matchers } from 'chansel/testing/vitest'
import { rejectionOf, thrownBy } from '../support/pending.ts'

declare module 'vitest' {
  interface Matchers<T = any> extends ChannelMatchers {}
}

describe('expectPending', () => {
  test('resolves for promises that wait', async () => {
    const ch = channel<number>()
    const receiving = [ch.receive(), ch.receive()]
    await expectPending(...receiving)
    ch.close()
    await Promise.all(receiving)
  })

  test('rejects for one that does not, and says how it ended', async () => {
    expect(await rejectionOf(expectPending(Promise.resolve(1)))).toMatchObject({
      message: 'Cannot find the promise pending: it is fulfilled',
    })
    const cause = new Error('broken')
    const pending = new Promise(() => {})
    expect(await rejectionOf(expectPending(pending, Promise.reject(cause)))).toMatchObject({
      message: 'Cannot find promise 1 pending: it is rejected',
      cause,
    })
  })

  test('has to be given promises', async () => {
    for (const given of [5, null, undefined, {}]) {
      const refused = { name: 'TypeError', message: expect.stringContaining('it must be a promise, got ') }
      expect(await rejectionOf(expectPending(given as never))).toMatchObject(refused)
      expect(await rejectionOf(matchers.toBePending(given))).toMatchObject(refused)
    }
  })

  test('sees what takes a turn of the event loop', async () => {
    const soon = new Promise((resolve) => setImmediate(resolve))
    expect(await rejectionOf(expectPending(soon))).toBeInstanceOf(Error)
  })

  test('in a simulation lets all others come to rest, and no time go by', async () => {
    await simulate(async (t) => {
      const start = t.now()
      const ch = channel<number>(0)
      const received = t.go('receives', () => ch.receive())
      await expectPending(received, sleep(5))
      expect(t.now()).toBe(start)
      void t.go('sends', () => ch.send(1))
      expect(await rejectionOf(expectPending(received))).toBeInstanceOf(Error)
    })
  })
})

test('steps come one after the other', () => {
  const step = steps()
  step(1)
  step(2)
  expect(thrownBy(() => step(4))).toMatchObject({ message: 'Cannot take step 4: the last was 2' })
  expect(thrownBy(() => step(2))).toMatchObject({ message: 'Cannot take step 2: the last was 2' })
  expect(thrownBy(() => step.end(3))).toMatchObject({ message: 'Cannot end after step 3: the last was 2' })
  step.end(2)
})

test('a seeded random source gives the same again, and each number as likely', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed)
    return Array.from({ length: 1_000 }, () => random.below(4))
  }
  expect(draw(3)).toEqual(draw(3))
  expect(draw(3)).not.toEqual(draw(4))
  const counts = [0, 1, 2, 3].map((n) => draw(3).filter((drawn) => drawn === n).length)
  for (const count of counts) expect(Math.abs(count - 250)).toBeLessThan(75)
  expect(thrownBy(() => seededRandom(Number.NaN))).toBeInstanceOf(TypeError)
})

describe('matchers', () => {
  test('of promises', async () => {
    const ch = channel<number>()
    const received = ch.receive()
    expect(await matchers.toBePending(received)).toMatchObject({ pass: true })
    ch.close()
    expect(await matchers.toBePending(received)).toMatchObject({ pass: false })
  })

  test('of bodies', async () => {
    expect(await matchers.toHoldInEveryOrder(() => {})).toMatchObject({ pass: true })
    const verdict = await matchers.toHoldInEveryOrder(() => channel().receive())
    expect(verdict.pass).toBe(false)
    expect(verdict.message()).toContain('deadlock')
    expect(await rejectionOf(matchers.toHoldInEveryOrder(7))).toBeInstanceOf(TypeError)
  })

  test('tell nothing of a body that is not deterministic', async () => {
    let calls = 0
    const verdict = matchers.toHoldInEveryOrder((t: Simulation) => t.log(`${calls++}`))
    expect(await rejectionOf(verdict)).toMatchObject({ kind: 'nondeterministic' })
  })

  test('extend expect', async () => {
    expect.extend(matchers)
    await expect(new Promise(() => {})).toBePending()
    await expect(() => {}).toHoldInEveryOrder({ runs: 1 })
    await expect(expect(Promise.resolve()).toBePending()).rejects.toThrow('to be pending')
  })
})
