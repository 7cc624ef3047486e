// Go: test/chan/zerosize.go — a channel of nothing works like any other.

import { expect, test } from 'vitest'
import { channel } from 'chansel'
import { expectNothingLeft, expectPending } from '../../support/pending.ts'

expectNothingLeft()

test('C34 an unbuffered channel of nothing hands over signals', async () => {
  const signals = channel<void>()
  const sent = signals.send()
  await expectPending(sent)
  expect(await signals.receive()).toEqual({ value: undefined, ok: true })
  await sent
})

test('C34 a buffer counts signals, and a signal is not the end', async () => {
  const signals = channel<void>(2)
  await signals.send()
  expect(signals.trySend()).toBe(true)
  expect(signals.trySend()).toBe(false)
  expect(signals.length).toBe(2)
  signals.close()
  const received = [signals.tryReceive()!.ok, (await signals.receive()).ok, (await signals.receive()).ok]
  expect(received).toEqual([true, true, false])
})
