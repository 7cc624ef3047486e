// Go: src/context/x_test.go TestAfterFuncCalledAfterCancel — not before the cancel, then once; stop comes too
//   late.
// Go: src/context/x_test.go TestAfterFuncCalledAfterTimeout — the deadline calls it, too, though nobody else
//   waits.
// Go: src/context/x_test.go TestAfterFuncCalledImmediately — of a context that is done it runs at once, in
//   its own task.
// Go: src/context/x_test.go TestAfterFuncNotCalledAfterStop — a stopped one never runs, and stop says true
//   once.
// Go: src/context/x_test.go TestAfterFuncCalledAsynchronously — the cancel does not wait for it.
import { expect, test } from 'vitest'
import {
  afterFunc,
  background,
  channel,
  select,
  timer,
  trySelect,
  withCancel,
  withTimeout,
  withoutCancel,
} from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { inBubble } from '../time/bubble.ts'

expectNothingLeft()

const SHORT_MS = 1
const VERY_LONG_MS = 1_000 * 3_600_000

test('TestAfterFuncCalledAfterCancel', () =>
  inBubble(async () => {
    const ctx = withCancel(background())
    const ran = channel<void>()
    const stop = afterFunc(ctx, () => ran.close())
    expect(await select({ ran, quiet: timer(SHORT_MS) })).toMatchObject({ case: 'quiet' })
    ctx.cancel()
    expect(await select({ ran, late: timer(VERY_LONG_MS) })).toMatchObject({ case: 'ran' })
    // A second run would close twice, which throws.
    ctx.cancel()
    expect([stop(), stop()]).toEqual([false, false])
  }))

test('TestAfterFuncCalledAfterTimeout', () =>
  inBubble(async (clock) => {
    const start = clock.now
    const ctx = withTimeout(background(), SHORT_MS)
    let ranAt: number | undefined
    afterFunc(ctx, () => (ranAt = clock.now))
    // Nobody else waits for the context: only the function keeps the timeout alive.
    await timer(VERY_LONG_MS).receive()
    expect(ranAt! - start).toBe(SHORT_MS)
  }))

test('TestAfterFuncCalledImmediately', () =>
  inBubble(async () => {
    const ctx = withCancel(background())
    ctx.cancel()
    const ran = channel<void>()
    const stop = afterFunc(ctx, () => ran.close())
    expect([ran.closed, stop()]).toEqual([false, false])
    expect(await select({ ran, late: timer(VERY_LONG_MS) })).toMatchObject({ case: 'ran' })
  }))

test('TestAfterFuncCalledImmediately: of a context whose deadline has passed unnoticed, too', () =>
  inBubble(async (clock) => {
    const ctx = withTimeout(background(), SHORT_MS)
    clock.busy(SHORT_MS)
    const ran = channel<void>()
    const stop = afterFunc(ctx, () => ran.close())
    expect([clock.timersSet, stop()]).toEqual([0, false])
    expect(await ran.receive()).toMatchObject({ ok: false })
  }))

test('TestAfterFuncNotCalledAfterStop', () =>
  inBubble(async () => {
    const ctx = withCancel(background())
    const ran = channel<string>(2)
    const stop = afterFunc(ctx, () => ran.trySend('stopped'))
    afterFunc(ctx, () => ran.trySend('another'))
    expect(stop()).toBe(true)
    ctx.cancel()
    await timer(SHORT_MS).receive()
    expect([ran.tryReceive()?.value, ran.tryReceive()]).toEqual(['another', undefined])
    expect(stop()).toBe(false)
  }))

test.each([
  ['the root', background()],
  ['one without cancel', withoutCancel(withCancel(background()))],
])('TestAfterFuncNotCalledAfterStop: of %s, which never ends', (_, ctx) =>
  inBubble(async () => {
    let runs = 0
    const stops = [afterFunc(ctx, () => runs++), afterFunc(ctx, () => runs++)]
    await timer(VERY_LONG_MS).receive()
    expect(stops.map((stop) => [stop(), stop()])).toEqual([
      [true, false],
      [true, false],
    ])
    expect(runs).toBe(0)
  }),
)

test('TestAfterFuncCalledAsynchronously', () =>
  inBubble(async () => {
    const ctx = withCancel(background())
    const handedOver = channel<string>()
    // Waits until it is received from: a cancel that waited for it would never return.
    const stop = afterFunc(ctx, () => void handedOver.send('by the function'))
    ctx.cancel()
    expect(trySelect([handedOver])).toBeUndefined()
    const event = await select({ handedOver, late: timer(VERY_LONG_MS) })
    expect(event).toEqual({ case: 'handedOver', value: 'by the function', ok: true })
    expect(stop()).toBe(false)
  }))
