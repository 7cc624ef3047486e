// Go: test/chan/sendstmt.go — channels travel through channels; what is sent is the value of the whole
//   expression.
// Go: test/fixedbugs/issue8011.go — a receive from a channel that was received.

import { expect, test } from 'vitest'
import { type Channel, channel, sendCase, trySelect } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'

expectNothingLeft()

test('C32 a select sends to a channel that came out of a channel', async () => {
  const channels = channel<Channel<number>>(1)
  const ch = channel<number>(1)
  await channels.send(ch)
  const { value } = await channels.receive()
  expect(value).toBe(ch)
  expect(trySelect([sendCase(value!, 2)])).toEqual({ case: 0 })
  expect(await ch.receive()).toEqual({ value: 2, ok: true })
})

test('the value of an expression is sent', async () => {
  const booleans = channel<boolean>(1)
  let isSet = false
  await booleans.send(isSet || (isSet = true))
  expect(await booleans.receive()).toEqual({ value: true, ok: true })
})

test('issue8011.go: C32 a channel that was received gives its value', async () => {
  const channels = channel<Channel<number>>(1)
  const ch = channel<number>(1)
  ch.trySend(42)
  channels.trySend(ch)
  const { value: received } = await channels.receive()
  expect(await received!.receive()).toEqual({ value: 42, ok: true })
})
