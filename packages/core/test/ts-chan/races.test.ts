// Both libraries at work on the same channels, at random: nothing is lost, and nothing comes twice.

import fc from 'fast-check'
import { Chan, Select, recv, send } from 'ts-chan'
import { expect, test } from 'vitest'
import {
  type Channel,
  channel,
  isCanceled,
  select,
  sendCase,
  sleep,
  background,
  withCancel,
  yieldNow,
} from 'chansel'
import { fromTsChan, toTsChan } from 'chansel/ts-chan'
import { Random } from '../support/random.ts'
import { expectNothingLeft } from '../support/pending.ts'

expectNothingLeft()

/** A channel with two faces: ours, and that of ts-chan. */
interface Both {
  readonly ours: Channel<number>
  readonly theirs: ReturnType<typeof toTsChan<number>>
}

function both(isTheirs: boolean, capacity: number): Both {
  if (isTheirs) {
    const theirs = new Chan<number>(capacity)
    return { ours: fromTsChan<number>(theirs), theirs }
  }
  const ours = channel<number>(capacity)
  return { ours, theirs: toTsChan<number>(ours) }
}

test('ping-pong between the libraries, over a channel of each', async () => {
  for (const [ping, pong] of [
    [both(true, 0), both(false, 0)],
    [both(false, 0), both(true, 0)],
  ] as const) {
    const theirPart = async () => {
      const receiving = new Select([recv(ping.theirs)]).setUnsafe(true)
      for (let i = 0; i < 300; i++) {
        await receiving.wait()
        const { value } = receiving.recv(receiving.cases[0])
        await new Select([send(pong.theirs, () => value! + 1)]).setUnsafe(true).wait()
      }
    }
    const done = theirPart()
    for (let i = 0; i < 300; i++) {
      await ping.ours.send(i)
      expect(await pong.ours.receive()).toEqual({ value: i + 1, ok: true })
    }
    await done
  }
})

/**
 * Senders and receivers of both libraries select over all channels, some with a way out that may win at any time.
 * Returns what was sent (as its sender knows it) and what was received.
 */
async function race(seed: number, channels: readonly Both[], rounds: number): Promise<[number[], number[]]> {
  const random = new Random(seed)
  const sent: number[] = []
  const received: number[] = []
  let next = 0
  using stop = withCancel(background())
  const subset = () => {
    const chosen = channels.filter(() => random.chance(0.6))
    return chosen.length > 0 ? chosen : [random.pick(channels)]
  }
  /** Receivers always have one: all of them could wait where nobody sends. */
  const wayOut = (chance: number) => (random.chance(chance) ? channel<never>() : null)
  const opens = (out: Channel<never> | null) => {
    if (out !== null) void (random.chance(0.5) ? Promise.resolve() : yieldNow()).then(() => out.close())
  }

  const ourSender = async () => {
    for (let i = 0; i < rounds; i++) {
      const value = next++
      const out = wayOut(0.3)
      const cases = subset().map(({ ours }) => sendCase(ours, value))
      opens(out)
      const event = await select([out, ...cases], stop)
      if (event.case !== 0) sent.push(value)
    }
  }
  const ourReceiver = async () => {
    for (;;) {
      const out = wayOut(1)
      opens(out)
      const event = await select([out, ...subset().map(({ ours }) => ours)], stop)
      if (event.ok) received.push(event.value)
    }
  }
  const theirSender = async () => {
    for (let i = 0; i < rounds; i++) {
      const value = next++
      const out = wayOut(0.3)
      const cases = subset().map(({ theirs }) => send(theirs, () => value))
      const waiting = new Select([...cases, ...(out === null ? [] : [recv(toTsChan(out))])]).setUnsafe(true)
      opens(out)
      if ((await waiting.wait(stop.signal)) < cases.length) sent.push(value)
    }
  }
  const theirReceiver = async () => {
    for (;;) {
      const out = wayOut(1)
      const cases = subset().map(({ theirs }) => recv(theirs))
      const waiting = new Select([...cases, ...(out === null ? [] : [recv(toTsChan(out))])]).setUnsafe(true)
      opens(out)
      const index = await waiting.wait(stop.signal)
      if (index < cases.length) received.push(waiting.recv(cases[index]!).value!)
    }
  }

  const receivers = [ourReceiver(), theirReceiver(), ourReceiver(), theirReceiver()]
  await Promise.all([ourSender(), theirSender(), ourSender(), theirSender()])
  // What is in a buffer is still to be received.
  while (channels.some(({ ours }) => ours.length > 0)) await yieldNow()
  await yieldNow()
  stop.cancel()
  for (const receiver of receivers)
    await receiver.catch((error: unknown) => expect(isCanceled(error)).toBe(true))
  return [sent, received]
}

const byNumber = (a: number, b: number) => a - b

test(
  'selects of both libraries race over channels of both: what was sent is received, once',
  { timeout: 30_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(fc.tuple(fc.boolean(), fc.nat(2)), { minLength: 1, maxLength: 4 }),
        async (seed, kinds) => {
          const channels = kinds.map(([isTheirs, capacity]) => both(isTheirs, capacity))
          const [sent, received] = await race(seed, channels, 20)
          expect(received.toSorted(byNumber)).toEqual(sent.toSorted(byNumber))
          for (const { ours } of channels) {
            // Nobody waits any more, on either side.
            expect(ours.tryReceive()).toBeUndefined()
            while (ours.length < ours.capacity) expect(ours.trySend(0)).toBe(true)
            expect(ours.trySend(0)).toBe(false)
          }
        },
      ),
      { numRuns: 60 },
    )
  },
)

test('both libraries get their share of one channel of ts-chan', async () => {
  const theirs = new Chan<number>()
  const ours = fromTsChan<number>(theirs)
  const counts = { ours: 0, theirs: 0 }
  using stop = withCancel(background())
  const receivers = [
    (async () => {
      for (;;) {
        await ours.receive(stop)
        counts.ours++
      }
    })(),
    (async () => {
      for (;;) {
        await theirs.recv(stop.signal)
        counts.theirs++
      }
    })(),
  ]
  for (let i = 0; i < 400; i++) {
    await ours.send(i)
    if (i % 4 === 0) await yieldNow()
  }
  await sleep(1)
  stop.cancel()
  for (const receiver of receivers) await receiver.catch(() => {})
  expect(counts.ours + counts.theirs).toBe(400)
  expect(Math.min(counts.ours, counts.theirs)).toBeGreaterThan(50)
})
