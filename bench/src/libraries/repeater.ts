// A repeater is an iterator whose values are pushed: its executor is the sender, and whoever calls next() receives.

import { FixedBuffer, type Push, Repeater } from '@repeaterjs/repeater'
import { type Library, type Load, expectEqual, no, sumBelow } from '../library.ts'
import { COUNTS } from '../suites/engine/loads/transfer.ts'
import { Choices } from '../suites/engine/random.ts'

function counting(n: number, capacity: number): Repeater<number> {
  const buffer = capacity === 0 ? undefined : new FixedBuffer(capacity)
  return new Repeater<number>(async (push, stop) => {
    for (let i = 0; i < n; i++) await push(i)
    stop()
  }, buffer)
}

function spsc(capacity: number): Load {
  return async (n) => {
    const values = counting(n, capacity)
    let sum = 0
    for (let i = 0; i < n; i++) sum += (await values.next()).value as number
    await values.return()
    expectEqual('sum', sum, sumBelow(n))
    return {}
  }
}

const iterate: Load = async (n) => {
  let sum = 0
  for await (const value of counting(n, 0)) sum += value
  expectEqual('sum', sum, sumBelow(n))
  return {}
}

/** The nearest that it has to a select: one repeater that merges many, and starts them when it is first asked. */
function merge(count: number): Load {
  return async (n) => {
    const pushes: Push<number>[] = []
    const sources = Array.from(
      { length: count },
      () =>
        new Repeater<number>(async (push, stop) => {
          pushes.push(push)
          await stop
        }),
    )
    const merged = Repeater.merge(sources)
    const choices = new Choices()
    let sum = 0
    for (let i = 0; i < n; i++) {
      const next = merged.next()
      while (pushes.length < count) await Promise.resolve()
      // Resolves when the source is asked again, which a merge does at once: nobody waits for it here.
      void pushes[choices.next(count)]!(i)
      sum += (await next).value as number
    }
    await merged.return(undefined)
    expectEqual('sum', sum, sumBelow(n))
    return { readyShare: 0 }
  }
}

export const library: Library = {
  loads: {
    'spsc-unbuffered': { run: spsc(0) },
    'spsc-buffered-128': { run: spsc(128) },
    iterate: { run: iterate },
    ...no('one sender only', 'mpmc-8x8-unbuffered'),
    ...no('has no try', 'spsc-buffered-128-try'),
    ...no('a merge asks before anybody waits for it', 'select-receive-2-ready'),
    ...Object.fromEntries(
      COUNTS.map((count) => [
        `select-receive-${count}-parked`,
        { run: merge(count), note: 'Repeater.merge: takes from all, loses the choice' },
      ]),
    ),
  },
}
