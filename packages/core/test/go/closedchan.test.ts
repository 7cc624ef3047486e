// Go: test/closedchan.go — a closed channel gives what is left in its buffer and then the end, to every kind
//   of receive, for ever; a send and a second close fail and change nothing.
// Go: test/fixedbugs/issue16870.go — every kind of receive tells a value and the end apart by the same flag.

import { describe, expect, test } from 'vitest'
import {
  type Channel,
  ClosedChannelError,
  type Received,
  channel,
  select,
  sendCase,
  trySelect,
} from 'chansel'
import { expectNothingLeft, rejectionOf, thrownBy } from '../support/pending.ts'

expectNothingLeft()

/** One way to write down the operations. */
interface Operations {
  receive(ch: Channel<number>): Promise<Received<number>>
  tryReceive(ch: Channel<number>): Received<number> | undefined
  send(ch: Channel<number>, value: number): Promise<unknown>
  trySend(ch: Channel<number>, value: number): boolean
}

const quiet = channel<boolean>()

function received(event: { value?: unknown; ok?: boolean } | undefined): Received<number> | undefined {
  return event && ({ value: event.value, ok: event.ok } as Received<number>)
}

const ways: { [name: string]: Operations } = {
  methods: {
    receive: (ch) => ch.receive(),
    tryReceive: (ch) => ch.tryReceive(),
    send: (ch, value) => ch.send(value),
    trySend: (ch, value) => ch.trySend(value),
  },
  'selects of one case': {
    receive: async (ch) => received(await select([ch]))!,
    tryReceive: (ch) => received(trySelect([ch])),
    send: (ch, value) => select([sendCase(ch, value)]),
    trySend: (ch, value) => trySelect([sendCase(ch, value)]) !== undefined,
  },
  'selects with a quiet channel': {
    receive: async (ch) => received(await select({ quiet, ch }))!,
    tryReceive: (ch) => received(trySelect({ quiet, ch })),
    send: (ch, value) => select({ sent: sendCase(ch, value), quiet }),
    trySend: (ch, value) => trySelect({ sent: sendCase(ch, value), quiet }) !== undefined,
  },
}

const END = { value: undefined, ok: false }

async function expectEnded(ch: Channel<number>, way: Operations): Promise<void> {
  for (let i = 0; i < 3; i++) {
    expect(await way.receive(ch)).toEqual(END)
    expect(way.tryReceive(ch)).toEqual(END)
  }
  expect(thrownBy(() => way.trySend(ch, 1))).toMatchObject({ operation: 'send', value: 1 })
  expect(await way.receive(ch)).toEqual(END)
  expect(await rejectionOf(way.send(ch, 2))).toMatchObject({ operation: 'send', value: 2 })
  expect(await way.receive(ch)).toEqual(END)
  expect(ch.length).toBe(0)
}

describe.each(Object.entries(ways))('with %s', (_, way) => {
  test('C10 an unbuffered channel that is closed is at its end', async () => {
    const ch = channel<number>()
    ch.close()
    await expectEnded(ch, way)
  })

  test('C12 a send fails although the buffer has room', async () => {
    const ch = channel<number>(2)
    ch.close()
    await expectEnded(ch, way)
  })

  test.each<{ name: string; take: (ch: Channel<number>) => unknown }>([
    { name: 'a receive', take: (ch) => way.receive(ch) },
    { name: 'a receive that does not wait', take: (ch) => way.tryReceive(ch) },
  ])('C9 $name gets what is left in the buffer, as a value', async ({ take }) => {
    const ch = channel<number>(2)
    ch.trySend(1)
    ch.close()
    expect(await take(ch)).toEqual({ value: 1, ok: true })
    await expectEnded(ch, way)
  })

  test('C11 a send that waits fails with its value when the channel is closed', async () => {
    const ch = channel<number>()
    const sends = [way.send(ch, 1), way.send(ch, 2)].map(rejectionOf)
    ch.close()
    expect(await Promise.all(sends)).toMatchObject([
      { operation: 'send', value: 1 },
      { operation: 'send', value: 2 },
    ])
    await expectEnded(ch, way)
  })

  test('C10 every receive that waits ends when the channel is closed', async () => {
    const ch = channel<number>()
    const receives = [way.receive(ch), way.receive(ch), way.receive(ch)]
    ch.close()
    expect(await Promise.all(receives)).toEqual([END, END, END])
  })
})

test('C13 a second close fails and changes nothing', async () => {
  const ch = channel<number>(1, { name: 'twice' })
  ch.trySend(1)
  ch.close()
  const error = thrownBy(() => ch.close(new Error('too late')))
  expect(error).toBeInstanceOf(ClosedChannelError)
  expect(error).toMatchObject({ operation: 'close', message: expect.stringContaining('twice') })
  expect([await ch.receive(), await ch.receive()]).toEqual([{ value: 1, ok: true }, END])
})

test('C14 nil has nothing to close', () => {
  const nil = null as unknown as Channel<number>
  expect(() => nil.close()).toThrow(TypeError)
})
