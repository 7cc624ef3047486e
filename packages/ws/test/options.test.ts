// The options of a server against its behaviour: the default, the unit, and how each is switched off. What an option
// does when it is given is tested where it belongs.

import { once } from 'node:events'
import type { Connection } from '@chansel/ws'
import type { ListenOptions } from '@chansel/ws/server'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { encodeFrame } from './support/frames.ts'
import { countTimers, expectNoSocketLeft } from './support/nothing-left.ts'
import { eventually } from './support/pending.ts'
import { type RawClient, handshake, rawClient } from './support/raw-client.ts'
import { fill } from './support/receiving.ts'
import { listening } from './support/serving.ts'

expectNoSocketLeft()

const KIB = 1024

async function connected(
  options: Partial<ListenOptions> = {},
): Promise<{ conn: Connection; raw: RawClient }> {
  // A cut at the end, because the raw end answers no close.
  const { listener, port } = await listening({ heartbeat: false, ...options })
  const raw = await rawClient(port, handshake())
  const { value } = await listener.connections.receive()
  await raw.answer()
  return { conn: value!, raw }
}

/** Writes `count` messages and waits until what our side holds grows no more. */
async function held(
  { conn, raw }: { conn: Connection; raw: RawClient },
  count: number,
  size: number,
): Promise<number> {
  const message = encodeFrame({ opcode: 2, hex: '00'.repeat(size) }, true)
  raw.socket.write(Buffer.concat(Array.from({ length: count }, () => message)))
  let length = -1
  for (let still = 0; still < 20; still++) {
    if (conn.incoming.length !== length) still = 0
    length = conn.incoming.length
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return length
}

describe('what waits in incoming', () => {
  test('is 64 messages and one read by default', async () => {
    const length = await held(await connected(), 500, 3 * KIB)
    expect(length).toBeGreaterThanOrEqual(64)
    expect(length).toBeLessThanOrEqual(64 + 64 / 3 + 1)
  })

  test('is 256 KiB and one read by default', async () => {
    const length = await held(await connected(), 50, 60 * KIB)
    expect(length).toBeGreaterThanOrEqual(5)
    expect(length).toBeLessThanOrEqual(6)
  })

  test.each([
    ['incomingCapacity', { incomingCapacity: Infinity }, 3 * KIB, 86, 108],
    ['incomingBytes', { incomingBytes: Infinity }, 60 * KIB, 64, 66],
    ['both', { incomingCapacity: Infinity, incomingBytes: Infinity }, 30 * KIB, 500, 500],
  ])('is bounded no more by %s where that is Infinity', async (_, options, size, least, most) => {
    const length = await held(await connected(options), 500, size)
    expect(length).toBeGreaterThanOrEqual(least)
    expect(length).toBeLessThanOrEqual(most)
  })
})

describe('what is unsent', () => {
  test('is 64 KiB and one message by default', async () => {
    const { conn, raw } = await connected()
    raw.socket.pause()
    await fill(conn, new Uint8Array(16 * KIB))
    expect(conn.outgoing.length * 16 * KIB).toBeGreaterThanOrEqual(64 * KIB)
    expect(conn.outgoing.length * 16 * KIB).toBeLessThanOrEqual(80 * KIB)
  })

  test('is not bounded where highWaterMarkBytes is Infinity', async () => {
    const { conn, raw } = await connected({ highWaterMarkBytes: Infinity })
    raw.socket.pause()
    for (let i = 0; i < 200; i++) expect(conn.outgoing.trySend(new Uint8Array(64 * KIB))).toBe(true)
  })
})

test('a message may have 1 MiB by default, and any size where maxMessageBytes is Infinity', async () => {
  const large = (size: number): Buffer => encodeFrame({ opcode: 2, hex: '00'.repeat(size) }, true)
  const byDefault = await connected()
  byDefault.raw.socket.write(large(KIB * KIB))
  expect((await byDefault.conn.incoming.receive()).value).toHaveLength(KIB * KIB)
  byDefault.raw.socket.write(large(KIB * KIB + 1))
  expect(await byDefault.conn.closed.then(({ code }) => code)).toBe(1009)
  const off = await connected({ maxMessageBytes: Infinity })
  off.raw.socket.write(large(5 * KIB * KIB))
  expect((await off.conn.incoming.receive()).value).toHaveLength(5 * KIB * KIB)
})

/** The delays of the host timers that are set while `body` runs. */
async function delaysOf(body: () => Promise<unknown>): Promise<number[]> {
  const set = vi.spyOn(globalThis, 'setTimeout')
  try {
    await body()
    return set.mock.calls.map(([, delayMs]) => delayMs ?? 0)
  } finally {
    set.mockRestore()
  }
}

/** In ms: a timer that was set a little later than the time began is a little shorter. */
function isOf(limitMs: number): (delayMs: number) => boolean {
  return (delayMs) => delayMs > limitMs - 100 && delayMs <= limitMs + 1
}

describe('the time for', () => {
  test('an answer to our close is 5 s by default', async () => {
    const { conn, raw } = await connected()
    const delays = await delaysOf(async () => {
      void conn.close()
      await raw.until(() => raw.frames().length > 0)
    })
    expect(delays.filter(isOf(5_000)).length).toBeGreaterThan(0)
    raw.socket.destroy()
    await conn.closed
  })

  test('an answer to our close is unlimited where closeTimeoutMs is Infinity', async () => {
    const { conn, raw } = await connected({ closeTimeoutMs: Infinity })
    const delays = await delaysOf(async () => {
      void conn.close()
      await raw.until(() => raw.frames().length > 0)
    })
    // The longest that a host timer can be.
    expect(delays.filter((delayMs) => delayMs < 2 ** 31 - 1)).toEqual([])
    raw.socket.destroy()
    await conn.closed
  })

  test.each([
    ['10 s by default', {}, 1],
    ['unlimited where handshakeTimeoutMs is Infinity', { handshakeTimeoutMs: Infinity }, 0],
  ])('a handshake is %s', async (_, options, timers) => {
    let asked = false
    const authorize = (): Promise<void> => {
      asked = true
      return new Promise(() => {})
    }
    const { port } = await listening({ authorize, heartbeat: false, ...options })
    const delays = await delaysOf(async () => {
      const client = await rawClient(port, handshake())
      await eventually('authorize is asked', () => asked)
      client.socket.destroy()
      await client.ended()
    })
    expect(delays.filter(isOf(10_000))).toHaveLength(timers)
    expect(delays.filter((delayMs) => delayMs > 10_001)).toEqual([])
  })
})

describe('the heartbeat', () => {
  test('is there by default, and looks more than once in 30 s', async () => {
    const { listener, port } = await listening()
    const delays = await delaysOf(async () => {
      await rawClient(port, handshake())
      await listener.connections.receive()
    })
    expect(delays.filter((delayMs) => delayMs > 1_000 && delayMs <= 30_000)).toHaveLength(1)
  })

  test('costs no timer where it is false', async () => {
    const timers = countTimers()
    await connected({ heartbeat: false })
    expect(timers()).toBe(0)
  })
})

test('compression is off by default', async () => {
  const { port } = await listening()
  const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }
  const raw = await rawClient(port, handshake(offer))
  expect((await raw.answer()).fields['sec-websocket-extensions']).toBeUndefined()
})

test('without a host only this machine can connect', async () => {
  const { listener } = await listening()
  expect(listener.address.address).toBe('127.0.0.1')
})

test('a host that is given is listened on', async () => {
  const { listener } = await listening({ port: 0, host: 'localhost' } as Partial<ListenOptions>)
  expect(['127.0.0.1', '::1']).toContain(listener.address.address)
})

test('without a path all paths are served, and maxConnections may be Infinity', async () => {
  const { port } = await listening({ maxConnections: Infinity })
  for (const path of ['/', '/a', '/b?c']) {
    const raw = await rawClient(port, handshake({}, `GET ${path} HTTP/1.1`))
    expect((await raw.answer()).status).toBe(101)
  }
})

test('a listener waits 5 s for its connections by default', async () => {
  const { listener, port } = await listening({ heartbeat: false, closeTimeoutMs: Infinity })
  const raw = await rawClient(port, handshake())
  await listener.connections.receive()
  await raw.answer()
  const delays = await delaysOf(async () => {
    const closed = listener.close()
    await raw.until(() => raw.frames().length > 0)
    raw.socket.destroy()
    await closed
  })
  expect(delays.filter(isOf(5_000))).toHaveLength(1)
})

test('an error of the program’s own reporter is told, and ends nothing', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => said.mockRestore())
  const { port } = await listening({
    onError: () => {
      throw new Error('a bad reporter')
    },
  })
  const raw = await rawClient(port, handshake({ Origin: 'null' }))
  await once(raw.socket, 'close')
  expect(said).toHaveBeenCalledTimes(1)
})
