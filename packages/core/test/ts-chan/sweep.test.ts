// Short programs of both libraries over one channel, cancelled at every step: what was sent was received, is in the buffer
// or came back to its sender; nobody waits any more, and no listener is left.

import { Chan, Select, recv, send } from 'ts-chan'
import { expect, test } from 'vitest'
import { type Cancel, type Channel, channel, select, sendCase } from 'chansel'
import * as tsChan from 'chansel/ts-chan'
import { fromTsChan, toTsChan } from 'chansel/ts-chan'
import { cancels, countListeners } from '../support/cancels.ts'
import { expectNothingLeft, settle } from '../support/pending.ts'

expectNothingLeft()

type Theirs = ReturnType<typeof toTsChan<number>>
type Sender = (n: number, cancel: Cancel, sent: number[]) => Promise<unknown>
type Receiver = (cancel: Cancel) => Promise<number | undefined>

const THEIRS = 'a Select of ts-chan'

const senders: { by: string; of: (ours: Channel<number>, theirs: Theirs) => Sender }[] = [
  {
    by: 'our send',
    of: (ours) => async (n, cancel, sent) => {
      await ours.send(n, cancel)
      sent.push(n)
    },
  },
  {
    by: 'our select',
    of: (ours) => async (n, cancel, sent) => {
      await select([sendCase(ours, n)], cancel)
      sent.push(n)
    },
  },
  {
    by: THEIRS,
    // What its expression was asked for was taken, though a cancel in the same turn lets its wait reject.
    of: (_, theirs) => (n, cancel, sent) =>
      new Select([send(theirs, () => (sent.push(n), n))]).setUnsafe(true).wait(cancel.signal),
  },
]

const receivers: { by: string; of: (ours: Channel<number>, theirs: Theirs) => Receiver }[] = [
  { by: 'our receive', of: (ours) => async (cancel) => (await ours.receive(cancel)).value },
  { by: 'our select', of: (ours) => async (cancel) => (await select([ours], cancel)).value },
  {
    by: THEIRS,
    of: (_, theirs) => async (cancel) => {
      const waiting = new Select([recv(theirs)]).setUnsafe(true)
      await waiting.wait(cancel.signal)
      return waiting.recv(waiting.cases[0]).value
    },
  },
]

/** A channel with both faces. */
const faces: { readonly [door: string]: (capacity: number) => [Channel<number>, Theirs] } = {
  fromTsChan: (capacity) => {
    const theirs = new Chan<number>(capacity)
    return [fromTsChan<number>(theirs), theirs]
  },
  toTsChan: (capacity) => {
    const ours = channel<number>(capacity)
    return [ours, toTsChan<number>(ours)]
  },
}

test('every door is swept', () => {
  expect(Object.keys(faces).toSorted()).toEqual(Object.keys(tsChan).toSorted())
})

/** Without those between ts-chan and itself, whose waits reject though they took a value. */
const swept = Object.entries(faces)
  .flatMap(([door, both]) =>
    senders.flatMap((sender) => receivers.map((receiver) => ({ door, both, sender, receiver }))),
  )
  .filter(({ sender, receiver }) => sender.by !== THEIRS || receiver.by !== THEIRS)

test.each(swept)(
  'J7 R3 $door: $sender.by and $receiver.by, cancelled at every step, lose nothing',
  async ({ both, sender, receiver }) => {
    const listeners = countListeners()
    for (const { make } of cancels) {
      for (const capacity of [0, 1]) {
        for (let step = 0; step < 12; step++) {
          const [ours, theirs] = both(capacity)
          const cancel = make()
          const [sent, received]: [number[], unknown[]] = [[], []]
          const sending = async () => {
            for (let n = 0; n < 3; n++) {
              await sender.of(ours, theirs)(n, cancel, sent)
            }
          }
          const receiving = async () => {
            for (;;) received.push(await receiver.of(ours, theirs)(cancel))
          }
          const ended = Promise.allSettled([sending(), receiving()])
          for (let i = 0; i < step; i++) await Promise.resolve()
          cancel.stop()
          await ended
          await settle()
          const left: number[] = []
          for (let got = ours.tryReceive(); got?.ok; got = ours.tryReceive()) left.push(got.value)
          expect([...received, ...left], `capacity ${capacity}, step ${step}`).toEqual(sent)
          expect(listeners.count).toBe(0)
          // Nobody is in the line of receivers, either.
          expect(ours.trySend(9)).toBe(capacity > 0)
        }
      }
    }
  },
)
