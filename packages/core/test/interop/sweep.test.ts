// A short program for each door, stopped at every step of it: what was sent arrived, or came back to its sender, or was
// in the stream that was cancelled; nobody waits any more, and no listener and no lock of a stream is left.

import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { type Cancel, channel, isCanceled, sleep, withTimeout } from 'chansel'
import * as interop from 'chansel/interop'
import {
  fromEvents,
  fromReadableStream,
  fromSignal,
  fromWritableStream,
  toReadableStream,
  toWritableStream,
} from 'chansel/interop'
import { type Stoppable, cancels, countListeners } from '../support/cancels.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

/** Runs until it ends or is stopped; then checks what has to be true. */
type Program = (cancel: Cancel) => { ended: Promise<unknown>; stop?: () => unknown; check: () => unknown }

const COUNT = 4
const numbers = Array.from({ length: COUNT }, (_, n) => n)

/** Sends what nobody has to take: sends that failed count as not sent. */
async function sendAll(send: (n: number) => Promise<unknown>, sent: number[]): Promise<void> {
  for (const n of numbers) {
    await send(n)
    sent.push(n)
  }
}

const programs: { readonly [door: string]: Program } = {
  toReadableStream: (cancel) => {
    const ch = channel<number>()
    const reader = toReadableStream(ch).getReader()
    const [sent, read]: number[][] = [[], []]
    const reading = async () => {
      for (let got = await reader.read(); !got.done; got = await reader.read()) read!.push(got.value)
    }
    const sending = async () => {
      await sendAll((n) => ch.send(n, cancel), sent!)
      ch.close()
    }
    return {
      ended: Promise.allSettled([reading(), sending()]),
      stop: () => reader.cancel('stop'),
      // A chunk that was taken when the reader released the stream is lost with it.
      check: () => {
        expect(read).toEqual(numbers.slice(0, read!.length))
        expect(sent!.length - read!.length).toBeLessThanOrEqual(1)
        expect(ch.closed).toBe(true)
      },
    }
  },
  fromReadableStream: (cancel) => {
    let n = 0
    let isClosed = false
    let cancelled = 0
    const stream = new ReadableStream<number>({
      pull: (out) => {
        if (n < COUNT) return out.enqueue(n++)
        isClosed = true
        out.close()
      },
      cancel: () => void cancelled++,
    })
    const chunks = fromReadableStream(stream, { capacity: 1 }, cancel)
    const read: number[] = []
    const reading = async () => {
      for await (const chunk of chunks) read.push(chunk)
    }
    return {
      ended: reading().catch((error: unknown) => expect(error).toBe(cancel.signal.reason)),
      check: () => {
        expect(read).toEqual(numbers.slice(0, read.length))
        expect([stream.locked, cancelled]).toEqual([false, isClosed ? 0 : 1])
      },
    }
  },
  toWritableStream: (cancel) => {
    const ch = channel<number>()
    const writer = toWritableStream(ch).getWriter()
    writer.closed.catch(() => {})
    const [sent, received]: number[][] = [[], []]
    const writing = async () => {
      await sendAll((n) => writer.write(n), sent!)
      await writer.close()
    }
    const receiving = async () => {
      for (let got = await ch.receive(cancel); got.ok; got = await ch.receive(cancel))
        received!.push(got.value)
    }
    return {
      ended: Promise.allSettled([writing(), receiving()]),
      stop: () => writer.abort('stop'),
      // A write whose chunk was taken may still reject with the abort: the stream decides that.
      check: () => {
        expect(received).toEqual(numbers.slice(0, received!.length))
        expect(received!.length - sent!.length).toBeOneOf([0, 1])
        expect(ch.closed).toBe(true)
      },
    }
  },
  fromWritableStream: (cancel) => {
    const written: number[] = []
    let aborted = 0
    const stream = new WritableStream<number>({
      write: async (n) => {
        await Promise.resolve()
        written.push(n)
      },
      abort: () => void aborted++,
    })
    const out = fromWritableStream(stream, {}, cancel)
    const sent: number[] = []
    const sending = async () => {
      await sendAll((n) => out.send(n), sent)
      out.close()
      await out.finished
    }
    return {
      ended: sending().catch(() => {}),
      check: () => {
        expect(written).toEqual(numbers.slice(0, written.length))
        expect([stream.locked, aborted <= 1]).toEqual([false, true])
        if (aborted === 0) expect(written).toEqual(numbers)
      },
    }
  },
  fromEvents: (cancel) => {
    const emitter = new EventEmitter()
    const events = fromEvents<number>(emitter, 'n', {}, cancel)
    const read: number[] = []
    const reading = async () => {
      for await (const n of events) {
        read.push(n)
        if (n === COUNT - 1) events[Symbol.dispose]()
      }
    }
    const emitting = async () => {
      for (const n of numbers) {
        emitter.emit('n', n)
        await Promise.resolve()
      }
    }
    void emitting()
    return {
      ended: reading().catch((error: unknown) => expect(error).toBe(cancel.signal.reason)),
      check: () => {
        expect(read).toEqual(numbers.slice(0, read.length))
        expect(emitter.eventNames()).toEqual([])
      },
    }
  },
  fromSignal: (cancel) => {
    const ctx = fromSignal(cancel.signal)
    const waiting = async () => {
      for (const ms of [0, 0]) {
        using child = withTimeout(ctx, 60_000)
        await sleep(ms, child)
        await Promise.resolve()
      }
      await ctx.done.receive()
    }
    return {
      ended: waiting().catch((error: unknown) => expect(isCanceled(error)).toBe(true)),
      check: () => expect([ctx.err === undefined, isCanceled(ctx.err)]).toEqual([false, true]),
    }
  },
}

test('every door is swept', () => {
  expect(Object.keys(programs).toSorted()).toEqual(Object.keys(interop).toSorted())
})

async function stopAfter(step: number, begin: Program, cancel: Stoppable): Promise<void> {
  const { ended, stop, check } = begin(cancel)
  for (let i = 0; i < step; i++) await Promise.resolve()
  const stopped = stop?.()
  cancel.stop()
  await stopped
  await ended
  await settle()
  check()
}

test.each(
  Object.entries(programs).flatMap(([name, begin]) =>
    cancels.map(({ of, make }) => ({ name, of, begin, make })),
  ),
)('J8 J9 $name, stopped by $of at every step, keeps and leaves nothing', async ({ begin, make }) => {
  const listeners = countListeners()
  for (let step = 0; step < 60; step++) {
    await stopAfter(step, begin, make())
    expect(listeners.count, `listeners after step ${step}`).toBe(0)
  }
})
