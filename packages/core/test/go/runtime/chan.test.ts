// Go: src/runtime/chan_test.go TestChan — for capacities from 0 on: what waits and what does not, close,
//   order, and four senders with four receivers.
// Go: src/runtime/chan_test.go TestChanSendInterface — objects travel as they are, also through selects with
//   a default.
// Go: src/runtime/chan_test.go TestMultiConsumer — 23 tasks range over one channel: every value is handled
//   once, and all of them end.

import { describe, expect, test } from 'vitest'
import { channel, sendCase, trySelect, yieldNow } from 'chansel'
import { expectNothingLeft, expectPending } from '../../support/pending.ts'
import { letOthersRun, program } from '../support/program.ts'

expectNothingLeft()

const capacities = [0, 1, 2, 3, 4, 5, 8, 13, 19]
const countTo = (n: number) => Array.from({ length: n }, (_, i) => i)

describe.each(capacities)('TestChan: with a capacity of %i', (capacity) => {
  const full = () => {
    const ch = channel<number>(capacity)
    for (const value of countTo(capacity)) expect(ch.trySend(value)).toBe(true)
    return ch
  }

  test('a receive from an empty channel waits, one with a default does not', async () => {
    const ch = channel<number>(capacity)
    const receives = [ch.receive(), ch.receive()]
    await expectPending(...receives)
    expect(trySelect([ch])).toBeUndefined()
    expect(ch.tryReceive()).toBeUndefined()
    await ch.send(0)
    await ch.send(1)
    expect(await Promise.all(receives)).toEqual([
      { value: 0, ok: true },
      { value: 1, ok: true },
    ])
  })

  test('a send to a full channel waits, one with a default does not', async () => {
    const ch = full()
    const sent = ch.send(capacity)
    await expectPending(sent)
    expect(trySelect([sendCase(ch, -1)])).toBeUndefined()
    expect(ch.trySend(-1)).toBe(false)
    expect(await ch.receive()).toEqual({ value: 0, ok: true })
    await sent
    expect([ch.length, ch.capacity]).toEqual([capacity, capacity])
  })

  test('a closed channel gives what is left, then the end', async () => {
    const ch = full()
    ch.close()
    for (const value of countTo(capacity)) expect(await ch.receive()).toEqual({ value, ok: true })
    for (let i = 0; i < 2; i++) expect(await ch.receive()).toEqual({ value: undefined, ok: false })
  })

  test('a close wakes a receive that waits', async () => {
    const ch = channel<number>(capacity)
    const received = ch.receive()
    await expectPending(received)
    ch.close()
    expect(await received).toEqual({ value: undefined, ok: false })
  })

  test('a hundred values arrive in order', () =>
    program(async (go) => {
      const ch = channel<number>(capacity)
      go(async () => {
        for (const value of countTo(100)) await ch.send(value)
      })
      for (const value of countTo(100)) expect(await ch.receive()).toEqual({ value, ok: true })
    }))

  test('four senders and four receivers: every value arrives four times', () =>
    program(async (go) => {
      const ch = channel<number>(capacity)
      const counted = channel<number[]>()
      const [tasks, values] = [4, 1_000]
      for (let task = 0; task < tasks; task++) {
        go(async () => {
          for (const value of countTo(values)) await ch.send(value)
        })
        go(async () => {
          const counts = countTo(values).fill(0)
          for (let i = 0; i < values; i++) counts[(await ch.receive()).value!]!++
          await counted.send(counts)
        })
      }
      const sums = countTo(values).fill(0)
      for (let task = 0; task < tasks; task++) {
        const { value: counts } = await counted.receive()
        for (const value of countTo(values)) sums[value]! += counts![value]!
      }
      expect(sums).toEqual(countTo(values).fill(tasks))
    }))

  test('length and capacity', () => {
    const ch = channel<number>(capacity)
    expect([ch.length, ch.capacity]).toEqual([0, capacity])
    expect([full().length, full().capacity]).toEqual([capacity, capacity])
  })
})

test('TestChanSendInterface: an object is sent once, however many cases offer one', async () => {
  class Message {}
  const message = new Message()
  const ch = channel<object>(1)
  await ch.send(message)
  expect(trySelect([sendCase(ch, message)])).toBeUndefined()
  expect(trySelect([sendCase(ch, message), sendCase(ch, new Message())])).toBeUndefined()
  expect((await ch.receive()).value).toBe(message)
  expect(ch.length).toBe(0)
})

test('TestMultiConsumer: what many tasks take from one channel is all of it, and all of them end', () =>
  program(async (go) => {
    const [workers, rounds] = [23, 27_182]
    const numbers = [2, 3, 7, 11, 13, 17, 19, 23, 27, 31]
    const jobs = channel<number>(workers * 3)
    const results = channel<number>(workers * 3)

    const working = Array.from({ length: workers }, async (_, worker) => {
      for await (const job of jobs) {
        // Some let others overtake them, so that the order differs from the line.
        if (numbers[worker % numbers.length] === job) await (job === 31 ? yieldNow() : letOthersRun())
        await results.send(job)
      }
    })
    let expected = 0
    go(async () => {
      for (let i = 0; i < rounds; i++) {
        const job = numbers[i % numbers.length]!
        expected += job
        await jobs.send(job)
      }
      jobs.close()
      await Promise.all(working)
      results.close()
    })

    let [count, sum] = [0, 0]
    for await (const result of results) {
      count++
      sum += result
    }
    expect([count, sum]).toEqual([rounds, expected])
  }))
