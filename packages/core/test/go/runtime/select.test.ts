// Go: src/runtime/chan_test.go TestNonblockRecvRace — a channel with a value that is closed and drained is
//   ready all the time: no receive with a default finds it empty.
// Go: src/runtime/chan_test.go TestNonblockSelectRace — one of two channels is ready all the time: no select
//   with a default takes the default, whenever it looks.
// Go: src/runtime/chan_test.go TestNonblockSelectRace2 — the same where the second becomes ready by a close.
// Go: src/runtime/chan_test.go TestSelfSelect — two tasks send and receive on one channel in one select:
//   neither meets itself, and neither is stuck.
// Go: src/runtime/chan_test.go TestSelectStress — plain and selecting senders and receivers on four channels
//   in chaos: as many values go in as come out.
// Go: src/runtime/chan_test.go TestSelectFairness — of two channels that are always ready each is chosen half
//   the time, beside two that never are.
// Go: src/runtime/chan_test.go TestPseudoRandomSend — two sends to one channel in one select: each gets its
//   share.
// Go: src/runtime/chan_test.go TestSelectDuplicateChannel — a select that waits twice on one channel leaves
//   its queue intact.

import { describe, expect, test } from 'vitest'
import { type Channel, type SelectCase, channel, select, sendCase, trySelect } from 'chansel'
import { expectNothingLeft, settle } from '../../support/pending.ts'
import { letOthersRun, program } from '../support/program.ts'

expectNothingLeft()

describe('C24 a look at a channel sees one moment', () => {
  // In place of a second processor: the look comes at any of the moments in turn, and once in a task of its
  // own.
  const races: { name: string; make: () => { steps: (() => unknown)[]; look: () => unknown } }[] = [
    {
      name: 'TestNonblockRecvRace: a value, a close and a receive',
      make: () => {
        const ch = channel<number>(1)
        ch.trySend(1)
        return { steps: [() => ch.close(), () => ch.tryReceive()], look: () => ch.tryReceive() }
      },
    },
    {
      name: 'TestNonblockSelectRace: the second has a value before the first is taken away',
      make: () => {
        const [c1, c2] = [channel<number>(1), channel<number>(1)]
        c1.trySend(1)
        return { steps: [() => c2.trySend(1), () => c1.tryReceive()], look: () => trySelect([c1, c2]) }
      },
    },
    {
      name: 'TestNonblockSelectRace2: the second is closed before the first is taken away',
      make: () => {
        const [c1, c2] = [channel<number>(1), channel<number>()]
        c1.trySend(1)
        return { steps: [() => c2.close(), () => c1.tryReceive()], look: () => trySelect([c1, c2]) }
      },
    },
  ]

  describe.each(races)('$name', ({ make }) => {
    test.each([0, 1, 2])('looked at after %i steps', (moment) => {
      const { steps, look } = make()
      for (const step of steps.slice(0, moment)) step()
      expect(look()).toBeDefined()
      for (const step of steps.slice(moment)) step()
    })

    test.each([0, 1, 2])('looked at by a task that starts after %i steps', async (moment) => {
      const { steps, look } = make()
      let seen: unknown
      for (const [i, step] of [...steps, () => {}].entries()) {
        if (i === moment) void Promise.resolve().then(() => (seen = look()))
        step()
        await letOthersRun()
      }
      expect(seen).toBeDefined()
    })
  })
})

describe('S7 TestSelfSelect', () => {
  test.each([0, 10])('with a capacity of %i', (capacity) =>
    program((go) => {
      const ch = channel<number>(capacity)
      for (const task of [0, 1]) {
        go(async () => {
          for (let i = 0; i < 1_000; i++) {
            const isSendFirst = task === 0 || i % 2 === 0
            const event = await select(isSendFirst ? [sendCase(ch, task), ch] : [ch, sendCase(ch, task)])
            if (capacity === 0 && 'value' in event) expect(event.value).toBe(1 - task)
          }
        })
      }
    }),
  )
})

test('S20 TestSelectStress: as many values come out of the chaos as go into it', async () => {
  const rounds = 3_000
  const channels = [0, 0, 2, 3].map((capacity) => channel<number>(capacity))
  let [sent, received] = [0, 0]
  await program((go) => {
    for (const ch of channels) {
      go(async () => {
        for (let i = 0; i < rounds; i++, sent++) await ch.send(0)
      })
      go(async () => {
        for (let i = 0; i < rounds; i++, received++) await ch.receive()
      })
    }
    // A case is switched off when its channel has had its share.
    const selectAll = async (write: (ch: Channel<number>) => SelectCase) => {
      const left = channels.map(() => rounds)
      for (let i = 0; i < channels.length * rounds; i++) {
        const event = await select(channels.map((ch, c) => left[c]! > 0 && write(ch)))
        left[event.case]!--
      }
      return left
    }
    const none = channels.map(() => 0)
    go(async () => expect(await selectAll((ch) => sendCase(ch, 0))).toEqual(none))
    go(async () => expect(await selectAll((ch) => ch)).toEqual(none))
  })
  const total = rounds * channels.length
  expect([sent, received, ...channels.map(({ length }) => length)]).toEqual([total, total, 0, 0, 0, 0])
})

test('S21 TestSelectFairness: each of two ready channels is chosen half the time', () =>
  program(async (go) => {
    const trials = 10_000
    const ready = [1, 2].map((value) => {
      const ch = channel<number>(trials + 1)
      for (let i = 0; i <= trials; i++) ch.trySend(value)
      return ch
    })
    const [quiet, quieter] = [channel<number>(), channel<number>()]
    const output = channel<number>()
    const done = channel<void>()
    go(async () => {
      for (;;) {
        const { value } = await select([quiet, quieter, ready[0]!, ready[1]!])
        const event = await select({ sent: sendCase(output, value!), done })
        if (event.case === 'done') return
      }
    })
    const counts = [0, 0, 0]
    for (let i = 0; i < trials; i++) counts[(await output.receive()).value!]!++
    done.close()
    expect(counts[0]).toBe(0)
    // A fair select is outside of this margin once in a million runs.
    expect(Math.abs(counts[1]! / trials - 0.5)).toBeLessThan(4.891676 / (2 * Math.sqrt(trials)))
  }))

describe('S9 TestPseudoRandomSend', () => {
  const values = 100
  const sendBoth = async (ch: Channel<number>) => {
    for (let i = 0; i < values; i++) await select([sendCase(ch, 1), sendCase(ch, 0)])
  }
  const expectBoth = (received: number[]) => {
    const ones = received.reduce((sum, value) => sum + value, 0)
    expect(ones).toBeGreaterThan(values / 10)
    expect(ones).toBeLessThan(values - values / 10)
  }

  test.each([0, values])('with a capacity of %i', (capacity) =>
    program(async (go) => {
      const ch = channel<number>(capacity)
      go(() => sendBoth(ch))
      const received: number[] = []
      while (received.length < values) received.push((await ch.receive()).value!)
      expectBoth(received)
    }),
  )

  test('where the select always waits for its receiver', () =>
    program(async (go) => {
      const ch = channel<number>()
      go(() => sendBoth(ch))
      const received: number[] = []
      while (received.length < values) {
        await settle()
        received.push(ch.tryReceive()!.value!)
      }
      expectBoth(received)
    }))
})

test('S10 TestSelectDuplicateChannel: the receiver behind a select that waited twice is found', async () => {
  const [shared, other] = [channel<number>(), channel<number>()]
  const selected = select([shared, shared, other])
  const behind = shared.receive()
  expect(other.trySend(7)).toBe(true)
  expect(await selected).toEqual({ case: 2, value: 7, ok: true })
  expect(shared.trySend(8)).toBe(true)
  expect(await behind).toEqual({ value: 8, ok: true })
  expect(shared.trySend(9)).toBe(false)
})
