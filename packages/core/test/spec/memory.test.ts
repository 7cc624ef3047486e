import { describe, expect, test } from 'vitest'
import {
  type Channel,
  afterFunc,
  after,
  background,
  channel,
  never,
  select,
  sendCase,
  sleep,
  timer,
  withCancel,
  withTimeout,
} from 'chansel'
import { expectFlatHeap, isCollected } from '../support/gc.ts'
import { expectNothingLeft } from '../support/pending.ts'

expectNothingLeft()

/**
 * Makes something in a frame of its own, and gives a weak reference to it. Another wait begins after it, so
 * that what is made is not the last that waited.
 */
function weakly<T extends object>(make: () => T): WeakRef<T> {
  const ref = new WeakRef(make())
  void never.receive()
  return ref
}

describe('values', () => {
  test('C27 a received value is not kept alive by the buffer', async () => {
    const ch = channel<object>(4)
    const ref = weakly(() => {
      const value = {}
      ch.trySend(value)
      return value
    })
    ch.trySend({})
    expect(ch.tryReceive()!.ok).toBe(true)
    expect(await isCollected(ref)).toBe(true)
    expect(ch.length).toBe(1)
  })

  test('C27 a value in the buffer is kept', async () => {
    const ch = channel<object>(4)
    const ref = weakly(() => {
      const value = {}
      ch.trySend(value)
      return value
    })
    expect(await isCollected(ref)).toBe(false)
    expect(ch.length).toBe(1)
  })

  test('C27 a dropped value is not kept alive', async () => {
    const ch = channel<object>(1, { overflow: 'drop-oldest' })
    const ref = weakly(() => {
      const value = {}
      ch.trySend(value)
      return value
    })
    ch.trySend({})
    expect(await isCollected(ref)).toBe(true)
    expect(ch.dropped).toBe(1)
  })

  test('C27 C35 a big buffer gives its room back', async () => {
    const channels: Channel<number>[] = []
    await expectFlatHeap(() => {
      const ch = channel<number>(Infinity)
      channels.push(ch)
      for (let i = 0; i < 500_000; i++) ch.trySend(i)
      for (let i = 0; i < 500_000; i++) ch.tryReceive()
    }, 250_000)
    for (const ch of channels) expect(ch.length).toBe(0)
  })

  test('C28 the value of a cancelled sender is released', async () => {
    const ch = channel<object>()
    const controller = new AbortController()
    const kept: unknown[] = []
    const refs = [
      weakly(() => {
        const value = {}
        kept.push(ch.send(value, controller).catch(() => 'cancelled'))
        return value
      }),
      weakly(() => {
        const value = {}
        kept.push(select([channel(), sendCase(ch, value)], controller).catch(() => 'cancelled'))
        return value
      }),
    ]
    for (const ref of refs) expect(await isCollected(ref)).toBe(false)
    controller.abort()
    for (const ref of refs) expect(await isCollected(ref)).toBe(true)
    expect([ch.tryReceive(), kept.length]).toEqual([undefined, 2])
  })

  test('C28 the value of a sender that close failed is released with its error', async () => {
    const ch = channel<object>()
    const ref = weakly(() => {
      const value = {}
      ch.send(value).catch(() => {})
      return value
    })
    ch.close()
    expect(await isCollected(ref)).toBe(true)
    expect(ch.closed).toBe(true)
  })

  test('S6 C28 the value of a send case that lost is released', async () => {
    const inbox = channel<number>()
    const outbox = channel<object>()
    const ref = weakly(() => {
      const value = {}
      void select([inbox, sendCase(outbox, value)])
      return value
    })
    inbox.trySend(1)
    expect(await isCollected(ref)).toBe(true)
    expect(outbox.tryReceive()).toBeUndefined()
  })

  test('C27 a value that an iterator gave is not kept alive by it', async () => {
    const ch = channel<object>(1)
    const iterator = ch[Symbol.asyncIterator]()
    const ref = weakly(() => {
      const value = {}
      void iterator.next()
      ch.trySend(value)
      return value
    })
    expect(await isCollected(ref)).toBe(true)
    ch.trySend({})
    expect((await iterator.next()).done).toBe(false)
  })

  test('C27 C28 the last operation that waited keeps nothing alive', async () => {
    const ch = channel<object>()
    const ref = (() => {
      const value = {}
      void ch.receive()
      ch.trySend(value)
      return new WeakRef(value)
    })()
    expect(await isCollected(ref)).toBe(true)
    expect(ch.length).toBe(0)
  })
})

describe('waits', () => {
  test(
    'S23 J7 selects with a quiet channel and a quiet context do not grow memory',
    { timeout: 20_000 },
    async () => {
      const quiet = channel<number>()
      const busy = channel<number>(1)
      const ctx = withCancel(background())
      const controller = new AbortController()
      const run = async (times: number) => {
        for (let i = 0; i < times; i++) {
          const selected = select([quiet, busy, ctx.done], ctx)
          const received = quiet.receive(controller)
          busy.trySend(i)
          await selected
          quiet.trySend(i)
          await received
          await busy.send(i, ctx)
          await busy.receive(controller)
        }
      }
      await expectFlatHeap(() => run(50_000), 1_000_000)
      expect([quiet.length, ctx.err, controller.signal.aborted]).toEqual([0, undefined, false])
    },
  )

  test('R7 a select that is over is kept alive by none of its channels', async () => {
    const quiet = channel<number>()
    const busy = channel<number>()
    const ctx = withCancel(background())
    const ref = weakly(() => select([quiet, busy, sendCase(quiet, 1), ctx.done], ctx))
    expect(await isCollected(ref)).toBe(false)
    busy.trySend(1)
    expect(await isCollected(ref)).toBe(true)
    expect([quiet.length, ctx.err]).toEqual([0, undefined])
  })

  test('S23 C27 a select that is over keeps none of its channels', async () => {
    const busy = channel<number>()
    const ref = weakly(() => {
      const quiet = channel<number>()
      // The last case: a smaller select that comes after it does not write over it.
      void select([busy, busy, quiet])
      busy.trySend(1)
      return quiet
    })
    expect(await isCollected(ref)).toBe(true)
    expect(busy.length).toBe(0)
  })

  test.each<[string, () => Promise<unknown>]>([
    ['a receive', () => never.receive()],
    ['a select', () => select([never, null])],
    ['a loop', () => never[Symbol.asyncIterator]().next()],
  ])('C16 what waits on the nil channel is not kept alive by it: %s', async (_, wait) => {
    expect(await isCollected(weakly(wait))).toBe(true)
  })

  test('T10 a timer that nobody holds is collected, also after it lost a select', async () => {
    const ch = channel<number>()
    const unused = weakly(() => timer(3_600_000))
    const lost = weakly(() => {
      const late = after(3_600_000)
      void select([ch, late])
      return late
    })
    ch.trySend(1)
    expect(await isCollected(unused)).toBe(true)
    expect(await isCollected(lost)).toBe(true)
  })

  test('T16 a cancelled sleep leaves nothing', async () => {
    const ctx = withCancel(background())
    const ref = weakly(() => sleep(3_600_000, ctx).catch(() => 'cancelled'))
    ctx.cancel()
    expect(await isCollected(ref)).toBe(true)
  })
})

describe('contexts', () => {
  test('X11 a cancelled child is not kept alive by its parent', async () => {
    const parent = withCancel(background())
    const live = [withCancel(parent)]
    const ref = weakly(() => live[0]!)
    live[0]!.done.receive().catch(() => {})
    void never.receive()
    live.pop()!.cancel()
    expect(await isCollected(ref)).toBe(true)
    expect(parent.err).toBeUndefined()
  })

  test('X11 children that come and go do not grow their parent', async () => {
    const parent = withTimeout(background(), 3_600_000)
    const run = (times: number) => {
      for (let i = 0; i < times; i++) {
        const ctx = withTimeout(parent, 1_000_000)
        afterFunc(ctx, () => {})
        ctx.cancel()
      }
    }
    await expectFlatHeap(() => run(30_000), 500_000)
    parent.cancel()
  })

  test('X20 after stop the context holds no reference to f', async () => {
    const ctx = withCancel(background())
    const ref = weakly(() => {
      const f = () => {}
      afterFunc(ctx, f)()
      return f
    })
    expect(await isCollected(ref)).toBe(true)
    expect(ctx.err).toBeUndefined()
  })

  test('X20 until then it does, and after the run it does not', async () => {
    const ctx = withCancel(background())
    const ref = weakly(() => {
      const f = () => {}
      afterFunc(ctx, f)
      return f
    })
    expect(await isCollected(ref)).toBe(false)
    ctx.cancel()
    expect(await isCollected(ref)).toBe(true)
    expect(ctx.err).toBeDefined()
  })

  test('X23 a foreign signal keeps no context alive that was cancelled', async () => {
    const controller = new AbortController()
    const ref = weakly(() => {
      const ctx = withCancel(controller)
      void ctx.done.receive()
      ctx.cancel()
      return ctx
    })
    expect(await isCollected(ref)).toBe(true)
    expect(controller.signal.aborted).toBe(false)
  })
})

test('J10 an iterator does not keep the receives that waited', async () => {
  const ch = channel<number>()
  const iterator = ch[Symbol.asyncIterator]()
  const run = async () => {
    for (let i = 0; i < 50_000; i++) {
      // The first is no longer the newest while it waits. Many at once, early on, change nothing for the others.
      const received = Array.from({ length: i === 0 ? 10 : 2 }, () => iterator.next())
      for (const n of received.keys()) ch.trySend(n)
      await Promise.all(received)
    }
  }
  // A waiter takes over 100 bytes.
  await expectFlatHeap(run, 2_000_000)
  await iterator.return!()
})
