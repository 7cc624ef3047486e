// Go: test/chan/fifo.go — channels are first in, first out, with a buffer and without.

import { expect, test } from 'vitest'
import { type Channel, channel } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { program } from '../support/program.ts'

expectNothingLeft()

const VALUES = 1_000

test('C3 a buffer gives back its values in the order in which it got them', async () => {
  const buffered = channel<number>(VALUES)
  for (let value = 0; value < VALUES; value++) await buffered.send(value)
  for (let value = 0; value < VALUES; value++) {
    expect(await buffered.receive()).toEqual({ value, ok: true })
  }
})

test('C7 receivers that start in turn get their values in turn', () =>
  program(async (go) => {
    const values = channel<number>()
    const first = channel<number>()
    let turn: Channel<number> = first
    for (let expected = 0; expected < VALUES; expected++) {
      const [mine, next] = [turn, channel<number>()]
      go(async () => {
        await mine.receive()
        expect(await values.receive()).toEqual({ value: expected, ok: true })
        await next.send(1)
      })
      turn = next
    }
    await first.send(0)
    for (let value = 0; value < VALUES; value++) await values.send(value)
    await turn.receive()
  }))

test.each([0, 1, 10])('C6 C7 senders wait in line behind a buffer of %i', async (capacity) => {
  const values = channel<number>(capacity)
  const sends = Array.from({ length: VALUES }, (_, value) => values.send(value))
  for (let value = 0; value < VALUES; value++) {
    expect(values.tryReceive()).toEqual({ value, ok: true })
    expect(values.length, 'those next in line have moved up').toBe(Math.min(capacity, VALUES - 1 - value))
  }
  expect(values.tryReceive()).toBeUndefined()
  await Promise.all(sends)
})

test('C7 receivers that wait are served in the order in which they came', async () => {
  const values = channel<number>()
  const receives = Array.from({ length: VALUES }, () => values.receive())
  for (let value = 0; value < VALUES; value++) expect(values.trySend(value)).toBe(true)
  const received = await Promise.all(receives)
  expect(received.map(({ value }) => value)).toEqual(Array.from({ length: VALUES }, (_, value) => value))
})
