// When the library lets a turn of the event loop happen, with a clock that moves only when told to.

import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { channel } from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

/** More operations than there are between two looks at the clock. */
function operate(): void {
  for (let i = 0; i < 600; i++) void channel<number>(1).send(i)
}

/** Whether an operation that commits now is told in this turn. */
async function isToldNow(): Promise<boolean> {
  let isTold = false
  void channel<number>(1)
    .send(1)
    .then(() => (isTold = true))
  for (let i = 0; i < 10; i++) await Promise.resolve()
  return isTold
}

test('J3 three milliseconds without a turn are too many: what commits then is told in the next', async () => {
  const clock = virtualClock()
  await settle()
  operate()
  clock.busy(3)
  operate()
  expect(await isToldNow()).toBe(false)
  await settle()
  expect(await isToldNow()).toBe(true)
})

test('J3 a fifth of a millisecond is not: a turn for each few operations would cost more than they do', async () => {
  const clock = virtualClock()
  await settle()
  operate()
  clock.busy(0.2)
  operate()
  expect(await isToldNow()).toBe(true)
})

describe('on a host without setImmediate, such as a browser', () => {
  /** The library as it is there, with a runtime of its own, and how many messages it sent for its turns. */
  async function there() {
    let messages = 0
    class Watched extends MessageChannel {
      constructor() {
        super()
        vi.spyOn(this.port2, 'postMessage').mockImplementationOnce((message: unknown) => {
          messages++
          this.port2.postMessage(message)
        })
      }
    }
    vi.stubGlobal('setImmediate', undefined)
    vi.stubGlobal('MessageChannel', Watched)
    onTestFinished(() => void vi.unstubAllGlobals())
    const key = Symbol.for('chansel.runtime@1')
    const here: unknown = Reflect.get(globalThis, key)
    Reflect.deleteProperty(globalThis, key)
    vi.resetModules()
    const library = await import('chansel')
    Reflect.set(globalThis, key, here)
    return { ...library, messages: () => messages }
  }

  test('J3 a turn comes for each who asks, in their order, after the microtasks, and one message does for all', async () => {
    const { yieldNow, messages } = await there()
    for (const [round, names] of [['alone'], ['first', 'second', 'third'], ['alone']].entries()) {
      const log: string[] = []
      const turns = names.map(async (name) => {
        await yieldNow()
        log.push(name)
      })
      for (let i = 0; i < 20; i++) await Promise.resolve()
      log.push('microtasks')
      await Promise.all(turns)
      expect(log).toEqual(['microtasks', ...names])
      expect(messages()).toBe(round + 1)
    }
  })

  test('J3 what commits in a turn that is too long is told in the next, all of it and in order', async () => {
    const { channel, yieldNow } = await there()
    const clock = virtualClock()
    const log: number[] = []
    const sends = Array.from({ length: 2_000 }, async (_, i) => {
      if (i === 600) clock.busy(3)
      await channel<number>(1).send(i)
      log.push(i)
    })
    await Promise.resolve()
    expect(log.length).toBeLessThan(sends.length)
    await yieldNow()
    expect(log).toEqual(sends.map((_, i) => i))
  })
})
