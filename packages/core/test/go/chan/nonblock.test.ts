// Go: test/chan/nonblock.go — operations that do not wait succeed exactly when the partner waits or the
//   buffer has room or a value, whatever the type of the values.

import { describe, expect, test } from 'vitest'
import { channel, select, sendCase, trySelect } from 'chansel'
import { expectNothingLeft, expectPending, settle } from '../../support/pending.ts'
import { awkwardValues } from '../../support/values.ts'
import { program } from '../support/program.ts'

expectNothingLeft()

const types = [
  { name: 'a number', first: 123, second: 234 },
  { name: 'a bigint', first: 123_456n, second: 234_567n },
  { name: 'a boolean', first: true, second: false },
  { name: 'a string', first: 'hello', second: 'hello again' },
  ...awkwardValues().map(({ name, value }) => ({ name, first: value, second: value })),
]

describe.each([0, 1])('C18 with a capacity of %i', (capacity) => {
  test.each(types)('of $name', async ({ first, second }) =>
    program(async (go) => {
      const values = channel<unknown>(capacity)
      const strobe = channel<boolean>()
      const tryReceive = () => trySelect({ received: values })
      const trySend = (value: unknown) => trySelect({ sent: sendCase(values, value) })

      expect(tryReceive()).toBeUndefined()
      expect(trySend(first)?.case, 'before anybody receives').toBe(capacity > 0 ? 'sent' : undefined)
      if (capacity > 0) values.tryReceive()

      let received: unknown
      go(async () => {
        received = (await values.receive()).value
        await strobe.send(true)
      })
      await settle()
      expect(trySend(first)).toEqual({ case: 'sent' })
      await strobe.receive()
      expect(Object.is(received, first)).toBe(true)

      const sent = values.send(second)
      go(async () => {
        await sent
        await strobe.send(true)
      })
      // A buffer takes the value without a receiver; without one the sender waits for it.
      if (capacity > 0) await strobe.receive()
      else await expectPending(sent)
      const event = tryReceive()
      expect(event).toMatchObject({ case: 'received', ok: true })
      expect(Object.is(event!.value, second)).toBe(true)
      if (capacity === 0) await strobe.receive()
      expect(tryReceive()).toBeUndefined()
    }),
  )
})

test('C18 a send to a select that waits does not wait either', async () => {
  const values = channel<number>()
  const event = select({ received: values })
  expect(values.trySend(1)).toBe(true)
  expect(values.trySend(2)).toBe(false)
  expect(await event).toEqual({ case: 'received', value: 1, ok: true })
})
