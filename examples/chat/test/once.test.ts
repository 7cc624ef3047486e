// Once and in order: the two halves of it that need no server. The page's outbox sends again what it cannot know
// to have arrived; whoever hears a line twice drops it.

import { expect, test } from 'vitest'
import { Heard } from '../src/heard.ts'
import { Outbox, OUTBOX_LINES } from '../src/page/outbox.ts'

/** What a connection carries that takes everything. */
function drain(outbox: Outbox): number[] {
  const counters: number[] = []
  for (let line = outbox.next(); line; line = outbox.next()) {
    counters.push(line.counter)
    outbox.sent(line.counter)
  }
  return counters
}

test('lines leave in their order, and stay until they are confirmed', () => {
  const outbox = new Outbox()
  expect(['a', 'b', 'c'].map((text) => outbox.add(text))).toEqual([1, 2, 3])
  expect(outbox.next()).toEqual({ type: 'say', counter: 1, text: 'a' })
  expect(drain(outbox)).toEqual([1, 2, 3])
  expect([outbox.length, outbox.unsent]).toEqual([3, 0])
  outbox.confirm(2)
  expect([...outbox.typed()]).toEqual([{ counter: 3, text: 'c' }])
})

test('a new connection begins with the first unconfirmed line', () => {
  const outbox = new Outbox()
  for (const text of ['a', 'b', 'c', 'd']) outbox.add(text)
  drain(outbox)
  outbox.confirm(1)
  outbox.rewind()
  expect(outbox.unsent).toBe(3)
  expect(drain(outbox)).toEqual([2, 3, 4])
})

test('a confirmation of lines that another connection carried skips them, and no other', () => {
  const outbox = new Outbox()
  for (const text of ['a', 'b', 'c']) outbox.add(text)
  drain(outbox)
  outbox.rewind()
  const offered = outbox.next()!
  outbox.confirm(2) // while the new connection has not yet taken what it was offered
  outbox.sent(offered.counter)
  expect(drain(outbox)).toEqual([3])
})

test('an old confirmation, or one of lines that were never said, changes nothing', () => {
  const outbox = new Outbox()
  outbox.add('a')
  outbox.confirm(7)
  outbox.confirm(0)
  expect(outbox.length).toBe(0)
  expect(outbox.add('b')).toBe(2)
  expect(drain(outbox)).toEqual([2])
})

test('a full outbox says no, and keeps what it has', () => {
  const outbox = new Outbox()
  for (let line = 0; line < OUTBOX_LINES; line++) outbox.add('x')
  expect(outbox.add('one more')).toBeUndefined()
  expect(outbox.length).toBe(OUTBOX_LINES)
  outbox.confirm(1)
  expect(outbox.add('now')).toBe(OUTBOX_LINES + 1)
})

test('the lines of a burst are numbered among themselves, and are not the person’s', () => {
  const outbox = new Outbox()
  outbox.addBurst()
  outbox.add('typed')
  outbox.addBurst()
  const [first, , third] = [1, 2, 3].map(() => {
    const line = outbox.next()!
    outbox.sent(line.counter)
    return line
  })
  expect([first?.burst, third?.burst]).toEqual([1, 2])
  expect(first?.text).toHaveLength(16 * 1024)
  expect([...outbox.typed()]).toEqual([{ counter: 2, text: 'typed' }])
})

test('a line is new once', () => {
  const heard = new Heard()
  expect([1, 2, 2, 1, 3].map((counter) => heard.isNew('a', counter))).toEqual([
    true,
    true,
    false,
    false,
    true,
  ])
  expect(heard.isNew('b', 1)).toBe(true)
  expect([heard.upTo('a'), heard.upTo('b'), heard.upTo('c')]).toEqual([3, 1, 0])
})

test('of many sessions those are remembered that spoke last', () => {
  const heard = new Heard()
  heard.isNew('talker', 1)
  for (let session = 0; session < 999; session++) heard.isNew(`passer-by ${session}`, 1)
  heard.isNew('talker', 2)
  for (let session = 999; session < 1_500; session++) heard.isNew(`passer-by ${session}`, 1)
  expect([heard.upTo('talker'), heard.upTo('passer-by 0'), heard.upTo('passer-by 1499')]).toEqual([2, 0, 1])
})
