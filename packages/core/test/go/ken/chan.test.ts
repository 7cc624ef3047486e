// Go: test/ken/chan.go — plain and selecting senders and receivers in every combination, over four kinds of
//   buffer: each channel gives its values in sequence, a case is switched off when its channel is through,
//   and the counts add up.

import { describe, expect, test } from 'vitest'
import { type Channel, channel, select, sendCase, yieldNow } from 'chansel'
import { expectNothingLeft } from '../../support/pending.ts'
import { Random } from '../../support/random.ts'
import { letOthersRun } from '../support/program.ts'

expectNothingLeft()

/** How many values go through each channel. */
const LENGTH = 76

/** A channel of a sequence of numbers, and how far both sides are. */
class Sequence {
  readonly channel: Channel<number>
  readonly first: number
  sent = 0
  received = 0

  constructor(capacity: number, first: number) {
    this.channel = channel<number>(capacity)
    this.first = first
  }

  get next(): number {
    return this.first + this.sent
  }

  get isSent(): boolean {
    return this.sent === LENGTH
  }

  get isReceived(): boolean {
    return this.received === LENGTH
  }

  take(value: number | undefined): void {
    expect(value).toBe(this.first + this.received)
    this.received++
  }
}

/** The tasks of a test, each of which lets others go first from time to time. */
class Tasks {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  async send(sequence: Sequence): Promise<void> {
    while (!sequence.isSent) {
      await this.#dawdle()
      await sequence.channel.send(sequence.next)
      sequence.sent++
    }
  }

  async receive(sequence: Sequence): Promise<void> {
    while (!sequence.isReceived) {
      await this.#dawdle()
      sequence.take((await sequence.channel.receive()).value)
    }
  }

  async select(receiving: readonly Sequence[], sending: readonly Sequence[]): Promise<void> {
    while (!receiving.every(({ isReceived }) => isReceived) || !sending.every(({ isSent }) => isSent)) {
      await this.#dawdle()
      const event = await select([
        ...receiving.map((sequence) => !sequence.isReceived && sequence.channel),
        ...sending.map((sequence) => !sequence.isSent && sendCase(sequence.channel, sequence.next)),
      ])
      if (event.case < receiving.length)
        receiving[event.case]!.take('value' in event ? event.value : undefined)
      else sending[event.case - receiving.length]!.sent++
    }
  }

  async #dawdle(): Promise<void> {
    for (let turns = this.#random.below(4); turns > 0; turns--) await letOthersRun()
    if (this.#random.chance(0.01)) await yieldNow()
  }
}

type Arrange = (tasks: Tasks, channels: readonly Sequence[]) => Promise<void>[]
const arrangements: { name: string; channels: number; arrange: Arrange }[] = [
  {
    name: 'senders and receivers',
    channels: 4,
    arrange: (tasks, all) => all.flatMap((one) => [tasks.send(one), tasks.receive(one)]),
  },
  {
    name: 'senders and a receiving select',
    channels: 4,
    arrange: (tasks, all) => [...all.map((one) => tasks.send(one)), tasks.select(all, [])],
  },
  {
    name: 'receivers and a sending select',
    channels: 4,
    arrange: (tasks, all) => [...all.map((one) => tasks.receive(one)), tasks.select([], all)],
  },
  {
    name: 'a sending and a receiving select',
    channels: 4,
    arrange: (tasks, all) => [tasks.select([], all), tasks.select(all, [])],
  },
  {
    name: 'two selects that send to each other',
    channels: 8,
    arrange: (tasks, all) => [
      tasks.select(all.slice(4), all.slice(0, 4)),
      tasks.select(all.slice(0, 4), all.slice(4)),
    ],
  },
  {
    name: 'two selects in a line between senders and receivers',
    channels: 12,
    arrange: (tasks, all) => [
      ...all.slice(4, 8).map((one) => tasks.send(one)),
      ...all.slice(8).map((one) => tasks.receive(one)),
      tasks.select(all.slice(4, 8), all.slice(0, 4)),
      tasks.select(all.slice(0, 4), all.slice(8)),
    ],
  },
]

describe.each([0, 1, 10, 100])('with a capacity of %i', (capacity) => {
  test.each(arrangements)('$name', async ({ channels, arrange }) => {
    const sequences = Array.from({ length: channels }, (_, i) => new Sequence(capacity, 100 * (i + 1)))
    await Promise.all(arrange(new Tasks(capacity + channels), sequences))
    const counts = sequences.map(({ sent, received, channel: ch }) => [sent, received, ch.length])
    expect(counts).toEqual(sequences.map(() => [LENGTH, LENGTH, 0]))
  })
})
