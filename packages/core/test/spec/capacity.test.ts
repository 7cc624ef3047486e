import { describe, expect, test } from 'vitest'
import { type Channel, channel } from 'chansel'
import { expectNothingLeft } from '../support/pending.ts'

expectNothingLeft()

/** The values that can be received now. */
function drain<T>(ch: Channel<T>): T[] {
  const values: T[] = []
  for (let result = ch.tryReceive(); result?.ok === true; result = ch.tryReceive()) values.push(result.value)
  return values
}

describe('capacity', () => {
  test.each([
    ['-1', -1],
    ['1.5', 1.5],
    ['NaN', NaN],
    ['-Infinity', -Infinity],
  ])('C1 a capacity of %s is a RangeError at once that names it', (text, capacity) => {
    expect(() => channel(capacity)).toThrow(RangeError)
    expect(() => channel(capacity)).toThrow(text)
  })

  test.each([
    ['a string', '3', '"3"'],
    ['a bigint', 3n, '3n'],
    ['an object', {}, 'an object'],
    ['null', null, 'null'],
    ['true', true, 'true'],
  ])('C1 a capacity that is %s is a TypeError at once that names it', (_, capacity, text) => {
    expect(() => channel(capacity as never)).toThrow(TypeError)
    expect(() => channel(capacity as never)).toThrow(text)
  })

  test('C1 a capacity of -0 is 0, Infinity is unbounded', () => {
    expect(channel(-0).capacity).toBe(0)
    const unbounded = channel<number>(Infinity)
    expect(unbounded.capacity).toBe(Infinity)
    for (let i = 0; i < 10_000; i++) unbounded.trySend(i)
    expect(unbounded.length).toBe(10_000)
    expect(drain(unbounded)).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
  })

  test('api: without a capacity a channel is unbuffered and has no name', () => {
    const ch = channel()
    expect(ch).toMatchObject({ capacity: 0, length: 0, closed: false, dropped: 0 })
    expect(ch.name).toBeUndefined()
    expect(channel(1, { name: 'jobs' }).name).toBe('jobs')
  })

  test.each([
    ['an unknown overflow', { overflow: 'drop' }],
    ['a name that is no string', { name: 1 }],
  ])('api: thrown at once: %s is a TypeError', (_, options) => {
    expect(() => channel(1, options as never)).toThrow(TypeError)
  })

  test('C35 storage is taken as values arrive: channel(2 ** 32) is instant', () => {
    const before = process.memoryUsage().heapUsed
    const channels = Array.from({ length: 1_000 }, () => channel<number>(2 ** 32))
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000)
    expect(channels[0]!.capacity).toBe(2 ** 32)
    expect(channels[0]!.trySend(1)).toBe(true)
    expect(drain(channels[0]!)).toEqual([1])
  })
})
