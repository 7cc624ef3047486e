// What happens while our reading is paused: how exact the pause is, and how the end is still noticed.

import { CloseError, type CloseInfo, type Connection, type ConnectionOptions } from '@chansel/ws'
import { describe, expect, test } from 'vitest'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually, expectPending, pass, rejectionOf, settle } from './support/pending.ts'
import { collect } from './support/receiving.ts'
import { type Spoken, clientRole, rawPair, serverRole } from './support/roles.ts'

expectNoSocketLeft()

const CUT = { code: 1006, reason: '', wasClean: false, by: 'network' }
const heartbeat = { intervalMs: 300, timeoutMs: 40 }
/** Short of a second interval: what the second probe finds must not wait for it. */
const SLACK_MS = 240

function texts(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => String(from + i))
}

/** Long enough for what was written to be read, if it ever is. */
async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await settle()
}

/** How it ended, if it did in time. */
function endOf({ closed }: Connection): Promise<CloseInfo | void> {
  return Promise.race([closed, pass(5_000)])
}

describe.each([
  ['a server', serverRole],
  ['a client', clientRole],
] as const)('%s of ours', (_, start) => {
  const pair = (options: ConnectionOptions): Promise<Spoken> => rawPair(start, options)

  /** A connection for whose `incoming` the peer sent `count` messages, one by one: as many as it holds. */
  async function paused(count: number, options: ConnectionOptions): Promise<Spoken> {
    const spoken = await pair({ incomingCapacity: count, ...options })
    for (let i = 1; i <= count; i++) {
      spoken.raw.socket.write(spoken.say(1, String(i - 1)))
      await eventually('it is here', () => spoken.conn.incoming.length === i)
    }
    return spoken
  }

  test('reading pauses at incomingCapacity messages exactly, and goes on at half', async () => {
    const { conn, raw, say } = await paused(8, {})
    for (const text of texts(8, 16)) {
      raw.socket.write(say(1, text))
      await turns()
    }
    expect(conn.incoming.length).toBe(8)
    for (const text of texts(0, 3)) expect(await conn.incoming.receive()).toEqual({ value: text, ok: true })
    await turns()
    expect(conn.incoming.length).toBe(5)
    expect(await conn.incoming.receive()).toEqual({ value: '3', ok: true })
    await eventually('it is full again', () => conn.incoming.length === 8)
    await turns()
    expect(conn.incoming.length).toBe(8)
    for (const text of texts(4, 16)) expect(await conn.incoming.receive()).toEqual({ value: text, ok: true })
  })

  test('reading pauses at incomingBytes exactly, and goes on at half', async () => {
    const { conn, raw, say } = await pair({ incomingBytes: 1_000 })
    // 999 bytes in 333 characters, one byte more, and what comes after that.
    const messages = ['漢'.repeat(100), '漢'.repeat(200), '漢'.repeat(33), 'x', 'after', 'that']
    for (const message of messages) {
      raw.socket.write(say(1, message))
      await turns()
    }
    await eventually('it is full', () => conn.incoming.length >= 4)
    await turns()
    expect(conn.incoming.length).toBe(4)
    // 700 bytes are left: more than half.
    expect(await conn.incoming.receive()).toEqual({ value: messages[0], ok: true })
    await turns()
    expect(conn.incoming.length).toBe(3)
    // 100.
    expect(await conn.incoming.receive()).toEqual({ value: messages[1], ok: true })
    await eventually('reading goes on', () => conn.incoming.length === 4)
    for (const message of messages.slice(2)) {
      expect(await conn.incoming.receive()).toEqual({ value: message, ok: true })
    }
  })

  test('a close that arrives is known once reading goes on, and is answered then', async () => {
    const { conn, raw, say } = await paused(8, {})
    raw.socket.write(say(8))
    await turns()
    await expectPending(conn.closed)
    for (const text of texts(0, 4)) expect(await conn.incoming.receive()).toEqual({ value: text, ok: true })
    await raw.until(() => raw.frames().some(({ opcode }) => opcode === 8))
    raw.socket.end()
    expect(await conn.closed).toEqual({ code: 1005, reason: '', wasClean: true, by: 'remote', unsent: 0 })
    expect(await collect(conn)).toEqual({ messages: texts(4, 8), error: undefined })
  })

  test('a close that arrives before a reset counts, with the messages before it', async () => {
    const { conn, raw, say } = await paused(8, { heartbeat })
    raw.socket.write(Buffer.concat([say(1, '8'), say(8)]))
    await turns()
    raw.socket.destroy()
    expect(await endOf(conn)).toMatchObject({ code: 1005, wasClean: true, by: 'remote' })
    expect(await collect(conn)).toEqual({ messages: texts(0, 9), error: undefined })
  })

  test.each<[string, (spoken: Spoken) => void]>([
    ['end of its stream', ({ raw }) => void raw.socket.end()],
    ['reset', ({ raw }) => void raw.socket.resetAndDestroy()],
    ['end of its process', ({ raw }) => void raw.socket.destroy()],
  ])("the peer's %s is noticed within one heartbeat, and no message is lost", async (_name, leave) => {
    const spoken = await paused(8, { heartbeat })
    const { conn } = spoken
    const leftAt = performance.now()
    leave(spoken)
    expect(await endOf(conn)).toMatchObject(CUT)
    expect(performance.now() - leftAt).toBeLessThan(heartbeat.intervalMs + heartbeat.timeoutMs + SLACK_MS)
    const { messages, error } = await collect(conn)
    expect(messages).toEqual(texts(0, 8))
    expect(error).toBeInstanceOf(CloseError)
    expect(await rejectionOf(conn.outgoing.send('late'))).toMatchObject({ value: 'late' })
  })

  test('the end of a peer that had more to say is noticed within one heartbeat', async () => {
    // Long, for a busy machine: short of a second interval is what matters.
    const { conn, raw, say } = await paused(8, { heartbeat: { intervalMs: 1_000, timeoutMs: 40 } })
    // More than the stream reads ahead, and less than the kernel holds.
    raw.socket.write(Buffer.concat(Array.from({ length: 20 }, () => say(1, 'x'.repeat(10_000)))))
    await eventually('it is on its way', () => raw.socket.writableLength === 0)
    const leftAt = performance.now()
    raw.socket.destroy()
    expect(await endOf(conn)).toMatchObject(CUT)
    expect(performance.now() - leftAt).toBeLessThan(1_900)
    expect((await collect(conn)).messages.slice(0, 8)).toEqual(texts(0, 8))
  })
})
