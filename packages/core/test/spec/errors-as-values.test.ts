// Whatever a program uses as an error, a cause or a reason is passed on by identity and never inspected: a careless
// library would unwrap, lose or run it as an error just as it does as a value.

import { describe, expect, test } from 'vitest'
import {
  CanceledError,
  ClosedChannelError,
  afterFunc,
  background,
  channel,
  contextKey,
  isCanceled,
  isDeadlineExceeded,
  never,
  receiveOnly,
  select,
  sendCase,
  sleep,
  trySelect,
  withCancel,
  withTimeout,
  withValue,
} from 'chansel'
import { expectNothingLeft, settle, thrownBy } from '../support/pending.ts'
import { awkwardValues } from '../support/values.ts'

expectNothingLeft()

// `undefined` is not an error: close(undefined) ends, cancel(undefined) has no cause, abort(undefined) makes one.
const values = awkwardValues().filter(({ value }) => value !== undefined)
const errors = [
  ...values,
  { name: 'that of another channel', value: new ClosedChannelError('send', 'other', 1, 'closed before') },
  { name: 'that of another context', value: new CanceledError('cancelled before') },
]

/** Not expect(error).toBe(value): to print a difference it would inspect a value that must not be touched. */
const areAll = (found: readonly unknown[], value: unknown) => found.every((error) => Object.is(error, value))

/** What each promise rejects with, none of it awaited; fails if one resolves. */
async function rejectionsOf(...promises: Promise<unknown>[]): Promise<readonly unknown[]> {
  const settled = await Promise.allSettled(promises)
  expect(settled.map(({ status }) => status)).toEqual(promises.map(() => 'rejected'))
  return settled.map((outcome) => (outcome as PromiseRejectedResult).reason as unknown)
}

describe.each(errors)('R5 an error that is $name', ({ value }) => {
  test('R5 close(error): receives, selects and loops reject with it, tries throw it', async () => {
    const ch = channel<number>()
    const waits = [ch.receive(), select([ch]), ch[Symbol.asyncIterator]().next(), receiveOnly(ch).receive()]
    const told = rejectionsOf(...waits)
    ch.close(value)
    // Where the last select found a case ready, the next looks at the channels of an array first.
    const first = channel<number>(1)
    first.trySend(1)
    await select([first])
    const late = [ch.receive(), select([ch]), select({ ch }), ch[Symbol.asyncIterator]().next()]
    expect(areAll([...(await told), ...(await rejectionsOf(...late))], value)).toBe(true)
    const thrown = [() => ch.tryReceive(), () => trySelect([ch]), () => receiveOnly(ch).tryReceive()].map(
      thrownBy,
    )
    expect(areAll(thrown, value)).toBe(true)
  })

  test('R5 close(error): sends fail with it as their cause', async () => {
    const ch = channel<number>()
    const waits = [ch.send(1), select([sendCase(ch, 2)])]
    const told = rejectionsOf(...waits)
    ch.close(value)
    const failures = [...(await told), ...(await rejectionsOf(ch.send(3))), thrownBy(() => ch.trySend(4))]
    expect(
      areAll(
        failures.map((error) => (error as ClosedChannelError).cause),
        value,
      ),
    ).toBe(true)
    expect(failures.map((error) => (error as ClosedChannelError).value)).toEqual([1, 2, 3, 4])
  })

  test('C13 a second close says why the channel is closed', () => {
    const ch = channel<number>()
    ch.close(value)
    const again = thrownBy(() => ch.close('other')) as ClosedChannelError
    expect(areAll([again.cause], value)).toBe(true)
    expect([again.operation, again.value]).toEqual(['close', undefined])
  })

  test('X15 cancel(cause) keeps it in the whole subtree', () => {
    const ctx = withCancel(background())
    const below = [withCancel(ctx), withValue(ctx, contextKey<number>('k'), 1), withTimeout(ctx, 1e9)]
    ctx.cancel(value)
    expect(
      areAll(
        [ctx, ...below, withCancel(ctx)].flatMap((each) => [each.cause, each.err!.cause]),
        value,
      ),
    ).toBe(true)
    expect(ctx.signal.reason).toBe(ctx.err)
  })

  test('X15 withTimeout(…, cause) keeps it', () => {
    const ctx = withTimeout(background(), 0, value)
    expect(areAll([ctx.cause, ctx.err!.cause, withCancel(ctx).cause], value)).toBe(true)
  })

  test('J8 abort(reason): waits right under the signal reject with it, contexts have it as cause', async () => {
    const controller = new AbortController()
    const ctx = withCancel(controller)
    const waits = [
      channel().receive(controller),
      channel<number>().send(1, controller),
      select([never], { signal: controller.signal }),
      sleep(60_000, controller),
    ]
    const told = rejectionsOf(...waits)
    const under = rejectionsOf(channel().receive(ctx))
    const ran: string[] = []
    afterFunc(controller, () => ran.push('afterFunc'))
    controller.abort(value)
    await settle()
    const late = [channel().receive(controller), select([], controller), sleep(0, controller)]
    expect(areAll([...(await told), ...(await rejectionsOf(...late))], value)).toBe(true)
    expect(areAll([ctx.cause, ctx.err!.cause, withCancel(controller).cause], value)).toBe(true)
    expect((await under)[0]).toBe(ctx.err)
    expect([ctx.err instanceof CanceledError, ran]).toEqual([true, ['afterFunc']])
  })

  test('J10 throw(error) of an iterator rejects with it', async () => {
    const iterator = channel()[Symbol.asyncIterator]()
    expect(areAll(await rejectionsOf(iterator.throw!(value)), value)).toBe(true)
  })
})

test.each(values)('api 3: of $name the guards say false, and do not throw', ({ value }) => {
  expect([isCanceled(value), isDeadlineExceeded(value), (value as object) instanceof CanceledError]).toEqual([
    false,
    false,
    false,
  ])
})

test('R1 a reason whose name is computed in the middle of the abort does no harm', async () => {
  const controller = new AbortController()
  const ctx = withCancel(controller)
  const ch = channel<number>()
  const waits = rejectionsOf(ch.receive(controller), ch.receive(ctx))
  const reason = {
    get name() {
      // Comes back while the abort is being told.
      void ctx.err
      ctx.cancel('from the getter')
      return 'SomeError'
    },
  }
  controller.abort(reason)
  const [right, under] = await waits
  expect([right === reason, under === ctx.err, ch.trySend(1)]).toEqual([true, true, false])
})
