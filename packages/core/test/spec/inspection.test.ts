// What can be seen of a channel and a context from outside: in a log, as JSON, as a copy that is refused.

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as ours from 'chansel'
import { inlet, outlet } from 'chansel/device'
import { fromSignal } from 'chansel/interop'
import { selector } from 'chansel/selector'
import { collect, map } from 'chansel/pipeline'
import { Cond, Mutex, Once, RWMutex, Semaphore, SingleFlight, WaitGroup } from 'chansel/sync'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, settle, thrownBy } from '../support/pending.ts'

expectNothingLeft()

const print: (value: unknown) => string = String

function kinds(): [string, () => unknown][] {
  return [
    ['a channel', () => ours.channel()],
    ['a buffered channel', () => ours.channel(5, { name: 'jobs' })],
    ['a receive-only view', () => ours.receiveOnly(ours.channel())],
    ['a send-only view', () => ours.sendOnly(ours.channel())],
    ['never', () => ours.never],
    ['after', () => ours.after(5)],
    ['a timer', () => ours.timer(5)],
    ['a ticker', () => ours.ticker(5)],
    ['done', () => ours.withCancel(ours.background()).done],
    ['an inlet', () => inlet({ capacity: 1, taken() {} }).channel],
    ['an outlet', () => outlet({ length: () => 0, isFull: () => false, write() {}, closed() {} }).channel],
  ]
}

describe('J19', () => {
  test.each(kinds())('J19 structuredClone of %s throws', (_, make) => {
    expect(thrownBy(() => structuredClone(make()))).toMatchObject({ name: 'DataCloneError' })
  })

  test('J19 postMessage of a channel throws', () => {
    const { port1 } = new MessageChannel()
    expect(() => port1.postMessage({ ch: ours.channel() })).toThrow(DOMException)
    port1.close()
  })

  test('J19 a channel as JSON says what it is', () => {
    const ch = ours.channel<number>(2, { name: 'jobs' })
    ch.trySend(1)
    expect(JSON.parse(JSON.stringify(ch))).toEqual({
      name: 'jobs',
      length: 1,
      capacity: 2,
      closed: false,
      dropped: 0,
    })
    expect(String(Object.prototype.toString.call(ch))).toBe('[object Channel]')
  })

  test('J19 a proxy of a channel fails loudly', () => {
    const proxy = new Proxy(ours.channel<number>(1), {})
    expect(() => proxy.trySend(1)).toThrow(TypeError)
  })

  test('J19 inside of something else a channel is refused, too, and what refused it left it alone', () => {
    const ch = ours.channel<number>(1)
    ch.trySend(1)
    for (const around of [[ch], { ch }, new Map([['ch', ch]]), new Set([ch]), { deep: [{ ch }] }]) {
      expect(thrownBy(() => structuredClone(around))).toMatchObject({ name: 'DataCloneError' })
    }
    expect([ch.closed, ch.tryReceive()]).toEqual([false, { value: 1, ok: true }])
  })
})

/** As it prints in full, except for the time that is left. */
function printed(thing: unknown): string {
  const options = { showHidden: true, depth: 5, getters: true }
  const inner = inspect(thing, { ...options, customInspect: false })
  return `${inspect(thing, options)}\n${inner}`.replace(/dueInMs: -?\d+/, 'dueInMs')
}

describe('in a log', () => {
  test.each([...kinds(), ['a context', () => ours.withCancel(ours.background())]] as [
    string,
    () => unknown,
  ][])('api 1: inspecting %s takes nothing, sets nothing and does not throw', async (_, make) => {
    const seen = make()
    const before = printed(seen)
    expect(before.length).toBeGreaterThan(4)
    await settle()
    expect(printed(seen)).toBe(before)
  })

  test('api 1: the name is there to be seen, and the values are nobody’s business', () => {
    const ch = ours.channel<string>(2, { name: 'jobs' })
    ch.trySend('secret')
    for (const text of [
      inspect(ch),
      JSON.stringify(ch),
      JSON.stringify(ours.receiveOnly(ch)),
      JSON.stringify(ours.sendOnly(ch)),
    ]) {
      expect(text).toContain('jobs')
      expect(text).not.toContain('secret')
    }
    expect(ch.length).toBe(1)
  })

  test.each([
    ['a channel', () => ours.channel(), '[object Channel]'],
    ['a context', () => ours.withCancel(ours.background()), 'background.withCancel'],
    [
      'a context under a signal',
      () => ours.withTimeout(new AbortController(), 5),
      'signal.withTimeout(5 ms)',
    ],
    [
      'a context with a date',
      () => ours.withDeadline(ours.background(), new Date(5)),
      'background.withDeadline(5)',
    ],
    ['background', () => ours.background(), 'background'],
    [
      'withoutCancel',
      () => ours.withoutCancel(ours.withCancel(ours.background())),
      'background.withCancel.withoutCancel',
    ],
    ['fromSignal', () => fromSignal(new AbortController().signal), 'signal.fromSignal'],
  ])('X1 api 3: %s as text', (_, make, text) => {
    expect(print(make())).toBe(text)
  })

  test('api 3: a context is one by its tag', () => {
    for (const ctx of [ours.background(), ours.withCancel(ours.background())])
      expect(Object.prototype.toString.call(ctx)).toBe('[object Context]')
  })

  test('api 1: a channel says how full it is and how many wait', async () => {
    const ch = ours.channel<number>(2, { name: 'jobs' })
    expect(inspect(ch)).toBe(
      "Channel { name: 'jobs', length: 0, capacity: 2, closed: false, dropped: 0, waitingSenders: 0, waitingReceivers: 0 }",
    )
    const sends = [1, 2, 3, 4, 5].map((n) => ch.send(n))
    expect(inspect(ch)).toContain('length: 2, capacity: 2, closed: false, dropped: 0, waitingSenders: 3, ')
    for (let i = 0; i < 5; i++) ch.tryReceive()
    await Promise.all(sends)
    const receives = [ch.receive(), ours.select([ch, ours.never])]
    expect(inspect(ch)).toContain(
      'length: 0, capacity: 2, closed: false, dropped: 0, waitingSenders: 0, waitingReceivers: 2',
    )
    ch.close()
    await Promise.all(receives)
    expect(inspect(ch)).toContain('closed: true, dropped: 0, waitingSenders: 0, waitingReceivers: 0')
  })

  test('api 1: a channel is printed as whoever prints it wants it', () => {
    const ch = ours.channel(0, { name: 'jobs' })
    expect(inspect(ch, { colors: true })).toContain("name: \u001B[32m'jobs'\u001B[39m")
    expect(inspect(ours.after(0), { numericSeparator: true })).toContain('periodMs: 0')
  })

  test('api 1: a channel that a selector watches says so, too', async () => {
    const ch = ours.channel<number>(0)
    using events = selector([ch])
    const event = events.select()
    expect(inspect(ch)).toContain('waitingReceivers: 1')
    const second = ch.receive()
    expect(inspect(ch)).toContain('waitingReceivers: 2')
    ch.trySend(1)
    ch.trySend(2)
    await Promise.all([event, second])
    expect(inspect(ch)).toContain('waitingReceivers: 0')
  })

  test('api 1: a selector that waits behind others is counted', async () => {
    const ch = ours.channel<number>(0)
    const receives = [ch.receive(), ch.receive()]
    using events = selector([ch])
    const event = events.select()
    expect(inspect(ch)).toContain('waitingReceivers: 3')
    for (const n of [1, 2, 3]) ch.trySend(n)
    await Promise.all([...receives, event])
    expect(inspect(ch)).toContain('waitingReceivers: 0')
  })

  test('api 1: a view is printed as the channel it is of', () => {
    const ch = ours.channel(2, { name: 'jobs' })
    expect(inspect(ours.receiveOnly(ch))).toBe(inspect(ch))
    expect(inspect(ours.sendOnly(ch))).toBe(inspect(ch))
    expect(inspect(inlet({ capacity: 1, taken() {} }).channel)).toMatch(
      /^Channel .*capacity: 1, .*waitingReceivers: 0/,
    )
  })

  test('api 1: an outlet says how many wait', async () => {
    const target = outlet<number>({
      name: 'socket',
      length: () => 3,
      isFull: () => true,
      write() {},
      closed() {},
    })
    const waiting = target.channel.send(1)
    expect(inspect(target.channel)).toMatch(/^Channel { name: 'socket', length: 3, .*waitingSenders: 1 }/)
    target.fail(() => 'over')
    await waiting.catch(() => {})
    expect(inspect(target.channel)).toMatch(/closed: true, .*waitingSenders: 0/)
  })

  test('api 3: a context says how it was made and whether it is over', () => {
    using ctx = ours.withTimeout(ours.background(), 60_000)
    expect(inspect(ctx)).toMatch(
      /^Context background\.withTimeout\(60000 ms\) { deadline: \d+, err: undefined }$/,
    )
    expect(inspect(ctx.done)).toBe("Channel { name: 'done', closed: false }")
    ctx.cancel()
    expect(inspect(ctx)).toMatch(/err: '.*cancel/)
    expect(inspect(ctx.done)).toBe("Channel { name: 'done', closed: true }")
    expect(inspect(ours.never)).toBe('never')
  })

  test('X32 api 3: done is said to be closed the moment that a deadline has passed', () => {
    const clock = virtualClock()
    const { done } = ours.withTimeout(ours.background(), 5)
    clock.busy(5)
    expect(inspect(done)).toBe("Channel { name: 'done', closed: true }")
  })

  test('T2 api 4: a timer is never said to be due before it is', () => {
    const clock = virtualClock()
    const timer = ours.timer(1.5)
    expect(inspect(timer)).toContain('dueInMs: 2,')
    clock.busy(1)
    expect(inspect(timer)).toContain('dueInMs: 1,')
    clock.busy(0.5)
    expect(inspect(timer)).toContain('dueInMs: 0,')
  })

  test('api 4: a timer says when it is due, and a group what runs', async () => {
    using timer = ours.timer(60_000)
    expect(inspect(timer)).toMatch(/^Timer { dueInMs: (60000|59\d{3}), periodMs: 0, waitingReceivers: 0 }$/)
    using ticker = ours.ticker(60_000)
    expect(inspect(ticker)).toContain('periodMs: 60000')
    timer.stop()
    expect(inspect(timer)).toContain('dueInMs: Infinity')
    await ours.group(
      ours.background(),
      async (g) => {
        const gate = ours.channel<void>()
        const tasks = [1, 2, 3].map(() => g.go(() => gate.receive()))
        expect(inspect(g)).toBe('Group { running: 2, queued: 1, err: undefined }')
        gate.close()
        await Promise.all(tasks)
        expect(inspect(g)).toBe('Group { running: 0, queued: 0, err: undefined }')
      },
      { limit: 2 },
    )
  })

  test('api 5: locks say who has them and how many wait', async () => {
    const mutex = new Mutex()
    const guard = await mutex.lock()
    const next = mutex.lock()
    expect(inspect(mutex)).toBe('Mutex { locked: true, waiting: 1 }')
    expect(inspect(new Cond(mutex))).toBe('Cond { waiting: 0, mutex: Mutex { locked: true, waiting: 1 } }')
    guard.release()
    ;(await next).release()
    expect(inspect(mutex)).toBe('Mutex { locked: false, waiting: 0 }')

    const rw = new RWMutex()
    const readers = [await rw.rlock(), await rw.rlock()]
    const writer = rw.lock()
    const reader = rw.rlock()
    expect(inspect(rw)).toBe('RWMutex { writing: false, readers: 2, waitingWriters: 1, waitingReaders: 1 }')
    for (const held of readers) held.release()
    expect(inspect(rw)).toBe('RWMutex { writing: true, readers: 0, waitingWriters: 0, waitingReaders: 1 }')
    ;(await writer).release()
    ;(await reader).release()

    const semaphore = new Semaphore(3)
    const held = await semaphore.acquire(2)
    const more = semaphore.acquire(2)
    expect(inspect(semaphore)).toBe('Semaphore { size: 3, available: 1, waiting: 1 }')
    held.release()
    ;(await more).release()

    const tasks = new WaitGroup()
    tasks.add(2)
    const all = tasks.wait()
    expect(inspect(tasks)).toBe('WaitGroup { counter: 2, waiting: 1 }')
    tasks.add(-2)
    await all
  })

  test('api 5: what runs once says whether it did', async () => {
    const once = new Once()
    expect(inspect(once)).toBe('Once { called: false, done: false }')
    const flights = new SingleFlight<string, number>()
    const gate = ours.channel<void>()
    const calls = [
      once.do(() => gate.receive()),
      flights.do('a', async () => Number((await gate.receive()).ok)),
    ]
    expect(inspect(once)).toBe('Once { called: true, done: false }')
    expect(inspect(flights)).toBe('SingleFlight { underWay: 1 }')
    gate.close()
    await Promise.all(calls)
    expect(inspect(once)).toBe('Once { called: true, done: true }')
    expect(inspect(flights)).toBe('SingleFlight { underWay: 0 }')
  })

  test('api 6: a result of a pipeline says what it holds', async () => {
    const numbers = map([1], (n) => n)
    expect(inspect(numbers)).toMatch(
      /^Output { length: 0, capacity: \d+, state: 'open', waitingReceivers: 0 }$/,
    )
    expect(await collect(numbers)).toEqual([1])
    expect(inspect(numbers)).toContain("state: 'ended'")
  })

  test('api 1: inside of something else it is still one line', () => {
    const ch = ours.channel(1, { name: 'jobs' })
    expect(inspect({ worker: { ch } })).toContain("ch: Channel { name: 'jobs', length: 0, capacity: 1, ")
    expect(inspect(ch)).not.toContain('\n')
  })
})

test('C15 a view leads to its channel by no property', () => {
  const ch = ours.channel<number>(1)
  for (const view of [ours.sendOnly(ch), ours.receiveOnly(ch)]) {
    const values = Reflect.ownKeys(view).map((key) => Reflect.get(view, key) as unknown)
    expect(values).not.toContain(ch)
    expect(view).not.toHaveProperty('channel')
  }
})
