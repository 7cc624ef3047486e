import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import {
  type Cancel,
  type Context,
  afterFunc,
  background,
  channel,
  never,
  select,
  sendCase,
  sleep,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
  contextKey,
  withoutCancel,
} from 'chansel'
import { expectLinear } from '../support/cost.ts'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, rejectionOf, settle } from '../support/pending.ts'

expectNothingLeft()

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

test('R1 J8 an operation that notices an abort runs no listener of the contexts below', async () => {
  const controller = new AbortController()
  const log: string[] = []
  let receiving: Promise<unknown> | undefined
  // Before the library listens: it learns of the abort from the operation.
  controller.signal.addEventListener('abort', () => {
    receiving = rejectionOf(channel().receive(ctx))
    log.push('operation')
  })
  const ctx = withCancel(controller)
  ctx.signal.addEventListener('abort', () => log.push('listener'))
  controller.abort('enough')
  expect(await receiving).toBe(ctx.err)
  await settle()
  expect(log).toEqual(['operation', 'listener'])
})

test('X24 J8 a getter in the reason of a signal finds all that follows it ended, or none of it', async () => {
  const controller = new AbortController()
  const ctx = withCancel(controller)
  void ctx.signal
  const waiting = rejectionOf(channel().receive(controller))
  const seen: boolean[][] = []
  const reason = {
    get name() {
      const full = channel(1)
      full.trySend(1)
      void full.receive(controller).catch(() => {})
      const hasEnded = full.length === 1
      seen.push([hasEnded, ctx.err !== undefined])
      return 'SomeError'
    },
  }
  controller.abort(reason)
  expect(await waiting).toBe(reason)
  expect(seen).toEqual([[false, false]])
})

test('X25 J8 who waits under a signal itself is told before who waits under its contexts', async () => {
  const controller = new AbortController()
  const ctx = withCancel(controller)
  const log: string[] = []
  const wait = (name: string, cancel: Cancel) =>
    channel()
      .receive(cancel)
      .catch(() => log.push(name))
  void ctx.done.receive().then(() => log.push('done'))
  void wait('context', ctx)
  void wait('signal', controller)
  controller.abort()
  await settle()
  expect(log).toEqual(['signal', 'done', 'context'])
})

describe('J8 one listener for each foreign signal', () => {
  test('J8 however many wait in however many ways, and none after', async () => {
    virtualClock()
    const controller = new AbortController()
    const { signal } = controller
    const ch = channel<number>()
    const contexts = [withCancel(controller), withTimeout(controller, 60_000), withDeadline({ signal }, 9e15)]
    const stops = [afterFunc(controller, () => {}), afterFunc({ signal }, () => {})]
    const waits = [
      ch.receive(controller),
      ch.receive({ signal }),
      select([ch, sendCase(channel<number>(), 1)], controller),
      channel<number>().send(1, controller),
      sleep(60_000, controller),
      never.receive({ signal }),
      ...contexts.map((ctx) => ch.receive(ctx)),
      ...contexts.map((ctx) => ctx.done.receive()),
    ].map((wait) => wait.catch(() => 'cancelled'))
    expect(listenersOf(signal)).toBe(1)
    for (const stop of stops) expect(stop()).toBe(true)
    expect(listenersOf(signal)).toBe(1)
    controller.abort('enough')
    expect(listenersOf(signal)).toBe(0)
    await Promise.all(waits)
  })

  const operations: [string, (cancel: AbortController) => () => unknown][] = [
    [
      'a receive, by a value',
      (cancel) => {
        const ch = channel<number>()
        void ch.receive(cancel)
        return () => ch.trySend(1)
      },
    ],
    [
      'a send, by a receiver',
      (cancel) => {
        const ch = channel<number>()
        void ch.send(1, cancel)
        return () => ch.tryReceive()
      },
    ],
    [
      'a select, by a value',
      (cancel) => {
        const ch = channel<number>()
        void select([ch, channel(), ch], cancel)
        return () => ch.trySend(1)
      },
    ],
    [
      'a receive, by close',
      (cancel) => {
        const ch = channel<number>()
        void ch.receive(cancel)
        return () => ch.close()
      },
    ],
    ['an afterFunc, by its stop', (cancel) => afterFunc(cancel, () => {})],
    [
      'a context, by its cancel',
      (cancel) => {
        const ctx = withCancel(cancel)
        return () => ctx.cancel()
      },
    ],
    [
      'a context below another, by the cancel of that',
      (cancel) => {
        const ctx = withCancel(cancel)
        withCancel(ctx)
        return () => ctx.cancel()
      },
    ],
    [
      'a wait under a context, by that context',
      (cancel) => {
        const ctx = withCancel(cancel)
        channel()
          .receive(ctx)
          .catch(() => {})
        return () => ctx.cancel()
      },
    ],
    [
      'a wait that a context ended',
      (cancel) => {
        const ctx: Context & { cancel(): void } = withCancel(cancel)
        void ctx.done.receive()
        return () => ctx.cancel()
      },
    ],
  ]

  test.each(operations)('J8 R7 X23 the listener is gone with the last that waited: %s', (_, begin) => {
    const controller = new AbortController()
    const end = begin(controller)
    expect(listenersOf(controller.signal)).toBe(1)
    end()
    expect(listenersOf(controller.signal)).toBe(0)
    const again = begin(controller)
    const twice = begin(controller)
    expect(listenersOf(controller.signal)).toBe(1)
    again()
    expect(listenersOf(controller.signal)).toBe(1)
    twice()
    expect(listenersOf(controller.signal)).toBe(0)
  })

  test('J8 X23 contexts with a value right under a signal hold its listener only while they are waited on', async () => {
    const controller = new AbortController()
    const ctx = withValue(controller, contextKey<number>('k'), 1)
    expect(listenersOf(controller.signal)).toBe(0)
    const waiting = new AbortController()
    const receiving = channel().receive(ctx)
    const done = select([ctx.done], waiting)
    const child = withCancel(ctx)
    expect(listenersOf(controller.signal)).toBe(1)
    waiting.abort('enough')
    child.cancel()
    expect(listenersOf(controller.signal)).toBe(1)
    const grandchild = withCancel(withValue(ctx, contextKey<number>('other'), 2))
    controller.abort('stop')
    expect(listenersOf(controller.signal)).toBe(0)
    expect(await rejectionOf(done)).toBe('enough')
    expect(await rejectionOf(receiving)).toBe(ctx.err)
    expect([ctx.cause, grandchild.cause, grandchild.err === ctx.err]).toEqual(['stop', 'stop', true])
  })

  test('X7 a context with a value under a signal that was aborted is born cancelled', () => {
    const controller = new AbortController()
    const idle = withValue(controller, contextKey<number>('k'), 1)
    controller.abort('stop')
    expect(idle.cause).toBe('stop')
    expect(withValue(controller, contextKey<number>('k'), 2).cause).toBe('stop')
    expect(withValue({ signal: AbortSignal.abort('gone') }, contextKey<number>('k'), 3).cause).toBe('gone')
  })

  test('J8 operations that need not wait set no listener', async () => {
    const controller = new AbortController()
    let added = 0
    controller.signal.addEventListener = () => void added++
    const ch = channel<number>(1)
    await ch.send(1, controller)
    await ch.receive(controller)
    await select([sendCase(ch, 1)], controller)
    await select([ch], controller)
    await sleep(0, controller)
    withoutCancel(background()).value(contextKey('k'))
    expect(added).toBe(0)
  })

  test('J8 a signal that is no longer waited on keeps its own order of listeners', () => {
    const controller = new AbortController()
    const log: string[] = []
    controller.signal.addEventListener('abort', () => log.push('first'))
    const ctx = withValue(withCancel(controller), contextKey('k'), 1)
    ctx.signal.addEventListener('abort', () => log.push('context'))
    controller.signal.addEventListener('abort', () => log.push('last'))
    controller.abort()
    expect(log).toEqual(['first', 'context', 'last'])
  })

  test('J8 no warning about a leak of listeners', async () => {
    const warnings: Error[] = []
    const warn = (warning: Error) => warnings.push(warning)
    process.on('warning', warn)
    const controller = new AbortController()
    const waits = Array.from({ length: 100 }, () => rejectionOf(channel().receive(controller)))
    const contexts = Array.from({ length: 100 }, () => withCancel(controller))
    controller.abort('enough')
    await Promise.all(waits)
    await settle()
    process.off('warning', warn)
    expect(warnings).toEqual([])
    expect(contexts.every((ctx) => ctx.cause === 'enough')).toBe(true)
  })

  const waitAndAbort = async (n: number) => {
    const controller = new AbortController()
    const ch = channel<number>()
    const waits = Array.from({ length: n }, (_, i) =>
      i % 2 === 0 ? ch.receive(controller) : select([ch], { signal: controller.signal }),
    )
    const settled = Promise.allSettled(waits)
    controller.abort('enough')
    const outcomes = await settled
    expect(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason === 'enough')).toBe(
      true,
    )
  }

  test('J8 the cost of waits on one signal is linear', () => expectLinear(4_000, waitAndAbort))

  test('J8 20,000 waits on one signal take a moment, not seconds', async () => {
    const start = performance.now()
    await waitAndAbort(20_000)
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})

test('J8 waits on one signal are told in the order in which they began', async () => {
  const controller = new AbortController()
  const log: number[] = []
  const waits = Array.from({ length: 5 }, (_, i) =>
    channel()
      .receive(controller)
      .catch(() => log.push(i)),
  )
  controller.abort()
  await Promise.all(waits)
  expect(log).toEqual([0, 1, 2, 3, 4])
})
