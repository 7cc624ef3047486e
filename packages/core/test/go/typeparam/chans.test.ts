// Go: test/typeparam/chans.go — a small library over channels of any type: read all, merge, filter, sink, an
//   exclusive value, and a range whose sender learns that the receiver is gone.

import { expect, test } from 'vitest'
import {
  type Cancel,
  type Context,
  type ReceiveChannel,
  type SendChannel,
  background,
  channel,
  isCanceled,
  select,
  sendCase,
  withCancel,
} from 'chansel'
import { expectNothingLeft, rejectionOf } from '../../support/pending.ts'
import { type Go, letOthersRun, program } from '../support/program.ts'

expectNothingLeft()

async function readAll<T>(ctx: Context, ch: ReceiveChannel<T>): Promise<T[]> {
  const values: T[] = []
  for (;;) {
    const event = await select({ done: ctx.done, received: ch })
    if (!event.ok) return values
    values.push(event.value)
  }
}

function merge<T>(go: Go, cancel: Cancel, ...sources: ReceiveChannel<T>[]): ReceiveChannel<T> {
  const merged = channel<T>()
  go(async () => {
    using _closing = merged
    const open: (ReceiveChannel<T> | null)[] = [...sources]
    while (open.some((source) => source !== null)) {
      const event = await select(open, cancel)
      if (event.ok) await merged.send(event.value, cancel)
      else open[event.case] = null
    }
  })
  return merged
}

function filter<T>(
  go: Go,
  cancel: Cancel,
  source: ReceiveChannel<T>,
  isWanted: (value: T) => boolean,
): ReceiveChannel<T> {
  const filtered = channel<T>()
  go(async () => {
    using _closing = filtered
    for (let next = await source.receive(cancel); next.ok; next = await source.receive(cancel)) {
      if (isWanted(next.value)) await filtered.send(next.value, cancel)
    }
  })
  return filtered
}

function sink<T>(go: Go, cancel: Cancel): SendChannel<T> {
  const sunk = channel<T>()
  go(async () => {
    while ((await sunk.receive(cancel)).ok);
  })
  return sunk
}

/** A value that one task at a time may hold. */
class Exclusive<T> {
  readonly #value = channel<T>(1)

  constructor(value: T) {
    this.#value.trySend(value)
  }

  async acquire(): Promise<T> {
    return (await this.#value.receive()).value!
  }

  tryAcquire(): T | undefined {
    return this.#value.tryReceive()?.value
  }

  release(value: T): void {
    if (!this.#value.trySend(value)) throw new Error('Cannot release: not acquired')
  }
}

function sequence(go: Go, ...values: number[]): ReceiveChannel<number> {
  const ch = channel<number>()
  go(async () => {
    for (const value of values) await ch.send(value)
    ch.close()
  })
  return ch
}

test('TestReadAll: everything up to the close', () =>
  program(async (go) => {
    expect(await readAll(background(), sequence(go, 4, 2, 5))).toEqual([4, 2, 5])
  }))

test('reading ends with the context', () =>
  program(async (go, exit) => {
    const ctx = withCancel(background())
    const ch = channel<number>()
    go(async () => {
      await ch.send(1, exit)
      ctx.cancel()
    })
    expect(await readAll(ctx, ch)).toEqual([1])
  }))

test('TestMerge: everything from both sides, then the end', () =>
  program(async (go, exit) => {
    const merged = merge(go, exit, sequence(go, 1, 3, 5), sequence(go, 2, 4, 6))
    const values = await readAll(background(), merged)
    expect(values.filter((value) => value % 2 === 1)).toEqual([1, 3, 5])
    expect(values.filter((value) => value % 2 === 0)).toEqual([2, 4, 6])
  }))

test('TestFilter: what is wanted, then the end', () =>
  program(async (go, exit) => {
    const even = filter(go, exit, sequence(go, 1, 2, 3), (value) => value % 2 === 0)
    expect(await readAll(background(), even)).toEqual([2])
  }))

test('stages that are cancelled in the middle close what they made', async () => {
  const ctx = withCancel(background())
  const source = channel<number>()
  let ended: Promise<unknown> = Promise.resolve()
  const start: Go = (task) => {
    ended = rejectionOf(Promise.resolve(task()))
  }
  const numbers = filter(start, ctx, source, () => true)
  await source.send(1)
  expect(await numbers.receive()).toEqual({ value: 1, ok: true })
  ctx.cancel()
  expect(await numbers.receive()).toEqual({ value: undefined, ok: false })
  expect(isCanceled(await ended)).toBe(true)
})

test('TestSink: takes whatever comes', () =>
  program(async (go, exit) => {
    const sunk = sink<number>(go, exit)
    for (const value of [1, 2, 3]) await sunk.send(value)
    sunk.close()
  }))

test('TestExclusive: two tasks change one value in turn, and no change is lost', async () => {
  const exclusive = new Exclusive({ count: 0 })
  const countToTen = async () => {
    for (let i = 0; i < 10; i++) {
      const held = await exclusive.acquire()
      const { count } = held
      await letOthersRun()
      held.count = count + 1
      exclusive.release(held)
    }
  }
  await Promise.all([countToTen(), countToTen()])
  expect(exclusive.tryAcquire()).toEqual({ count: 20 })
})

test('TestExclusiveTry: what is held cannot be acquired, what is not held cannot be released', () => {
  const exclusive = new Exclusive('free')
  expect(exclusive.tryAcquire()).toBe('free')
  expect(exclusive.tryAcquire()).toBeUndefined()
  exclusive.release('again')
  expect(() => exclusive.release('twice')).toThrow('not acquired')
  expect(exclusive.tryAcquire()).toBe('again')
})

test('TestRanger: a sender learns that its receiver is gone, and stops', () =>
  program(async (go) => {
    const values = channel<number>()
    const gone = channel<void>()
    const isSent = async (value: number) => {
      const event = await select({ sent: sendCase(values, value), gone })
      return event.case === 'sent'
    }
    go(async () => {
      expect(await values.receive()).toEqual({ value: 1, ok: true })
      gone.close()
    })
    expect(await isSent(1)).toBe(true)
    expect(await isSent(2)).toBe(false)
    expect(values.tryReceive()).toBeUndefined()
  }))
