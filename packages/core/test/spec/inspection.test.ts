// What there is to see of a channel and a context from outside: in a log, as JSON, as a copy that is refused.

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as ours from 'chansel'
import { inlet, outlet } from 'chansel/device'
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

describe('in a log', () => {
  test.each([...kinds(), ['a context', () => ours.withCancel(ours.background())]] as [
    string,
    () => unknown,
  ][])('api 1: inspecting %s takes nothing, sets nothing and does not throw', async (_, make) => {
    const seen = make()
    const before = inspect(seen, { showHidden: true, depth: 5, getters: true })
    expect(before.length).toBeGreaterThan(5)
    await settle()
    expect(inspect(seen, { showHidden: true, depth: 5, getters: true })).toBe(before)
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
    ['background', () => ours.background(), 'background'],
    [
      'withoutCancel',
      () => ours.withoutCancel(ours.withCancel(ours.background())),
      'background.withCancel.withoutCancel',
    ],
  ])('X1 api 3: %s as text', (_, make, text) => {
    expect(print(make())).toBe(text)
  })
})
