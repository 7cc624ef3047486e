import { describe, expect, test } from 'vitest'
import { ClosedChannelError, channel, select, sendCase, trySelect } from 'chansel'
import { selector } from 'chansel/selector'
import { expectNothingLeft, rejectionOf, settle, thrownBy } from '../support/pending.ts'
import { awkwardValues } from '../support/values.ts'

expectNothingLeft()

describe('R5 values', () => {
  describe.each(awkwardValues())('$name', ({ value }) => {
    test('C31 J1 J2 passes by identity through a buffer', async () => {
      const ch = channel<unknown>(2)
      await ch.send(value)
      expect(ch.trySend(value)).toBe(true)
      expect(isSame(await ch.receive(), value)).toBe(true)
      expect(isSame(ch.tryReceive(), value)).toBe(true)
    })

    test('C31 J1 J2 passes by identity from hand to hand', async () => {
      const ch = channel<unknown>()
      const received = ch.receive()
      await ch.send(value)
      expect(isSame(await received, value)).toBe(true)
      const sent = ch.send(value)
      expect(isSame(await ch.receive(), value)).toBe(true)
      await sent
    })

    test('C31 C6 passes by identity from a sender that waits into the buffer', async () => {
      const ch = channel<unknown>(1)
      const sends = [ch.send('first'), ch.send(value), select({ sent: sendCase(ch, value) })]
      expect(ch.tryReceive()).toStrictEqual({ value: 'first', ok: true })
      expect(isSame(ch.tryReceive(), value)).toBe(true)
      expect(isSame(await ch.receive(), value)).toBe(true)
      await Promise.all(sends)
    })

    test('C31 K2 is kept or dropped, and counted, like any other', () => {
      const oldest = channel<unknown>(1, { overflow: 'drop-oldest' })
      const newest = channel<unknown>(1, { overflow: 'drop-newest' })
      for (const ch of [oldest, newest]) for (let i = 0; i < 3; i++) expect(ch.trySend(value)).toBe(true)
      expect([oldest.dropped, newest.dropped]).toEqual([2, 2])
      expect(isSame(oldest.tryReceive(), value)).toBe(true)
      expect(isSame(newest.tryReceive(), value)).toBe(true)
    })

    test('C31 J1 J2 passes by identity through select', async () => {
      const ch = channel<unknown>()
      const selected = select({ ch })
      expect(await select([sendCase(ch, value)])).toStrictEqual({ case: 0 })
      expect(isSame(await selected, value)).toBe(true)
      const sent = select([sendCase(ch, value)])
      expect(isSame(trySelect([ch]), value)).toBe(true)
      expect(await sent).toStrictEqual({ case: 0 })
      // Where the last select found a case ready, the next looks at the channels of an array first.
      const sends = [ch.send(value), ch.send(value)]
      expect(isSame(await select({ ch }), value)).toBe(true)
      expect(isSame(await select([ch]), value)).toBe(true)
      await Promise.all(sends)
    })

    test('C31 S28 S30 passes by identity through a selector, also what a case is set to', async () => {
      const ch = channel<unknown>()
      using taking = selector({ ch })
      using sending = selector({ sent: sendCase(ch, value) })
      const taken = taking.select()
      expect(await sending.select()).toStrictEqual({ case: 'sent' })
      expect(isSame(await taken, value)).toBe(true)
      sending.set('sent', false)
      sending.set('sent', sendCase(ch, value))
      const sent = sending.select()
      expect(isSame(taking.trySelect(), value)).toBe(true)
      expect(await sent).toStrictEqual({ case: 'sent' })
    })

    test('C31 J1 J2 passes by identity through for await, waiting and not', async () => {
      const ch = channel<unknown>(1)
      const seen: unknown[] = []
      const loop = (async () => {
        for await (const received of ch) seen.push(received)
      })()
      ch.trySend(value)
      await settle()
      ch.trySend(value)
      ch.trySend(value)
      ch.close()
      await loop
      expect(seen.length).toBe(3)
      expect(seen.every((received) => Object.is(received, value))).toBe(true)
    })

    test('C31 is carried unsent by the ClosedChannelError', async () => {
      const ch = channel<unknown>()
      const blocked = rejectionOf(ch.send(value))
      ch.close()
      expect(Object.is(((await blocked) as ClosedChannelError).value, value)).toBe(true)
      expect(Object.is((thrownBy(() => ch.trySend(value)) as ClosedChannelError).value, value)).toBe(true)
    })
  })

  function isSame(result: { value?: unknown; ok?: boolean } | undefined, value: unknown): boolean {
    return result !== undefined && result.ok === true && Object.is(result.value, value)
  }

  test('J1 a promise in a box is untouched: the receiver decides when to await it', async () => {
    const ch = channel<Promise<number>>(1)
    await ch.send(Promise.resolve(42))
    const { value } = await ch.receive()
    expect(value).toBeInstanceOf(Promise)
    expect(await value).toBe(42)
  })
})
