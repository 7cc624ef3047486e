// A cancel that fired already wins over everything else that an operation could come to, and touches nothing.

import { describe, expect, test } from 'vitest'
import {
  type Cancel,
  type Channel,
  after,
  background,
  channel,
  contextKey,
  never,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  sleep,
  timer,
  withCancel,
  withTimeout,
  withValue,
} from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

const REASON = new Error('enough')

/** Cancels that fired, each with what it rejects with. */
const fired: [string, () => { cancel: Cancel; reason: unknown }][] = [
  ['a controller', () => abortedController()],
  ['a signal', () => ({ cancel: { signal: AbortSignal.abort(REASON) }, reason: REASON })],
  [
    'a signal of signals',
    () => ({ cancel: { signal: AbortSignal.any([AbortSignal.abort(REASON)]) }, reason: REASON }),
  ],
  ['a context', () => errOf(canceledContext())],
  ['a grandchild', () => errOf(withCancel(withCancel(canceledContext())))],
  ['a context with a value', () => errOf(withValue(canceledContext(), contextKey<number>('k'), 1))],
  ['a context under a signal', () => errOf(withCancel(abortedController().cancel))],
  ['a timeout of 0', () => errOf(withTimeout(background(), 0))],
]

function abortedController() {
  const cancel = new AbortController()
  cancel.abort(REASON)
  return { cancel, reason: REASON }
}

function canceledContext() {
  const ctx = withCancel(background())
  ctx.cancel()
  return ctx
}

function errOf(cancel: ReturnType<typeof background>) {
  return { cancel, reason: cancel.err }
}

type State = [string, () => Channel<number>]
const states: State[] = [
  ['with a value and room', () => filled(channel<number>(2))],
  ['with a full buffer', () => filled(channel<number>(1))],
  ['with an empty buffer', () => channel<number>(1)],
  ['without a buffer', () => channel<number>()],
  ['that drops the oldest', () => filled(channel<number>(1, { overflow: 'drop-oldest' }))],
  ['that drops the newest', () => filled(channel<number>(1, { overflow: 'drop-newest' }))],
  ['without a bound', () => filled(channel<number>(Infinity))],
  ['closed', () => ended(channel<number>(1))],
  ['closed with a value', () => ended(filled(channel<number>(1)))],
  ['failed', () => ended(channel<number>(1), 'broken')],
]

function filled(ch: Channel<number>) {
  ch.trySend(1)
  return ch
}

function ended(ch: Channel<number>, error?: string) {
  ch.close(error)
  return ch
}

describe.each(fired)('J9 under %s that fired', (_, make) => {
  test.each(states)('J9 api 1: nothing happens to a channel %s', async (__, makeChannel) => {
    const { cancel, reason } = make()
    const ch = makeChannel()
    const before = { length: ch.length, dropped: ch.dropped, closed: ch.closed }
    const operations = [
      ch.receive(cancel),
      ch.send(2, cancel),
      receiveOnly(ch).receive(cancel),
      sendOnly(ch).send(3, cancel),
      select([ch], cancel),
      select({ sent: sendCase(ch, 4), received: ch }, cancel),
    ]
    for (const error of await Promise.all(operations.map(rejectionOf))) expect(error).toBe(reason)
    expect(ch).toMatchObject(before)
  })

  test('J9 api 1: sleep, done, never and timers reject, and a due timer keeps its value', async () => {
    const clock = virtualClock()
    const { cancel, reason } = make()
    const due = timer(0)
    const operations = [
      sleep(0, cancel),
      sleep(-1, cancel),
      sleep(60_000, cancel),
      never.receive(cancel),
      canceledContext().done.receive(cancel),
      due.receive(cancel),
      after(60_000).receive(cancel),
      select({}, cancel),
      select([null, false, undefined, never], cancel),
      select({ due, done: canceledContext().done }, cancel),
    ]
    for (const error of await Promise.all(operations.map(rejectionOf))) expect(error).toBe(reason)
    expect(due.tryReceive()).toEqual({ value: clock.epochMs, ok: true })
    expect(clock.timersSet).toBe(0)
  })

  test('R3 a receiver and a sender that wait are not served by one who is cancelled', async () => {
    const { cancel } = make()
    const toReceive = channel<number>()
    const toSend = channel<number>()
    const receiver = toReceive.receive()
    const sender = toSend.send(1)
    await rejectionOf(toReceive.send(2, cancel))
    await rejectionOf(toSend.receive(cancel))
    expect(toReceive.trySend(3)).toBe(true)
    expect(await receiver).toEqual({ value: 3, ok: true })
    expect(toSend.tryReceive()).toEqual({ value: 1, ok: true })
    await sender
  })
})

test('X32 J9 a deadline that passed while the program was busy counts as fired', async () => {
  const clock = virtualClock()
  const ctx = withTimeout(background(), 5)
  const ch = filled(channel<number>(2))
  clock.busy(5)
  const errors = [ch.receive(ctx), ch.send(2, ctx), select([ch], ctx), sleep(0, ctx)].map(rejectionOf)
  for (const error of await Promise.all(errors)) expect(error).toBe(ctx.err)
  expect(ch.length).toBe(1)
})
