import { after, select, sendCase } from 'chansel'
import type { Message } from '@chansel/ws'
import { expect } from 'vitest'
import { fromWire, toWire } from '../support/peer.ts'
import { expectPending, rejectionOf } from '../support/pending.ts'
import { collect, isSame, numbers } from '../support/receiving.ts'
import type { Suite } from './suite.ts'

const MEBIBYTE = 1024 * 1024
const CROWD = 10_000

/** Bytes of all values. */
function bytes(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 0xff)
}

const MESSAGES: readonly (readonly [name: string, message: Message])[] = [
  ['a text', 'hello'],
  ['an empty text', ''],
  ['an empty binary', new Uint8Array(0)],
  ['a byte of zero', Uint8Array.of(0)],
  ['bytes that are no UTF-8', Uint8Array.of(0xc3, 0x28, 0xff, 0xfe)],
  ['bytes that look like text', Uint8Array.of(0x68, 0x69)],
  ['astral characters', '𝒳 👩‍👩‍👧‍👦 \u{10ffff} é 漢'],
  ['a byte order mark', '\uFEFFtext'],
  ['control characters', '\0\r\n\u001F\u007F'],
  ['a text of 125 bytes', 'x'.repeat(125)],
  ['a text of 126 bytes', 'x'.repeat(126)],
  ['a text of 65,535 bytes', 'y'.repeat(65_535)],
  ['a text of 65,536 bytes', 'y'.repeat(65_536)],
  ['125 bytes', bytes(125)],
  ['126 bytes', bytes(126)],
  ['4,096 bytes', bytes(4_096)],
  ['4,097 bytes', bytes(4_097)],
  ['65,536 bytes', bytes(65_536)],
  ['1 MiB less a byte', bytes(MEBIBYTE - 1)],
  ['1 MiB', bytes(MEBIBYTE)],
  ['a text of 1 MiB less a byte', '漢'.repeat((MEBIBYTE - 1) / 3)],
  ['a part of a larger array', bytes(100).subarray(10, 20)],
]

export function describeMessages({ it, connect }: Suite): void {
  for (const [name, message] of MESSAGES) {
    it(`a message comes back as what it was: ${name}`, async () => {
      const { conn } = await connect({ name: 'echo' })
      await conn.outgoing.send(message)
      const received = await conn.incoming.receive()
      expect(received.ok).toBe(true)
      expect(isSame(received.value, message)).toBe(true)
    })
  }

  it('binary comes as a plain Uint8Array, whatever was sent', async () => {
    const { conn } = await connect({ name: 'echo' })
    await conn.outgoing.send(new (class Bytes extends Uint8Array {})([1, 2, 3]))
    const { value } = await conn.incoming.receive()
    expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype)
    expect(isSame(value, Uint8Array.of(1, 2, 3))).toBe(true)
  })

  it('bytes that were sent are not changed', async () => {
    const { conn } = await connect({ name: 'echo' })
    const small = bytes(100)
    const large = bytes(100_000)
    await conn.outgoing.send(small)
    await conn.outgoing.send(large)
    await numbers(conn, 2)
    expect(isSame(small, bytes(100))).toBe(true)
    expect(isSame(large, bytes(100_000))).toBe(true)
  })

  it('bytes that were received are nobody else’s', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const messages = Array.from({ length: 10 }, (_, i) => Uint8Array.of(i, i, i))
    await peer.send(...messages.map(toWire))
    const first = (await conn.incoming.receive()).value as Uint8Array
    first.fill(255)
    for (const message of messages.slice(1)) {
      expect(isSame((await conn.incoming.receive()).value, message)).toBe(true)
    }
  })

  it('kinds are kept and stay in order when they are mixed', async () => {
    const mix: Message[] = ['a', Uint8Array.of(97), '', new Uint8Array(0), 'b', bytes(300), 'c']
    const { conn, peer } = await connect({ name: 'send', messages: mix.map(toWire) })
    for (const message of mix) {
      expect(isSame((await conn.incoming.receive()).value, message)).toBe(true)
      await conn.outgoing.send(message)
    }
    const back = (await peer.received(mix.length)).map(fromWire)
    expect(back.map((message, i) => isSame(message, mix[i]))).toEqual(mix.map(() => true))
  })

  it('a crowd of messages arrives in order', async () => {
    const { conn } = await connect({ name: 'count', count: CROWD })
    let next = 0
    while ((await conn.incoming.receive()).value === String(next) && ++next < CROWD);
    expect(next).toBe(CROWD)
  }, 20_000)

  it('a crowd of messages leaves in order', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    for (let i = 0; i < CROWD; i++) await conn.outgoing.send(String(i))
    expect(await peer.counted(CROWD)).toEqual({ messages: CROWD, inOrder: CROWD })
  }, 20_000)

  it('messages and the close in one segment all count', async () => {
    const { conn } = await connect({
      name: 'frames',
      frames: [
        { opcode: 1, hex: '6f6e65' },
        { opcode: 2, hex: '02' },
        { opcode: 8, hex: '03e8' },
      ],
      then: 'answered',
    })
    expect(await collect(conn)).toEqual({ messages: ['one', Uint8Array.of(2)], error: undefined })
  })

  it('a message in fragments, with a ping between them, is one message', async () => {
    const { conn } = await connect({
      name: 'frames',
      frames: [
        { opcode: 1, hex: 'e6bc', fin: false },
        { opcode: 9, hex: '01' },
        { opcode: 0, hex: '', fin: false },
        { opcode: 0, hex: 'a221' },
      ],
    })
    expect(await conn.incoming.receive()).toEqual({ value: '漢!', ok: true })
  })

  it('receive, tryReceive, select and for await each take the next message', async () => {
    const { conn, peer } = await connect({ name: 'count', count: 4, then: { code: 1000 } })
    expect(await conn.incoming.receive()).toEqual({ value: '0', ok: true })
    expect(await select({ message: conn.incoming })).toEqual({ case: 'message', value: '1', ok: true })
    await peer.ended()
    const third = await conn.incoming.receive()
    expect(third).toEqual({ value: '2', ok: true })
    expect((await collect(conn)).messages).toEqual(['3'])
    expect(conn.incoming.tryReceive()).toEqual({ value: undefined, ok: false })
  })

  it('tryReceive says undefined while there is nothing', async () => {
    const { conn } = await connect({ name: 'silent' })
    expect(conn.incoming.tryReceive()).toBeUndefined()
  })

  it('a cancelled receive takes nothing and harms nothing', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const controller = new AbortController()
    const waiting = conn.incoming.receive(controller)
    await expectPending(waiting)
    const reason = new Error('enough')
    controller.abort(reason)
    expect(await rejectionOf(waiting)).toBe(reason)
    await peer.send({ text: 'after' })
    expect(await conn.incoming.receive()).toEqual({ value: 'after', ok: true })
    expect(conn.ctx.err).toBeUndefined()
  })

  it('a cancelled select takes nothing and harms nothing', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const controller = new AbortController()
    const waiting = select({ message: conn.incoming }, controller)
    await expectPending(waiting)
    controller.abort('enough')
    expect(await rejectionOf(waiting)).toBe('enough')
    await peer.send({ text: 'after' })
    expect(await conn.incoming.receive()).toEqual({ value: 'after', ok: true })
    await conn.outgoing.send('still open')
    expect(await peer.received(1)).toEqual([{ text: 'still open' }])
  })

  it('a select that another case won takes nothing', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    expect(await select({ message: conn.incoming, late: after(5) })).toMatchObject({ case: 'late' })
    await peer.send({ text: 'kept' })
    expect(await conn.incoming.receive()).toEqual({ value: 'kept', ok: true })
  })

  it('a cancel that fired already wins over a message that is there', async () => {
    const { conn, peer } = await connect({ name: 'count', count: 2 })
    expect(await conn.incoming.receive()).toEqual({ value: '0', ok: true })
    const controller = new AbortController()
    controller.abort('before')
    expect(await rejectionOf(conn.incoming.receive(controller))).toBe('before')
    expect(await conn.incoming.receive()).toEqual({ value: '1', ok: true })
    expect(await rejectionOf(conn.outgoing.send('never', controller))).toBe('before')
    await conn.outgoing.send('sent')
    expect(await peer.received(1)).toEqual([{ text: 'sent' }])
  })

  it('a loop that is left takes no message that it did not see', async () => {
    const { conn } = await connect({ name: 'count', count: 5 })
    for await (const message of conn.incoming) if (message === '1') break
    expect(await numbers(conn, 3)).toEqual([2, 3, 4])
  })

  it('each message reaches one of several receivers', async () => {
    const { conn } = await connect({ name: 'count', count: 2_000 })
    let rest = 2_000
    const share = async (): Promise<unknown[]> => {
      const messages: unknown[] = []
      for await (const message of conn.incoming) {
        messages.push(message)
        rest -= 1
        void (rest === 0 && conn.close())
      }
      return messages
    }
    const shares = await Promise.all(Array.from({ length: 8 }, share))
    const all = shares.flatMap((messages) => messages.map(Number)).sort((a, b) => a - b)
    expect(all).toEqual(Array.from({ length: 2_000 }, (_, i) => i))
  })

  it('messages of several senders all arrive, those of each in order', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const send = async (sender: number): Promise<void> => {
      for (let i = 0; i < 200; i++) await conn.outgoing.send(`${sender}:${i}`)
    }
    await Promise.all([0, 1, 2, 3, 4].map(send))
    const texts = (await peer.received(1_000)).map((wire) => fromWire(wire) as string)
    for (const sender of [0, 1, 2, 3, 4]) {
      expect(texts.filter((text) => text.startsWith(`${sender}:`))).toEqual(
        Array.from({ length: 200 }, (_, i) => `${sender}:${i}`),
      )
    }
    expect(texts).toHaveLength(1_000)
  })

  it('a send case sends and a receive case receives, in one select', async () => {
    const { conn, peer } = await connect({ name: 'echo' })
    const first = await select({ sent: sendCase(conn.outgoing, 'ping'), message: conn.incoming })
    expect(first).toEqual({ case: 'sent' })
    expect(await select({ message: conn.incoming })).toEqual({ case: 'message', value: 'ping', ok: true })
    expect(await peer.received(1)).toEqual([{ text: 'ping' }])
  })

  it('trySend says true while there is room', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    expect(conn.outgoing.trySend('one')).toBe(true)
    expect(conn.outgoing.trySend(Uint8Array.of(2))).toBe(true)
    expect(await peer.received(2)).toEqual([{ text: 'one' }, { base64: 'Ag==' }])
  })

  it('sends whose promises nobody waits for arrive in order', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const sent = Array.from({ length: 1_000 }, (_, i) => conn.outgoing.send(String(i)))
    await Promise.all(sent)
    expect(await peer.counted(1_000)).toEqual({ messages: 1_000, inOrder: 1_000 })
  })

  it('a ping of the peer is answered with what it said', async () => {
    const { peer } = await connect({ name: 'silent' })
    expect(await peer.ping('are you there?')).toBe('are you there?')
  })
}
