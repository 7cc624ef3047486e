import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import {
  type Cancel,
  type CancelContext,
  CanceledError,
  type Context,
  type ContextKey,
  DeadlineExceededError,
  background,
  channel,
  contextKey,
  isCanceled,
  isDeadlineExceeded,
  select,
  sleep,
  withCancel,
  withTimeout,
  withValue,
} from 'chansel'
import { selector } from 'chansel/selector'
import { Mutex } from 'chansel/sync'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, rejectionOf, settle } from '../support/pending.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }
const FOREVER_MS = 1e9
const print: (value: unknown) => string = String
const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

describe('foreign signals', () => {
  test('X22 api: a context under a bare signal follows it', async () => {
    const controller = new AbortController()
    const ctx = withCancel(controller)
    const child = withTimeout(ctx, FOREVER_MS)
    const waiting = child.done.receive()
    expect([ctx.err, ctx.deadline]).toEqual([undefined, undefined])
    controller.abort('why')
    expect(ctx.err).toBeInstanceOf(CanceledError)
    expect(ctx.err).toHaveProperty('cause', 'why')
    expect([ctx.cause, child.cause]).toEqual(['why', 'why'])
    expect(child.err).toBe(ctx.err)
    expect(await waiting).toStrictEqual(CLOSED)
  })

  test.each([
    ['withCancel', (signal: AbortSignal) => withCancel({ signal })],
    ['withTimeout', (signal: AbortSignal) => withTimeout({ signal }, FOREVER_MS)],
    ['withValue', (signal: AbortSignal) => withValue({ signal }, contextKey<number>('k'), 1)],
  ])('J8 a listener added after the abort never fires: %s is born cancelled', (_, make) => {
    const ctx = make(AbortSignal.abort('why'))
    expect(ctx.err).toBeInstanceOf(CanceledError)
    expect(ctx.cause).toBe('why')
  })

  test('X22 a context of another make is followed through its own signal, never bypassed', () => {
    const key = contextKey<string>('key')
    const inner = withCancel(withValue(background(), key, 'inner'))
    const controller = new AbortController()
    const custom = {
      signal: controller.signal,
      value: <T>(asked: ContextKey<T>) => inner.value(asked),
      inner,
    }
    const child = withCancel(custom)
    inner.cancel()
    expect(child.err).toBeUndefined()
    expect(child.value(key)).toBe('inner')
    controller.abort('outer')
    expect(child.cause).toBe('outer')
  })

  test.each([
    [
      'inherits from',
      (inner: CancelContext, signal: AbortSignal) => Object.create(inner, { signal: { value: signal } }),
    ],
    ['is spread of', (inner: CancelContext, signal: AbortSignal) => ({ ...inner, signal })],
  ])('X22 what %s a context of ours and has a signal of its own is followed through that', (_, wrap) => {
    const key = contextKey<string>('key')
    const inner = withCancel(background())
    const controller = new AbortController()
    const wrapper = Object.assign(wrap(inner, controller.signal) as Context, {
      value: (asked: ContextKey<unknown>) => (asked === key ? 'of the wrapper' : undefined),
    })
    const child = withCancel(wrapper)
    const grandchild = withValue(child, contextKey<number>('other'), 1)
    inner.cancel()
    expect([child.err, grandchild.value(key)]).toEqual([undefined, 'of the wrapper'])
    expect(print(grandchild)).toBe('signal.withCancel.withValue(other)')
    controller.abort('outer')
    expect(child.err).toBeInstanceOf(CanceledError)
  })

  test('X23 following a foreign signal costs one listener, released when the last child is done', () => {
    const { signal, abort } = foreign()
    const children = Array.from({ length: 10 }, () => withCancel({ signal }))
    expect(listenersOf(signal)).toBe(1)
    for (const child of children.slice(1)) child.cancel()
    expect(listenersOf(signal)).toBe(1)
    children[0]!.cancel()
    expect(listenersOf(signal)).toBe(0)
    const last = withCancel({ signal })
    expect(listenersOf(signal)).toBe(1)
    abort('why')
    expect(last.cause).toBe('why')
    expect(listenersOf(signal)).toBe(0)
  })

  function foreign() {
    const controller = new AbortController()
    return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) }
  }

  test('api: where the reason is a TimeoutError, err is a DeadlineExceededError', async () => {
    const controller = new AbortController()
    const reason = new DOMException('too slow', 'TimeoutError')
    const ctx = withCancel(controller)
    controller.abort(reason)
    expect(ctx.err).toBeInstanceOf(DeadlineExceededError)
    expect(ctx.err).toHaveProperty('cause', reason)
    expect(ctx.cause).toBe(reason)
    expect(isDeadlineExceeded(ctx.err)).toBe(true)
    expect(ctx.signal.reason).toBe(ctx.err)
  })

  test('J8 abort(null) is an abort: the cause is null', async () => {
    const controller = new AbortController()
    const ctx = withCancel(controller)
    const received = rejectionOf(channel().receive(controller))
    controller.abort(null)
    expect(ctx.err).toBeInstanceOf(CanceledError)
    expect(ctx.cause).toBeNull()
    expect(await received).toBeNull()
    expect(withCancel(controller).cause).toBeNull()
  })

  test('api: waits right under a signal reject with its reason, waits under a context with its err', async () => {
    const controller = new AbortController()
    const ctx = withCancel(controller)
    const right = rejectionOf(channel().receive(controller))
    const under = rejectionOf(channel().receive(ctx))
    const value = withValue(controller, contextKey('k'), 1)
    const underValue = rejectionOf(channel().receive(value))
    controller.abort('why')
    expect([await right, await under, await underValue]).toEqual(['why', ctx.err, value.err])
    expect(value.signal.reason).toBe(value.err)
    const plain = new AbortController()
    const refused = rejectionOf(channel().receive(plain))
    plain.abort()
    expect(await refused).toBe(plain.signal.reason)
    expect(isCanceled(await refused)).toBe(true)
  })

  test('J8 the signal counts, not the delivery of its event', async () => {
    const controller = new AbortController()
    const seen: unknown[] = []
    const late: { ctx?: Context } = {}
    controller.signal.addEventListener('abort', () => seen.push(late.ctx?.err !== undefined, late.ctx?.cause))
    late.ctx = withCancel(controller)
    controller.abort('why')
    expect(seen).toEqual([true, 'why'])
  })

  test('J8 a throwing listener of somebody else does not stop ours', async () => {
    const target = new EventTarget()
    const signal = Object.assign(target, { aborted: false, reason: undefined as unknown })
    const ctx = withCancel({ signal: signal as unknown as AbortSignal })
    Object.assign(signal, { aborted: true, reason: 'why' })
    target.dispatchEvent(new Event('abort'))
    expect(ctx.cause).toBe('why')
  })

  test('api: a context goes wherever the platform takes { signal }', () => {
    const ctx = withCancel(background())
    const target = new EventTarget()
    let heard = 0
    target.addEventListener('ping', () => heard++, ctx)
    target.dispatchEvent(new Event('ping'))
    ctx.cancel()
    target.dispatchEvent(new Event('ping'))
    expect(heard).toBe(1)
    const any = AbortSignal.any([ctx.signal])
    expect(any.reason).toBe(ctx.err)
  })

  test('api: signal is made on first use and stays the same', () => {
    const ctx = withCancel(background())
    const { signal } = ctx
    expect(ctx.signal).toBe(signal)
    const cancelled = withCancel(background())
    cancelled.cancel()
    expect(cancelled.signal.reason).toBe(cancelled.err)
    expect(cancelled.signal).toBe(cancelled.signal)
    expect(background().signal).toBe(background().signal)
  })

  test('api: a signal that was made is aborted in time by a deadline', () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 50)
    const { signal } = ctx
    expect(clock.timers.length).toBe(1)
    clock.advance(50)
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toBe(ctx.err)
  })
})

test('X27 J8 the error of a signal that timed out says when that was noticed', () => {
  const clock = virtualClock()
  const { err } = withCancel({ signal: AbortSignal.abort(new DOMException('late', 'TimeoutError')) })
  expect(err).toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED', deadline: clock.epochMs })
})

describe('a signal whose listeners cannot be had', () => {
  const boom = new Error('boom')
  const unlistened = () =>
    Object.assign(new AbortController().signal, {
      addEventListener: () => {
        throw boom
      },
    })

  test('R1 R3 fails the wait with what it threw, and nothing is left of that', async () => {
    const [bad, other] = [channel<string>(), channel<string>()]
    using rounds = selector([bad])
    for (const wait of [
      (cancel: Cancel) => select([bad], cancel),
      (cancel: Cancel) => rounds.select(cancel),
      (cancel: Cancel) => bad.receive(cancel),
      (cancel: Cancel) => bad.send('never', cancel),
      (cancel: Cancel) => sleep(1_000, cancel),
      (cancel: Cancel) =>
        withCancel(cancel)
          .done.receive()
          .then(() => Promise.reject(boom)),
      (cancel: Cancel) =>
        withValue(cancel, contextKey<number>('key'), 1)
          .done.receive()
          .then(() => Promise.reject(boom)),
    ]) {
      // Each with a signal of its own: one that was once found to have none is finished.
      expect(await rejectionOf(wait({ signal: unlistened() }))).toBe(boom)
      const selected = select([other])
      expect([bad.trySend('lost'), bad.tryReceive()]).toEqual([false, undefined])
      expect(other.trySend('kept')).toBe(true)
      expect(await selected).toEqual({ case: 0, value: 'kept', ok: true })
    }
  })

  test('R3 M1 a lock is not given to who waited for it in vain', async () => {
    const mutex = new Mutex()
    const held = await mutex.lock()
    expect(await rejectionOf(mutex.lock({ signal: unlistened() }))).toBe(boom)
    held.release()
    mutex.tryLock()!.release()
  })

  test('R3 a partner does not notice that one cannot be taken off', async () => {
    const unhandled: unknown[] = []
    const listen = (error: unknown): void => void unhandled.push(error)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', listen)
    const signal = Object.assign(new AbortController().signal, {
      removeEventListener: () => {
        throw boom
      },
    })
    const ch = channel<string>()
    const received = ch.receive({ signal })
    expect(ch.trySend('kept')).toBe(true)
    expect(await received).toEqual({ value: 'kept', ok: true })
    await settle()
    process.off('unhandledRejection', listen)
    for (const other of others) process.on('unhandledRejection', other)
    expect(unhandled).toEqual([boom])
  })

  test('R3 a reason that throws is what it throws', async () => {
    const controller = new AbortController()
    Object.defineProperty(controller.signal, 'reason', {
      get: () => {
        throw boom
      },
    })
    const waiting = rejectionOf(channel().receive(controller))
    controller.abort()
    expect(await waiting).toBe(boom)
  })
})
