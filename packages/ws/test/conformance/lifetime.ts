import { background, contextKey, isCanceled, select, withCancel, withTimeout, withValue } from 'chansel'
import { CloseError } from '@chansel/ws'
import { expect } from 'vitest'
import { eventually, expectPending, rejectionOf } from '../support/pending.ts'
import { collect, fill } from '../support/receiving.ts'
import type { Suite } from './suite.ts'

/** An AbortController that counts the listeners of its signal. */
function countedController(): AbortController & { listeners: number } {
  const controller = Object.assign(new AbortController(), { listeners: 0 })
  const { signal } = controller
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    controller.listeners++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    controller.listeners--
    remove(...args)
  }
  return controller
}

export function describeLifetime({ it, connect, wireCode }: Suite): void {
  it('a new connection is open and says where it goes', async () => {
    const { conn } = await connect({ name: 'silent' })
    expect(conn.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/silent/)
    expect(conn.protocol).toBe('')
    expect(conn.incoming).toMatchObject({ length: 0, capacity: 64, name: 'incoming' })
    expect(conn.outgoing).toMatchObject({ length: 0, closed: false, name: 'outgoing' })
    expect(conn.ctx.err).toBeUndefined()
    await expectPending(conn.closed, conn.ctx.done.receive())
  })

  it('the read channel cannot send and the write channel cannot receive', async () => {
    const { conn } = await connect({ name: 'silent' })
    expect('send' in conn.incoming).toBe(false)
    expect('close' in conn.incoming).toBe(false)
    expect('receive' in conn.outgoing).toBe(false)
  })

  it('ctx is cancelled at the end, and its cause is the CloseError', async () => {
    const { conn } = await connect({ name: 'count', count: 1, then: { code: 3000, reason: 'theirs' } })
    const done = conn.ctx.done.receive()
    expect(await select({ done: conn.ctx.done })).toEqual({ case: 'done', value: undefined, ok: false })
    expect(await done).toEqual({ value: undefined, ok: false })
    expect(isCanceled(conn.ctx.err)).toBe(true)
    expect(conn.ctx.cause).toBeInstanceOf(CloseError)
    expect(conn.ctx.cause).toMatchObject({ closeCode: 3000, reason: 'theirs', by: 'remote' })
    expect(conn.ctx.signal.reason).toBe(conn.ctx.err)
  })

  it('what was derived from ctx is cancelled at the end', async () => {
    const { conn } = await connect({ name: 'silent' })
    using child = withCancel(conn.ctx)
    const waiting = child.done.receive()
    await expectPending(waiting)
    await conn.close()
    await waiting
    expect(child.cause).toBe(conn.ctx.cause)
  })

  it('ctx has the values of the parent', async () => {
    const user = contextKey<string>('user')
    const parent = withValue(background(), user, 'gopher')
    const { conn } = await connect({ name: 'silent' }, { parent })
    expect(conn.ctx.value(user)).toBe('gopher')
  })

  it('cancelling the parent closes with 1001', async () => {
    using parent = withCancel(background())
    const { conn, peer } = await connect({ name: 'count', count: 2 }, { parent })
    expect(await conn.incoming.receive()).toEqual({ value: '0', ok: true })
    await eventually('the other is here', () => conn.incoming.length === 1)
    parent.cancel('enough')
    expect(await conn.closed).toEqual({ code: 1001, reason: '', wasClean: true, by: 'local', unsent: 0 })
    expect(await collect(conn)).toEqual({ messages: ['1'], error: undefined })
    expect(await peer.ended()).toEqual({ code: wireCode(1001), reason: '' })
  })

  it('ctx lives until the end of the connection, which a cancelled parent only begins', async () => {
    using parent = withCancel(background())
    const { conn } = await connect({ name: 'silent' }, { parent })
    parent.cancel('enough')
    expect(conn.ctx.err).toBeUndefined()
    await conn.closed
    expect(conn.ctx.cause).toMatchObject({ closeCode: 1001, by: 'local' })
  })

  it('a parent whose time is up closes with 1001', async () => {
    using parent = withTimeout(background(), 30)
    const { conn } = await connect({ name: 'silent' }, { parent })
    expect(await conn.closed).toMatchObject({ code: 1001, by: 'local' })
  })

  it('a parent may be an AbortController, and no listener stays on its signal', async () => {
    const parent = countedController()
    const { conn } = await connect({ name: 'silent' }, { parent })
    expect(parent.listeners).toBe(1)
    await conn.close()
    expect(parent.listeners).toBe(0)
    const second = await connect({ name: 'silent' }, { parent })
    parent.abort()
    expect(await second.conn.closed).toMatchObject({ code: 1001, by: 'local' })
    expect(parent.listeners).toBe(0)
  })

  it('a cancel leaves no listener on a signal', async () => {
    const cancel = countedController()
    const { conn } = await connect({ name: 'echo' })
    await conn.outgoing.send('one', cancel)
    await conn.incoming.receive(cancel)
    await conn.flush(cancel)
    expect(cancel.listeners).toBe(0)
    const waiting = conn.incoming.receive(cancel)
    expect(cancel.listeners).toBe(1)
    cancel.abort('enough')
    expect(await rejectionOf(waiting)).toBe('enough')
    expect(cancel.listeners).toBe(0)
  })

  it('ping measures the round trip', async () => {
    const { conn } = await connect({ name: 'silent' })
    expect(await conn.ping()).toBeGreaterThan(0)
    const trips = await Promise.all([conn.ping(), conn.ping(), conn.ping()])
    expect(trips.every((ms) => ms > 0 && ms < 1_000)).toBe(true)
  })

  it('a ping that is not answered waits until it is cancelled', async () => {
    const { conn } = await connect({ name: 'mute' }, { closeTimeoutMs: 100 })
    const controller = new AbortController()
    const asked = conn.ping(controller)
    await expectPending(asked)
    controller.abort('enough')
    expect(await rejectionOf(asked)).toBe('enough')
    expect(conn.ctx.err).toBeUndefined()
  })

  it('a ping that waits fails at the end with the CloseError, and so does a later one', async () => {
    const { conn, peer } = await connect({ name: 'mute' })
    const asked = conn.ping()
    await expectPending(asked)
    await peer.cut()
    expect(await rejectionOf(asked)).toBeInstanceOf(CloseError)
    expect(await rejectionOf(conn.ping())).toBeInstanceOf(CloseError)
  })

  it('a ping behind a message does not hold up a send that waits', async () => {
    const { conn, peer } = await connect({ name: 'deaf' }, { highWaterMarkBytes: 1 })
    const { accepted, waiting } = await fill(conn, new Uint8Array(256 * 1024))
    const asked = conn.ping()
    await expectPending(waiting, asked)
    await peer.read()
    await waiting
    expect(await asked).toBeGreaterThan(0)
    expect((await peer.counted(accepted + 1)).messages).toBe(accepted + 1)
  })
}
