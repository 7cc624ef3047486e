import {
  type Cancel,
  type CancelContext,
  type CanceledError,
  type Context,
  type ContextKey,
  type DeadlineExceededError,
  type ReceiveChannel,
  type Ticker,
  type Timer,
  after,
  afterFunc,
  background,
  channel,
  contextKey,
  sleep,
  ticker,
  timer,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
  withoutCancel,
} from 'chansel'
import { expectTypeOf, test } from 'vitest'

test('api 3: what makes a context', () => {
  expectTypeOf(background()).toEqualTypeOf<Context>()
  expectTypeOf(withCancel(background())).toEqualTypeOf<CancelContext>()
  expectTypeOf(withTimeout(background(), 5, 'why')).toEqualTypeOf<CancelContext>()
  expectTypeOf(withDeadline(background(), new Date())).toEqualTypeOf<CancelContext>()
  expectTypeOf(withDeadline(background(), 5)).toEqualTypeOf<CancelContext>()
  expectTypeOf(withoutCancel(background())).toEqualTypeOf<Context>()
  expectTypeOf(withValue(background(), contextKey<number>('n'), 1)).toEqualTypeOf<Context>()
  expectTypeOf(afterFunc(background(), () => {})).toEqualTypeOf<() => boolean>()
  // @ts-expect-error background has no cancel
  background().cancel()
  // @ts-expect-error withoutCancel wants a context
  withoutCancel({ signal: new AbortController().signal })
})

test('api 3: what a context has', () => {
  const ctx = background()
  expectTypeOf(ctx.done).toEqualTypeOf<ReceiveChannel<never>>()
  expectTypeOf(ctx.err).toEqualTypeOf<CanceledError | DeadlineExceededError | undefined>()
  expectTypeOf(ctx.cause).toEqualTypeOf<unknown>()
  expectTypeOf(ctx.deadline).toEqualTypeOf<number | undefined>()
  expectTypeOf(ctx.signal).toEqualTypeOf<AbortSignal>()
  expectTypeOf<CancelContext>().toExtend<Disposable>()
  // @ts-expect-error
  ctx.err = undefined
})

test('api 1: anything with a signal is a cancel', () => {
  expectTypeOf<Context>().toExtend<Cancel>()
  expectTypeOf<AbortController>().toExtend<Cancel>()
  expectTypeOf<Request>().toExtend<Cancel>()
  void channel().receive({ signal: AbortSignal.timeout(5) })
  // @ts-expect-error a signal is to be wrapped
  void channel().receive(AbortSignal.timeout(5))
})

test('api 3: a key carries the type of its value', () => {
  const key = contextKey<{ id: number }>('user')
  expectTypeOf(key).toEqualTypeOf<ContextKey<{ id: number }>>()
  expectTypeOf(background().value(key)).toEqualTypeOf<{ id: number } | undefined>()
  // @ts-expect-error
  withValue(background(), key, { id: 'one' })
  // @ts-expect-error a name is no key
  withValue(background(), 'user', 1)
  expectTypeOf<ContextKey<string>>().not.toExtend<ContextKey<number>>()
})

test('api 4: time', () => {
  expectTypeOf(sleep(5, background())).toEqualTypeOf<Promise<void>>()
  expectTypeOf(after(5)).toEqualTypeOf<ReceiveChannel<number>>()
  expectTypeOf(timer(5)).toEqualTypeOf<Timer>()
  expectTypeOf(timer(5).stop()).toEqualTypeOf<boolean>()
  expectTypeOf(timer(5).reset(5)).toEqualTypeOf<boolean>()
  expectTypeOf(ticker(5)).toEqualTypeOf<Ticker>()
  expectTypeOf(ticker(5).stop()).toEqualTypeOf<void>()
  expectTypeOf(ticker(5).reset(5)).toEqualTypeOf<void>()
  expectTypeOf<Timer>().toExtend<ReceiveChannel<number> & Disposable>()
  expectTypeOf<Ticker>().toExtend<ReceiveChannel<number> & Disposable>()
})
