// Chromium's own streams and events: their queues, locks and listeners are not Node's.

import { expect, test } from 'vitest'
import { channel } from 'chansel'
import {
  fromEvents,
  fromReadableStream,
  fromSignal,
  fromWritableStream,
  toReadableStream,
  toWritableStream,
} from 'chansel/interop'
import { rejectionOf, settle } from '../../../test/support/pending.ts'

test('bytes go through a channel, and through the platform, both ways', async () => {
  const text = 'chansel '.repeat(100_000)
  const packed = channel<Uint8Array>()
  const packing = new Blob([text])
    .stream()
    .pipeThrough(new CompressionStream('gzip'))
    .pipeTo(toWritableStream(packed))
  const unpacked = toReadableStream(packed).pipeThrough(new DecompressionStream('gzip') as TransformStream)
  using chunks = fromReadableStream<Uint8Array>(unpacked)
  const parts: Uint8Array<ArrayBuffer>[] = []
  for await (const chunk of chunks) parts.push(chunk as Uint8Array<ArrayBuffer>)
  expect(await new Blob(parts).text()).toBe(text)
  await packing
})

test('who does not receive stops the sender, through a pipe of the platform', async () => {
  const first = channel<number>()
  const last = channel<number>()
  void toReadableStream(first).pipeTo(toWritableStream(last))
  let sent = 0
  const sends = Array.from({ length: 20 }, (_, n) => first.send(n).then(() => sent++))
  for (let i = 0; i < 5; i++) await settle()
  expect(sent).toBeLessThanOrEqual(2)
  for (let n = 0; n < 20; n++) expect(await last.receive()).toEqual({ value: n, ok: true })
  await Promise.all(sends)
})

test('a transform in the middle: sends wait for it, an abort reaches the other side', async () => {
  const { readable, writable } = new TransformStream<number, number>()
  const into = fromWritableStream(writable)
  const out = fromReadableStream(readable)
  let sent = 0
  for (let n = 0; n < 9; n++)
    void into.send(n).then(
      () => sent++,
      () => {},
    )
  for (let i = 0; i < 5; i++) await settle()
  expect(sent).toBeLessThanOrEqual(2)
  expect(await out.receive()).toEqual({ value: 0, ok: true })
  const error = new Error('cut')
  into.close(error)
  expect(await rejectionOf(into.finished)).toBe(error)
  expect(await rejectionOf(out.receive())).toBe(error)
  await settle()
  expect([readable.locked, writable.locked]).toEqual([false, false])
})

test('disposing cancels a stream and unlocks it', async () => {
  const { readable } = new TransformStream()
  {
    using chunks = fromReadableStream(readable)
    void chunks.receive()
    await settle()
  }
  await settle()
  expect(readable.locked).toBe(false)
})

test('clicks are values, until the scope ends', async () => {
  const button = document.createElement('button')
  {
    using clicks = fromEvents<MouseEvent>(button, 'click', { capacity: 2 })
    for (let i = 0; i < 3; i++) button.click()
    expect(clicks.dropped).toBe(1)
    const { value } = await clicks.receive()
    expect(value).toBeInstanceOf(MouseEvent)
    expect(value!.target).toBe(button)
    const listening = clicks.receive()
    expect((await listening).ok).toBe(true)
  }
  button.click()
})

test('a signal of the platform is a context', () => {
  expect(fromSignal(AbortSignal.abort('enough')).cause).toBe('enough')
})
