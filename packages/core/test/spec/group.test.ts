import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import {
  type Context,
  type Group,
  background,
  channel,
  go,
  group,
  isCanceled,
  never,
  sleep,
  withCancel,
  yieldNow,
} from 'chansel'
import { expectNothingLeft, expectPending, rejectionOf, settle, thrownBy } from '../support/pending.ts'

expectNothingLeft()

const boom = new Error('boom')
const fails = (error: unknown) => async () => {
  throw error
}

describe('the end of a group', () => {
  test('G1 it settles when body and tasks have ended, and has what the body gave', async () => {
    const gate = channel<void>()
    let ended = 0
    const settled = group(background(), async (g) => {
      for (let i = 0; i < 3; i++) {
        void g.go(async () => {
          await gate.receive()
          ended++
        })
      }
      return 'result'
    })
    await gate.send()
    await gate.send()
    await expectPending(settled)
    await gate.send()
    expect(await settled).toBe('result')
    expect(ended).toBe(3)
  })

  test('G1 the first failure in order of occurrence is the result, the same error', async () => {
    const gates = [channel<void>(), channel<void>()]
    const late = new Error('late')
    const settled = group(background(), (g) => {
      void g.go(async () => {
        await gates[0]!.receive()
        throw late
      })
      void g.go(async () => {
        await gates[1]!.receive()
        throw boom
      })
    })
    await gates[1]!.send()
    await gates[0]!.send()
    expect(await rejectionOf(settled)).toBe(boom)
  })

  test('G1 G3 a body without tasks is a group, too', async () => {
    expect(await group(background(), () => 1)).toBe(1)
    expect(await group(background(), async () => undefined)).toBeUndefined()
    expect(await rejectionOf(group(background(), fails(boom)))).toBe(boom)
  })

  test('G3 what happens after the first failure changes nothing', async () => {
    const settled = group(background(), async (g) => {
      await rejectionOf(g.go(fails(boom)))
      await g.go(() => 'fine')
      await rejectionOf(g.go(fails('later')))
      return 'fine as well'
    })
    expect(await rejectionOf(settled)).toBe(boom)
  })

  test('G9 after a failure the others run to their end first', async () => {
    const gate = channel<void>()
    const settled = group(background(), (g) => {
      void g.go(fails(boom))
      void g.go(() => gate.receive())
    })
    await expectPending(settled)
    await gate.send()
    expect(await rejectionOf(settled)).toBe(boom)
  })

  test('G11 the promises of tasks have their results, in the order in which they were started', async () => {
    const results = await group(background(), (g) =>
      Promise.all([3, 1, 2].map((n) => g.go(async () => (await sleep(n), n * n)))),
    )
    expect(results).toEqual([9, 1, 4])
  })

  test('G12 a loop over the tasks handles their results one at a time, in the order of starting', async () => {
    const handled: number[] = []
    const settled = group(background(), async (g) => {
      const tasks = [20, 1, 10].map((ms) => g.go(async () => (await sleep(ms), ms)))
      const failing = g.go(async (ctx) => {
        await tasks[0]
        expect(ctx.err).toBeUndefined()
        throw boom
      })
      for (const task of [...tasks, failing]) handled.push(await task)
    })
    expect(await rejectionOf(settled)).toBe(boom)
    expect(handled).toEqual([20, 1, 10])
  })

  test('G14 tasks may start tasks, also after the body has ended', async () => {
    let ended = 0
    const grow = (g: Group, depth: number) => async (): Promise<void> => {
      await yieldNow()
      if (depth > 0) for (let i = 0; i < 2; i++) void g.go(grow(g, depth - 1))
      ended++
    }
    await group(background(), (g) => void g.go(grow(g, 4)))
    expect(ended).toBe(31)
  })

  test('G16 once it has ended no task starts', async () => {
    let left!: Group
    await group(background(), (g) => void (left = g))
    const message = 'Cannot start a task: its group has ended'
    expect(() => left.go(() => {})).toThrow(message)
    expect(() => left.tryGo(() => {})).toThrow(message)
  })
})

describe('the context of a group', () => {
  test('G2 is cancelled by the first failure, which is its cause', async () => {
    let ctx!: Context
    const settled = group(background(), (g) => {
      ctx = g.ctx
      void g.go(fails(boom))
      void g.go((given) => given.done.receive())
    })
    expect(await rejectionOf(settled)).toBe(boom)
    expect(ctx.cause).toBe(boom)
    expect(isCanceled(ctx.err)).toBe(true)
  })

  test('G2 is cancelled by a failure of the body, too', async () => {
    let ctx!: Context
    const settled = group(background(), async (g) => {
      ctx = g.ctx
      void g.go((given) => given.done.receive())
      throw boom
    })
    expect(await rejectionOf(settled)).toBe(boom)
    expect(ctx.cause).toBe(boom)
  })

  test('G2 is cancelled at the end, also of a success', async () => {
    const ctx = await group(background(), (g) => g.ctx)
    expect(isCanceled(ctx.err)).toBe(true)
    expect(ctx.cause).toBe(ctx.err)
  })

  test('G2 is cancelled before anybody hears of the end', async () => {
    let ctx!: Context
    const seen = await group(background(), (g) => void (ctx = g.ctx)).then(() => ctx.err)
    expect(isCanceled(seen)).toBe(true)
  })

  test('G8 a cancelled sibling is never the first failure', async () => {
    const settled = group(background(), (g) => {
      void g.go((ctx) => channel().receive(ctx))
      void g.go((ctx) => sleep(60_000, ctx))
      void g.go(fails(boom))
      return never.receive(g.ctx)
    })
    expect(await rejectionOf(settled)).toBe(boom)
  })

  test('G8 also where a listener of the signal fails a sibling in the step of the cancel', async () => {
    const settled = group(background(), (g) => {
      void g.go(
        ({ signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
      )
      void g.go(fails(boom))
    })
    expect(await rejectionOf(settled)).toBe(boom)
  })

  test('the parent’s cancel reaches the tasks, and their failure is the result', async () => {
    const parent = withCancel(background())
    const settled = group(parent, (g) => void g.go((ctx) => channel().receive(ctx)))
    await expectPending(settled)
    parent.cancel('enough')
    expect(await rejectionOf(settled)).toBe(parent.err)
    expect(parent.cause).toBe('enough')
  })

  test('a parent’s cancel that nobody fails for is no failure', async () => {
    const parent = withCancel(background())
    const settled = group(parent, async (g) => {
      void g.go((ctx) => ctx.done.receive())
      await g.ctx.done.receive()
      return 'wound down'
    })
    await settle()
    parent.cancel()
    expect(await settled).toBe('wound down')
  })
})

describe('G15 after a cancel', () => {
  test('tasks still run, and find it', async () => {
    const parent = withCancel(background())
    parent.cancel()
    expect(await group(parent, (g) => g.go((ctx) => ctx.err))).toBe(parent.err)
  })

  test('those that were queued run, too, in order', async () => {
    const ran: number[] = []
    const settled = group(
      background(),
      (g) => {
        void g.go(fails(boom))
        for (let i = 0; i < 3; i++) {
          void g.go((ctx) => {
            ran.push(i)
            expect(ctx.cause).toBe(boom)
          })
        }
      },
      { limit: 1 },
    )
    expect(await rejectionOf(settled)).toBe(boom)
    expect(ran).toEqual([0, 1, 2])
  })

  test('a body that wakes up with the cancel can start tasks', async () => {
    const parent = withCancel(background())
    const settled = group(parent, async (g) => {
      await g.ctx.done.receive()
      return g.go((ctx) => ctx.err)
    })
    await settle()
    parent.cancel()
    expect(await settled).toBe(parent.err)
  })
})

describe('G16 a body that never ends', () => {
  test('is not waited for once the group is cancelled and its tasks have ended', async () => {
    const parent = withCancel(background())
    const gate = channel<void>()
    const settled = group(parent, (g) => {
      void g.go(() => gate.receive())
      return new Promise<never>(() => {})
    })
    await settle()
    parent.cancel('enough')
    await expectPending(settled)
    await gate.send()
    expect(await rejectionOf(settled)).toBe(parent.err)
  })

  test('may answer the cancel with a task, which is waited for', async () => {
    const parent = withCancel(background())
    const gate = channel<void>()
    const settled = group(parent, async (g) => {
      await g.ctx.done.receive()
      // Later than the group looks, but still in the turn that it is given.
      for (let hop = 0; hop < 10; hop++) await Promise.resolve()
      void g.go(() => gate.receive())
      return new Promise<never>(() => {})
    })
    await settle()
    parent.cancel()
    for (let turn = 0; turn < 3; turn++) await yieldNow()
    await expectPending(settled)
    await gate.send()
    expect(await rejectionOf(settled)).toBe(parent.err)
  })

  test('is waited for as long as nothing is cancelled', async () => {
    const gate = channel<void>()
    const settled = group(background(), async (g) => {
      await g.go(() => {})
      await gate.receive()
      return 'result'
    })
    for (let turn = 0; turn < 3; turn++) await expectPending(settled)
    await gate.send()
    expect(await settled).toBe('result')
  })

  test('ends with the first failure where there is one', async () => {
    const jobs = channel<number>()
    const settled = group(background(), async (g) => {
      for await (const job of jobs) void g.go(() => Promise.reject(new RangeError(`${job}`)))
    })
    await jobs.send(1)
    expect(await rejectionOf(settled)).toMatchObject({ name: 'RangeError', message: '1' })
  })

  test('of a group without tasks under a signal ends with the reason of the signal', async () => {
    const controller = new AbortController()
    const settled = group(controller, () => new Promise<never>(() => {}))
    await expectPending(settled)
    controller.abort('stop')
    expect(await rejectionOf(settled)).toBe('stop')
  })

  test('and fails after its group has ended is no unhandled rejection', async () => {
    const parent = withCancel(background())
    let fail!: (error: unknown) => void
    const settled = group(parent, () => new Promise<never>((_, reject) => (fail = reject)))
    await settle()
    parent.cancel()
    expect(await rejectionOf(settled)).toBe(parent.err)
    fail(boom)
    await settle()
  })
})

describe('where tasks run', () => {
  test('R1 J12 neither tasks nor bodies run inside the call that starts them', async () => {
    const log: string[] = []
    const settled = group(background(), (g) => {
      log.push('body')
      void g.go(() => void log.push('task'))
      log.push('after go')
    })
    log.push('after group')
    await settled
    void go(() => void log.push('plain task'))
    log.push('after plain go')
    await settle()
    expect(log).toEqual(['after group', 'body', 'after go', 'task', 'after plain go', 'plain task'])
  })

  test('J12 J24 in the async context of who starts them, those that were queued as well', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const look = async () => {
      await yieldNow()
      seen.push(storage.getStore())
    }
    await group(
      background(),
      (g) => {
        for (const name of ['a', 'b', 'c']) storage.run(name, () => void g.go(look))
      },
      { limit: 1 },
    )
    await storage.run('d', () => go(look))
    await storage.run('e', () => group(background(), look))
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

describe('go', () => {
  test('resolves and rejects as its task does', async () => {
    expect(await go(() => 1)).toBe(1)
    expect(await go(async () => 2)).toBe(2)
    expect(await rejectionOf(go(fails(boom)))).toBe(boom)
    expect(
      await rejectionOf(
        go(() => {
          throw undefined
        }),
      ),
    ).toBeUndefined()
  })
})

test.each<[string, () => unknown, typeof TypeError | typeof RangeError]>([
  ['a body that is none', () => group(background(), 1 as never), TypeError],
  ['a parent that cancels nothing', () => group({} as never, () => {}), TypeError],
  ['options that are none', () => group(background(), () => {}, 1 as never), TypeError],
  ['an unknown way with errors', () => group(background(), () => {}, { errors: 'some' as never }), TypeError],
  ...[0, -1, 1.5, NaN, Infinity].map(
    (limit) =>
      [`a limit of ${limit}`, () => group(background(), () => {}, { limit }), RangeError] as [
        string,
        () => unknown,
        typeof RangeError,
      ],
  ),
  ['a limit that is no number', () => group(background(), () => {}, { limit: '2' as never }), TypeError],
  ['a task that is none', () => go(undefined as never), TypeError],
])('G13 J13 %s is refused at once', (_, call, kind) => {
  const error = thrownBy(call)
  expect(error).toBeInstanceOf(kind)
  expect((error as Error).message).toMatch(/^Cannot /)
})

test('G13 J13 a task of a group that is no function is refused at once', async () => {
  await group(background(), (g) => {
    expect(() => g.go(null as never)).toThrow(TypeError)
    expect(() => g.tryGo(null as never)).toThrow(TypeError)
  })
})
