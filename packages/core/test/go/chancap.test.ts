// Go: test/chancap.go — length and capacity of channels; capacities that cannot be are refused at once.
//   Unlike Go a huge capacity is none of them: storage is taken as values arrive.
// Go: test/makechan.go — a capacity that is negative, broken or no number is refused. Go's compiler does
//   that.
// Go: test/fixedbugs/bug273.go — the same at run time, whatever the type of the values.

import { describe, expect, test } from 'vitest'
import { channel } from 'chansel'
import { expectNothingLeft, thrownBy } from '../support/pending.ts'

expectNothingLeft()

test('C17 the length counts what is in the buffer, the capacity stays', async () => {
  const ch = channel<number>(10)
  expect([ch.length, ch.capacity]).toEqual([0, 10])
  for (let i = 1; i <= 3; i++) await ch.send(i)
  expect([ch.length, ch.capacity]).toEqual([3, 10])
  await ch.receive()
  expect([ch.length, ch.capacity]).toEqual([2, 10])
  ch.close()
  expect([ch.length, ch.capacity]).toEqual([2, 10])
})

test('C17 nobody can change the capacity', () => {
  const ch: { capacity: number; trySend(value: number): boolean } = channel<number>(1)
  expect(() => (ch.capacity = 5)).toThrow(TypeError)
  expect([1, 2, 3].map((value) => ch.trySend(value))).toEqual([true, false, false])
})

test('C17 an unbuffered channel has neither, also while senders wait', async () => {
  const ch = channel<number>()
  expect([ch.length, ch.capacity]).toEqual([0, 0])
  const sent = ch.send(1)
  expect([ch.length, ch.capacity]).toEqual([0, 0])
  ch.tryReceive()
  await sent
})

test('C17 senders that wait for room are not in the buffer', async () => {
  const ch = channel<number>(1)
  const sends = [ch.send(1), ch.send(2), ch.send(3)]
  expect([ch.length, ch.capacity]).toEqual([1, 1])
  for (const _ of sends) ch.tryReceive()
  await Promise.all(sends)
})

describe('C1 capacities', () => {
  test.each<{ capacity: unknown; error: typeof RangeError }>([
    { capacity: -1, error: RangeError },
    { capacity: 0.5, error: RangeError },
    { capacity: NaN, error: RangeError },
    { capacity: -Infinity, error: RangeError },
    { capacity: '1', error: TypeError },
    { capacity: 1n, error: TypeError },
    { capacity: null, error: TypeError },
    { capacity: {}, error: TypeError },
  ])('$capacity is refused', ({ capacity, error }) => {
    expect(thrownBy(() => channel(capacity as number))).toBeInstanceOf(error)
  })

  test.each([
    { capacity: 1.0, means: 1 },
    { capacity: -0, means: 0 },
    { capacity: undefined, means: 0 },
    { capacity: 2 ** 59, means: 2 ** 59 },
    { capacity: Infinity, means: Infinity },
  ])('$capacity is $means', ({ capacity, means }) => {
    expect(Object.is(channel(capacity).capacity, means)).toBe(true)
  })
})
