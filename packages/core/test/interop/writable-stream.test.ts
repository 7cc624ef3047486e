// Channels as writable streams, and writable streams as channels.

import { getEventListeners } from 'node:events'
import { Writable } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ClosedChannelError, channel, isCanceled, select, sendCase } from 'chansel'
import { fromWritableStream, toReadableStream, toWritableStream } from 'chansel/interop'
import { expectNothingLeft, expectPending, rejectionOf, settle } from '../support/pending.ts'
import { CLOSED, got } from '../support/received.ts'
import { awkwardValues } from '../support/values.ts'

expectNothingLeft()

describe('toWritableStream', () => {
  test('sends the chunks in order, each when the one before was taken, then closes the channel', async () => {
    const ch = channel<number>()
    const writer = toWritableStream(ch).getWriter()
    expect(writer.desiredSize).toBe(1)
    const writes = [writer.write(1), writer.write(2)]
    await expectPending(...writes, writer.ready)
    expect(await ch.receive()).toEqual(got(1))
    await writes[0]
    await expectPending(writes[1]!)
    expect(await ch.receive()).toEqual(got(2))
    await Promise.all([writes[1], writer.ready, writer.close()])
    expect(ch.closed).toBe(true)
    expect(await ch.receive()).toStrictEqual(CLOSED)
  })

  test('abort withdraws the send that waits, and fails the channel with the reason', async () => {
    const ch = channel<number>()
    const writer = toWritableStream(ch).getWriter()
    const reason = new Error('enough')
    const write = rejectionOf(writer.write(1))
    void writer.closed.catch(() => {})
    await settle()
    const received = writer.abort(reason)
    expect(await write).toBe(reason)
    await received
    expect(await rejectionOf(ch.receive())).toBe(reason)
  })

  test('an abort without a reason does not look like an end', async () => {
    const ch = channel<number>()
    await toWritableStream(ch).abort()
    expect(isCanceled(await rejectionOf(ch.receive()))).toBe(true)
  })

  test('a closed channel fails the stream with what has the chunk and the error of close', async () => {
    const ch = channel<number>()
    const cause = new Error('cut')
    const writer = toWritableStream(ch).getWriter()
    void writer.closed.catch(() => {})
    const write = rejectionOf(writer.write(1))
    await settle()
    ch.close(cause)
    const error = await write
    expect(error).toBeInstanceOf(ClosedChannelError)
    expect(error).toMatchObject({ value: 1, cause })
    expect(await rejectionOf(writer.closed)).toBe(error)
  })

  test('closing or aborting the stream of a channel that is closed is no second close', async () => {
    const ch = channel<number>()
    ch.close()
    await toWritableStream(ch).close()
    await toWritableStream(ch).abort('enough')
    expect(await ch.receive()).toStrictEqual(CLOSED)
  })

  test('a pipe runs through a channel with backpressure, and an error through all of it', async () => {
    const first = channel<number>()
    const second = channel<number>()
    const piped = toReadableStream(first).pipeTo(toWritableStream(second))
    void piped.catch(() => {})
    for (let n = 0; n < 50; n++) {
      void first.send(n)
      expect(await second.receive()).toEqual(got(n))
    }
    // One chunk is with the pipe, one may wait in the writable: all else waits with its sender.
    let sent = 0
    for (let n = 0; n < 9; n++)
      void first.send(n).then(
        () => sent++,
        () => {},
      )
    await settle()
    await settle()
    expect(sent).toBeLessThanOrEqual(2)
    const error = new Error('cut')
    for (let n = 0; n < 9; n++) await second.receive()
    first.close(error)
    expect(await rejectionOf(second.receive())).toBe(error)
    expect(await rejectionOf(piped)).toBe(error)
  })

  test('throws at once for what is no channel', () => {
    expect(() => toWritableStream({} as never)).toThrow('expected a channel to send to')
  })
})

async function aborted(reason: unknown): Promise<WritableStream<number>> {
  const stream = new WritableStream<number>()
  await stream.abort(reason)
  return stream
}

describe('fromWritableStream', () => {
  /** A sink that finishes a write when it is told to. */
  function sink<T = number>(highWaterMark?: number) {
    const seen: unknown[] = []
    const pending: (() => void)[] = []
    const stream = new WritableStream<T>(
      {
        write: (chunk) =>
          new Promise<void>((resolve) => {
            seen.push(chunk)
            pending.push(resolve)
          }),
        close: () => void seen.push('close'),
        abort: (reason) => void seen.push(`abort ${String(reason)}`),
      },
      highWaterMark === undefined ? undefined : { highWaterMark },
    )
    return { stream, seen, finish: () => pending.shift()!() }
  }

  test.each([
    ['0', 0, 1],
    ['1', 1, 1],
    ['3', 3, 3],
  ])('a send waits at a high-water mark of %s', async (_, highWaterMark, accepted) => {
    const { stream, seen, finish } = sink(highWaterMark)
    const ch = fromWritableStream(stream, { name: 'out' })
    let sent = 0
    const sends = [1, 2, 3, 4, 5].map((n) => ch.send(n).then(() => sent++))
    await settle()
    await settle()
    expect([sent, seen, ch.length]).toEqual([accepted, [1], accepted])
    for (let n = 1; n <= 5; n++) {
      finish()
      await settle()
    }
    await Promise.all(sends)
    expect(seen).toEqual([1, 2, 3, 4, 5])
    expect(ch).toMatchObject({ name: 'out', length: 0, closed: false })
  })

  test('the sink never runs inside the send', async () => {
    let isInside = false
    const seen: boolean[] = []
    const stream = new WritableStream({ write: () => void seen.push(isInside) })
    const ch = fromWritableStream(stream)
    await settle()
    isInside = true
    ch.trySend(1)
    isInside = false
    await settle()
    expect(seen).toEqual([false])
  })

  test('is a send case, and one that lost was not sent', async () => {
    const { stream, seen } = sink()
    const ch = fromWritableStream(stream)
    await ch.send(1)
    const other = channel<string>()
    const chosen = select({ sent: sendCase(ch, 2), other })
    await settle()
    await other.send('won')
    expect(await chosen).toMatchObject({ case: 'other' })
    expect(ch.trySend(3)).toBe(false)
    expect(seen).toEqual([1])
  })

  test('close comes after everything that was sent', async () => {
    const { stream, seen, finish } = sink()
    const ch = fromWritableStream(stream)
    await ch.send(1)
    ch.close()
    expect(await rejectionOf(ch.send(2))).toMatchObject({ code: 'ERR_CHANNEL_CLOSED', value: 2 })
    await expectPending(ch.finished)
    finish()
    await ch.finished
    expect(seen).toEqual([1, 'close'])
    expect(stream.locked).toBe(false)
    expect(() => ch.close()).toThrow(ClosedChannelError)
  })

  test('using closes it', async () => {
    const { stream, seen, finish } = sink()
    {
      using ch = fromWritableStream(stream)
      await ch.send(1)
    }
    await settle()
    finish()
    await settle()
    expect(seen).toEqual([1, 'close'])
  })

  test('close(error) aborts the stream with the same error', async () => {
    const reasons: unknown[] = []
    const stop = new AbortController()
    const stream = new WritableStream({ abort: (reason) => void reasons.push(reason) })
    const ch = fromWritableStream(stream, {}, stop)
    const error = new Error('cut')
    ch.close(error)
    stop.abort('too late')
    expect(await rejectionOf(ch.send(1))).toMatchObject({ value: 1, cause: error })
    expect(await rejectionOf(ch.finished)).toBe(error)
    expect(reasons).toEqual([error])
  })

  test('an error of a write fails sends that wait and later ones, as cause, and unlocks the stream', async () => {
    const cause = new Error('full')
    let fail!: (error: unknown) => void
    const stream = new WritableStream<number>({ write: () => new Promise((_, reject) => (fail = reject)) })
    const ch = fromWritableStream(stream)
    await ch.send(1)
    const waiting = rejectionOf(ch.send(2))
    await settle()
    fail(cause)
    expect(await waiting).toMatchObject({ code: 'ERR_CHANNEL_CLOSED', value: 2, cause })
    expect(await rejectionOf(ch.send(3))).toMatchObject({ value: 3, cause })
    expect(await rejectionOf(ch.finished)).toBe(cause)
    expect([ch.closed, stream.locked]).toEqual([true, false])
  })

  describe('a failure that no send can tell of', () => {
    /** A sink whose close fails, and what the process hears of it. */
    function failing() {
      const unhandled: unknown[] = []
      const listen = (error: unknown) => void unhandled.push(error)
      const others = process.listeners('unhandledRejection')
      process.removeAllListeners('unhandledRejection').on('unhandledRejection', listen)
      onTestFinished(() => {
        process.off('unhandledRejection', listen)
        for (const other of others) process.on('unhandledRejection', other)
      })
      const error = new Error('disk full')
      return { unhandled, error, stream: new WritableStream<number>({ close: () => Promise.reject(error) }) }
    }

    test('is an unhandled rejection', async () => {
      const { unhandled, error, stream } = failing()
      fromWritableStream(stream).close()
      await settle()
      await settle()
      expect(unhandled).toEqual([error])
    })

    test('also where the stream failed before the close', async () => {
      const { unhandled } = failing()
      const error = new Error('cut')
      const ch = fromWritableStream(new WritableStream({ start: (controller) => controller.error(error) }))
      await settle()
      expect(unhandled).toEqual([])
      ch.close()
      await settle()
      expect(unhandled).toEqual([error])
    })

    test('is told by finished to who looks at it', async () => {
      const { unhandled, error, stream } = failing()
      const ch = fromWritableStream(stream)
      ch.close()
      expect(await rejectionOf(ch.finished)).toBe(error)
      await settle()
      expect(unhandled).toEqual([])
    })

    test('is no news where a send told of it, or where the program aborted the stream', async () => {
      const { unhandled, error } = failing()
      const told = fromWritableStream<number>(new WritableStream({ write: () => Promise.reject(error) }))
      await told.send(1)
      expect(await rejectionOf(told.send(2))).toMatchObject({ cause: error })
      told.close()
      fromWritableStream(new WritableStream()).close(error)
      const stop = new AbortController()
      const { stream, finish } = sink()
      const stopped = fromWritableStream(stream, {}, stop)
      await stopped.send(1)
      stopped.close()
      await settle()
      stop.abort('enough')
      finish()
      await settle()
      await settle()
      expect(unhandled).toEqual([])
    })
  })

  test('what is sent to a stream that was over before fails, with the value', async () => {
    const closed = new WritableStream<number>()
    await closed.close()
    const toClosed = fromWritableStream(closed)
    const sent = rejectionOf(toClosed.send(1))
    expect(toClosed.trySend(2)).toBe(false)
    expect(await sent).toMatchObject({ code: 'ERR_CHANNEL_CLOSED', value: 1 })
    await toClosed.finished
    expect([toClosed.closed, toClosed.length, closed.locked]).toEqual([true, 0, false])

    const cause = new Error('broken')
    for (const broken of [
      new WritableStream<number>({ start: (controller) => controller.error(cause) }),
      await aborted(cause),
    ]) {
      const toBroken = fromWritableStream(broken)
      expect(await rejectionOf(toBroken.send(3))).toMatchObject({ value: 3, cause })
      expect(await rejectionOf(toBroken.finished)).toBe(cause)
    }
  })

  test('a cancel aborts the stream with its reason, and sends fail with it as cause', async () => {
    const { stream, seen, finish } = sink()
    const stop = new AbortController()
    const ch = fromWritableStream(stream, {}, stop)
    await ch.send(1)
    const waiting = rejectionOf(ch.send(2))
    await settle()
    stop.abort('enough')
    expect(await waiting).toMatchObject({ value: 2, cause: 'enough' })
    finish()
    expect(await rejectionOf(ch.finished)).toBe('enough')
    expect(seen).toEqual([1, 'abort enough'])
  })

  test('a cancel after close() ends the writing of what was sent', async () => {
    const { stream, seen, finish } = sink()
    const stop = new AbortController()
    const ch = fromWritableStream(stream, {}, stop)
    await ch.send(1)
    ch.close()
    await settle()
    stop.abort('enough')
    finish()
    expect(await rejectionOf(ch.finished)).toBe('enough')
    expect(seen).toEqual([1, 'abort enough'])
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
  })

  test('a cancel that fired already aborts the stream at once', async () => {
    const { stream, seen } = sink()
    const ch = fromWritableStream(stream, {}, { signal: AbortSignal.abort('early') })
    expect(await rejectionOf(ch.send(1))).toMatchObject({ value: 1, cause: 'early' })
    await settle()
    expect(seen).toEqual(['abort early'])
  })

  test.each(awkwardValues())('passes $name by identity', async ({ value }) => {
    const { stream, seen } = sink<unknown>()
    await fromWritableStream(stream).send(value)
    await settle()
    expect(seen).toHaveLength(1)
    expect(Object.is(seen[0], value)).toBe(true)
  })

  test('a stream of Node is written through its own toWeb', async () => {
    const seen: string[] = []
    const target = new Writable({
      write(chunk, _, done) {
        seen.push(String(chunk))
        setImmediate(done)
      },
    })
    const ch = fromWritableStream<string>(Writable.toWeb(target) as WritableStream)
    for (const text of ['a', 'b', 'c']) await ch.send(text)
    ch.close()
    await ch.finished
    expect(seen).toEqual(['a', 'b', 'c'])
    expect(target.writableFinished).toBe(true)
  })

  test('throws at once for a stream that is locked, and for what is none', () => {
    const { stream } = sink()
    stream.getWriter()
    expect(() => fromWritableStream(stream)).toThrow('it is locked')
    expect(() => fromWritableStream({} as never)).toThrow('expected a WritableStream')
    const free = sink().stream
    expect(() => fromWritableStream(free, { name: 1 as never })).toThrow(TypeError)
    expect(() => fromWritableStream(free, 1 as never)).toThrow(TypeError)
    expect(() => fromWritableStream(free, {}, 1 as never)).toThrow(TypeError)
    expect(free.locked).toBe(false)
  })
})
