// Pipelines that are longer than the stack: each of their calls goes a part of the way, and on from there in a task.

import { expect, test, vi } from 'vitest'
import { type ReceiveChannel, background, channel, select, sleep, withCancel } from 'chansel'
import { type Source, collect, filter, from, map, take } from 'chansel/pipeline'
import { expectNothingLeft, rejectionOf, settle } from '../support/pending.ts'
import { Counting } from './sources.ts'

expectNothingLeft()

const DEEP = 5_000

function deep(source: Source<number>, cancel?: { signal: AbortSignal }): ReceiveChannel<number> {
  let stage = from(source, cancel)
  for (let i = 0; i < DEEP; i++) stage = map(stage, (n) => n, {}, cancel)
  return stage
}

test(
  "J17 Go's prime sieve, of as many filters as there are primes below 7,000",
  { timeout: 60_000 },
  async () => {
    let released = 0
    async function* numbers() {
      try {
        for (let n = 2; ; n++) yield n
      } finally {
        released++
      }
    }
    let stage: ReceiveChannel<number> = from(numbers())
    let last = 0
    for (let i = 0; i < 900; i++) {
      const prime = (await stage.receive()).value!
      stage = filter(stage, (n) => n % prime !== 0)
      last = prime
    }
    expect(last).toBe(6_997)
    for await (const _ of stage) break
    expect(released).toBe(1)
  },
)

test('J17 a loop that is left waits until the source was released', async () => {
  const source = new Counting()
  for await (const _ of deep(source)) break
  expect(source.released).toBe(1)
})

test('J17 the error of a source that cannot be released comes through', async () => {
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ value: 1, done: false }),
      return: () => Promise.reject(new Error('stuck')),
    }),
  }
  const leaving = (async () => {
    for await (const _ of deep(source)) break
  })()
  expect(await rejectionOf(leaving)).toEqual(new Error('stuck'))
})

test('J17 values of a channel, and its end', async () => {
  const ch = channel<number>()
  const collected = collect(deep(ch))
  await ch.send(1)
  await ch.send(2)
  ch.close()
  expect(await collected).toEqual([1, 2])
})

test('J17 values that are at hand', async () => {
  expect(await collect(deep([1, 2, 3]))).toEqual([1, 2, 3])
  expect(await collect(take(deep([1, 2, 3]), 1))).toEqual([1])
})

test('J17 an error of the source, and one of the last stage', async () => {
  async function* broken() {
    yield 1
    throw new Error('broken')
  }
  expect(await rejectionOf(collect(deep(broken())))).toEqual(new Error('broken'))
  const source = new Counting()
  const failing = map(deep(source), () => {
    throw new Error('last')
  })
  expect(await rejectionOf(collect(failing))).toEqual(new Error('last'))
  await settle()
  expect(source.released).toBe(1)
})

test('J17 one cancel for all stages', async () => {
  const source = new Counting()
  using ctx = withCancel(background())
  const stage = deep(source, ctx)
  await stage.receive()
  ctx.cancel()
  expect(await rejectionOf(stage.receive())).toBe(ctx.err)
  await settle()
  expect(source.released).toBe(1)
})

test('J17 a cancel of the last stage', async () => {
  const source = new Counting()
  using ctx = withCancel(background())
  const collected = collect(deep(source), ctx)
  await vi.waitUntil(() => source.asked > 0)
  ctx.cancel()
  expect(await rejectionOf(collected)).toBe(ctx.err)
  await settle()
  expect(source.released).toBe(1)
})

test('J17 S6 a select that it loses leaves nobody at the source, and the next receive gets the value', async () => {
  const ch = channel<number>()
  const stage = deep(ch)
  const stop = channel<never>()
  const selected = select({ stage, stop })
  await sleep(50)
  stop.close()
  expect((await selected).case).toBe('stop')
  await settle()
  expect(ch.trySend(1)).toBe(false)
  const next = stage.receive()
  await ch.send(2)
  expect(await next).toEqual({ value: 2, ok: true })
})
