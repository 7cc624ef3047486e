// Go: test/chan/select3.go — what waits for ever, what never waits and what fails: plain operations and
//   selects over channels that are empty, ready, closed or nil. A send to a nil channel is a case of a select
//   only: null has no methods.
// Go: test/nil.go — of it the part about channels: a nil channel is never ready.

import { describe, expect, test } from 'vitest'
import { type Channel, channel, never, select, sendCase, trySelect } from 'chansel'
import { expectNothingLeft, expectPending, rejectionOf, stateOf, thrownBy } from '../../support/pending.ts'

expectNothingLeft()

const nil = null
function closed(): Channel<number> {
  const ch = channel<number>()
  ch.close()
  return ch
}
function holdingSeven(): Channel<number> {
  const ch = channel<number>(1)
  ch.trySend(7)
  return ch
}

describe('waits for ever', () => {
  test.each<{ name: string; run: () => Promise<unknown> }>([
    { name: 'a receive from a nil channel', run: () => never.receive() },
    { name: 'a range over a nil channel', run: () => never[Symbol.asyncIterator]().next() },
    { name: 'a receive from an empty channel', run: () => channel().receive() },
    { name: 'a receive from an empty buffer', run: () => channel(1).receive() },
    { name: 'a send that nobody receives', run: () => channel<number>().send(7) },
    { name: 'a send to a full buffer', run: () => holdingSeven().send(8) },
    { name: 'a select without cases', run: () => select([]) },
    { name: 'a select without labelled cases', run: () => select({}) },
    { name: 'a select of a nil case', run: () => select([nil]) },
    { name: 'a select of nil cases', run: () => select([nil, undefined, false]) },
    { name: 'a select of never', run: () => select([never]) },
    { name: 'a select of an empty channel', run: () => select([channel()]) },
    { name: 'a select of a send that nobody receives', run: () => select([sendCase(channel<number>(), 7)]) },
    { name: 'a select of a send to a full buffer', run: () => select([sendCase(holdingSeven(), 8)]) },
    {
      name: 'a select that sends and receives on one channel',
      run: () => {
        const ch = channel<number>()
        return select([sendCase(ch, 1), ch])
      },
    },
    {
      name: 'a select that receives and sends on one channel',
      run: () => {
        const ch = channel<number>()
        return select([ch, sendCase(ch, 1)])
      },
    },
  ])('$name', ({ run }) => expectPending(run()))
})

describe('takes the default', () => {
  test.each<{ name: string; run: () => unknown }>([
    { name: 'no case', run: () => trySelect([]) },
    { name: 'a nil case', run: () => trySelect([nil]) },
    { name: 'nil cases', run: () => trySelect({ a: nil, b: undefined, c: false }) },
    { name: 'never', run: () => trySelect([never]) },
    { name: 'an empty channel', run: () => trySelect([channel()]) },
    { name: 'a send that nobody receives', run: () => trySelect([sendCase(channel<number>(), 7)]) },
    { name: 'a send to a full buffer', run: () => trySelect([sendCase(holdingSeven(), 8)]) },
    { name: 'a receive from a nil channel', run: () => never.tryReceive() },
  ])('$name', ({ run }) => expect(run()).toBeUndefined())
})

describe('never waits', () => {
  const ended = { value: undefined, ok: false }
  test.each<{ name: string; run: () => unknown; outcome: unknown }>([
    { name: 'a send to a buffer with room', run: () => channel<number>(1).send(7), outcome: undefined },
    { name: 'a receive from a closed channel', run: () => closed().receive(), outcome: ended },
    {
      name: 'a select of a send to a buffer with room',
      run: () => select([sendCase(channel<number>(1), 7)]),
      outcome: { case: 0 },
    },
    {
      name: 'the same with a default',
      run: () => trySelect([sendCase(channel<number>(1), 7)]),
      outcome: { case: 0 },
    },
    {
      name: 'a select of a value in the buffer',
      run: () => select([holdingSeven()]),
      outcome: { case: 0, value: 7, ok: true },
    },
    {
      name: 'the same, once more with a default',
      run: () => trySelect([holdingSeven()]),
      outcome: { case: 0, value: 7, ok: true },
    },
    { name: 'a select of a closed channel', run: () => select([closed()]), outcome: { case: 0, ...ended } },
    {
      name: 'the same, of a closed channel with a default',
      run: () => trySelect([closed()]),
      outcome: { case: 0, ...ended },
    },
    {
      name: 'a select of a nil case and a closed channel',
      run: () => select({ nil, closed: closed() }),
      outcome: { case: 'closed', ...ended },
    },
  ])('$name', async ({ run, outcome }) => {
    const result = Promise.resolve(run())
    expect(await stateOf(result)).toBe('fulfilled')
    expect(await result).toEqual(outcome)
  })

  test('a receive from a closed channel, again and again', async () => {
    const ch = closed()
    for (let i = 0; i < 10; i++) {
      expect(await ch.receive()).toEqual(ended)
      expect(ch.tryReceive()).toEqual(ended)
    }
  })
})

describe('fails', () => {
  const error = { code: 'ERR_CHANNEL_CLOSED', operation: 'send', value: 7 }
  test('a send to a closed channel', async () =>
    expect(await rejectionOf(closed().send(7))).toMatchObject(error))
  test('a select of a send to a closed channel', async () =>
    expect(await rejectionOf(select([sendCase(closed(), 7)]))).toMatchObject(error))
  test('the same with a default', () =>
    expect(thrownBy(() => trySelect([sendCase(closed(), 7)]))).toMatchObject(error))
  test('a send that does not wait, to a closed channel', () =>
    expect(thrownBy(() => closed().trySend(7))).toMatchObject(error))
})
