import { describe, expect, test } from 'vitest'
import { type SelectCase, channel, select, sendCase, trySelect } from 'chansel'
import { selector } from 'chansel/selector'

/**
 * Whether `count` of `trials` is what a choice with probability `share` gives. A fair choice fails one time
 * in a million.
 *
 * Source: Go, runtime/chan_test.go, TestSelectFairness: a confidence of six nines is 4.891676 deviations.
 */
function expectShare(count: number, trials: number, share: number): void {
  const bound = 4.891676 * Math.sqrt((share * (1 - share)) / trials)
  expect(
    Math.abs(count / trials - share),
    `${count} of ${trials}, expected a share of ${share}`,
  ).toBeLessThan(bound)
}

function tally(trials: number, cases: number, choose: () => number): number[] {
  const counts = Array.from({ length: cases }, () => 0)
  for (let i = 0; i < trials; i++) counts[choose()]!++
  return counts
}

async function tallyWaiting(trials: number, cases: number, choose: () => Promise<number>): Promise<number[]> {
  const counts = Array.from({ length: cases }, () => 0)
  for (let i = 0; i < trials; i++) counts[await choose()]!++
  return counts
}

const closed = () => {
  const ch = channel<number>()
  ch.close()
  return ch
}

describe('S1 of ready cases one is chosen uniformly at random', () => {
  test.each([2, 3, 5])('%i receives', (n) => {
    const cases = Array.from({ length: n }, closed)
    const trials = 20_000
    for (const count of tally(trials, n, () => trySelect(cases)!.case)) expectShare(count, trials, 1 / n)
  })

  test('receives and sends', () => {
    const room = channel<number>(Infinity)
    const cases = [sendCase(room, 1), closed(), sendCase(room, 2)] as const
    const trials = 20_000
    for (const count of tally(trials, 3, () => trySelect(cases)!.case)) expectShare(count, trials, 1 / 3)
  })

  test('select chooses like trySelect', async () => {
    const cases = [closed(), closed(), closed()]
    const trials = 20_000
    const counts = await tallyWaiting(trials, 3, async () => (await select(cases)).case)
    for (const count of counts) expectShare(count, trials, 1 / 3)
  })
})

const labelled = (cases: readonly SelectCase[]) =>
  Object.fromEntries(cases.map((one, i) => [`case ${i}`, one]))
const indexOf = ({ case: label }: { case: string }) => Number(label.slice('case '.length))

describe.each<[string, (cases: readonly SelectCase[]) => () => Promise<number>]>([
  ['select of an array', (cases) => async () => (await select(cases)).case],
  ['select of an object', (cases) => async () => indexOf(await select(labelled(cases)))],
  ['trySelect of an array', (cases) => async () => trySelect(cases)!.case],
  ['trySelect of an object', (cases) => async () => indexOf(trySelect(labelled(cases))!)],
])('%s', (_, choosing) => {
  const trials = 20_000

  test('S1 S9 S21 chooses among channels of which some are the same and some are never ready', async () => {
    const [one, two, quiet] = [closed(), closed(), channel<number>()]
    const counts = await tallyWaiting(trials, 6, choosing([quiet, one, one, quiet, two, one]))
    expect([counts[0], counts[3]]).toEqual([0, 0])
    for (const i of [1, 2, 4, 5]) expectShare(counts[i]!, trials, 1 / 4)
  })

  test('S1 chooses among channels whatever makes them ready', async () => {
    const [ended, buffered, sending] = [closed(), channel<number>(1), channel<number>()]
    const choose = choosing([ended, buffered, sending])
    let sent = sending.send(2)
    const counts = await tallyWaiting(trials, 3, async () => {
      buffered.trySend(1)
      const chosen = await choose()
      if (chosen === 2) {
        await sent
        sent = sending.send(2)
      }
      return chosen
    })
    for (const count of counts) expectShare(count, trials, 1 / 3)
  })

  test('S1 S2 S9 S21 chooses among receives and sends, of which one fails', async () => {
    const [one, quiet, room, dead] = [closed(), channel<number>(), channel<number>(Infinity), closed()]
    const sent = sendCase(room, 1)
    const choose = choosing([sent, one, false, sendCase(dead, 3), sent, quiet, one, sendCase(quiet, 7)])
    const counts = await tallyWaiting(trials, 8, () => choose().catch(() => 3))
    expect([counts[2], counts[5], counts[7]]).toEqual([0, 0, 0])
    for (const i of [0, 1, 3, 4, 6]) expectShare(counts[i]!, trials, 1 / 5)
  })
})

test('S2 a send on a closed channel beside one ready case fails half the time', () => {
  const dead = closed()
  const cases = [sendCase(dead, 1), closed()] as const
  const trials = 20_000
  const failed = tally(trials, 2, () => {
    try {
      return trySelect(cases)!.case
    } catch {
      return 0
    }
  })[0]!
  expectShare(failed, trials, 1 / 2)
})

describe('S9 each of several cases on one channel counts separately', () => {
  test('when ready', () => {
    const one = closed()
    const two = closed()
    const trials = 20_000
    const counts = tally(trials, 4, () => trySelect([one, one, two, one])!.case)
    for (const count of counts) expectShare(count, trials, 1 / 4)
  })

  test('when waiting to receive', async () => {
    const ch = channel<number>()
    const trials = 20_000
    const counts = await tallyWaiting(trials, 3, async () => {
      const selected = select([ch, ch, ch])
      ch.trySend(1)
      return (await selected).case
    })
    for (const count of counts) expectShare(count, trials, 1 / 3)
  })

  test('when waiting to send', async () => {
    const ch = channel<number>()
    const trials = 20_000
    const counts = await tallyWaiting(trials, 3, async () => {
      const selected = select([sendCase(ch, 0), sendCase(ch, 1), sendCase(ch, 2)])
      const { value } = ch.tryReceive()!
      const chosen = (await selected).case
      expect(value).toBe(chosen)
      return chosen
    })
    for (const count of counts) expectShare(count, trials, 1 / 3)
  })

  test('when waiting behind and before others, with cases on other channels between them', async () => {
    const ch = channel<number>()
    const quiet = channel<number>()
    const trials = 20_000
    const counts = await tallyWaiting(trials, 6, async () => {
      const before = ch.receive()
      const selected = select([ch, quiet, ch, quiet, ch, sendCase(quiet, 1)])
      const behind = ch.receive()
      for (let i = 0; i < 3; i++) ch.trySend(i)
      expect((await before).value).toBe(0)
      expect((await behind).value).toBe(2)
      return (await selected).case
    })
    expect([counts[1], counts[3], counts[5]]).toEqual([0, 0, 0])
    for (const i of [0, 2, 4]) expectShare(counts[i]!, trials, 1 / 3)
  })
})

test('S21 two ready cases among never-ready ones get half each', async () => {
  const trials = 20_000
  const never = [channel<number>(), channel<number>(), channel<number>(), channel<number>()] as const
  const one = channel<number>(trials)
  const two = channel<number>(trials)
  for (let i = 0; i < trials; i++) {
    one.trySend(i)
    two.trySend(i)
  }
  const counts = await tallyWaiting(trials, 6, async () => {
    const event = await select([never[0], one, never[1], never[2], two, never[3]])
    return event.case
  })
  expectShare(counts[1]!, trials, 1 / 2)
  expectShare(counts[4]!, trials, 1 / 2)
  expect(counts[1]! + counts[4]!).toBe(trials)
  expect(Math.abs(counts[1]! / trials - 0.5)).toBeLessThan(4.891676 / (2 * Math.sqrt(trials)))
})

describe('S28 a selector chooses like a select', () => {
  const trials = 20_000

  test('S1 among what became ready, in the order of the cases or not', () => {
    const channels = Array.from({ length: 5 }, () => channel<number>(1))
    using events = selector(channels)
    const counts = tally(trials, 5, () => {
      for (const i of [3, 0, 4]) channels[i]!.trySend(i)
      return events.trySelect()!.case
    })
    expect([counts[1], counts[2]]).toEqual([0, 0])
    for (const i of [0, 3, 4]) expectShare(counts[i]!, trials, 1 / 3)
  })

  test('S1 S2 among receives and sends, of which one fails', () => {
    const room = channel<number>(Infinity)
    const dead = closed()
    using events = selector([sendCase(room, 1), dead, sendCase(dead, 2), channel<number>()])
    const counts = tally(trials, 3, () => {
      try {
        return events.trySelect()!.case
      } catch {
        return 2
      }
    })
    for (const count of counts) expectShare(count, trials, 1 / 3)
  })

  test('S1 S9 a case that was switched off and on between rounds counts once', () => {
    const [one, two] = [closed(), closed()]
    using events = selector([one, two])
    const counts = tally(trials, 2, () => {
      for (let i = 0; i < 3; i++) {
        events.set(0, null)
        events.set(0, one)
      }
      return events.trySelect()!.case
    })
    for (const count of counts) expectShare(count, trials, 1 / 2)
  })

  test('S9 among duplicates that are ready', () => {
    const one = closed()
    using events = selector([one, one, closed(), one])
    const counts = tally(trials, 4, () => events.trySelect()!.case)
    for (const count of counts) expectShare(count, trials, 1 / 4)
  })

  test('S9 among duplicates that wait to receive, between others', async () => {
    const ch = channel<number>()
    const quiet = channel<number>()
    using events = selector([ch, quiet, ch, quiet, ch, sendCase(quiet, 1)])
    const counts = await tallyWaiting(trials, 6, async () => {
      const before = ch.receive()
      const selected = events.select()
      const behind = ch.receive()
      for (let i = 0; i < 3; i++) ch.trySend(i)
      expect([(await before).value, (await behind).value]).toEqual([0, 2])
      return (await selected).case
    })
    expect([counts[1], counts[3], counts[5]]).toEqual([0, 0, 0])
    for (const i of [0, 2, 4]) expectShare(counts[i]!, trials, 1 / 3)
  })

  test('S9 among duplicates that wait to send', async () => {
    const ch = channel<number>()
    using events = selector([sendCase(ch, 0), sendCase(ch, 1), sendCase(ch, 2)])
    const counts = await tallyWaiting(trials, 3, async () => {
      const selected = events.select()
      const { value } = ch.tryReceive()!
      const chosen = (await selected).case
      expect(value).toBe(chosen)
      return chosen
    })
    for (const count of counts) expectShare(count, trials, 1 / 3)
  })
})
