import { ClosedChannelError, select, sendCase } from 'chansel'
import {
  CloseError,
  type CloseInfo,
  type Connection,
  type ConnectionOptions,
  MessageTooBigError,
} from '@chansel/ws'
import { expect } from 'vitest'
import { closeHex, hexOf } from '../support/hex.ts'
import type { FrameSpec, Peer } from '../support/peer.ts'
import { eventually, expectPending, pass, rejectionOf, thrownBy } from '../support/pending.ts'
import { collect, fieldsOf, fill, numbers } from '../support/receiving.ts'
import type { Suite } from './suite.ts'

const CHUNK = new Uint8Array(64 * 1024)
const CLEAN = { reason: '', wasClean: true, unsent: 0 } as const
const CUT = { code: 1006, reason: '', wasClean: false, by: 'network', unsent: 0 } as const

/** What `incoming` fails with after such an end. */
function failure({ code, reason, wasClean, by }: CloseInfo) {
  return { code: 'ERR_WS_CLOSED', closeCode: code, reason, wasClean, by }
}

interface RemoteClose {
  readonly name: string
  readonly code?: number
  readonly reason?: string
  readonly isNormal: boolean
}

const REMOTE_CLOSES: readonly RemoteClose[] = [
  { name: '1000', code: 1000, isNormal: true },
  { name: '1000 and a reason', code: 1000, reason: 'all said', isNormal: true },
  { name: '1001', code: 1001, reason: 'going away', isNormal: true },
  { name: 'no code', isNormal: true },
  { name: '1002', code: 1002, isNormal: false },
  { name: '1003', code: 1003, isNormal: false },
  { name: '1007', code: 1007, isNormal: false },
  { name: '1008', code: 1008, reason: 'not you', isNormal: false },
  { name: '1009', code: 1009, isNormal: false },
  { name: '1010', code: 1010, isNormal: false },
  { name: '1011', code: 1011, reason: 'it broke: 漢', isNormal: false },
  { name: '1012', code: 1012, isNormal: false },
  { name: '1013', code: 1013, isNormal: false },
  { name: '3000', code: 3000, isNormal: false },
  { name: '4999 and a reason of 123 bytes', code: 4999, reason: 'r'.repeat(123), isNormal: false },
]

interface Refusal {
  readonly name: string
  readonly frames: readonly FrameSpec[]
  readonly options?: ConnectionOptions
  readonly code: number
}

const REFUSALS: readonly Refusal[] = [
  { name: 'an unknown opcode', frames: [{ opcode: 3, hex: '00' }], code: 1002 },
  { name: 'an unknown control opcode', frames: [{ opcode: 11 }], code: 1002 },
  { name: 'a reserved bit', frames: [{ opcode: 1, rsv: 2 }], code: 1002 },
  { name: 'compression that was not agreed on', frames: [{ opcode: 1, rsv: 4 }], code: 1002 },
  { name: 'a wrong mask', frames: [{ opcode: 1, hex: '61', wrongMask: true }], code: 1002 },
  { name: 'a continuation of nothing', frames: [{ opcode: 0, hex: '61' }], code: 1002 },
  {
    name: 'a message within a message',
    frames: [
      { opcode: 1, hex: '61', fin: false },
      { opcode: 2, hex: '62' },
    ],
    code: 1002,
  },
  { name: 'a ping in fragments', frames: [{ opcode: 9, fin: false }], code: 1002 },
  { name: 'a ping of 126 bytes', frames: [{ opcode: 9, hex: '00'.repeat(126) }], code: 1002 },
  { name: 'a close of one byte', frames: [{ opcode: 8, hex: '03' }], code: 1002 },
  { name: 'close code 1005', frames: [{ opcode: 8, hex: closeHex(1005) }], code: 1002 },
  { name: 'close code 1006', frames: [{ opcode: 8, hex: closeHex(1006) }], code: 1002 },
  { name: 'close code 1015', frames: [{ opcode: 8, hex: closeHex(1015) }], code: 1002 },
  { name: 'close code 999', frames: [{ opcode: 8, hex: closeHex(999) }], code: 1002 },
  { name: 'close code 5000', frames: [{ opcode: 8, hex: closeHex(5000) }], code: 1002 },
  { name: 'a text that is no UTF-8', frames: [{ opcode: 1, hex: 'c328' }], code: 1007 },
  { name: 'a text that ends within a character', frames: [{ opcode: 1, hex: 'e6bc' }], code: 1007 },
  {
    name: 'a close reason that is no UTF-8',
    frames: [{ opcode: 8, hex: `${closeHex(1000)}c328` }],
    code: 1007,
  },
]

const BAD_CODES = [
  ['999', 999],
  ['1004', 1004],
  ['1005', 1005],
  ['1006', 1006],
  ['1015', 1015],
  ['2999', 2999],
  ['5000', 5000],
  ['1000.5', 1000.5],
  ['NaN', NaN],
  ['-1', -1],
] as const

export function describeClosing({ it, connect, wireCode }: Suite): void {
  for (const { name, code, reason, isNormal } of REMOTE_CLOSES) {
    const told: CloseInfo = { ...CLEAN, code: code ?? 1005, reason: reason ?? '', by: 'remote' }
    it(`the peer closes with ${name}: incoming ${isNormal ? 'ends' : 'fails'} after the last message`, async () => {
      const then = { ...(code !== undefined && { code }), ...(reason !== undefined && { reason }) }
      const { conn, peer } = await connect({ name: 'count', count: 3, then })
      const { messages, error } = await collect(conn)
      expect(messages).toEqual(['0', '1', '2'])
      expect(fieldsOf(error)).toEqual(isNormal ? undefined : failure(told))
      expect(await conn.closed).toEqual(told)
      expect(fieldsOf(conn.ctx.cause)).toEqual(failure(told))
      // The answer to a close is that close.
      expect(await peer.ended()).toEqual({ code: told.code, reason: told.reason })
    })
  }

  it('a cut is 1006 by the network: incoming fails after the last message', async () => {
    const { conn, peer } = await connect({ name: 'count', count: 3 })
    await eventually('the messages are here', () => conn.incoming.length === 3)
    await peer.cut()
    expect(await conn.closed).toEqual(CUT)
    const { messages, error } = await collect(conn)
    expect(messages).toEqual(['0', '1', '2'])
    expect(fieldsOf(error)).toEqual(failure(CUT))
    expect(fieldsOf(conn.ctx.cause)).toEqual(failure(CUT))
  })

  it('an end of the stream without a close is 1006 by the network', async () => {
    const { conn } = await connect({ name: 'count', count: 3, then: 'fin' })
    const { messages, error } = await collect(conn)
    expect(messages).toEqual(['0', '1', '2'])
    expect(fieldsOf(error)).toEqual(failure(CUT))
    expect(await conn.closed).toEqual(CUT)
  })

  for (const then of ['fin', 'cut'] as const) {
    it(`a ${then} within a frame is 1006 by the network, and no part of the message is told`, async () => {
      const { conn } = await connect({
        name: 'frames',
        frames: [{ opcode: 1, hex: hexOf('only a part') }],
        missing: 3,
        then,
      })
      const { messages, error } = await collect(conn)
      expect(messages).toEqual([])
      expect(fieldsOf(error)).toEqual(failure(CUT))
      expect(await conn.closed).toEqual(CUT)
    })
  }

  for (const { name, frames, code } of REFUSALS) {
    it(`${name} is refused with ${code}: incoming fails after the last message`, async () => {
      const { conn, peer } = await connect({
        name: 'frames',
        frames: [{ opcode: 1, hex: hexOf('last') }, ...frames],
      })
      const { messages, error } = await collect(conn)
      expect(messages).toEqual(['last'])
      expect(error).toBeInstanceOf(CloseError)
      expect(error).toMatchObject({ closeCode: code, reason: '', by: 'local' })
      expect((error as CloseError).cause).toBeInstanceOf(Error)
      expect(await conn.closed).toMatchObject({ code, reason: '', by: 'local', unsent: 0 })
      expect(await peer.ended()).toMatchObject({ code })
    })
  }

  it('a message over maxMessageBytes is refused with 1009, and the cause is a MessageTooBigError', async () => {
    const messages = [{ text: 'x'.repeat(100) }, { text: 'x'.repeat(101) }]
    const { conn, peer } = await connect({ name: 'send', messages }, { maxMessageBytes: 100 })
    const { messages: received, error } = await collect(conn)
    expect(received).toEqual(['x'.repeat(100)])
    expect(error).toMatchObject({ closeCode: 1009, reason: '', by: 'local' })
    expect((error as CloseError).cause).toBeInstanceOf(MessageTooBigError)
    expect((error as CloseError).cause).toMatchObject({ limitBytes: 100, code: 'ERR_WS_MESSAGE_TOO_BIG' })
    expect(await conn.closed).toMatchObject({ code: 1009, by: 'local' })
    expect(await peer.ended()).toMatchObject({ code: wireCode(1009) })
  })

  it('what comes behind a message that is too big is not received', async () => {
    const messages = ['first', 'x'.repeat(101), 'behind', 'and more'].map((text) => ({ text }))
    const { conn } = await connect({ name: 'send', messages }, { maxMessageBytes: 100 })
    const { messages: received, error } = await collect(conn)
    expect(received).toEqual(['first'])
    expect(error).toMatchObject({ closeCode: 1009, by: 'local' })
  })

  it('a message over 1 MiB is refused unless told otherwise', async () => {
    const { conn, peer } = await connect({ name: 'flood', count: 1, size: 1024 * 1024 + 1 })
    const { messages, error } = await collect(conn)
    expect(messages).toEqual([])
    expect((error as CloseError).cause).toMatchObject({ limitBytes: 1024 * 1024 })
    expect(await peer.ended()).toMatchObject({ code: wireCode(1009) })
  })

  it('fragments are too big together', async () => {
    const part = hexOf('x'.repeat(60))
    const { conn } = await connect(
      {
        name: 'frames',
        frames: [
          { opcode: 1, hex: part, fin: false },
          { opcode: 0, hex: part },
        ],
      },
      { maxMessageBytes: 100 },
    )
    const { error } = await collect(conn)
    expect(error).toMatchObject({ closeCode: 1009, by: 'local' })
  })

  for (const [name, code, reason] of [
    ['1000', 1000, ''],
    ['1000 and a reason', 1000, 'bye 漢'],
    ['3000', 3000, ''],
    ['4999 and a reason of 123 bytes', 4999, 'r'.repeat(123)],
    ['1001', 1001, ''],
    ['1008', 1008, 'not you'],
    ['1011', 1011, ''],
  ] as const) {
    it(`we close with ${name}: incoming ends, and the peer is told`, async () => {
      const { conn, peer } = await connect({ name: 'count', count: 3 })
      expect(await conn.incoming.receive()).toEqual({ value: '0', ok: true })
      await eventually('the others are here', () => conn.incoming.length === 2)
      const info = await conn.close(code, reason)
      expect(info).toEqual({ ...CLEAN, code, reason, by: 'local' })
      expect(await conn.closed).toBe(info)
      expect(await collect(conn)).toEqual({ messages: ['1', '2'], error: undefined })
      expect(fieldsOf(conn.ctx.cause)).toEqual(failure(info))
      expect(await peer.ended()).toEqual({ code: wireCode(code), reason })
    })
  }

  it('close without a code is 1000', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    expect(await conn.close()).toEqual({ ...CLEAN, code: 1000, by: 'local' })
    expect(await peer.ended()).toEqual({ code: 1000, reason: '' })
  })

  it('a second close changes nothing and resolves the same', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const first = conn.close(3001, 'first')
    const second = conn.close(3002, 'second')
    expect(await second).toBe(await first)
    expect(await conn.close()).toBe(await first)
    expect(await first).toMatchObject({ code: 3001, reason: 'first' })
    expect(await peer.ended()).toEqual({ code: 3001, reason: 'first' })
  })

  it('close after the peer closed tells how the peer did', async () => {
    const { conn } = await connect({ name: 'count', count: 0, then: { code: 3003, reason: 'theirs' } })
    await conn.closed
    expect(await conn.close(1000)).toMatchObject({ code: 3003, reason: 'theirs', by: 'remote' })
  })

  it('close says what was sent before', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    for (let i = 0; i < 100; i++) void conn.outgoing.send(String(i))
    await conn.close()
    expect(await peer.counted(100)).toEqual({ messages: 100, inOrder: 100 })
    expect(await peer.ended()).toMatchObject({ code: 1000 })
  })

  it('leaving an `await using` block closes with 1000', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    {
      await using scoped = conn
      await scoped.outgoing.send('said')
    }
    expect(await conn.closed).toEqual({ ...CLEAN, code: 1000, by: 'local' })
    expect(await peer.received(1)).toEqual([{ text: 'said' }])
  })

  it('closing outgoing sends what there is, then closes with 1000', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const sent = Array.from({ length: 50 }, (_, i) => conn.outgoing.send(String(i)))
    await Promise.all(sent)
    conn.outgoing.close()
    expect(conn.outgoing.closed).toBe(true)
    expect(await conn.closed).toEqual({ ...CLEAN, code: 1000, by: 'local' })
    expect(await peer.counted(50)).toEqual({ messages: 50, inOrder: 50 })
    expect(await peer.ended()).toEqual({ code: 1000, reason: '' })
    expect(await collect(conn)).toEqual({ messages: [], error: undefined })
  })

  it('closing outgoing waits for a peer that reads late', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    const { accepted, waiting } = await fill(conn, CHUNK)
    conn.outgoing.close()
    expect(await rejectionOf(waiting)).toBeInstanceOf(CloseError)
    await expectPending(conn.closed)
    await peer.read()
    expect(await conn.closed).toEqual({ ...CLEAN, code: 1000, by: 'local' })
    expect((await peer.counted(accepted)).messages).toBe(accepted)
  })

  it('closing outgoing with an error closes with 1011', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    conn.outgoing.close(new Error('a secret of ours'))
    expect(await conn.closed).toEqual({ ...CLEAN, code: 1011, by: 'local' })
    expect(await peer.ended()).toEqual({ code: wireCode(1011), reason: '' })
  })

  it('closing outgoing with null is a failure, too', async () => {
    const { conn } = await connect({ name: 'silent' })
    conn.outgoing.close(null)
    expect(await conn.closed).toMatchObject({ code: 1011, by: 'local' })
  })

  it('closing outgoing twice throws', async () => {
    const { conn } = await connect({ name: 'silent' })
    conn.outgoing.close()
    expect(thrownBy(() => conn.outgoing.close())).toBeInstanceOf(ClosedChannelError)
    expect(await conn.closed).toMatchObject({ code: 1000 })
  })

  it('after the end every send fails with the CloseError, which carries the value', async () => {
    const { conn } = await connect({ name: 'count', count: 0, then: { code: 3000, reason: 'theirs' } })
    const info = await conn.closed
    const bytes = Uint8Array.of(1)
    const failures = [
      await rejectionOf(conn.outgoing.send('text')),
      thrownBy(() => conn.outgoing.trySend(bytes)),
      await rejectionOf(select({ sent: sendCase(conn.outgoing, 'case') })),
    ] as CloseError[]
    expect(failures.map(fieldsOf)).toEqual(failures.map(() => failure(info)))
    expect(failures.map(({ value }) => value)).toEqual(['text', bytes, 'case'])
    expect(conn.outgoing.closed).toBe(true)
  })

  it('from our close on every send fails with the CloseError', async () => {
    const { conn } = await connect({ name: 'silent' })
    const closed = conn.close(3000, 'ours')
    expect(await rejectionOf(conn.outgoing.send('late'))).toMatchObject({
      code: 'ERR_WS_CLOSED',
      closeCode: 3000,
      reason: 'ours',
      by: 'local',
      value: 'late',
    })
    expect(thrownBy(() => conn.outgoing.trySend('late'))).toBeInstanceOf(CloseError)
    expect(await rejectionOf(select([sendCase(conn.outgoing, 'late')]))).toBeInstanceOf(CloseError)
    await closed
  })

  for (const [name, end] of [
    ['our close', (conn) => void conn.close(1000)],
    ['closing outgoing', (conn) => conn.outgoing.close()],
    ['a cut', (_, peer) => void peer.cut()],
  ] as readonly [string, (conn: Connection, peer: Peer) => void][]) {
    it(`sends and send cases that wait fail at ${name}, each with its value`, async () => {
      const { conn, peer } = await connect({ name: 'deaf' }, { closeTimeoutMs: 100 })
      const { waiting } = await fill(conn, CHUNK)
      const send = conn.outgoing.send('waits')
      const chosen = select({ sent: sendCase(conn.outgoing, 'waits, too'), message: conn.incoming })
      await expectPending(waiting, send, chosen)
      end(conn, peer)
      const failures = (await Promise.all([waiting, send].map(rejectionOf))) as CloseError[]
      const lost = await rejectionOf(chosen)
      expect(failures.map((error) => error instanceof CloseError)).toEqual([true, true])
      expect(failures.map(({ value }) => value)).toEqual([CHUNK, 'waits'])
      expect(lost).toBeInstanceOf(CloseError)
      await conn.closed
    })
  }

  it('unsent says how many messages never left', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    await fill(conn, CHUNK)
    const waiting = conn.outgoing.length
    await peer.cut()
    const info = await conn.closed
    expect(info).toMatchObject({ code: 1006, by: 'network', wasClean: false })
    expect(info.unsent).toBeGreaterThan(0)
    expect(info.unsent).toBe(waiting)
  })

  it('close while messages wait unread ends cleanly', async () => {
    const { conn, peer } = await connect({ name: 'flood', count: 256, size: 65_536 })
    await peer.stalled()
    const info = await conn.close(1000, 'enough')
    expect(info).toEqual({ code: 1000, reason: 'enough', wasClean: true, by: 'local', unsent: 0 })
    expect(await peer.ended()).toEqual({ code: 1000, reason: 'enough' })
    const { messages, error } = await collect(conn)
    expect(error).toBeUndefined()
    expect(messages.length).toBeGreaterThanOrEqual(4)
  })

  it('close while a receive waits ends it', async () => {
    const { conn } = await connect({ name: 'silent' })
    const receiving = conn.incoming.receive()
    const selecting = select({ message: conn.incoming })
    await expectPending(receiving, selecting)
    await conn.close()
    expect(await receiving).toEqual({ value: undefined, ok: false })
    expect(await selecting).toEqual({ case: 'message', value: undefined, ok: false })
  })

  it('messages that are on their way when we close still arrive', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    const closed = conn.close()
    await peer.send({ text: 'on' }, { text: 'its' }, { text: 'way' })
    await peer.read()
    expect(await closed).toEqual({ ...CLEAN, code: 1000, by: 'local' })
    expect(await collect(conn)).toEqual({ messages: ['on', 'its', 'way'], error: undefined })
  })

  it('both sides close at once', async () => {
    const { conn, peer } = await connect({ name: 'silent' })
    const closed = conn.close(3001)
    await peer.close(3002)
    const info = await closed
    expect(info.wasClean).toBe(true)
    expect([3001, 3002]).toContain(info.code)
    expect([3001, 3002]).toContain((await peer.ended()).code)
  })

  it('a peer that never answers the close is cut after closeTimeoutMs', async () => {
    const { conn } = await connect({ name: 'mute' }, { closeTimeoutMs: 200 })
    const startedAt = performance.now()
    const info = await conn.close(1000, 'bye')
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(190)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(info).toEqual({ code: 1006, reason: '', wasClean: false, by: 'local', unsent: 0 })
    expect(await collect(conn)).toEqual({ messages: [], error: undefined })
  })

  it('the socket of a peer that never answers the close is destroyed', async () => {
    const { conn, peer } = await connect({ name: 'mute' }, { closeTimeoutMs: 50 })
    void conn.close()
    expect(await peer.ended()).toMatchObject({ code: 1006 })
  })

  it('a peer that reads nothing is cut after closeTimeoutMs, and what it missed is unsent', async () => {
    const { conn } = await connect({ name: 'deaf' }, { closeTimeoutMs: 200 })
    await fill(conn, CHUNK)
    const waiting = conn.outgoing.length
    const info = await conn.close()
    expect(info).toMatchObject({ code: 1006, wasClean: false, by: 'local' })
    expect(info.unsent).toBe(waiting)
  })

  it('a peer that closes and then keeps the stream open is cut after closeTimeoutMs', async () => {
    const { conn } = await connect({ name: 'linger', code: 1000 }, { closeTimeoutMs: 200 })
    const slow = pass(1_500).then(() => 'still open')
    expect(await Promise.race([conn.closed, slow])).toMatchObject({ code: 1000, by: 'remote' })
  })

  for (const [name, code] of BAD_CODES) {
    it(`close code ${name} throws at once, naming it`, async () => {
      const { conn, peer } = await connect({ name: 'echo' })
      const error = thrownBy(() => conn.close(code))
      expect(error).toBeInstanceOf(RangeError)
      expect((error as Error).message).toContain(String(code))
      // It does the connection no harm.
      await conn.outgoing.send('still open')
      expect(await numbers(conn, 1)).toEqual([NaN])
      expect(await peer.received(1)).toEqual([{ text: 'still open' }])
    })
  }

  for (const [name, reason] of [
    ['124 bytes', 'r'.repeat(124)],
    ['124 bytes in 62 characters', 'é'.repeat(62)],
  ] as const) {
    it(`a close reason of ${name} throws at once, naming its size`, async () => {
      const { conn } = await connect({ name: 'silent' })
      const error = thrownBy(() => conn.close(1000, reason))
      expect(error).toBeInstanceOf(RangeError)
      expect((error as Error).message).toContain('124')
      expect(conn.ctx.err).toBeUndefined()
    })
  }

  it('a close code or reason of a wrong type throws at once', async () => {
    const { conn } = await connect({ name: 'silent' })
    expect(thrownBy(() => conn.close('1000' as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => conn.close(1000, 7 as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => conn.close(null as never))).toBeInstanceOf(TypeError)
    expect(conn.ctx.err).toBeUndefined()
  })

  it('flush fails with the CloseError if the connection ends before', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    await fill(conn, CHUNK)
    const flushed = conn.flush()
    await expectPending(flushed)
    await peer.cut()
    expect(await rejectionOf(flushed)).toBeInstanceOf(CloseError)
    await conn.closed
    expect(await rejectionOf(conn.flush())).toBeInstanceOf(CloseError)
  })
}
