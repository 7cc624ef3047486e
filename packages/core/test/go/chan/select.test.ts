// Go: test/chan/select.go — a case that is switched off is never chosen, and the values of all cases are
//   computed on each entry, those of switched-off cases, too.
// Go: test/chan/select4.go — a select goes on with the case that is ready; nothing of the other runs.
// Go: test/chan/select6.go — a select that loses on a channel leaves the queue of the others there intact.
// Go: test/chan/select7.go — every way to send meets every way to receive.
// Go: test/chan/select8.go — selects of no, one and two cases, with a default and without, end where they
//   should.

import { describe, expect, test } from 'vitest'
import { type Channel, type ReceiveChannel, channel, select, sendCase, trySelect } from 'chansel'
import { expectNothingLeft, expectPending, settle } from '../../support/pending.ts'
import { program } from '../support/program.ts'

expectNothingLeft()

test('select.go: cases are switched off one by one, and their values are computed all the same', () => {
  let computed = 0
  let round = 0
  const compute = () => {
    computed++
    return 1 << round
  }
  const sendOnceToEach = (a: Channel<number> | null, b: Channel<number> | null) => {
    for (let sent = 0; ; sent++, round++) {
      const [valueOfA, valueOfB] = [compute(), compute()]
      const event = trySelect({ a: a && sendCase(a, valueOfA), b: b && sendCase(b, valueOfB) })
      if (event === undefined) return sent
      if (event.case === 'a') a = null
      else b = null
    }
  }
  const a = channel<number>(1)
  const b = channel<number>(1)
  expect(sendOnceToEach(a, b)).toBe(2)
  expect(a.tryReceive()!.value! | b.tryReceive()!.value!).toBe(3)
  expect(sendOnceToEach(a, null)).toBe(1)
  expect(computed).toBe(10)
})

test('select4.go: the ready case is chosen, and the quiet channel is not touched', async () => {
  const ready = channel<number>(1)
  const quiet = channel<number>()
  ready.trySend(42)
  expect(await select({ quiet, ready })).toEqual({ case: 'ready', value: 42, ok: true })
  expect(quiet.trySend(1)).toBe(false)
})

describe('select6.go: S5 a select that lost on a channel', () => {
  test('leaves the receiver before it and the one after it in line', () =>
    program(async (go) => {
      const shared = channel<boolean>()
      const other = channel<boolean>()
      const told = channel<boolean>()
      go(() => shared.receive())
      go(async () => {
        const event = await select({ shared, other })
        expect(event.case).toBe('other')
        await told.send(true)
        await shared.receive()
      })
      await settle()
      go(() => other.send(true))
      await told.receive()
      await shared.send(true)
      await shared.send(true)
    }))

  test.each([0, 1, 2])('at place %i of three is gone, and the other two are served', async (place) => {
    const shared = channel<number>()
    const other = channel<number>()
    const waits: Promise<unknown>[] = [0, 1, 2].map((i) =>
      i === place ? select({ shared, other }) : shared.receive(),
    )
    expect(other.trySend(7)).toBe(true)
    expect(await waits[place]).toEqual({ case: 'other', value: 7, ok: true })
    const late = shared.receive()
    expect([shared.trySend(1), shared.trySend(2), shared.trySend(3), shared.trySend(4)]).toEqual([
      true,
      true,
      true,
      false,
    ])
    const values = await Promise.all([...waits.filter((_, i) => i !== place), late])
    expect(values).toEqual([1, 2, 3].map((value) => ({ value, ok: true })))
  })
})

describe('select7.go', () => {
  const ways = {
    receives: [
      { receive: 'receive', run: (ch: ReceiveChannel<number>) => ch.receive() },
      { receive: 'a select of one case', run: (ch: ReceiveChannel<number>) => select([ch]) },
      { receive: 'a select of two', run: (ch: ReceiveChannel<number>) => select([ch, channel<number>()]) },
    ],
    sends: [
      { send: 'send', run: (ch: Channel<number>): Promise<unknown> => ch.send(1) },
      { send: 'a select of one case', run: (ch: Channel<number>) => select([sendCase(ch, 1)]) },
      {
        send: 'a select of two',
        run: (ch: Channel<number>) => select([sendCase(ch, 1), sendCase(channel<number>(), 1)]),
      },
    ],
  }
  const pairs = ways.receives.flatMap(({ receive, run }) =>
    ways.sends.map((sender) => ({ receive, send: sender.send, runReceive: run, runSend: sender.run })),
  )

  test.each(pairs)('$send meets $receive', async ({ runReceive, runSend }) => {
    const ch = channel<number>()
    const received = runReceive(ch)
    await expectPending(received)
    const sent = runSend(ch)
    expect(await received).toMatchObject({ value: 1, ok: true })
    await sent
  })

  test.each(pairs)('$receive meets $send that waits', async ({ runReceive, runSend }) => {
    const ch = channel<number>()
    const sent = runSend(ch)
    await expectPending(sent)
    const received = runReceive(ch)
    expect(await received).toMatchObject({ value: 1, ok: true })
    await sent
  })
})

test('select8.go: each of the shapes ends with the case that can happen', () =>
  program(async (go, exit) => {
    const fives = channel<number>()
    go(async () => {
      for (;;) await fives.send(5, exit)
    })
    expect(await select([fives])).toEqual({ case: 0, value: 5, ok: true })
    expect(trySelect([])).toBeUndefined()
    await settle()
    expect(trySelect([fives])).toEqual({ case: 0, value: 5, ok: true })
    expect(trySelect([fives]), 'the sender has not come back yet').toBeUndefined()
    await settle()
    expect(trySelect([fives, sendCase(fives, 10)])).toEqual({ case: 0, value: 5, ok: true })
  }))
