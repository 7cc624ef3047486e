// What is refused as a duration or a point in time, by everything that takes one.

import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { after, background, sleep, ticker, timer, withDeadline, withTimeout } from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, thrownBy } from '../support/pending.ts'

expectNothingLeft()

describe('a time', () => {
  const makers: [string, (ms: number) => unknown][] = [
    ['sleep', sleep],
    ['after', after],
    ['timer', timer],
    ['ticker', ticker],
    ['withTimeout', (ms) => withTimeout(background(), ms)],
    ['withDeadline', (ms) => withDeadline(background(), ms)],
  ]

  test.each(makers)(
    'J15 T17 thrown at once: %s of what is no number is a TypeError that names it',
    (_, make) => {
      for (const wrong of [undefined, null, '5', 5n, true, [5], { valueOf: () => 5 }, Symbol('5')]) {
        const error = thrownBy(() => make(wrong as never))
        expect(error).toBeInstanceOf(TypeError)
        expect((error as Error).message).toMatch(/^Cannot .+: .*must be a number, got .+/)
      }
      expect(() => make(NaN)).toThrow(RangeError)
    },
  )

  test.each([
    ['sleep', () => sleep(NaN), 'Cannot sleep: ms is NaN'],
    ['after', () => after(NaN), 'Cannot make a timer: ms is NaN'],
    ['timer', () => timer(NaN), 'Cannot make a timer: ms is NaN'],
    ['reset', () => timer(5).reset(NaN), 'Cannot reset a timer: ms is NaN'],
    ['timeout', () => withTimeout(background(), NaN), 'Cannot make a context withTimeout: ms is NaN'],
    [
      'deadline',
      () => withDeadline(background(), new Date(NaN)),
      'Cannot make a context withDeadline: at is NaN',
    ],
    ['ticker', () => ticker(0), 'Cannot make a ticker: ms must be above 0, got 0'],
    ['reset of a ticker', () => ticker(5).reset(-1), 'Cannot reset a ticker: ms must be above 0, got -1'],
  ])('api 10: the text of a wrong %s says what could not be done, to what, and why', (_, f, text) => {
    expect((thrownBy(f) as Error).message).toBe(text)
  })

  test('J15 T12 a wrong reset leaves the timer and the ticker as they were', async () => {
    const clock = virtualClock()
    const once = timer(10)
    const often = ticker(10)
    for (const wrong of [NaN, '5', undefined])
      expect(() => once.reset(wrong as never)).toThrow(/^Cannot reset/)
    for (const wrong of [NaN, '5', undefined, 0, -1]) expect(() => often.reset(wrong as never)).toThrow()
    clock.busy(10)
    expect(once.tryReceive()).toEqual({ value: clock.epochMs, ok: true })
    expect(often.tryReceive()).toEqual({ value: clock.epochMs, ok: true })
  })

  test('J15 an invalid date is a RangeError, and a date is read once', () => {
    for (const wrong of [new Date(NaN), new Date('soon'), new Date(9e15)]) {
      expect(() => withDeadline(background(), wrong)).toThrow(RangeError)
    }
    const at = new Date(5e12)
    const ctx = withDeadline(background(), at)
    at.setTime(0)
    expect([ctx.deadline, ctx.err]).toEqual([5e12, undefined])
  })

  test('R1 a date is asked by no method of its own', () => {
    const at = Object.assign(new Date(5e12), { getTime: () => 0, valueOf: () => 0 })
    expect(withDeadline(background(), at).deadline).toBe(5e12)
  })

  test('J18 a date of another realm is a date', () => {
    const at = runInNewContext('new Date(0)') as Date
    expect(at).not.toBeInstanceOf(Date)
    expect(withDeadline(background(), at).deadline).toBe(0)
    expect(() => withDeadline(background(), runInNewContext('new Date(NaN)') as Date)).toThrow(RangeError)
  })
})
