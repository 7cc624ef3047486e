import { describe, expect, test } from 'vitest'
import { channel, never, receiveOnly, select, sendCase, sendOnly, trySelect } from 'chansel'
import { expectNothingLeft, expectPending, rejectionOf } from '../support/pending.ts'

expectNothingLeft()

const got = <T>(value: T) => ({ value, ok: true })

describe('views', () => {
  test('C15 a receive-only view cannot be closed or sent to, also at run time', async () => {
    const ch = channel<number>(1, { name: 'jobs' })
    const view = receiveOnly(ch)
    for (const member of ['send', 'trySend', 'close', 'closed', Symbol.dispose])
      expect(member in view).toBe(false)
    await ch.send(1)
    expect(view).toMatchObject({ name: 'jobs', length: 1, capacity: 1 })
    expect(view.tryReceive()).toEqual(got(1))
    const received = view.receive()
    ch.trySend(2)
    expect(await received).toEqual(got(2))
    ch.trySend(3)
    ch.close()
    const seen: number[] = []
    for await (const value of view) seen.push(value)
    expect(seen).toEqual([3])
  })

  test('C15 a send-only view cannot be received from, also at run time', async () => {
    const ch = channel<number>(1, { name: 'jobs' })
    const view = sendOnly(ch)
    for (const member of ['receive', 'tryReceive', Symbol.asyncIterator]) expect(member in view).toBe(false)
    await view.send(1)
    expect(view.trySend(2)).toBe(false)
    expect(view).toMatchObject({ name: 'jobs', length: 1, capacity: 1, closed: false })
    view.close('over')
    expect(view.closed).toBe(true)
    expect(await ch.receive()).toEqual(got(1))
    expect(await rejectionOf(ch.receive())).toBe('over')
  })

  test('C15 views pass cancels on, and views of views are cases of a select', async () => {
    const ch = channel<number>()
    const controller = new AbortController()
    const received = receiveOnly(ch).receive(controller)
    const sent = sendOnly(channel<number>()).send(1, controller)
    controller.abort('enough')
    expect(await rejectionOf(received)).toBe('enough')
    expect(await rejectionOf(sent)).toBe('enough')
    const selected = select([receiveOnly(receiveOnly(ch))])
    expect(trySelect([sendCase(sendOnly(sendOnly(ch)), 7)])).toEqual({ case: 0 })
    expect(await selected).toEqual({ case: 0, value: 7, ok: true })
  })

  test.each([
    ['receiveOnly', receiveOnly],
    ['sendOnly', sendOnly],
  ])('api: thrown at once: %s of what is no channel is a TypeError', (_, view) => {
    for (const wrong of [undefined, null, 1, {}]) expect(() => view(wrong as never)).toThrow(TypeError)
  })
})

describe('the nil channel', () => {
  test('C14 C16 the nil channel: receives wait for ever, it has no length, no capacity and no close', async () => {
    await expectPending(never.receive(), never[Symbol.asyncIterator]().next(), select([never]))
    expect(never.tryReceive()).toBeUndefined()
    expect([never.length, never.capacity]).toEqual([0, 0])
    expect('close' in never).toBe(false)
    const selected = select([never, null, undefined, false], { signal: AbortSignal.abort('enough') })
    expect(await rejectionOf(selected)).toBe('enough')
  })

  test('C16 a receive from the nil channel can be cancelled', async () => {
    const controller = new AbortController()
    const received = never.receive(controller)
    await expectPending(received)
    controller.abort('enough')
    expect(await rejectionOf(received)).toBe('enough')
  })

  test('C16 the nil channel is one for all, and nobody can change it', () => {
    expect(() => Object.assign(never, { name: 'mine' })).toThrow(TypeError)
    expect(() => Object.assign(never, { closed: true })).toThrow(TypeError)
    expect(never.name).toBe('never')
  })
})
