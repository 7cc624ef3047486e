import {
  type RedialConnection,
  type RedialOptions,
  type RedialState,
  json,
  redial,
  withCodec,
} from '@chansel/ws'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { type Script, remotePeer, scriptUrl } from '../test/support/peer.ts'
import { expectPending, pass, rejectionOf } from '../test/support/pending.ts'

const origin = inject('peerOrigin')
let ids = 0

/** A redial to the peer's server, where each connection plays `script`; `peer` is the last one that connected. */
function redialed(script: Script, options: RedialOptions = {}) {
  const id = `redial ${performance.timeOrigin} ${++ids}`
  const conn = redial(scriptUrl(origin, script, id), { backoff: { minMs: 1, maxMs: 5 }, ...options })
  onTestFinished(async () => {
    await conn.close()
  })
  return { conn, peer: remotePeer(origin.replace('ws:', 'http:'), id) }
}

async function until(conn: RedialConnection, wanted: RedialState['status']): Promise<RedialState> {
  for await (const state of conn.state) if (state.status === wanted) return state
  throw new Error(`the state ended before it was ${wanted}`)
}

/** What the browser says about the network, until the test is over. */
function network(): { set(isOnline: boolean): void } {
  let isOnline = true
  Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => isOnline })
  onTestFinished(() => void Reflect.deleteProperty(navigator, 'onLine'))
  return {
    set(online) {
      isOnline = online
      dispatchEvent(new Event(online ? 'online' : 'offline'))
    },
  }
}

const nowhere = 'ws://127.0.0.1:9/'
const longWait = { backoff: { minMs: 60_000, maxMs: 60_000 }, random: () => 0.9 }

describe.each(['WebSocketStream', 'WebSocket'])('a redial in a page, by %s', (kind) => {
  const { WebSocketStream } = globalThis as { WebSocketStream?: unknown }
  if (kind === 'WebSocket') {
    beforeAll(() => void Reflect.deleteProperty(globalThis, 'WebSocketStream'))
    afterAll(() => void Object.assign(globalThis, { WebSocketStream }))
  }

  test('connects again after a cut, and sends what was sent while away', async () => {
    const { conn, peer } = redialed({ name: 'echo' })
    await conn.outgoing.send('first')
    expect(await conn.incoming.receive()).toEqual({ value: 'first', ok: true })
    const waiting = until(conn, 'waiting')
    await peer.cut()
    await waiting
    await conn.outgoing.send('second')
    expect(await conn.incoming.receive()).toEqual({ value: 'second', ok: true })
  })

  test('gives up on 1008, after the last message', async () => {
    const { conn } = redialed({ name: 'count', count: 2, then: { code: 1008, reason: 'no' } })
    expect(await conn.incoming.receive()).toEqual({ value: '0', ok: true })
    expect(await conn.incoming.receive()).toEqual({ value: '1', ok: true })
    expect(await rejectionOf(conn.incoming.receive())).toMatchObject({ closeCode: 1008, reason: 'no' })
    expect(await conn.closed).toMatchObject({ code: 1008, by: 'remote' })
  })

  test('carries a codec', async () => {
    const { conn } = redialed({ name: 'echo' })
    const typed = withCodec(conn, json<{ n: number }>())
    await typed.outgoing.send({ n: 1 })
    expect(await typed.incoming.receive()).toEqual({ value: { n: 1 }, ok: true })
  })

  test('close ends it while it waits, and while it is open', async () => {
    const away = redial(nowhere, longWait)
    await until(away, 'waiting')
    expect(await away.close()).toMatchObject({ code: 1000, by: 'local' })
    const { conn } = redialed({ name: 'silent' })
    await until(conn, 'open')
    expect(await conn.close()).toMatchObject({ code: 1000, by: 'local', wasClean: true })
  })
})

describe('a redial and the page', () => {
  test('while the browser is offline it does not try; back online it tries at once', async () => {
    const net = network()
    net.set(false)
    const { conn } = redialed({ name: 'echo' }, longWait)
    expect(await conn.state.receive()).toEqual({
      value: { status: 'waiting', attempt: 0, error: undefined },
      ok: true,
    })
    const next = conn.state.receive()
    await pass(50)
    await expectPending(next)
    net.set(true)
    expect((await next).value).toEqual({ status: 'connecting', attempt: 1 })
    expect(await until(conn, 'open')).toEqual({ status: 'open', attempt: 1 })
  })

  test('a failure while offline does not count, and there is no delay to wait for', async () => {
    const net = network()
    const { conn, peer } = redialed({ name: 'echo' }, longWait)
    await until(conn, 'open')
    net.set(false)
    const lost = until(conn, 'waiting')
    await peer.cut()
    const waiting = await lost
    expect(waiting).toMatchObject({ attempt: 0 })
    expect('delayMs' in waiting).toBe(false)
    net.set(true)
    expect(await until(conn, 'open')).toEqual({ status: 'open', attempt: 1 })
  })

  test.each([
    ['the network is back', () => dispatchEvent(new Event('online'))],
    ['a frozen page goes on', () => document.dispatchEvent(new Event('resume'))],
    ['a page comes back from the cache', () => dispatchEvent(new Event('pageshow'))],
  ])('a delay is over when %s', async (_, wake) => {
    const conn = redial(nowhere, longWait)
    onTestFinished(async () => {
      await conn.close()
    })
    expect(await until(conn, 'waiting')).toMatchObject({ attempt: 1, delayMs: 54_000 })
    wake()
    expect(await until(conn, 'waiting')).toMatchObject({ attempt: 2 })
  })

  test('leaves no listener on the page', async () => {
    const counts = new Map<string, number>()
    const { addEventListener, removeEventListener } = globalThis
    onTestFinished(() => void Object.assign(globalThis, { addEventListener, removeEventListener }))
    const count = (by: number, method: (...args: never[]) => void) =>
      function counted(this: unknown, ...args: never[]) {
        counts.set(String(args[0]), (counts.get(String(args[0])) ?? 0) + by)
        method.apply(globalThis, args)
      }
    Object.assign(globalThis, {
      addEventListener: count(1, addEventListener),
      removeEventListener: count(-1, removeEventListener),
    })
    const conn = redial(nowhere, longWait)
    await until(conn, 'waiting')
    expect(counts.get('online')).toBe(1)
    await conn.close()
    expect([...counts.values()].filter((n) => n !== 0)).toEqual([])
  })
})
