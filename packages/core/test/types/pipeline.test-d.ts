import { describe, expectTypeOf, test } from 'vitest'
import { type ReceiveChannel, background, channel, select } from 'chansel'
import {
  batch,
  broadcast,
  collect,
  fanOut,
  filter,
  from,
  map,
  merge,
  pipe,
  route,
  scan,
  take,
  zip,
} from 'chansel/pipeline'

const strings = channel<string>()

describe('sources', () => {
  test('any iterable gives its items, promises as promises', () => {
    expectTypeOf(from([1])).toEqualTypeOf<ReceiveChannel<number>>()
    expectTypeOf(from('ab')).toEqualTypeOf<ReceiveChannel<string>>()
    expectTypeOf(from(strings)).toEqualTypeOf<ReceiveChannel<string>>()
    expectTypeOf(from([Promise.resolve(1)])).toEqualTypeOf<ReceiveChannel<Promise<number>>>()
    expectTypeOf(from(new ReadableStream<boolean>())).toEqualTypeOf<ReceiveChannel<boolean>>()
    // @ts-expect-error a number is no source
    from(1)
    // @ts-expect-error a context is no source
    from(background())
    // @ts-expect-error an AbortSignal is no cancel
    from([1], new AbortController().signal)
  })
})

describe('operators', () => {
  test('map awaits; filter narrows; scan has the type of its results', () => {
    expectTypeOf(map([1], async (n) => `${n}`)).toEqualTypeOf<ReceiveChannel<string>>()
    expectTypeOf(map([1], (n) => n > 0, { concurrency: 2, ordered: false })).toEqualTypeOf<
      ReceiveChannel<boolean>
    >()
    const mixed: (string | number)[] = []
    expectTypeOf(filter(mixed, (item) => typeof item === 'string')).toEqualTypeOf<ReceiveChannel<string>>()
    expectTypeOf(filter(mixed, async () => true)).toEqualTypeOf<ReceiveChannel<string | number>>()
    expectTypeOf(scan(strings, (sum, s) => sum + s.length, 0)).toEqualTypeOf<ReceiveChannel<number>>()
    // @ts-expect-error no such option
    map([1], (n) => n, { parallel: 2 })
  })

  test('zip is a tuple, merge a union, batch an array, fanOut an array of channels', () => {
    expectTypeOf(zip([[1], strings])).toEqualTypeOf<ReceiveChannel<[number, string]>>()
    expectTypeOf(merge([channel<string | number>(), channel<string | number>()])).toEqualTypeOf<
      ReceiveChannel<string | number>
    >()
    expectTypeOf(merge([channel<number>(), strings, [true]])).toEqualTypeOf<
      ReceiveChannel<string | number | boolean>
    >()
    expectTypeOf(merge(new Set([strings]))).toEqualTypeOf<ReceiveChannel<string>>()
    expectTypeOf(batch(strings, { size: 2 })).toEqualTypeOf<ReceiveChannel<string[]>>()
    expectTypeOf(fanOut(strings, 2)).toEqualTypeOf<ReceiveChannel<string>[]>()
    expectTypeOf(collect(strings)).toEqualTypeOf<Promise<string[]>>()
    // @ts-expect-error a batch needs a size
    batch(strings, { ms: 1 })
  })

  test('subscriptions are disposable read channels; keys have a type', () => {
    expectTypeOf(broadcast(strings).subscribe()).toExtend<ReceiveChannel<string> & Disposable>()
    const words = route(strings, (word) => word.length)
    expectTypeOf(words.subscribe).parameter(0).toEqualTypeOf<number>()
    // @ts-expect-error not one of the three
    broadcast(strings).subscribe({ slow: 'drop-newest' })
  })

  test('a result is a case of a select, and narrows', async () => {
    const event = await select({ length: map(strings, (s) => s.length), text: strings })
    if (event.case === 'length' && event.ok) expectTypeOf(event.value).toEqualTypeOf<number>()
  })
})

test('pipe infers from stage to stage, and the result of the last', () => {
  const result = pipe(
    strings,
    (s) => map(s, (text) => text.length),
    (s) => filter(s, (n) => n > 1),
    (s) => take(s, 2),
    (s) => batch(s, { size: 2 }),
  )
  expectTypeOf(result).toEqualTypeOf<ReceiveChannel<number[]>>()
  expectTypeOf(pipe([1], (s) => collect(s))).toEqualTypeOf<Promise<number[]>>()
  expectTypeOf(pipe([1])).toEqualTypeOf<ReceiveChannel<number>>()
})
