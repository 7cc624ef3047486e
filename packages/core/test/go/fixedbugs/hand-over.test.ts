// Go: test/fixedbugs/bug067.go — a receive meets a send that another task starts.
// Go: test/fixedbugs/bug130.go — a channel is passed to a method that sends to it.
// Go: test/fixedbugs/bug147.go — a send without a buffer waits for its receive, whatever the receiver does
//   before.
// Go: test/fixedbugs/bug225.go — a select with a default receives only when something was sent.
// Go: test/fixedbugs/bug230.go — values of several types go through one channel.
// Go: test/fixedbugs/bug234.go — a value and the end are told apart.
// Go: test/fixedbugs/bug312.go — a select gives the value to a variable of a wider type.
// Go: test/fixedbugs/bug320.go — a select gives each value whole, round after round.
// Go: test/fixedbugs/issue8347.go — a select with a default leaves the flag of the last receive alone until
//   the close.
// Go: test/fixedbugs/issue43292.go — a value received in place of another of the same interface is used as
//   itself.
// Go: test/fixedbugs/issue48289.go — each round of a loop keeps the value that its own select received.

import { expect, test } from 'vitest'
import { type SendChannel, channel, select, trySelect, yieldNow } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { program } from '../support/program.ts'

expectNothingLeft()

test('bug067: a receive meets a send that another task starts', () =>
  program(async (go) => {
    const ch = channel<number>()
    go(() => ch.send(0))
    expect(await ch.receive()).toEqual({ value: 0, ok: true })
  }))

test('bug130: an object sends to the channel that it is given', () =>
  program(async (go) => {
    const sender = {
      value: 7,
      send(ch: SendChannel<number>) {
        return ch.send(this.value)
      },
    }
    const ch = channel<number>()
    go(() => sender.send(ch))
    expect(await ch.receive()).toEqual({ value: 7, ok: true })
  }))

test('bug147: C2 a send waits until its value is received', () =>
  program(async (go) => {
    const ch = channel<number>()
    const events: string[] = []
    go(async () => {
      await ch.receive()
      events.push('the first is received')
      await yieldNow()
      events.push('the second may come')
      await ch.receive()
    })
    await ch.send(1)
    await ch.send(2)
    events.push('the second is sent')
    expect(events).toEqual(['the first is received', 'the second may come', 'the second is sent'])
  }))

test('bug225: S3 a default is taken until something was sent', () => {
  const ch = channel<boolean>(1)
  expect(trySelect([ch])).toBeUndefined()
  ch.trySend(true)
  expect(trySelect([ch])).toEqual({ case: 0, value: true, ok: true })
  expect(trySelect([ch])).toBeUndefined()
})

test('bug230: C31 values of several types go through one channel', async () => {
  const ch = channel<unknown>(3)
  const values = [0, 'hi', Symbol('one')]
  for (const value of values) await ch.send(value)
  for (const value of values) expect((await ch.receive()).value).toBe(value)
})

test('bug234: C8 a value and the end are told apart', async () => {
  const ch = channel<number>(1)
  await ch.send(100)
  expect(await ch.receive()).toEqual({ value: 100, ok: true })
  ch.close()
  expect(await ch.receive()).toEqual({ value: undefined, ok: false })
})

test('bug312: a select gives the value to a variable of a wider type', async () => {
  const ch = channel<number>(1)
  await ch.send(1)
  const { value }: { value: unknown } = await select([ch])
  expect(value).toBe(1)
})

test('bug320: a select gives each value whole, round after round', () =>
  program(async (go, exit) => {
    const ch = channel<number>(1)
    const quiet = channel<number>()
    go(async () => {
      for (let i = 0; ; i++) await ch.send(i * 0x12345678, exit)
    })
    for (let i = 0; i < 10; i++) {
      expect(await select({ ch, quiet })).toEqual({ case: 'ch', value: i * 0x12345678, ok: true })
    }
  }))

test('issue8347: C19 a default says nothing, a closed channel says that it is at its end', () => {
  const ch = channel<boolean>(1)
  const outcomes = Array.from({ length: 12 }, (_, i) => {
    if (i === 10) ch.close()
    return trySelect([ch])?.ok
  })
  expect(outcomes).toEqual([...Array.from({ length: 10 }, () => undefined), false, false])
})

test('issue43292: C31 a received object is used as what it is', async () => {
  class A {
    name = () => 'A'
  }
  class B {
    name = () => 'B'
  }
  const ch = channel<A | B>(1)
  let current: A | B = new A()
  await ch.send(new B())
  const event = await select([ch])
  if (event.ok) current = event.value
  expect(current.name()).toBe('B')
})

test('issue48289: each round of a loop keeps the value that its own select received', async () => {
  const ch = channel<number>(1)
  const readers: (() => number | undefined)[] = []
  for (let i = 0; i < 2; i++) {
    await ch.send(i)
    const event = await select([ch])
    readers.push(() => event.value)
  }
  expect(readers.map((read) => read())).toEqual([0, 1])
})
