// What happens to a wait that several things reach in one turn: the first decides, whichever it is, and the others are
// as if there had been no wait. Every kind of wait against every pair of what can end it, in both orders.

import { describe, expect, test } from 'vitest'
import { type CancelContext, type Channel, background, channel, select, sendCase, withCancel } from 'chansel'
import { inlet } from 'chansel/device'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

interface Scene {
  readonly ch: Channel<number>
  readonly ctx: CancelContext
}

type Wait = [string, (scene: Scene) => Promise<unknown>]

const receives: Wait[] = [
  ['receive', ({ ch, ctx }) => ch.receive(ctx)],
  ['select', ({ ch, ctx }) => select([channel(), ch], ctx)],
  ['select with done', ({ ch, ctx }) => select({ ch, done: ctx.done })],
  ['select of one channel twice', ({ ch, ctx }) => select([ch, ch], ctx)],
]

const sends: Wait[] = [
  ['send', ({ ch, ctx }) => ch.send(1, ctx)],
  ['select', ({ ch, ctx }) => select([channel(), sendCase(ch, 1)], ctx)],
  ['select with done', ({ ch, ctx }) => select({ sent: sendCase(ch, 1), done: ctx.done })],
]

/** What ends a wait, and the outcome of the wait. */
type End = [name: string, end: (scene: Scene) => void]
const cancel: End = ['cancel', ({ ctx }) => ctx.cancel('enough')]
const close: End = ['close', ({ ch }) => ch.close()]
const fail: End = ['failure', ({ ch }) => ch.close('broken')]
const offer: End = ['value', ({ ch }) => void (ch.closed || ch.trySend(7))]
const take: End = ['receiver', ({ ch }) => void (ch.closed || ch.tryReceive())]

/** The outcome of a wait, in one word. */
async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  try {
    const result = (await promise) as { case?: unknown; value?: unknown; ok?: boolean } | undefined
    if (result?.case === 'done') return 'cancel'
    if (result?.ok === true) return `value ${String(result.value)}`
    return result?.ok === false ? 'close' : 'receiver'
  } catch (error) {
    if (error === 'broken') return 'failure'
    const { code, cause } = error as { code: string; cause?: unknown }
    if (code === 'ERR_CANCELED') return 'cancel'
    return cause === 'broken' ? 'failure' : 'close'
  }
}

const pairs = (ends: End[]) =>
  ends.flatMap((first) => ends.filter((end) => end !== first).map((then) => [first, then]))

const receiveRows = receives.flatMap(([name, wait]) =>
  pairs([cancel, close, fail, offer]).map(([first, then]) => ({ name, wait, first: first!, then: then! })),
)
const sendRows = sends.flatMap(([name, wait]) =>
  pairs([cancel, close, fail, take]).map(([first, then]) => ({ name, wait, first: first!, then: then! })),
)
// A channel closes once.
const isPossible = ({ first, then }: { first: End; then: End }) =>
  !([close, fail].includes(first) && [close, fail].includes(then))
const title = ({ name, first, then, wait }: (typeof receiveRows)[number]) => ({
  title: `${name}: ${first[0]}, then ${then[0]}`,
  first,
  then,
  wait,
})

describe('R3 J7 a wait to receive: the first to come decides', () => {
  test.each(receiveRows.filter(isPossible).map(title))('R3 J7 $title', async ({ wait, first, then }) => {
    const scene = { ch: channel<number>(), ctx: withCancel(background()) }
    const outcome = outcomeOf(wait(scene))
    first[1](scene)
    then[1](scene)
    expect(await outcome).toBe(first === offer ? 'value 7' : first[0])
    // Nobody waits: a value that came second reached nobody.
    expect(scene.ch.closed || !scene.ch.trySend(8)).toBe(true)
  })
})

describe('R3 J7 a wait to send: the first to come decides', () => {
  test.each(sendRows.filter(isPossible).map(title))('R3 J7 $title', async ({ wait, first, then }) => {
    const scene = { ch: channel<number>(), ctx: withCancel(background()) }
    const outcome = outcomeOf(wait(scene))
    const received: unknown[] = []
    const watched = { ...scene, ch: spied(scene.ch, received) }
    first[1](watched)
    then[1](watched)
    expect(await outcome).toBe(first[0])
    expect(received).toEqual(first === take ? [1] : [])
  })

  /** The channel, with a note of what is received from it. */
  function spied(ch: Channel<number>, received: unknown[]): Channel<number> {
    const tryReceive = () => {
      const result = ch.tryReceive()
      if (result?.ok) received.push(result.value)
      return result
    }
    return new Proxy(ch, {
      get(_, key) {
        if (key === 'tryReceive') return tryReceive
        const value: unknown = Reflect.get(ch, key, ch)
        return typeof value === 'function' ? value.bind(ch) : value
      },
    })
  }
})

describe('R3 everything in one turn', () => {
  test('R3 C11 sends into a buffer, then close: the buffer is kept, the waiting send fails', async () => {
    const ch = channel<number>(1)
    const outcomes = [ch.send(1), ch.send(2)].map(outcomeOf)
    ch.close()
    expect(await Promise.all(outcomes)).toEqual(['receiver', 'close'])
    expect([ch.tryReceive(), ch.tryReceive()?.ok]).toEqual([{ value: 1, ok: true }, false])
  })

  test('C6 R3 a receive that moved a waiting send into the buffer beats a later cancel and close', async () => {
    const ch = channel<number>(1)
    const ctx = withCancel(background())
    ch.trySend(1)
    const moved = outcomeOf(ch.send(2, ctx))
    const waiting = outcomeOf(ch.send(3, ctx))
    ch.tryReceive()
    ctx.cancel()
    ch.close()
    expect([await moved, await waiting]).toEqual(['receiver', 'cancel'])
    expect([ch.tryReceive(), ch.tryReceive()?.ok]).toEqual([{ value: 2, ok: true }, false])
  })

  test('R3 two cancels in one turn: the reason of the first', async () => {
    const [one, two] = [new AbortController(), new AbortController()]
    const both = AbortSignal.any([one.signal, two.signal])
    const waiting = channel()
      .receive({ signal: both })
      .catch((error: unknown) => error)
    two.abort('second')
    one.abort('first')
    expect(await waiting).toBe('second')
  })

  test('R3 a device that offers and closes after the cancel keeps its value', async () => {
    const device = inlet<number>({ capacity: 1, taken() {} })
    const source = device.channel
    const ctx = withCancel(background())
    const cancelled = outcomeOf(source.receive(ctx))
    ctx.cancel()
    device.offer(1)
    device.close()
    expect([await cancelled, source.tryReceive(), source.tryReceive()?.ok]).toEqual([
      'cancel',
      { value: 1, ok: true },
      false,
    ])
  })

  test('R2 R6 of operations begun in one turn the first begun is served first, whatever their kind', async () => {
    const ch = channel<number>()
    const served: string[] = []
    const note = (name: string, promise: Promise<unknown>) => void promise.then(() => served.push(name))
    const ctx = withCancel(background())
    note('receive', ch.receive())
    ch.receive(ctx).catch(() => served.push('cancelled'))
    note('select', select([ch]))
    note('next', ch[Symbol.asyncIterator]().next())
    ctx.cancel()
    for (const value of [1, 2, 3]) expect(ch.trySend(value)).toBe(true)
    expect(ch.trySend(4)).toBe(false)
    await settle()
    expect(served).toEqual(['cancelled', 'receive', 'select', 'next'])
  })
})
