// Go: src/reflect/all_test.go TestSelect — every combination of cases that are ready, waiting, nil and
//   closed, with a default and without: what is chosen could happen, gives the right value, and nothing else
//   happened.
// Go: src/reflect/all_test.go TestSelectMaxCases — a select of more than 65,536 cases. Unlike Go it is
//   allowed: the number of cases has no limit.
// Go: src/reflect/all_test.go TestSelectNop — a select of nothing but a default takes it.
// Go: src/reflect/all_test.go TestChan — the operations of a channel in all outcomes, where the channel is
//   only known as one of its halves.

import { describe, expect, test } from 'vitest'
import {
  type Channel,
  type ClosedChannelError,
  type ReceiveChannel,
  type SelectCase,
  type SendChannel,
  channel,
  receiveOnly,
  select,
  sendCase,
  sendOnly,
  trySelect,
} from 'chansel'
import { expectNothingLeft, expectPending } from '../../support/pending.ts'
import { type Choices, everyWay } from '../support/choices.ts'

expectNothingLeft()

const END = { value: undefined, ok: false }

/** A case of a select, and what is known about it beforehand. */
interface Prepared {
  readonly name: string
  readonly case: SelectCase
  /** What choosing it comes to, if it is ready. */
  readonly ready?: object
  /** What choosing it comes to once `help` was called, if it waits. */
  readonly helped?: object
  readonly help?: () => void
  /** Whether its channel is as the select must leave it. */
  readonly isIntact: (isChosen: boolean) => boolean
}

// Each makes a case with a value that no other case of the select has.
const kinds: ((value: number) => Prepared)[] = [
  (value) => {
    const ch = channel<number>(1)
    return {
      name: 'a send to a buffer with room',
      case: sendCase(ch, value),
      ready: {},
      isIntact: (isChosen) => ch.tryReceive()?.value === (isChosen ? value : undefined),
    }
  },
  (value) => {
    const ch = channel<number>(1)
    ch.trySend(value)
    return {
      name: 'a receive from a buffer with a value',
      case: ch,
      ready: { value, ok: true },
      isIntact: (isChosen) => ch.tryReceive()?.value === (isChosen ? undefined : value),
    }
  },
  (value) => {
    const ch = channel<number>()
    let taken: number | undefined
    return {
      name: 'a send that waits',
      case: sendCase(ch, value),
      helped: {},
      help: () => (taken = ch.tryReceive()?.value),
      isIntact: (isChosen) => taken === (isChosen ? value : undefined) && ch.tryReceive() === undefined,
    }
  },
  (value) => {
    const ch = channel<number>()
    return {
      name: 'a receive that waits',
      case: ch,
      helped: { value, ok: true },
      help: () => ch.trySend(value),
      isIntact: () => !ch.trySend(-1),
    }
  },
  () => ({ name: 'a nil case', case: null, isIntact: () => true }),
  (value) => {
    const ch = channel<number>()
    ch.close()
    const isIntact = () => ch.tryReceive()?.ok === false
    return {
      name: 'a send to a closed channel',
      case: sendCase(ch, value),
      ready: { failed: value },
      isIntact,
    }
  },
  () => {
    const ch = channel<number>()
    ch.close()
    return { name: 'a receive from a closed channel', case: ch, ready: END, isIntact: () => ch.length === 0 }
  },
]

async function selectOneWay(choices: Choices): Promise<void> {
  const prepared = kinds.filter(() => choices.maybe()).map((prepare, i) => prepare(i))
  if (choices.maybe()) prepared.reverse()
  const given = prepared.map((one) => one.case)
  const readyPlaces = [...prepared.keys()].filter((i) => prepared[i]!.ready)
  const helpablePlaces = [...prepared.keys()].filter((i) => prepared[i]!.help)
  const hasDefault = readyPlaces.length + helpablePlaces.length === 0 || choices.maybe()

  const selecting = hasDefault ? new Promise((resolve) => resolve(trySelect(given))) : select(given)
  let possible: unknown[] = readyPlaces.map((place) => ({ case: place, ...prepared[place]!.ready }))
  if (readyPlaces.length === 0 && hasDefault) possible = [undefined]
  else if (readyPlaces.length === 0) {
    await expectPending(selecting)
    const place = choices.pick(helpablePlaces)
    prepared[place]!.help!()
    possible = [{ case: place, ...prepared[place]!.helped }]
  }

  const outcome = (await selecting.catch(({ operation, value }: ClosedChannelError) => ({
    case: prepared.findIndex(({ ready }) => ready && 'failed' in ready),
    [operation === 'send' ? 'failed' : operation]: value,
  }))) as { case: number } | undefined
  expect(possible).toContainEqual(outcome)
  for (const [i, { name, isIntact }] of prepared.entries()) {
    expect(isIntact(i === outcome?.case), `${name}, with ${JSON.stringify(outcome)}`).toBe(true)
  }
}

test('TestSelect: S1 S3 S6 every combination of cases comes to something that can happen', async () => {
  expect(await everyWay(selectOneWay)).toBe(512)
})

test('TestSelectMaxCases: S27 a select may have more than 65,536 cases', async () => {
  const closed = channel<number>()
  closed.close()
  const cases = Array.from({ length: 65_537 }, () => receiveOnly(closed))
  expect(await select(cases)).toMatchObject(END)
  const [quiet, last] = [channel<number>(), channel<number>()]
  const waiting = select([...cases.fill(quiet), last])
  last.trySend(1)
  expect(await waiting).toEqual({ case: 65_537, value: 1, ok: true })
  expect(quiet.trySend(1)).toBe(false)
})

test('TestSelectNop: S12 a select of nothing but a default takes it', () => {
  expect(trySelect([])).toBeUndefined()
  expect(trySelect({})).toBeUndefined()
})

describe.each<{
  name: string
  sending: <T>(ch: Channel<T>) => SendChannel<T>
  receiving: <T>(ch: Channel<T>) => ReceiveChannel<T>
}>([
  { name: 'the channel itself', sending: (ch) => ch, receiving: (ch) => ch },
  { name: 'its two views', sending: sendOnly, receiving: receiveOnly },
])('TestChan: with $name', ({ sending, receiving }) => {
  test('each side has the outcomes of the channel', async () => {
    const ch = channel<number>(1)
    const [sender, receiver] = [sending(ch), receiving(ch)]
    await sender.send(2)
    expect(await ch.receive()).toEqual({ value: 2, ok: true })
    await ch.send(3)
    expect(await receiver.receive()).toEqual({ value: 3, ok: true })
    expect(receiver.tryReceive()).toBeUndefined()
    await ch.send(4)
    expect(receiver.tryReceive()).toEqual({ value: 4, ok: true })
    await ch.send(100)
    expect(sender.trySend(5)).toBe(false)
    expect(await ch.receive()).toEqual({ value: 100, ok: true })
    expect(sender.trySend(6)).toBe(true)
    expect(await ch.receive()).toEqual({ value: 6, ok: true })
    await ch.send(123)
    sender.close()
    expect([await receiver.receive(), await receiver.receive()]).toEqual([{ value: 123, ok: true }, END])
  })

  test('an unbuffered channel does nothing for one side alone', () => {
    const ch = channel<number>()
    expect(sending(ch).trySend(7)).toBe(false)
    expect(receiving(ch).tryReceive()).toBeUndefined()
  })

  test('length and capacity are those of the channel', () => {
    const ch = channel<number>(10)
    for (const value of [0, 1, 2]) ch.trySend(value)
    expect([sending(ch).length, sending(ch).capacity]).toEqual([3, 10])
    expect([receiving(ch).length, receiving(ch).capacity]).toEqual([3, 10])
  })
})
