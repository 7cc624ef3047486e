import { expect, test } from 'vitest'
import { background, channel, select, sendCase, ticker, withCancel } from 'chansel'
import { selector } from 'chansel/selector'
import { expectFlatHeap, isCollected } from '../support/gc.ts'
import { expectNothingLeft } from '../support/pending.ts'

expectNothingLeft()

const nothing = () => channel<object>()

test('S23 S32 a million rounds with quiet losers do not grow memory', { timeout: 60_000 }, async () => {
  const quiet = channel<number>()
  const shared = channel<number>()
  const busy = channel<number>(1)
  const ctx = withCancel(background())
  using beside = selector([shared])
  using events = selector({ quiet, shared, busy, sent: sendCase(quiet, 1), off: null, done: ctx.done })
  const run = async (rounds: number) => {
    for (let i = 0; i < rounds; i += 2) {
      const waiting = events.select(ctx)
      busy.trySend(i)
      await waiting
      busy.trySend(i)
      events.trySelect()
    }
  }
  await run(10_000)
  await expectFlatHeap(() => run(1_000_000), 100_000)
  expect(beside.trySelect()).toBeUndefined()
})

test('S31 selectors that come and go leave nothing on their channels', { timeout: 20_000 }, async () => {
  const inbox = channel<number>()
  const outbox = channel<number>()
  const ctx = withCancel(background())
  const tick = ticker(60_000)
  using beside = selector({ inbox })
  beside.trySelect()
  const run = (times: number) => {
    for (let i = 0; i < times; i++) {
      using events = selector({ inbox, again: inbox, sent: sendCase(outbox, i), tick, done: ctx.done })
      events.trySelect()
      if (i % 3 === 0) events.set('again', false)
      if (i % 2 === 0) events.select(ctx).catch(() => {})
    }
  }
  await expectFlatHeap(() => run(30_000), 500_000)
})

test.each([
  ['at once', async () => {}],
  ['after a look', (events: Rounds) => void events.trySelect()],
  ['while it waits', (events: Rounds) => void events.select().catch(() => {})],
  ['after a round', (events: Rounds, { busy }: Channels) => round(events, busy)],
  ['with a case off', (events: Rounds) => events.set('quiet', null)],
])('S31 a selector that is disposed of is kept alive by none of its channels: %s', async (_, use) => {
  const channels = { quiet: nothing(), busy: nothing() }
  const ctx = withCancel(background())
  const beside = selector({ quiet: channels.quiet })
  const make = async () => {
    const events = prepare(channels)
    await use(events, channels)
    events[Symbol.dispose]()
    return new WeakRef(events)
  }
  const ref = await make()
  void select([null])
  expect(await isCollected(ref)).toBe(true)
  expect([beside.trySelect(), channels.busy.length, ctx.err]).toEqual([undefined, 0, undefined])
})

test('S31 one that is forgotten with its channels is collected with them', async () => {
  const make = () => new WeakRef(prepare({ quiet: nothing(), busy: nothing() }))
  expect(await isCollected(make())).toBe(true)
})

test('C27 C28 neither what was received nor what was set before is kept', async () => {
  const inbox = nothing()
  const outbox = nothing()
  using events = selector({ inbox, sent: sendCase(outbox, {}) })
  const run = async () => {
    const values = [{}, {}, {}]
    const refs = values.map((value) => new WeakRef(value))
    const waiting = events.select()
    inbox.trySend(values[0]!)
    await waiting
    events.set('sent', sendCase(outbox, values[1]!))
    const sending = events.select()
    outbox.tryReceive()
    await sending
    events.set('sent', sendCase(outbox, values[2]!))
    events.trySelect()
    events.set('sent', false)
    return refs
  }
  const refs = await run()
  events.trySelect()
  for (const ref of refs) expect(await isCollected(ref)).toBe(true)
})

interface Channels {
  readonly quiet: ReturnType<typeof nothing>
  readonly busy: ReturnType<typeof nothing>
}
type Rounds = ReturnType<typeof prepare>

function prepare({ quiet, busy }: Channels) {
  return selector({ quiet, busy, sent: sendCase(quiet, {}) })
}

async function round(events: Rounds, busy: Channels['busy']): Promise<void> {
  const waiting = events.select()
  busy.trySend({})
  await waiting
}
