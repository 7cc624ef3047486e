import { describe, expect, test } from 'vitest'
import { type Channel, channel } from 'chansel'
import { expectNothingLeft, expectPending, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

const got = <T>(value: T) => ({ value, ok: true })
/** The values that can be received now. */
function drain<T>(ch: Channel<T>): T[] {
  const values: T[] = []
  for (let result = ch.tryReceive(); result?.ok === true; result = ch.tryReceive()) values.push(result.value)
  return values
}

describe('for await', () => {
  test('C20 range receives until closed and drained', async () => {
    const ch = channel<number>(1)
    const produce = async () => {
      for (let i = 0; i < 5; i++) await ch.send(i)
      ch.close()
    }
    const produced = produce()
    const seen: number[] = []
    for await (const value of ch) seen.push(value)
    await produced
    expect(seen).toEqual([0, 1, 2, 3, 4])
  })

  test('C20 the channel expression is evaluated once', async () => {
    const ch = channel<number>(2)
    ch.trySend(1)
    ch.trySend(2)
    ch.close()
    let evaluated = 0
    const seen: number[] = []
    for await (const value of (evaluated++, ch)) seen.push(value)
    expect(seen).toEqual([1, 2])
    expect(evaluated).toBe(1)
  })

  test('C20 J10 leaving the loop early leaves the channel as it is and takes no extra value', async () => {
    const ch = channel<number>(2)
    ch.trySend(1)
    ch.trySend(2)
    const third = ch.send(3)
    for await (const _ of ch) break
    await third
    expect(ch).toMatchObject({ length: 2, closed: false })
    expect(drain(ch)).toEqual([2, 3])
    const afterwards = ch.receive()
    await expectPending(afterwards)
    expect(ch.trySend(4)).toBe(true)
    expect(await afterwards).toEqual(got(4))
  })

  test('C20 a loop left by an error takes no extra value either', async () => {
    const ch = channel<number>(2)
    ch.trySend(1)
    ch.trySend(2)
    const loop = async () => {
      for await (const _ of ch) throw new Error('enough')
    }
    expect(await rejectionOf(loop())).toMatchObject({ message: 'enough' })
    expect(ch.closed).toBe(false)
    expect(drain(ch)).toEqual([2])
  })

  test('C25 many consumers of one closed channel get each value exactly once and all end', async () => {
    const ch = channel<number>(10)
    const seen: number[] = []
    const consumers = Array.from({ length: 20 }, async () => {
      for await (const value of ch) {
        seen.push(value)
        await Promise.resolve()
      }
    })
    const producers = Array.from({ length: 5 }, async (_, p) => {
      for (let i = 0; i < 200; i++) await ch.send(p * 200 + i)
    })
    await Promise.all(producers)
    ch.close()
    await Promise.all(consumers)
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, i) => i))
  })
})
