// What sourcegraph's conc promises of its pools, streams and iterators, said of `group`, `map` and `forEach`: written
// anew from the behaviour that its tests describe, whose names these carry. Its "panics" are failures here, and what it
// configures with a chain of calls is an option: there is nothing that could be configured too late.

import { describe, expect, test } from 'vitest'
import {
  type Context,
  type Group,
  background,
  channel,
  group,
  isCanceled,
  withCancel,
  withTimeout,
  yieldNow,
} from 'chansel'
import { collect, forEach, map } from 'chansel/pipeline'
import { expectNothingLeft, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

const [err1, err2] = [new Error('err1'), new Error('err2')]
const throwing = (error: Error) => () => Promise.reject(error)
const untilCanceled = async (ctx: Context) => void (await ctx.done.receive())
const rejectedBy = async (ctx: Context): Promise<never> => {
  await ctx.done.receive()
  throw ctx.err
}
/** A group whose body only starts these. */
const pool = (tasks: readonly Parameters<Group['go']>[0][], options = {}, parent = background()) =>
  group(
    parent,
    (g) => {
      for (const task of tasks) void g.go(task)
    },
    options,
  )

describe('ContextPool', () => {
  test('wait returns no error if no errors', async () => {
    expect(await pool([() => {}])).toBe(undefined)
  })

  test('wait errors if func returns error', async () => {
    expect(await rejectionOf(pool([throwing(err1)]))).toBe(err1)
  })

  test('wait error is all returned errors', async () => {
    const error = await rejectionOf(pool([throwing(err1), () => {}, throwing(err2)], { errors: 'all' }))
    expect((error as AggregateError).errors).toEqual([err1, err2])
  })

  test('context error propagates: canceled', async () => {
    const ctx = withCancel(background())
    const ended = rejectionOf(pool([rejectedBy], {}, ctx))
    ctx.cancel()
    expect(isCanceled(await ended)).toBe(true)
  })

  test('context error propagates: timed out', async () => {
    using ctx = withTimeout(background(), 1)
    expect(await rejectionOf(pool([rejectedBy], {}, ctx))).toBe(ctx.err)
  })

  // Unlike conc: an error that only repeats the cancel that the first failure caused is not reported with it.
  test('WithCancelOnError', async () => {
    const error = await rejectionOf(pool([rejectedBy, throwing(err1)], { errors: 'all' }))
    expect((error as AggregateError).errors).toEqual([err1])
  })

  test('ExampleContextPool_WithCancelOnError: the others hear of it', async () => {
    expect(await rejectionOf(pool([untilCanceled, untilCanceled, throwing(err1)]))).toBe(err1)
  })

  test('WithFirstError', async () => {
    const registered = channel<never>()
    const first = async () => {
      void yieldNow().then(() => registered.close())
      throw err1
    }
    const second = async () => {
      await registered.receive()
      throw err2
    }
    expect(await rejectionOf(pool([second, first]))).toBe(err1)
  })

  test('WithFirstError and WithCancelOnError', async () => {
    expect(await rejectionOf(pool([throwing(err1), rejectedBy]))).toBe(err1)
  })

  test.each([1, 10, 100])('limit %d', async (limit) => {
    let [current, most] = [0, 0]
    const task = async () => {
      most = Math.max(most, ++current)
      await yieldNow()
      current--
    }
    await pool(Array(100).fill(task), { limit })
    expect([current, most]).toEqual([0, limit])
  })

  test('WithCancelOnError and panic: the siblings have ended before it is told', async () => {
    let canceled = 0
    const sibling = async (ctx: Context) => {
      await untilCanceled(ctx)
      canceled++
    }
    expect(await rejectionOf(pool([sibling, sibling, throwing(err1)]))).toBe(err1)
    expect(canceled).toBe(2)
  })
})

describe('ResultPool', () => {
  test('results are in the order of submission, not of completion', async () => {
    const results = await group(background(), async (g) => {
      const tasks = [3, 1, 2].map((turns) =>
        g.go(async () => {
          for (let i = 0; i < turns; i++) await yieldNow()
          return turns
        }),
      )
      return Promise.all(tasks)
    })
    expect(results).toEqual([3, 1, 2])
  })

  test('results of those that succeeded, where failures are collected', async () => {
    const results = await group(background(), async (g) => {
      const tasks = [1, 2, 3].map((n) => g.go(() => (n === 2 ? undefined : n)))
      return (await Promise.all(tasks)).filter((n) => n !== undefined)
    })
    expect(results).toEqual([1, 3])
  })
})

describe('Stream: tasks at once, callbacks one at a time and in order', () => {
  /** The tasks through a parallel map, their callbacks by a loop. */
  const stream = (tasks: readonly (() => Promise<(() => unknown) | null>)[], concurrency = 5) =>
    forEach(
      map(tasks, (task) => task(), { concurrency }),
      (callback) => callback?.(),
    )

  test('ExampleStream: the order of submission, whatever the tasks take', async () => {
    const printed: number[] = []
    const turns = [5, 13, 4, 11, 1, 20]
    const tasks = turns.map((count) => async () => {
      for (let i = 0; i < count; i++) await Promise.resolve()
      return () => printed.push(count)
    })
    await stream(tasks, 6)
    expect(printed).toEqual(turns)
  })

  test('max goroutines: no more tasks than that, and one callback', async () => {
    let [tasks, mostTasks, callbacks, mostCallbacks] = [0, 0, 0, 0]
    const task = async () => {
      mostTasks = Math.max(mostTasks, ++tasks)
      await yieldNow()
      tasks--
      return async () => {
        mostCallbacks = Math.max(mostCallbacks, ++callbacks)
        await yieldNow()
        callbacks--
      }
    }
    await stream(Array(50).fill(task))
    expect([mostTasks, mostCallbacks]).toEqual([5, 1])
  })

  test('a nil callback is allowed', async () => {
    await stream([async () => null, async () => null])
  })

  test('panic in task is propagated', async () => {
    expect(await rejectionOf(stream([throwing(err1)]))).toBe(err1)
  })

  test('panic in callback is propagated, and does not block producers', async () => {
    let produced = 0
    const failing = async () => () => {
      throw err1
    }
    const others = Array(100).fill(async () => (produced++, null))
    expect(await rejectionOf(stream([failing, ...others]))).toBe(err1)
    // Unlike conc: work that has nobody to report to is no longer started.
    expect(produced).toBeLessThan(10)
  })
})

describe('iter', () => {
  test('Map: results in the order of the inputs', async () => {
    const inputs = [3, 1, 2]
    const mapped = map(
      inputs,
      async (n) => {
        for (let i = 0; i < n; i++) await yieldNow()
        return n * 10
      },
      { concurrency: 3 },
    )
    expect(await collect(mapped)).toEqual([30, 10, 20])
  })

  test('ForEach: empty is fine, and huge inputs are', async () => {
    await forEach(
      map([], () => 1, { concurrency: 8 }),
      () => expect.unreachable(),
    )
    let sum = 0
    await forEach(
      map(Array(10_000).fill(1), (n: number) => n, { concurrency: 8 }),
      (n) => void (sum += n),
    )
    expect(sum).toBe(10_000)
  })

  test('ForEach: panic is propagated', async () => {
    expect(await rejectionOf(forEach(map([1], throwing(err1), { concurrency: 8 }), () => {}))).toBe(err1)
  })
})
