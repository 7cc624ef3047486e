// Where the user's code does run (getters of cases, listeners of signals, continuations), it may call anything: closing,
// sending, cancelling and selecting there see a finished state, and their effects count as any other call's.

import { describe, expect, test } from 'vitest'
import {
  type Channel,
  afterFunc,
  background,
  channel,
  select,
  sendCase,
  sleep,
  timer,
  trySelect,
  withCancel,
  withTimeout,
} from 'chansel'
import { virtualClock } from '../support/clock.ts'
import { expectNothingLeft, expectPending, rejectionOf, settle, thrownBy } from '../support/pending.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }
const full = <T>(value: T): Channel<T> => {
  const ch = channel<T>(1)
  ch.trySend(value)
  return ch
}

describe('R1 a getter among the cases of a select', () => {
  test('R1 S13 that closes the channel of another case: the select finds it closed', async () => {
    const ch = channel<number>()
    const cases = {
      get first() {
        ch.close()
        return null
      },
      ch,
    }
    expect(await select(cases)).toStrictEqual({ case: 'ch', ...CLOSED })
  })

  test('R1 S13 that takes the value of an earlier case: the select waits for the next', async () => {
    const ch = full(1)
    const cases = {
      ch,
      get thief() {
        ch.tryReceive()
        return null
      },
    }
    expect(trySelect(cases)).toBeUndefined()
    ch.trySend(2)
    const selected = select(cases)
    await expectPending(selected)
    ch.trySend(3)
    expect(await selected).toEqual({ case: 'ch', value: 3, ok: true })
  })

  test('R1 that selects over the same channels comes first', async () => {
    const ch = full(1)
    const inner: unknown[] = []
    const cases = {
      get nested() {
        inner.push(trySelect([ch]))
        return null
      },
      ch,
    }
    expect(trySelect(cases)).toBeUndefined()
    expect(inner).toEqual([{ case: 0, value: 1, ok: true }])
  })

  test('R1 J9 that cancels the cancel of the select: it fired before the select looked', async () => {
    const ch = full(1)
    const ctx = withCancel(background())
    const cases = {
      ch,
      get canceller() {
        ctx.cancel('enough')
        return null
      },
    }
    expect(await rejectionOf(select(cases, ctx))).toBe(ctx.err)
    expect(ch.length).toBe(1)
  })

  test('R1 the getter of a cancel that sends: the receive finds the value', async () => {
    const ch = channel<number>(1)
    const cancel = {
      get signal() {
        ch.trySend(1)
        return new AbortController().signal
      },
    }
    expect(await ch.receive(cancel)).toEqual({ value: 1, ok: true })
  })
})

describe('R1 a listener of a signal', () => {
  test('R1 of a context: all waits of the tree are over when it runs, and it may begin new ones', async () => {
    const root = withCancel(background())
    const ch = channel<number>()
    const outbox = channel<number>()
    const old = [ch.receive(root), select([ch], root), outbox.send(1, withCancel(root))].map(rejectionOf)
    const fresh: Promise<unknown>[] = []
    root.signal.addEventListener('abort', () => {
      fresh.push(ch.receive())
      expect(ch.trySend(5)).toBe(true)
      expect(ch.trySend(6)).toBe(false)
      ch.close()
    })
    root.cancel()
    expect(ch.closed).toBe(true)
    for (const error of await Promise.all(old)) expect(error).toBe(root.err)
    expect(await Promise.all(fresh)).toEqual([{ value: 5, ok: true }])
  })

  test('R1 of a context: one that closes, cancels and registers while the tree is told does no harm', async () => {
    const root = withCancel(background())
    const children = [withCancel(root), withCancel(root)]
    const other = withCancel(background())
    const ran: string[] = []
    children[0]!.signal.addEventListener('abort', () => {
      other.cancel(root.cause)
      children[1]!.cancel('ignored')
      withCancel(children[1]!).cancel('ignored')
      afterFunc(root, () => ran.push('registered by a listener'))
      ran.push('listener')
    })
    afterFunc(other, () => ran.push('other'))
    root.cancel('why')
    await settle()
    expect(ran).toEqual(['listener', 'other', 'registered by a listener'])
    expect([children[1]!.cause, other.cause]).toEqual(['why', 'why'])
  })

  test('R1 R3 of a foreign signal, before and behind ours: who sends first is served, who comes late is refused', async () => {
    const controller = new AbortController()
    const early = channel<number>()
    const late = channel<number>()
    const sent: boolean[] = []
    controller.signal.addEventListener('abort', () => sent.push(early.trySend(1)))
    const waits = [early.receive(controller), late.receive(controller)].map((wait) =>
      wait.catch((error: unknown) => error),
    )
    controller.signal.addEventListener('abort', () => sent.push(late.trySend(2)))
    controller.abort('enough')
    expect(sent).toEqual([true, false])
    expect(await Promise.all(waits)).toEqual([{ value: 1, ok: true }, 'enough'])
  })

  test('R1 one that throws stops nobody, and cancel() itself does not throw', async () => {
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const uncaught: unknown[] = []
    process.on('uncaughtException', (error) => uncaught.push(error))
    const root = withCancel(background())
    const child = withCancel(root)
    const waiting = rejectionOf(channel().receive(child))
    root.signal.addEventListener('abort', () => {
      throw new Error('of the listener')
    })
    root.cancel()
    expect(await waiting).toBe(root.err)
    expect(child.signal.aborted).toBe(true)
    await settle()
    await settle()
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
    expect(uncaught).toMatchObject([{ message: 'of the listener' }])
  })
})

describe('S24 a continuation', () => {
  test('S24 that closes the channel: those told in the same turn keep what they were told', async () => {
    const ch = channel<number>()
    const log: unknown[] = []
    const waits = [1, 2].map(() =>
      ch.receive().then((result) => {
        log.push(result.value)
        if (!ch.closed) ch.close()
      }),
    )
    const third = ch.receive()
    ch.trySend(1)
    ch.trySend(2)
    await Promise.all(waits)
    expect(log).toEqual([1, 2])
    expect(await third).toStrictEqual(CLOSED)
  })

  test('S24 of a close, that closes again, hears of it', async () => {
    const ch = channel<number>()
    const closing = ch.receive().then(() => thrownBy(() => ch.close()))
    ch.close()
    expect(await closing).toMatchObject({ code: 'ERR_CHANNEL_CLOSED', operation: 'close' })
  })

  test('S24 of a timer, that resets it, goes on by itself', async () => {
    const clock = virtualClock()
    const beat = timer(10)
    const beats: number[] = []
    const start = clock.now
    const loop = (async () => {
      while (beats.length < 3) {
        await beat.receive()
        beats.push(clock.now - start)
        beat.reset(5)
      }
    })()
    for (let i = 0; i < 4; i++) {
      clock.advance(5)
      await settle()
    }
    await loop
    expect(beats).toEqual([10, 15, 20])
  })

  test('X18 an afterFunc that calls its own stop hears false, and runs once', async () => {
    const ctx = withCancel(background())
    const heard: boolean[] = []
    const stop = afterFunc(ctx, () => heard.push(stop()))
    ctx.cancel()
    await settle()
    expect([heard, stop()]).toEqual([[false], false])
  })

  test('X3 one that cancels while the deadline is told comes too late', async () => {
    const clock = virtualClock()
    const ctx = withTimeout(background(), 10, 'late')
    const told = ctx.done.receive().then(() => ctx.cancel('mine'))
    clock.advance(10)
    await told
    expect(ctx.cause).toBe('late')
    expect(await rejectionOf(sleep(5, ctx))).toBe(ctx.err)
  })

  test('S24 one that sends on the channel of the select that told it', async () => {
    const ch = channel<number>(1)
    const chain = select([ch]).then(async (event) => {
      await select([sendCase(ch, event.value! + 1)])
      return ch.tryReceive()
    })
    ch.trySend(1)
    expect(await chain).toEqual({ value: 2, ok: true })
  })
})
