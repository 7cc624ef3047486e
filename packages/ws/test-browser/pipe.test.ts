import { cut, pipe } from '@chansel/ws/testing'
import { expect, test } from 'vitest'
import { eventually, expectPending, rejectionOf } from '../test/support/pending.ts'

// The conformance suite runs over pipes in Node: of a platform they need next to nothing.

test('a pipe in a page carries both kinds, both ways, and closes', async () => {
  const [ours, theirs] = pipe()
  await ours.outgoing.send('漢')
  await theirs.outgoing.send(Uint8Array.of(1, 2))
  expect(await theirs.incoming.receive()).toEqual({ value: '漢', ok: true })
  expect(await ours.incoming.receive()).toEqual({ value: Uint8Array.of(1, 2), ok: true })
  expect(await ours.close(1011, 'over')).toMatchObject({ code: 1011, wasClean: true, by: 'local' })
  expect(await theirs.closed).toMatchObject({ code: 1011, reason: 'over', by: 'remote' })
})

test('a pipe in a page stops who sends to an end that is not read, and can be cut', async () => {
  const [ours, theirs] = pipe({ highWaterMarkBytes: 10, incomingCapacity: 2 })
  for (let i = 0; i < 4; i++) await ours.outgoing.send('12345')
  await eventually('it is full', () => ours.outgoing.length === 2)
  const waiting = ours.outgoing.send('12345')
  await expectPending(waiting)
  cut(theirs)
  expect(await rejectionOf(waiting)).toMatchObject({ closeCode: 1006, by: 'network', value: '12345' })
  expect((await ours.closed).unsent).toBe(2)
})
