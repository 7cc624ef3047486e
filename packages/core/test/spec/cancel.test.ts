import { describe, expect, test } from 'vitest'
import { type Channel, ClosedChannelError, channel, select, sendCase } from 'chansel'
import { expectNothingLeft, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

const CLOSED = { value: undefined, ok: false }
const got = <T>(value: T) => ({ value, ok: true })
/** The values that can be received now. */
function drain<T>(ch: Channel<T>): T[] {
  const values: T[] = []
  for (let result = ch.tryReceive(); result?.ok === true; result = ch.tryReceive()) values.push(result.value)
  return values
}

describe('cancel', () => {
  const operations: [string, (ch: Channel<number>, cancel: AbortController) => Promise<unknown>][] = [
    ['receive', (ch, cancel) => ch.receive(cancel)],
    ['select', (ch, cancel) => select([ch], cancel)],
  ]

  test.each(operations)(
    'api: a cancel that fired already wins over a ready channel: %s',
    async (_, operate) => {
      const ch = channel<number>(1)
      ch.trySend(1)
      const controller = new AbortController()
      controller.abort('enough')
      expect(await rejectionOf(operate(ch, controller))).toBe('enough')
      expect(drain(ch)).toEqual([1])
      ch.close()
      expect(await rejectionOf(operate(ch, controller))).toBe('enough')
    },
  )

  test('api: a cancel that fired already wins over room for a send', async () => {
    const ch = channel<number>(1)
    const controller = new AbortController()
    controller.abort('enough')
    expect(await rejectionOf(ch.send(1, controller))).toBe('enough')
    expect(await rejectionOf(select([sendCase(ch, 1)], controller))).toBe('enough')
    expect(ch.length).toBe(0)
    ch.close()
    expect(await rejectionOf(ch.send(1, controller))).toBe('enough')
  })

  test.each(operations)(
    'J7 R3 delivered, then cancelled in the same turn: delivered: %s',
    async (_, operate) => {
      const ch = channel<number>()
      const controller = new AbortController()
      const waiting = operate(ch, controller)
      expect(ch.trySend(1)).toBe(true)
      controller.abort('late')
      expect(await waiting).toMatchObject({ value: 1, ok: true })
    },
  )

  test.each(operations)(
    'J7 R3 cancelled, then offered in the same turn: not delivered: %s',
    async (_, operate) => {
      const ch = channel<number>()
      const controller = new AbortController()
      const waiting = operate(ch, controller)
      controller.abort('enough')
      expect(ch.trySend(1)).toBe(false)
      expect(await rejectionOf(waiting)).toBe('enough')
    },
  )

  test('J7 R3 a send that was taken, then cancelled in the same turn, is sent', async () => {
    const ch = channel<number>()
    const controller = new AbortController()
    const sent = ch.send(1, controller)
    const selected = select([sendCase(ch, 2)], controller)
    expect(drain(ch)).toEqual([1, 2])
    controller.abort('late')
    await sent
    expect(await selected).toEqual({ case: 0 })
  })

  test('J7 R3 a send that was cancelled cannot be received in the same turn', async () => {
    const ch = channel<number>()
    const controller = new AbortController()
    const sent = ch.send(1, controller)
    const selected = select([sendCase(ch, 2)], controller)
    controller.abort('enough')
    expect(ch.tryReceive()).toBeUndefined()
    expect(await rejectionOf(sent)).toBe('enough')
    expect(await rejectionOf(selected)).toBe('enough')
  })

  test('R3 closed, then cancelled in the same turn: closed', async () => {
    const toReceive = channel<number>()
    const toSend = channel<number>()
    const controller = new AbortController()
    const received = toReceive.receive(controller)
    const sent = rejectionOf(toSend.send(1, controller))
    toReceive.close()
    toSend.close()
    controller.abort('late')
    expect(await received).toStrictEqual(CLOSED)
    expect(await sent).toBeInstanceOf(ClosedChannelError)
  })

  test('R7 a cancelled waiter leaves the order of the others', async () => {
    const ch = channel<number>()
    const controller = new AbortController()
    const first = ch.receive()
    const second = rejectionOf(ch.receive(controller))
    const third = ch.receive()
    controller.abort('enough')
    expect([ch.trySend(1), ch.trySend(2), ch.trySend(3)]).toEqual([true, true, false])
    expect([await first, await second, await third]).toEqual([got(1), 'enough', got(2)])
  })

  test.each([
    ['null', null],
    ['a plain signal', new AbortController().signal],
    ['a number', 1],
    ['a signal that is none', { signal: {} }],
  ])('api: thrown at once: a cancel that is %s is a TypeError', (_, wrong) => {
    const ch = channel<number>(1)
    expect(() => ch.receive(wrong as never)).toThrow(TypeError)
    expect(() => ch.send(1, wrong as never)).toThrow(TypeError)
    expect(() => select([ch], wrong as never)).toThrow(TypeError)
    expect(ch.length).toBe(0)
  })
})
