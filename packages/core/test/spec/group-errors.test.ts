import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { background, channel, go, group, sleep, withCancel } from 'chansel'
import { WaitGroup } from 'chansel/sync'
import { expectNothingLeft, rejectionOf, settle } from '../support/pending.ts'

expectNothingLeft()

const boom = new Error('boom')
const bang = new Error('bang')
const throws = (error: unknown) => (): never => {
  throw error
}
const rejects = (error: unknown) => () => Promise.reject(error)

describe.each([
  ['throws', throws],
  ['rejects', rejects],
])('G6 who %s', (_, failing) => {
  test('in a task fails the group', async () => {
    expect(await rejectionOf(group(background(), (g) => void g.go(failing(boom))))).toBe(boom)
  })

  test('in the body fails the group', async () => {
    expect(await rejectionOf(group(background(), failing(boom)))).toBe(boom)
  })
})

test.each([undefined, null, false, 0, NaN, ''])('G7 %s is an error like any other', async (falsy) => {
  expect(await rejectionOf(group(background(), (g) => void g.go(throws(falsy))))).toBe(falsy)
  expect(await rejectionOf(group(background(), throws(falsy)))).toBe(falsy)
  const both = group(background(), (g) => {
    void g.go(throws(falsy))
    void g.go(throws(boom))
  })
  expect(await rejectionOf(both)).toBe(falsy)
})

test('G7 a rejection with a promise is handed on as it is', async () => {
  const value = Promise.resolve(1)
  expect(
    await rejectionOf(
      group(background(), (g) => void g.go(rejects(value))).catch((e) => Promise.reject({ e })),
    ),
  ).toEqual({ e: value })
})

describe('G10 all errors', () => {
  const all = { errors: 'all' } as const
  const errorsOf = async (settled: Promise<unknown>) => {
    const error = (await rejectionOf(settled)) as AggregateError
    expect(error).toBeInstanceOf(AggregateError)
    expect(error.message).toBe(`Cannot finish a group: ${error.errors.length} failed`)
    return error.errors as unknown[]
  }

  test('are in the order in which they happened', async () => {
    const gates = [channel<void>(), channel<void>()]
    const settled = group(
      background(),
      async (g) => {
        for (const [i, error] of [boom, bang].entries()) {
          void g.go(async () => {
            await gates[i]!.receive()
            throw error
          })
        }
        await gates[1]!.send()
        await gates[0]!.send()
        throw undefined
      },
      all,
    )
    expect(await errorsOf(settled)).toEqual([bang, boom, undefined])
  })

  test('of one failure come in an AggregateError, too', async () => {
    expect(await errorsOf(group(background(), throws(boom), all))).toEqual([boom])
  })

  test('do not repeat what somebody only awaited', async () => {
    const settled = group(
      background(),
      async (g) => {
        const failing = g.go(rejects(boom))
        void g.go(() => failing)
        await failing
      },
      all,
    )
    expect(await errorsOf(settled)).toEqual([boom])
  })

  test('do not have the cancels that the first brought about', async () => {
    const settled = group(
      background(),
      (g) => {
        void g.go((ctx) => channel().receive(ctx))
        void g.go(rejects(boom))
        void g.go(async (ctx) => {
          await ctx.done.receive()
          throw bang
        })
      },
      all,
    )
    expect(await errorsOf(settled)).toEqual([boom, bang])
  })

  test('G10 nor what the host makes of that cancel, but errors that have it for a cause', async () => {
    const settled = group(
      background(),
      (g) => {
        void g.go((ctx) => pause(60_000, null, { signal: ctx.signal }))
        void g.go((ctx) => sleep(60_000, withCancel({ signal: ctx.signal })))
        void g.go((ctx) =>
          sleep(60_000, ctx).catch((cause: unknown) => throws(new Error('late', { cause }))()),
        )
        void g.go((ctx) => ctx.done.receive().then(throws(new DOMException('mine', 'AbortError'))))
        void g.go(throws(boom))
      },
      all,
    )
    const errors = await errorsOf(settled)
    expect(errors.map((error) => (error as Error).message).sort()).toEqual(['boom', 'late', 'mine'])
  })

  test('have the cancel of the parent, once', async () => {
    const parent = withCancel(background())
    const settled = group(
      parent,
      (g) => {
        for (let i = 0; i < 2; i++) void g.go((ctx) => channel().receive(ctx))
        void g.go(async (ctx) => {
          await ctx.done.receive()
          throw boom
        })
      },
      all,
    )
    await settle()
    parent.cancel()
    const errors = await errorsOf(settled)
    expect(errors).toHaveLength(2)
    expect(new Set(errors)).toEqual(new Set([parent.err, boom]))
  })

  test('have the cancel of the parent, also where a failure that follows from it comes first', async () => {
    const parent = withCancel(background())
    const settled = group(
      parent,
      (g) => {
        void g.go(async (ctx) => {
          await ctx.done.receive()
          throw boom
        })
        void g.go(async (ctx) => {
          await ctx.done.receive()
          await settle()
          throw ctx.err
        })
      },
      all,
    )
    await settle()
    parent.cancel()
    expect(await errorsOf(settled)).toEqual([boom, parent.err])
  })

  test('of equal numbers or texts are counted one by one', async () => {
    const settled = group(
      background(),
      (g) => {
        for (let i = 0; i < 2; i++) void g.go(throws(0))
      },
      all,
    )
    expect(await errorsOf(settled)).toEqual([0, 0])
  })

  test('are none where all went well', async () => {
    expect(await group(background(), () => 1, all)).toBe(1)
  })
})

describe('J5 J13 unhandled rejections', () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  let others: NodeJS.UnhandledRejectionListener[]
  beforeEach(() => {
    others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', note)
    unhandled.length = 0
  })
  afterEach(() => {
    process.off('unhandledRejection', note)
    for (const listener of others) process.on('unhandledRejection', listener)
  })

  test('a failure that the group reports is none', async () => {
    const settled = group(background(), (g) => {
      void g.go(throws(boom))
      void g.go(rejects(bang))
    })
    expect(await rejectionOf(settled)).toBe(boom)
    await settle()
    expect(unhandled).toEqual([])
  })

  test('who awaits the task hears of it as well', async () => {
    let heard: unknown
    const settled = group(background(), async (g) => {
      heard = await rejectionOf(g.go(throws(boom)))
      return 'fine'
    })
    expect(await rejectionOf(settled)).toBe(boom)
    expect(heard).toBe(boom)
    await settle()
    expect(unhandled).toEqual([])
  })

  test('a group that nobody handles is one', async () => {
    void group(background(), (g) => void g.go(throws(boom)))
    await settle()
    await settle()
    expect(unhandled).toEqual([boom])
  })

  test('a task of go that nobody handles is one', async () => {
    void go(throws(boom))
    void go(rejects(bang))
    await settle()
    expect(unhandled).toEqual([boom, bang])
  })

  test('M9 of a task of a wait group that is done once too often, too, its own failure', async () => {
    const failing = new WaitGroup()
    failing.go(() => {
      failing.done()
      throw boom
    })
    const ending = new WaitGroup()
    ending.go(() => ending.done())
    await settle()
    expect(unhandled).toEqual([boom, expect.any(RangeError)])
  })

  test('M9 a task of a wait group that fails is one, and the wait group goes on', async () => {
    const wg = new WaitGroup()
    wg.go(throws(boom))
    wg.go(rejects(bang))
    await wg.wait()
    await settle()
    expect(unhandled).toEqual([boom, bang])
  })
})
