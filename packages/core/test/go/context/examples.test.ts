// Go: src/context/example_test.go ExampleWithCancel — a generator whose reader cancels it does not leak.
// Go: src/context/example_test.go ExampleWithDeadline — a select gives up at a deadline.
// Go: src/context/example_test.go ExampleWithTimeout — a select gives up after a time.
// Go: src/context/example_test.go ExampleWithValue — a function finds the value that its caller gave, by its
//   key.
// Go: src/context/example_test.go ExampleAfterFunc_cond — many who wait for a condition give up, each with
//   its context.
// Go: src/context/example_test.go ExampleAfterFunc_connection — a read from a socket is stopped, the socket
//   lives on.
// Go: src/context/example_test.go ExampleAfterFunc_merge — a context that ends with either of two.
import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import {
  type CancelContext,
  type Context,
  type ContextKey,
  type ReceiveChannel,
  afterFunc,
  background,
  channel,
  contextKey,
  isDeadlineExceeded,
  never,
  select,
  sendCase,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
} from 'chansel'
import { expectNothingLeft, rejectionOf } from '../../support/pending.ts'
import { Tasks, inBubble } from '../time/bubble.ts'

expectNothingLeft()

const SHORT_MS = 1

test('ExampleWithCancel: the generator ends with its context', async () => {
  const tasks = new Tasks()

  function integers(ctx: Context): ReceiveChannel<number> {
    const numbers = channel<number>()
    tasks.go(async () => {
      for (let n = 1; ; n++) {
        const event = await select({ done: ctx.done, sent: sendCase(numbers, n) })
        if (event.case === 'done') return
      }
    })
    return numbers
  }

  const seen: number[] = []
  {
    using ctx = withCancel(background())
    for await (const n of integers(ctx)) if (seen.push(n) === 5) break
  }
  expect(seen).toEqual([1, 2, 3, 4, 5])
  // It would never end without the cancel at the end of the block.
  await tasks.joined()
})

test.each<[string, (epochMs: number) => CancelContext]>([
  ['ExampleWithDeadline', (epochMs) => withDeadline(background(), epochMs + SHORT_MS)],
  ['ExampleWithTimeout', () => withTimeout(background(), SHORT_MS)],
])('%s: the wait is given up', (_, make) =>
  inBubble(async (clock) => {
    using ctx = make(clock.epochMs)
    expect(await select({ ready: never, done: ctx.done })).toMatchObject({ case: 'done' })
    expect(ctx.err?.message).toBe('Cannot continue: context deadline exceeded')
  }),
)

test('ExampleWithValue: found by its key, and by no other', () => {
  const find = (ctx: Context, key: ContextKey<string>) => ctx.value(key) ?? `no ${key.name}`
  const language = contextKey<string>('language')
  const ctx = withValue(background(), language, 'Go')
  expect([find(ctx, language), find(ctx, contextKey('color'))]).toEqual(['Go', 'no color'])
})

/** A condition that tasks wait for; each signal wakes all who wait, and each looks for itself. */
class Condition {
  #changed = channel<never>()

  async wait(ctx: Context, isMet: () => boolean): Promise<void> {
    const stop = afterFunc(ctx, () => this.broadcast())
    try {
      while (!isMet()) {
        await this.#changed.receive()
        if (ctx.err !== undefined) throw ctx.err
      }
    } finally {
      stop()
    }
  }

  broadcast(): void {
    this.#changed.close()
    this.#changed = channel<never>()
  }
}

test('ExampleAfterFunc_cond: each who waits gives up with its own context, the others go on', () =>
  inBubble(async (clock) => {
    const start = clock.now
    const condition = new Condition()
    let isMet = false
    const gaveUpAfterMs: number[] = []
    const tasks = new Tasks()
    for (const ms of [3, 1, 4, 2]) {
      tasks.go(async () => {
        using ctx = withTimeout(background(), ms)
        const error = await rejectionOf(condition.wait(ctx, () => isMet))
        expect(isDeadlineExceeded(error)).toBe(true)
        gaveUpAfterMs.push(clock.now - start)
      })
    }
    const patient = condition.wait(background(), () => isMet)
    await tasks.joined()
    expect(gaveUpAfterMs).toEqual([1, 2, 3, 4])
    isMet = true
    condition.broadcast()
    await patient
  }))

/** Reads what comes next, unless the context ends first; the socket stays open either way. */
async function read(ctx: Context, socket: Socket): Promise<string> {
  const stopped = new AbortController()
  const stop = afterFunc(ctx, () => stopped.abort())
  try {
    const [data] = (await once(socket, 'data', { signal: stopped.signal })) as [Buffer]
    return data.toString()
  } catch (error) {
    throw stopped.signal.aborted ? ctx.err : error
  } finally {
    stop()
  }
}

test('ExampleAfterFunc_connection: the read is stopped, the next one reads', async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [peer] = (await once(server, 'connection')) as [Socket]
  using ctx = withTimeout(background(), SHORT_MS)
  const error = await rejectionOf(read(ctx, socket))
  expect(error).toBe(ctx.err)
  expect(isDeadlineExceeded(error)).toBe(true)
  expect(socket.listenerCount('data')).toBe(0)

  const reading = read(background(), socket)
  peer.write('still there')
  expect(await reading).toBe('still there')
  socket.destroy()
  server.close()
  await once(server, 'close')
})

/** A child of `first`, with its values, that ends with `second`, too. */
function merged(first: Context, second: Context): { ctx: Context; cancel(): void } {
  const ctx = withCancel(first)
  const stop = afterFunc(second, () => ctx.cancel(second.cause))
  return {
    ctx,
    cancel() {
      stop()
      ctx.cancel()
    },
  }
}

test.each([0, 1])('ExampleAfterFunc_merge: ends with parent %d, with its cause', async (which) => {
  const parents = [withCancel(background()), withCancel(background())] as const
  const { ctx, cancel } = merged(...parents)
  const cause = new Error('canceled')
  parents[which]!.cancel(cause)
  await ctx.done.receive()
  expect(ctx.cause).toBe(cause)
  cancel()
  expect([ctx.cause, parents[1 - which]!.err]).toEqual([cause, undefined])
})
