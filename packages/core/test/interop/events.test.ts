import { EventEmitter, getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { background, select, sleep, withCancel } from 'chansel'
import { fromEvents, fromSignal } from 'chansel/interop'
import { leakCheck } from 'chansel/testing'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { CLOSED, got } from '../support/received.ts'
import { awkwardValues } from '../support/values.ts'

expectNothingLeft()

// The same for both kinds of source, as far as they have it in common.
const kinds = [
  {
    kind: 'EventTarget',
    make() {
      const target = new EventTarget()
      return {
        source: target as never,
        emit: (n: number) => void target.dispatchEvent(new CustomEvent('n', { detail: n })),
        listeners: () => getEventListeners(target, 'n').length,
        numberOf: (value: unknown) => (value as CustomEvent<number>).detail,
      }
    },
  },
  {
    kind: 'EventEmitter',
    make() {
      const emitter = new EventEmitter()
      return {
        source: emitter as never,
        emit: (n: number) => void emitter.emit('n', n, 'more'),
        listeners: () => emitter.listenerCount('n') + emitter.listenerCount('error'),
        numberOf: (value: unknown) => value as number,
      }
    },
  },
]

describe.each(kinds)('fromEvents of an $kind', ({ make }) => {
  test('events are received in order, those that came before the receive and those that it waits for', async () => {
    const { source, emit, numberOf } = make()
    using events = fromEvents(source, 'n')
    emit(1)
    emit(2)
    const first = [await events.receive(), await events.receive()]
    expect(first.map(({ value }) => numberOf(value))).toEqual([1, 2])
    const waiting = select([events])
    await expectPending(waiting)
    emit(3)
    expect(numberOf((await waiting).value)).toBe(3)
  })

  test.each([
    ['drop-oldest', undefined, [2, 3]],
    ['drop-oldest', 'drop-oldest' as const, [2, 3]],
    ['drop-newest', 'drop-newest' as const, [1, 2]],
  ])('keeps as many as its capacity, and counts what it drops: %s', async (_, overflow, kept) => {
    const { source, emit, numberOf } = make()
    using events = fromEvents(source, 'n', { capacity: 2, ...(overflow && { overflow }), name: 'numbers' })
    for (const n of [1, 2, 3]) emit(n)
    expect(events).toMatchObject({ name: 'numbers', length: 2, capacity: 2, dropped: 1 })
    expect([events.tryReceive(), events.tryReceive()].map((r) => numberOf(r!.value))).toEqual(kept)
  })

  test('is bounded unless told otherwise', () => {
    const { source, emit } = make()
    using bounded = fromEvents(source, 'n')
    using unbounded = fromEvents(source, 'n', { capacity: Infinity })
    for (let n = 0; n < 100; n++) emit(n)
    expect([bounded.length, bounded.dropped]).toEqual([64, 36])
    expect([unbounded.length, unbounded.dropped]).toEqual([100, 0])
  })

  test('disposing removes the listener and ends the channel after what waits in it', async () => {
    const { source, emit, listeners, numberOf } = make()
    const events = fromEvents(source, 'n')
    expect(listeners()).toBeGreaterThan(0)
    emit(1)
    events[Symbol.dispose]()
    events[Symbol.dispose]()
    expect(listeners()).toBe(0)
    emit(2)
    expect(numberOf((await events.receive()).value)).toBe(1)
    expect(await events.receive()).toStrictEqual(CLOSED)
  })

  test('a cancel removes the listener and fails the channel with its reason', async () => {
    const { source, emit, listeners } = make()
    using ctx = withCancel(background())
    const events = fromEvents(source, 'n', {}, ctx)
    const waiting = rejectionOf(events.receive())
    ctx.cancel()
    emit(1)
    expect(await waiting).toBe(ctx.err)
    expect(await rejectionOf(events.receive())).toBe(ctx.err)
    await settle()
    expect(listeners()).toBe(0)
  })

  test('a cancel that fired already adds no listener', async () => {
    const { source, listeners } = make()
    const events = fromEvents(source, 'n', {}, { signal: AbortSignal.abort('early') })
    expect(listeners()).toBe(0)
    expect(await rejectionOf(events.receive())).toBe('early')
    events[Symbol.dispose]()
  })

  test('disposed, it no longer follows its cancel', async () => {
    const { source } = make()
    const stop = new AbortController()
    const events = fromEvents(source, 'n', {}, stop)
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1)
    events[Symbol.dispose]()
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0)
    stop.abort('late')
    expect(await events.receive()).toStrictEqual(CLOSED)
  })

  test('thrown at once: a type, an option or a cancel that is none, and nothing listens', () => {
    const { source, listeners } = make()
    expect(() => fromEvents(source, 1 as never)).toThrow('type must be a string')
    expect(() => fromEvents(source, 'n', { overflow: 'wait' as never })).toThrow('events cannot wait')
    expect(() => fromEvents(source, 'n', { capacity: 0 })).toThrow(RangeError)
    expect(() => fromEvents(source, 'n', { name: 1 as never })).toThrow(TypeError)
    expect(() => fromEvents(source, 'n', 1 as never)).toThrow(TypeError)
    expect(() => fromEvents(source, 'n', {}, 1 as never)).toThrow(TypeError)
    expect(listeners()).toBe(0)
  })
})

describe('fromEvents of an EventEmitter', () => {
  test.each(awkwardValues())('gives the first argument by identity: $name', async ({ value }) => {
    const emitter = new EventEmitter()
    using events = fromEvents(emitter, 'value')
    emitter.emit('value', value, 2)
    expect(Object.is((await events.receive()).value, value)).toBe(true)
  })

  test("its 'error' fails the channel after what waits in it, and removes the listeners", async () => {
    const emitter = new EventEmitter()
    const events = fromEvents(emitter, 'n')
    const error = new Error('cut')
    emitter.emit('n', 1)
    emitter.emit('error', error)
    expect(emitter.eventNames()).toEqual([])
    expect(await events.receive()).toEqual(got(1))
    expect(await rejectionOf(events.receive())).toBe(error)
  })

  test("an 'error' without an error does not look like an end", async () => {
    const emitter = new EventEmitter()
    const events = fromEvents(emitter, 'n')
    emitter.emit('error')
    expect(await rejectionOf(events.receive())).toBeInstanceOf(Error)
  })

  test("'error' is a type like any other where it is asked for", async () => {
    const emitter = new EventEmitter()
    using errors = fromEvents(emitter, 'error')
    const error = new Error('cut')
    emitter.emit('error', error)
    emitter.emit('error', error)
    expect([await errors.receive(), await errors.receive()]).toEqual([got(error), got(error)])
  })

  test('a type may be a symbol', async () => {
    const emitter = new EventEmitter()
    const type = Symbol('type')
    using events = fromEvents(emitter, type)
    emitter.emit(type, 1)
    expect(await events.receive()).toEqual(got(1))
  })

  test("its own 'removeListener' listeners never run inside a cancel", async () => {
    const emitter = new EventEmitter()
    let isInside = false
    const seen: boolean[] = []
    emitter.on('removeListener', () => seen.push(isInside))
    using ctx = withCancel(background())
    fromEvents(emitter, 'n', {}, ctx)
    isInside = true
    ctx.cancel()
    isInside = false
    await settle()
    expect(seen).toEqual([false, false])
  })
})

test('fromEvents takes what is both for a target, and refuses what is neither', async () => {
  const { port1, port2 } = new MessageChannel()
  {
    using messages = fromEvents<MessageEvent>(port2, 'message')
    port2.start()
    port1.postMessage('hello')
    expect((await messages.receive()).value?.data).toBe('hello')
  }
  port1.close()
  expect(() => fromEvents({} as never, 'n')).toThrow('expected an EventTarget or an EventEmitter')
  expect(() => fromEvents(null as never, 'n')).toThrow(TypeError)
})

describe('fromSignal', () => {
  test('is cancelled with the signal, which is the cause', async () => {
    const stop = new AbortController()
    const ctx = fromSignal(stop.signal)
    expect([ctx.err, ctx.cause, ctx.deadline]).toEqual([undefined, undefined, undefined])
    const done = ctx.done.receive()
    const waiting = rejectionOf(sleep(60_000, ctx))
    await expectPending(done)
    stop.abort('enough')
    expect(await done).toStrictEqual(CLOSED)
    expect(ctx).toMatchObject({ cause: 'enough', err: { code: 'ERR_CANCELED', cause: 'enough' } })
    expect(await waiting).toBe(ctx.err)
    expect(ctx.signal.reason).toBe(ctx.err)
    expect('cancel' in ctx).toBe(false)
  })

  test('a time-out of the platform is a deadline that was exceeded', () => {
    const reason = new DOMException('late', 'TimeoutError')
    expect(fromSignal(AbortSignal.abort(reason)).err).toMatchObject({
      code: 'ERR_DEADLINE_EXCEEDED',
      cause: reason,
    })
  })

  test('listens only while somebody waits', async () => {
    const { signal } = new AbortController()
    const ctx = fromSignal(signal)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    using below = withCancel(ctx)
    const waiting = rejectionOf(ctx.done.receive(below))
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    below.cancel()
    await waiting
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('throws at once for what is no signal', () => {
    expect(() => fromSignal(new AbortController() as never)).toThrow('expected an AbortSignal')
    expect(() => fromSignal(new EventTarget() as never)).toThrow('expected an AbortSignal')
    expect(() => fromSignal({ aborted: false } as never)).toThrow(TypeError)
    expect(() => fromSignal(undefined as never)).toThrow(TypeError)
  })
})

test('a source that refuses a listener leaves none behind', async () => {
  const source = {
    on() {
      throw new Error('no more listeners')
    },
    off() {},
  }
  await leakCheck(() => {
    expect(() => fromEvents(source, 'news')).toThrow('no more listeners')
  })
})
