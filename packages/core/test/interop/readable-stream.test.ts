// Channels as readable streams, and readable streams as channels.

import { getEventListeners } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import {
  ClosedChannelError,
  background,
  channel,
  receiveOnly,
  select,
  sleep,
  ticker,
  trySelect,
  withCancel,
} from 'chansel'
import { fromReadableStream, toReadableStream } from 'chansel/interop'
import { map } from 'chansel/pipeline'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { CLOSED, got } from '../support/received.ts'
import { awkwardValues } from '../support/values.ts'

expectNothingLeft()

describe('toReadableStream', () => {
  test('reads what is sent, in order, and closes after what waits in the channel', async () => {
    const ch = channel<number>(3)
    for (const n of [1, 2, 3]) ch.trySend(n)
    ch.close()
    const seen: number[] = []
    for await (const n of toReadableStream(ch)) seen.push(n)
    expect(seen).toEqual([1, 2, 3])
  })

  test('takes nothing that no reader asked for', async () => {
    const ch = channel<number>(3)
    for (const n of [1, 2, 3]) ch.trySend(n)
    const stream = toReadableStream(ch)
    await settle()
    expect(ch.length).toBe(3)
    const reader = stream.getReader()
    await reader.read()
    await settle()
    expect(ch.length).toBe(2)
  })

  test('a read waits for a send, and the send for a read', async () => {
    const ch = channel<string>()
    const reader = toReadableStream(ch).getReader()
    const read = reader.read()
    await expectPending(read)
    await ch.send('a')
    expect(await read).toEqual({ done: false, value: 'a' })
    const send = ch.send('b')
    await expectPending(send)
    expect(await reader.read()).toEqual({ done: false, value: 'b' })
    await send
  })

  test('reads that wait together get one value each', async () => {
    const ch = channel<number>()
    const reader = toReadableStream(ch).getReader()
    const reads = [reader.read(), reader.read(), reader.read()]
    for (const n of [1, 2, 3]) await ch.send(n)
    expect((await Promise.all(reads)).map(({ value }) => value)).toEqual([1, 2, 3])
    await settle()
    expect(ch.trySend(4)).toBe(false)
  })

  test('close ends a read that waits', async () => {
    const ch = channel()
    const read = toReadableStream(ch).getReader().read()
    await expectPending(read)
    ch.close()
    expect((await read).done).toBe(true)
  })

  test.each([
    ['before the read', true],
    ['while it waits', false],
  ])('close(error) errors the stream with the same error: %s', async (_, isBefore) => {
    const ch = channel()
    const error = new Error('cut')
    if (isBefore) ch.close(error)
    const reader = toReadableStream(ch).getReader()
    void reader.closed.catch(() => {})
    const failure = rejectionOf(reader.read())
    await settle()
    if (!isBefore) ch.close(error)
    expect(await failure).toBe(error)
    expect(await rejectionOf(reader.closed)).toBe(error)
  })

  test('cancelling the stream closes the channel with the reason, and takes nothing', async () => {
    const ch = channel<number>()
    const reader = toReadableStream(ch).getReader()
    const read = reader.read()
    await settle()
    const reason = new Error('enough')
    await reader.cancel(reason)
    expect((await read).done).toBe(true)
    const error = await rejectionOf(ch.send(1))
    expect(error).toBeInstanceOf(ClosedChannelError)
    expect(error).toMatchObject({ value: 1, cause: reason })
  })

  test('of a read that was cancelled with its stream nothing waits on in the channel', async () => {
    const ch = channel<number>()
    const reader = toReadableStream(receiveOnly(ch)).getReader()
    void reader.read()
    await settle()
    await reader.cancel()
    expect(ch.closed).toBe(false)
    expect(ch.trySend(1)).toBe(false)
  })

  test('cancelling the stream of a channel that closed itself is no second close', async () => {
    const ch = channel<number>(1)
    ch.trySend(1)
    ch.close()
    await toReadableStream(ch).cancel('enough')
    expect(ch.tryReceive()).toEqual(got(1))
  })

  test('cancelling the stream of a ticker stops it', async () => {
    const beat = ticker(1)
    const reader = toReadableStream(beat).getReader()
    await reader.read()
    await reader.cancel()
    await sleep(5)
    expect(beat.tryReceive()).toBeUndefined()
  })

  test('K11 cancelling the stream of a stage releases what it is made of, and waits for that', async () => {
    const log: string[] = []
    async function* rows() {
      try {
        for (let row = 1; ; row++) yield row
      } finally {
        await sleep(1)
        log.push('closed')
      }
    }
    const stage = map(rows(), (row) => row * 2)
    const reader = toReadableStream(stage).getReader()
    expect(await reader.read()).toEqual({ value: 2, done: false })
    await reader.cancel('enough')
    expect(log).toEqual(['closed'])
    expect(await stage.receive()).toEqual(CLOSED)
  })

  test('K11 another loop over the stage goes on', async () => {
    const stage = map([1, 2, 3], (row) => row * 2)
    const loop = stage[Symbol.asyncIterator]()
    await toReadableStream(stage).cancel()
    expect(await loop.next()).toEqual({ value: 2, done: false })
    await loop.return!()
  })

  test('a value that comes after its reader let go waits in the stream for the next reader', async () => {
    const ch = channel<number>()
    const stream = toReadableStream(ch)
    const first = stream.getReader()
    const lost = rejectionOf(first.read())
    await settle()
    first.releaseLock()
    expect(await lost).toBeInstanceOf(TypeError)
    await ch.send(1)
    expect(await stream.getReader().read()).toEqual({ done: false, value: 1 })
  })

  test.each(awkwardValues())('passes $name by identity, there and back', async ({ value }) => {
    const ch = channel<unknown>(2)
    const back = fromReadableStream(toReadableStream(ch))
    const received = back.receive()
    await settle()
    ch.trySend(value)
    ch.trySend(value)
    expect(Object.is((await received).value, value)).toBe(true)
    expect(Object.is((await back.receive()).value, value)).toBe(true)
  })

  test('throws at once for what is no channel', () => {
    expect(() => toReadableStream({} as never)).toThrow(TypeError)
    expect(() => toReadableStream(undefined as never)).toThrow('expected a channel to receive from')
  })
})

describe('fromReadableStream', () => {
  /** A stream whose source notes what is asked of it. */
  function source(options: { highWaterMark?: number } = {}) {
    const asked: string[] = []
    let controller!: ReadableStreamDefaultController<number>
    const stream = new ReadableStream<number>(
      {
        start: (given) => void (controller = given),
        pull: () => void asked.push('pull'),
        cancel: (reason) => void asked.push(`cancel ${String(reason)}`),
      },
      { highWaterMark: 0, ...options },
    )
    return { stream, controller, asked }
  }

  test('receives the chunks in order, then the end, and unlocks the stream', async () => {
    const { stream, controller } = source({ highWaterMark: 3 })
    for (const n of [1, 2, 3]) controller.enqueue(n)
    controller.close()
    const seen: number[] = []
    const chunks = fromReadableStream(stream)
    expect(stream.locked).toBe(true)
    for await (const n of chunks) seen.push(n)
    expect(seen).toEqual([1, 2, 3])
    expect(await chunks.receive()).toStrictEqual(CLOSED)
    await settle()
    expect(stream.locked).toBe(false)
  })

  test('asks the stream for nothing before somebody receives, and then for one chunk', async () => {
    const { stream, controller, asked } = source()
    const chunks = fromReadableStream(stream)
    await settle()
    expect(asked).toEqual([])
    const received = chunks.receive()
    await expectPending(received)
    expect(asked).toEqual(['pull'])
    controller.enqueue(1)
    expect(await received).toEqual(got(1))
    await settle()
    expect(asked).toEqual(['pull'])
  })

  test('C8 a select that waits asks for a chunk', async () => {
    const { stream, controller } = source({ highWaterMark: 1 })
    controller.enqueue(1)
    expect(await select([fromReadableStream(stream)])).toEqual({ case: 0, value: 1, ok: true })
  })

  test('the source never runs inside the receive', async () => {
    let isInside = false
    const seen: boolean[] = []
    const stream = new ReadableStream({ pull: () => void seen.push(isInside) }, { highWaterMark: 0 })
    const chunks = fromReadableStream(stream)
    await settle()
    isInside = true
    void chunks.receive()
    void select([chunks])
    isInside = false
    await settle()
    expect(seen).toEqual([false])
  })

  test('reads ahead up to its capacity', async () => {
    const { stream, controller } = source({ highWaterMark: 9 })
    for (let n = 0; n < 9; n++) controller.enqueue(n)
    const chunks = fromReadableStream(stream, { capacity: 2, name: 'chunks' })
    await settle()
    await settle()
    expect(chunks).toMatchObject({ length: 2, capacity: 2, name: 'chunks' })
    expect(trySelect([chunks])).toEqual({ case: 0, value: 0, ok: true })
    await settle()
    expect(chunks.length).toBe(2)
  })

  test('tryReceive asks for a chunk that the next one finds', async () => {
    const { stream, controller } = source({ highWaterMark: 1 })
    controller.enqueue(1)
    const chunks = fromReadableStream(stream)
    expect(chunks.tryReceive()).toBeUndefined()
    await settle()
    expect(chunks.tryReceive()).toEqual(got(1))
  })

  test('C18 trySelect does, too, and asks for one only', async () => {
    const { stream, controller } = source({ highWaterMark: 2 })
    controller.enqueue(1)
    controller.enqueue(2)
    const chunks = fromReadableStream(stream)
    expect([trySelect([chunks]), trySelect([chunks])]).toEqual([undefined, undefined])
    await settle()
    expect(trySelect([chunks])).toEqual({ case: 0, value: 1, ok: true })
  })

  test('the chunk of a case that lost, or a receive that was cancelled, stays', async () => {
    const { stream, controller } = source()
    const chunks = fromReadableStream(stream)
    const other = channel<string>()
    const chosen = select({ chunks, other })
    await settle()
    await other.send('won')
    expect(await chosen).toEqual({ case: 'other', value: 'won', ok: true })
    const stopped = new AbortController()
    const cancelled = rejectionOf(chunks.receive(stopped))
    stopped.abort('enough')
    expect(await cancelled).toBe('enough')
    controller.enqueue(1)
    await settle()
    // It is held, but not in the buffer, because there is none.
    expect([chunks.length, chunks.capacity]).toEqual([0, 0])
    expect(await chunks.receive()).toEqual(got(1))
  })

  test('receivers that wait are served longest first', async () => {
    const { stream, controller } = source()
    const chunks = fromReadableStream(stream)
    const received = [chunks.receive(), chunks.receive(), chunks.receive()]
    await settle()
    for (const n of [1, 2, 3]) controller.enqueue(n)
    expect(await Promise.all(received)).toEqual([1, 2, 3].map(got))
  })

  test('an error of the stream is that of the channel, after the chunks before it', async () => {
    const { stream, controller } = source()
    const chunks = fromReadableStream(stream)
    const received = [chunks.receive(), rejectionOf(chunks.receive())]
    await settle()
    const error = new Error('cut')
    controller.enqueue(1)
    await settle()
    controller.error(error)
    expect(await Promise.all(received)).toEqual([got(1), error])
    expect(await rejectionOf(chunks.receive())).toBe(error)
    expect(stream.locked).toBe(false)
  })

  test('a stream that fails without a reason does not look as if it ended', async () => {
    const { stream, controller } = source()
    const received = rejectionOf(fromReadableStream(stream).receive())
    controller.error()
    expect(await received).toMatchObject({ message: 'Cannot read from a stream: it failed without a reason' })
  })

  test('null is a reason as good as any', async () => {
    const { stream, controller } = source()
    const received = rejectionOf(fromReadableStream(stream).receive())
    controller.error(null)
    expect(await received).toBeNull()
  })

  test('disposing cancels the stream and unlocks it, and ends the channel', async () => {
    const { stream, asked } = source()
    let received: Promise<unknown>
    {
      using chunks = fromReadableStream(stream)
      received = chunks.receive()
      await settle()
    }
    expect(await received).toStrictEqual(CLOSED)
    await settle()
    expect(asked).toEqual(['pull', 'cancel undefined'])
    expect(stream.locked).toBe(false)
  })

  test('disposing in the step of a receive cancels the stream all the same', async () => {
    const { stream, asked } = source()
    const chunks = fromReadableStream(stream)
    void chunks.receive()
    chunks[Symbol.dispose]()
    chunks[Symbol.dispose]()
    await settle()
    expect(asked).toEqual(['cancel undefined'])
    expect(stream.locked).toBe(false)
  })

  test('a cancel fails the channel with its reason, and cancels the stream', async () => {
    const { stream, asked } = source()
    const stop = new AbortController()
    const chunks = fromReadableStream(stream, {}, stop)
    const received = rejectionOf(chunks.receive())
    await settle()
    stop.abort('enough')
    expect(await received).toBe('enough')
    expect(await rejectionOf(chunks.receive())).toBe('enough')
    await settle()
    expect(asked).toEqual(['pull', 'cancel enough'])
    expect(stream.locked).toBe(false)
  })

  test('a cancel that fired already cancels the stream at once', async () => {
    const { stream, asked } = source({ highWaterMark: 1 })
    using ctx = withCancel(background())
    ctx.cancel()
    expect(await rejectionOf(fromReadableStream(stream, {}, ctx).receive())).toBe(ctx.err)
    await settle()
    expect(asked.at(-1)).toBe(`cancel ${String(ctx.err)}`)
  })

  test('after the end it no longer follows its cancel', async () => {
    const { stream, controller } = source()
    const stop = new AbortController()
    const chunks = fromReadableStream(stream, {}, stop)
    controller.close()
    expect(await chunks.receive()).toStrictEqual(CLOSED)
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
    stop.abort()
    expect(await chunks.receive()).toStrictEqual(CLOSED)
  })

  test('a loop that is left early leaves the stream where it is', async () => {
    const { stream, controller } = source({ highWaterMark: 2 })
    controller.enqueue(1)
    controller.enqueue(2)
    const chunks = fromReadableStream(stream)
    for await (const n of chunks) {
      expect(n).toBe(1)
      break
    }
    expect(await chunks.receive()).toEqual(got(2))
  })

  test('throws at once for a stream that is locked, and for what is none', () => {
    const { stream } = source()
    stream.getReader()
    expect(() => fromReadableStream(stream)).toThrow('Cannot make a channel of a stream: it is locked')
    expect(() => fromReadableStream(null as never)).toThrow(TypeError)
    const free = source().stream
    expect(() => fromReadableStream(free, { capacity: -1 })).toThrow(RangeError)
    expect(() => fromReadableStream(free, 1 as never)).toThrow(TypeError)
    expect(() => fromReadableStream(free, {}, {} as never)).toThrow(TypeError)
    expect(free.locked).toBe(false)
  })
})

describe('streams of Node, through their own toWeb', () => {
  test('a file arrives whole and in order, and is closed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chansel-'))
    try {
      const path = join(folder, 'file')
      const content = Buffer.alloc(300_000, 'chansel ')
      await writeFile(path, content)
      const file = createReadStream(path)
      const chunks = fromReadableStream<Uint8Array>(Readable.toWeb(file))
      const seen: Uint8Array[] = []
      for await (const chunk of chunks) seen.push(chunk)
      expect(Buffer.concat(seen).equals(content)).toBe(true)
      expect(seen.length).toBeGreaterThan(1)
      await expect.poll(() => file.closed).toBe(true)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('disposing closes the file', async () => {
    const file = createReadStream(import.meta.filename)
    {
      using chunks = fromReadableStream(Readable.toWeb(file))
      await chunks.receive()
    }
    await expect.poll(() => file.closed).toBe(true)
  })

  test('a channel is a stream of Node through fromWeb', async () => {
    const ch = channel<string>(2)
    ch.trySend('a')
    ch.trySend('b')
    ch.close()
    const stream = Readable.fromWeb(toReadableStream(ch) as never, { objectMode: true })
    expect(await stream.toArray()).toEqual(['a', 'b'])
  })

  test('destroying the stream of Node closes the channel with the error', async () => {
    const ch = channel<string>()
    const error = new Error('cut')
    const stream = Readable.fromWeb(toReadableStream(ch) as never, { objectMode: true })
    stream.on('error', () => {})
    stream.destroy(error)
    await expect.poll(() => ch.closed).toBe(true)
    expect(await rejectionOf(ch.send('a'))).toMatchObject({ value: 'a', cause: error })
  })
})
