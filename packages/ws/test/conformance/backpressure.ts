import { select, sendCase } from 'chansel'
import { expect } from 'vitest'
import { eventually, expectPending, pass, rejectionOf, settle } from '../support/pending.ts'
import { fill, numberOf, numbers } from '../support/receiving.ts'
import type { Suite } from './suite.ts'

const KIBIBYTE = 1024
/** What one read of a socket may bring. */
const READ_BYTES = 64 * KIBIBYTE
/** More than all buffers between two ends hold: some 10 MiB at most. */
const FLOOD = { name: 'flood', count: 256, size: 64 * KIBIBYTE } as const
const CHUNK = new Uint8Array(64 * KIBIBYTE)

export function describeBackpressure({ it, connect }: Suite): void {
  it('reading pauses when nobody receives, and every message arrives once somebody does', async () => {
    const { conn, peer } = await connect(FLOOD)
    expect(await peer.stalled()).toBeGreaterThan(0)
    const heldBytes = conn.incoming.length * FLOOD.size
    expect(heldBytes).toBeGreaterThan(0)
    expect(heldBytes).toBeLessThanOrEqual(256 * KIBIBYTE + READ_BYTES + FLOOD.size)
    const seen: number[] = []
    let mostBytes = 0
    while (seen.length < FLOOD.count) {
      seen.push(numberOf((await conn.incoming.receive()).value))
      mostBytes = Math.max(mostBytes, conn.incoming.length * FLOOD.size)
    }
    expect(seen).toEqual(Array.from({ length: FLOOD.count }, (_, i) => i))
    expect(mostBytes).toBeLessThanOrEqual(256 * KIBIBYTE + READ_BYTES + FLOOD.size)
    expect(await peer.bufferedAmount()).toBe(0)
  }, 20_000)

  it('of small messages no more than incomingCapacity and one socket read are held', async () => {
    const count = 20_000
    const { conn } = await connect({ name: 'flood', count, size: 16 }, { incomingCapacity: 8 })
    await eventually('incoming is full', () => conn.incoming.length >= 8)
    await pass(100)
    // 16 bytes and the head of a frame.
    const most = 8 + READ_BYTES / 18
    expect(conn.incoming.length).toBeLessThanOrEqual(most)
    let mostHeld = 0
    for (let i = 0; i < count; i++) {
      expect(numberOf((await conn.incoming.receive()).value)).toBe(i)
      mostHeld = Math.max(mostHeld, conn.incoming.length)
    }
    expect(mostHeld).toBeLessThanOrEqual(most)
  }, 20_000)

  it('incomingBytes counts the bytes of texts', async () => {
    const text = '漢'.repeat(10 * KIBIBYTE)
    const { conn, peer } = await connect(
      { name: 'texts', count: 64, size: 10 * KIBIBYTE },
      { incomingBytes: 60 * KIBIBYTE, incomingCapacity: 1_000 },
    )
    await eventually('incoming is full', () => conn.incoming.length >= 2)
    await pass(100)
    expect(conn.incoming.length).toBeLessThanOrEqual(2 + Math.ceil(READ_BYTES / (30 * KIBIBYTE)))
    for (let i = 0; i < 64; i++) expect(await conn.incoming.receive()).toEqual({ value: text, ok: true })
    expect(await peer.bufferedAmount()).toBe(0)
  })

  it('a capacity of one message loses none', async () => {
    const { conn } = await connect({ name: 'count', count: 5_000 }, { incomingCapacity: 1 })
    expect(await numbers(conn, 5_000)).toEqual(Array.from({ length: 5_000 }, (_, i) => i))
  })

  it('the end waits behind messages that nobody received yet', async () => {
    const { conn, peer } = await connect({ name: 'flood', count: 64, size: 65_536, then: { code: 1000 } })
    await eventually('incoming is full', () => conn.incoming.length >= 4)
    expect(await numbers(conn, 64)).toEqual(Array.from({ length: 64 }, (_, i) => i))
    expect(await conn.incoming.receive()).toEqual({ value: undefined, ok: false })
    expect(await conn.closed).toEqual({ code: 1000, reason: '', wasClean: true, by: 'remote', unsent: 0 })
    expect(await peer.ended()).toMatchObject({ code: 1000 })
  })

  it('cancelled receives while reading is paused lose nothing', async () => {
    const { conn, peer } = await connect({ name: 'flood', count: 128, size: 65_536 })
    await peer.stalled()
    const seen: number[] = []
    while (seen.length < 128) {
      const controller = new AbortController()
      const received = conn.incoming.receive(controller)
      controller.abort()
      await received.then(
        ({ value }) => seen.push(numberOf(value)),
        () => {},
      )
      seen.push(numberOf((await conn.incoming.receive()).value))
    }
    expect(seen).toEqual(Array.from({ length: 128 }, (_, i) => i))
  })

  it('send waits while the peer does not read, and goes on when it does', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    const { accepted, waiting } = await fill(conn, CHUNK)
    expect(accepted).toBeGreaterThan(0)
    await expectPending(waiting)
    await peer.read()
    await waiting
    expect((await peer.counted(accepted + 1)).messages).toBe(accepted + 1)
  })

  it('no more than highWaterMarkBytes and one message are unsent', async () => {
    const { conn } = await connect({ name: 'deaf' }, { highWaterMarkBytes: 100 * KIBIBYTE })
    await fill(conn, CHUNK)
    // Of the oldest a part may have left.
    const wholeBytes = (conn.outgoing.length - 1) * CHUNK.length
    expect(wholeBytes).toBeGreaterThanOrEqual(0)
    expect(wholeBytes).toBeLessThanOrEqual(164 * KIBIBYTE)
  })

  it('short messages that wait for the peer are not written over by later ones', async () => {
    const { conn, peer } = await connect({ name: 'deaf' }, { highWaterMarkBytes: Infinity })
    const other = await connect({ name: 'silent' })
    // More than all buffers hold: what comes after it waits.
    await conn.outgoing.send(new Uint8Array(12 * 1024 * KIBIBYTE))
    const count = 3_000
    for (let i = 1; i <= count; i++) {
      await conn.outgoing.send(String(i))
      // Turns of one message, turns of several, and another connection's between them.
      if (i % 100 < 90) continue
      await other.conn.outgoing.send('x'.repeat(20))
      await settle()
    }
    expect(conn.outgoing.length).toBeGreaterThanOrEqual(count)
    await peer.read()
    expect(await peer.counted(1 + count)).toEqual({ messages: 1 + count, inOrder: count })
  }, 20_000)

  it('trySend says false while the peer does not read, and true again when it does', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    const { waiting } = await fill(conn, CHUNK)
    expect(conn.outgoing.trySend('no')).toBe(false)
    expect(conn.outgoing.trySend(CHUNK)).toBe(false)
    await peer.read()
    await waiting
    await conn.flush()
    expect(conn.outgoing.trySend('yes')).toBe(true)
  })

  it('a send case waits while the peer does not read, and goes on when it does', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    const { accepted } = await fill(conn, CHUNK)
    const waiting = select({ sent: sendCase(conn.outgoing, 'last'), message: conn.incoming })
    await expectPending(waiting)
    await peer.read()
    expect(await waiting).toEqual({ case: 'sent' })
    expect((await peer.counted(accepted + 2)).messages).toBe(accepted + 2)
  })

  it('sends that wait go on in the order in which they were called', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    const { accepted, waiting } = await fill(conn, CHUNK)
    const order: number[] = []
    const later = [0, 1, 2].map((i) => conn.outgoing.send(`later ${i}`).then(() => order.push(i)))
    await peer.read()
    await Promise.all([waiting, ...later])
    expect(order).toEqual([0, 1, 2])
    const kept = await peer.received(accepted + 4)
    expect(kept.slice(-3)).toEqual([{ text: 'later 0' }, { text: 'later 1' }, { text: 'later 2' }])
  })

  it('no send overtakes one that waits', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    const { accepted, waiting } = await fill(conn, CHUNK)
    await peer.read()
    // Tries in each turn in which there may be room that nobody has reported yet.
    const later: Promise<void>[] = []
    for (let i = 0; i < 50; i++) {
      later.push(conn.outgoing.send(String(i)))
      await settle()
    }
    await Promise.all([waiting, ...later])
    const kept = await peer.received(accepted + 51)
    expect(kept.slice(accepted + 1)).toEqual(Array.from({ length: 50 }, (_, i) => ({ text: String(i) })))
  })

  it('a send that is cancelled while it waits is not sent', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    const { accepted, waiting } = await fill(conn, CHUNK)
    const controller = new AbortController()
    const cancelled = conn.outgoing.send('never', controller)
    await expectPending(cancelled)
    controller.abort('changed my mind')
    expect(await rejectionOf(cancelled)).toBe('changed my mind')
    await peer.read()
    await waiting
    await conn.outgoing.send('last')
    const kept = await peer.received(accepted + 2)
    expect(kept.at(-1)).toEqual({ text: 'last' })
  })

  it('a message larger than highWaterMarkBytes goes, alone', async () => {
    const { conn, peer } = await connect({ name: 'silent' }, { highWaterMarkBytes: 1 })
    await conn.outgoing.send(CHUNK)
    await conn.outgoing.send(CHUNK)
    await conn.outgoing.send('0')
    expect((await peer.counted(3)).messages).toBe(3)
  })

  it('flush resolves at once when nothing was sent', async () => {
    const { conn } = await connect({ name: 'silent' })
    await conn.flush()
  })

  it('flush waits for what was sent so far, and not for what is sent later', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    const { waiting } = await fill(conn, CHUNK)
    const flushed = conn.flush()
    await expectPending(flushed)
    await peer.read()
    await flushed
    await waiting
    await conn.flush()
    expect(conn.outgoing.length).toBe(0)
  })

  it('flush waits for the last message', async () => {
    const { conn, peer } = await connect({ name: 'deaf' }, { highWaterMarkBytes: Infinity })
    // The first is on its way and the second behind it; each is more than all buffers hold.
    await conn.outgoing.send(new Uint8Array(12 * 1024 * KIBIBYTE))
    await settle()
    await conn.outgoing.send(new Uint8Array(12 * 1024 * KIBIBYTE))
    const flushed = conn.flush()
    await expectPending(flushed)
    await peer.read()
    await flushed
    expect(conn.outgoing.length).toBe(0)
    expect((await peer.counted(2)).messages).toBe(2)
  })

  it('a cancelled flush harms nothing', async () => {
    const { conn, peer } = await connect({ name: 'deaf' })
    const { waiting } = await fill(conn, CHUNK)
    const controller = new AbortController()
    const flushed = conn.flush(controller)
    await expectPending(flushed)
    controller.abort('enough')
    expect(await rejectionOf(flushed)).toBe('enough')
    await peer.read()
    await waiting
    await conn.flush()
  })
}
