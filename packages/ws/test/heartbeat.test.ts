import { type Connection, CloseError, HeartbeatError, dial } from '@chansel/ws'
import { describe, expect, onTestFinished, test } from 'vitest'
import { acceptPeer, dialPeer } from './support/connecting.ts'
import { countTimers, expectNoSocketLeft } from './support/nothing-left.ts'
import { startPeerServer } from './support/peer-server.ts'
import { eventually, expectPending, pass, rejectionOf, settle } from './support/pending.ts'
import { listening, wsClient } from './support/serving.ts'

expectNoSocketLeft()

const heartbeat = { intervalMs: 60, timeoutMs: 80 }
const SLACK_MS = 250
/** More than all buffers between two ends hold. */
const FLOOD = { name: 'flood', count: 512, size: 65_536 } as const
const CUT = { code: 1006, reason: '', wasClean: false, by: 'network' }

/** How long `conn` lived, in ms. */
async function lifeOf(conn: Connection): Promise<number> {
  const startedAt = performance.now()
  await conn.closed
  return performance.now() - startedAt
}

async function dialScripted(
  script: Parameters<typeof dialPeer>[1],
  options: Parameters<typeof dialPeer>[2],
): ReturnType<typeof dialPeer> {
  const server = await startPeerServer()
  onTestFinished(() => server[Symbol.asyncDispose]())
  return dialPeer(server, script, options)
}

describe('the watch', () => {
  test('leaves no timer behind the last connection', async () => {
    const timers = countTimers()
    // Times of its own, so that no other connection is watched with it.
    const { listener, url } = await listening({ heartbeat: { intervalMs: 31_000, timeoutMs: 31_000 } })
    const client = await dial(url, { heartbeat: { intervalMs: 32_000, timeoutMs: 32_000 } })
    await listener.connections.receive()
    expect(timers()).toBeGreaterThan(0)
    await client.close()
    await listener.close()
    await eventually('no timer holds the process', () => timers() === 0, 1_000)
  })

  test('has one timer for all connections, not one each', async () => {
    const timers = countTimers()
    const { listener, url } = await listening()
    await Promise.all(Array.from({ length: 200 }, () => wsClient(url)))
    const conns: Connection[] = []
    while (conns.length < 200) conns.push((await listener.connections.receive()).value!)
    expect(timers()).toBeLessThanOrEqual(1)
    await listener.close({ graceMs: 2_000 })
  })

  test('goes on for connections that come after a while without any', async () => {
    const first = await acceptPeer({ name: 'silent' }, { heartbeat })
    await first.conn.close()
    await pass(2 * heartbeat.intervalMs)
    const { conn } = await acceptPeer({ name: 'mute' }, { heartbeat })
    expect(await lifeOf(conn)).toBeLessThanOrEqual(heartbeat.intervalMs + heartbeat.timeoutMs + SLACK_MS)
  })
})

describe.each([
  ['a client', dialScripted],
  ['a server', acceptPeer],
] as const)('the heartbeat of %s', (_, connect) => {
  test('cuts a peer that answers no ping, within intervalMs + timeoutMs', async () => {
    const { conn } = await connect({ name: 'mute' }, { heartbeat })
    const ms = await lifeOf(conn)
    expect(ms).toBeGreaterThanOrEqual(heartbeat.timeoutMs)
    expect(ms).toBeLessThanOrEqual(heartbeat.intervalMs + heartbeat.timeoutMs + SLACK_MS)
    expect(await conn.closed).toMatchObject(CUT)
    const error = await rejectionOf(conn.incoming.receive())
    expect(error).toBeInstanceOf(CloseError)
    expect(error).toMatchObject({ closeCode: 1006, by: 'network' })
  })

  test('says why it cut, and for how long there was no sign', async () => {
    const { conn } = await connect({ name: 'mute' }, { heartbeat })
    await conn.closed
    const { cause } = conn.ctx.cause as CloseError
    expect(cause).toBeInstanceOf(HeartbeatError)
    expect(cause).toMatchObject({ code: 'ERR_WS_HEARTBEAT', name: 'HeartbeatError' })
    const { quietMs, message } = cause as HeartbeatError
    expect(quietMs).toBeGreaterThanOrEqual(heartbeat.intervalMs + heartbeat.timeoutMs)
    expect(quietMs).toBeLessThanOrEqual(heartbeat.intervalMs + heartbeat.timeoutMs + SLACK_MS)
    expect(message).toBe(`Cannot keep the connection: no sign of the peer for ${quietMs} ms`)
    expect(await rejectionOf(conn.outgoing.send('late'))).toMatchObject({ cause })
  })

  test('cuts a peer that reads nothing', async () => {
    const { conn } = await connect({ name: 'deaf' }, { heartbeat })
    const ms = await lifeOf(conn)
    expect(ms).toBeLessThanOrEqual(heartbeat.intervalMs + heartbeat.timeoutMs + SLACK_MS)
    expect(await conn.closed).toMatchObject(CUT)
  })

  test('cuts a peer that reads nothing while we send, and the sends that wait fail', async () => {
    const { conn } = await connect({ name: 'deaf' }, { heartbeat: { intervalMs: 200, timeoutMs: 200 } })
    // What waits may leave with a ping; then there are more.
    const send = async (): Promise<never> => {
      for (;;) await conn.outgoing.send(new Uint8Array(65_536))
    }
    expect(await rejectionOf(send())).toMatchObject({ closeCode: 1006, by: 'network' })
    expect((await conn.closed).unsent).toBeGreaterThanOrEqual(0)
  })

  test('lets a peer live that answers pings and says nothing', async () => {
    const { conn } = await connect({ name: 'silent' }, { heartbeat })
    await pass(6 * heartbeat.intervalMs + 2 * heartbeat.timeoutMs)
    expect(conn.ctx.err).toBeUndefined()
    await conn.outgoing.send('still here')
  })

  test('lets a peer live that answers while our reading is paused', async () => {
    const { conn, peer } = await connect(FLOOD, { heartbeat })
    await peer.stalled()
    await pass(6 * (heartbeat.intervalMs + heartbeat.timeoutMs))
    expect(conn.ctx.err).toBeUndefined()
    for (let i = 0; i < FLOOD.count; i++) expect((await conn.incoming.receive()).ok).toBe(true)
    // And after the pause the pongs count again.
    await pass(3 * (heartbeat.intervalMs + heartbeat.timeoutMs))
    expect(conn.ctx.err).toBeUndefined()
  })

  test('lets a peer live that cannot answer, for it has much to say to us and we do not read for long', async () => {
    const often = { intervalMs: 10, timeoutMs: 10 }
    const { conn, peer } = await connect(FLOOD, { heartbeat: often })
    await peer.stalled()
    // Stock `ws` gives up a peer to whom it owes 60 pongs.
    await pass(100 * often.intervalMs)
    expect(conn.ctx.err).toBeUndefined()
    for (let i = 0; i < FLOOD.count; i++) expect((await conn.incoming.receive()).ok).toBe(true)
  })

  test('lets a peer live that answers while this process is busy or suspended', async () => {
    const { conn } = await connect({ name: 'silent' }, { heartbeat })
    for (let i = 0; i < 4; i++) {
      // Timers come before what was read meanwhile.
      const until = performance.now() + 2 * (heartbeat.intervalMs + heartbeat.timeoutMs)
      while (performance.now() < until);
      await settle()
    }
    await pass(heartbeat.timeoutMs)
    expect(conn.ctx.err).toBeUndefined()
  })

  test('finds a reset while our reading is paused', async () => {
    const { conn, peer } = await connect(FLOOD, { heartbeat })
    await peer.stalled()
    await peer.cut()
    expect(await Promise.race([conn.closed, pass(2_000)])).toMatchObject(CUT)
  })

  test('lets a peer live that answers no ping and sends', async () => {
    const { conn, peer } = await connect({ name: 'silent' }, { heartbeat })
    const stop = setInterval(() => void peer.send({ text: 'busy' }), 20)
    onTestFinished(() => clearInterval(stop))
    const until = performance.now() + 4 * (heartbeat.intervalMs + heartbeat.timeoutMs)
    while (performance.now() < until) expect((await conn.incoming.receive()).ok).toBe(true)
    expect(conn.ctx.err).toBeUndefined()
  })

  test('is off when it is false', async () => {
    const { conn } = await connect({ name: 'mute' }, { heartbeat: false })
    await pass(4 * (heartbeat.intervalMs + heartbeat.timeoutMs))
    expect(conn.ctx.err).toBeUndefined()
    await expectPending(conn.closed)
  })
})
