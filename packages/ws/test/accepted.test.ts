// What happens to messages that were sent when the connection ends: each was accepted or rejected, and each accepted one
// reached the kernel or counts as unsent. And that a cancel harms none of them.

import { background, channel, select, withCancel } from 'chansel'
import { CloseError, type Connection, type ConnectionOptions } from '@chansel/ws'
import { describe, expect, test } from 'vitest'
import { expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually, rejectionOf, settle, thrownBy } from './support/pending.ts'
import { type Spoken, clientRole, rawPair, serverRole } from './support/roles.ts'
import type { RawEnd } from './support/raw-client.ts'

expectNoSocketLeft()

interface Outcomes {
  /** Of the sends, in the order of their calls: its message, and what it was rejected with. */
  readonly accepted: string[]
  readonly rejected: [message: string, error: unknown][]
}

/** Sends all at once, and waits for the outcome of each. */
async function sendAll(conn: Connection, messages: readonly string[]): Promise<Outcomes> {
  const outcomes: Outcomes = { accepted: [], rejected: [] }
  await Promise.all(
    messages.map((message) =>
      conn.outgoing.send(message).then(
        () => outcomes.accepted.push(message),
        (error: unknown) => outcomes.rejected.push([message, error]),
      ),
    ),
  )
  return outcomes
}

function numbered(count: number, bytes: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}:`.padEnd(bytes, 'x'))
}

/** The texts that came whole. */
function textsOf(raw: RawEnd): string[] {
  return raw
    .frames()
    .filter(({ opcode }) => opcode === 1)
    .map(({ payload }) => Buffer.from(payload).toString())
}

function expectEachRejectedWithItsMessage({ rejected }: Outcomes): void {
  for (const [message, error] of rejected) {
    expect(error).toBeInstanceOf(CloseError)
    expect((error as CloseError).value).toBe(message)
  }
}

describe.each([
  ['a server', serverRole],
  ['a client', clientRole],
] as const)('of what is sent by %s', (_, start) => {
  const pair = (options?: ConnectionOptions): Promise<Spoken> => rawPair(start, options)

  test.each([
    ['large', 400, 64 * 1024],
    ['short', 12_000, 1_000],
  ])(
    '%s messages: a reset while sends are in flight rejects each with its message, and unsent counts',
    async (_name, count, bytes) => {
      const { conn, raw } = await pair()
      raw.socket.pause()
      const messages = numbered(count, bytes)
      const sending = sendAll(conn, messages)
      await eventually('the kernel takes no more', () => conn.outgoing.length > 0)
      for (let i = 0; i < 50; i++) await settle()
      const waiting = conn.outgoing.length
      raw.socket.resetAndDestroy()
      const outcomes = await sending
      const { accepted, rejected } = outcomes
      expect([...accepted, ...rejected.map(([message]) => message)]).toEqual(messages)
      expect(rejected.length).toBeGreaterThan(0)
      expectEachRejectedWithItsMessage(outcomes)
      expect((await conn.closed).unsent).toBe(waiting)
      expect(waiting).toBeLessThan(accepted.length)
    },
  )

  test('what unsent does not count reached the kernel, whole and in order', async () => {
    const { conn, raw } = await pair({ closeTimeoutMs: 100 })
    raw.socket.pause()
    const messages = numbered(400, 64 * 1024)
    const sending = sendAll(conn, messages)
    await eventually('the kernel takes no more', () => conn.outgoing.length > 0)
    for (let i = 0; i < 50; i++) await settle()
    // The peer does not answer, for it reads nothing: we cut it, and it may read what the kernel has.
    const info = await conn.close()
    const outcomes = await sending
    expectEachRejectedWithItsMessage(outcomes)
    raw.socket.resume()
    await raw.until(() => false)
    expect(info.unsent).toBeGreaterThan(0)
    expect(textsOf(raw)).toEqual(outcomes.accepted.slice(0, outcomes.accepted.length - info.unsent))
  })

  test.each<[string, (spoken: Spoken) => void]>([
    ["the peer's close", ({ raw, say }) => void raw.socket.write(say(8))],
    ['our close', ({ conn }) => void conn.close()],
    ['closing outgoing', ({ conn }) => conn.outgoing.close()],
    ["the end of the peer's stream", ({ raw }) => void raw.socket.end()],
  ])('nothing is accepted silently around %s', async (_name, end) => {
    for (let turns = 0; turns < 12; turns++) {
      const spoken = await pair({ closeTimeoutMs: 100 })
      const { conn, raw, say } = spoken
      const accepted: string[] = []
      const rejected: string[] = []
      for (let i = 0; i < 40; i++) {
        if (i === 3 + turns) end(spoken)
        for (const part of ['a', 'b', 'c'].slice(0, 1 + (turns % 3))) {
          const message = `${i}${part}`
          conn.outgoing.send(message).then(
            () => accepted.push(message),
            (error: CloseError) => rejected.push(String(error.value)),
          )
          try {
            if (conn.outgoing.trySend(`${message}!`)) accepted.push(`${message}!`)
          } catch (error) {
            rejected.push(String((error as CloseError).value))
          }
        }
        await (i % 2 === 0 ? Promise.resolve() : settle())
      }
      await raw.until(() => raw.frames().some(({ opcode }) => opcode === 8))
      raw.socket.end(say(8))
      const { unsent } = await conn.closed
      expect(conn.outgoing.closed).toBe(true)
      expect(await rejectionOf(conn.outgoing.send('late'))).toMatchObject({ value: 'late' })
      expect(thrownBy(() => conn.outgoing.trySend('late'))).toMatchObject({ value: 'late' })
      await raw.until(() => false)
      expect(rejected.length).toBeGreaterThan(0)
      expect(new Set([...accepted, ...rejected]).size).toBe(accepted.length + rejected.length)
      expect(textsOf(raw).length).toBe(accepted.length - unsent)
      expect(textsOf(raw).filter((text) => !accepted.includes(text))).toEqual([])
    }
  })

  test('receives and selects that are cancelled at any moment cost no message, and not the connection', async () => {
    const { conn, raw, say } = await pair({ incomingCapacity: 4 })
    const count = 400
    const never = channel<never>()
    const seen: string[] = []
    for (let i = 0; i < count; i++) raw.socket.write(say(1, String(i)))
    for (let round = 0; seen.length < count; round++) {
      const ctx = withCancel(background())
      const received =
        round % 2 === 0
          ? conn.incoming.receive(ctx)
          : select({ message: conn.incoming, never, gone: ctx.done }, round % 4 === 1 ? ctx : undefined)
      const noted = received.then(
        ({ value, ok }) => ok && seen.push(value as string),
        (error: unknown) => expect(error).toBe(ctx.err),
      )
      for (let hops = round % 3; hops > 0; hops--) await Promise.resolve()
      if (round % 5 === 0) await settle()
      ctx.cancel()
      await noted
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, i) => String(i)))
    await conn.outgoing.send('still here')
    await raw.until(() => textsOf(raw).length === 1)
    expect(conn.ctx.err).toBeUndefined()
  })
})
