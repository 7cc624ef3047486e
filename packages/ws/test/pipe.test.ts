import { channel, select } from 'chansel'
import { CloseError, HeartbeatError } from '@chansel/ws'
import { type PipeOptions, cut, pipe } from '@chansel/ws/testing'
import { describe, expect, test } from 'vitest'
import { describeTransport } from './conformance.ts'
import { countTimers } from './support/nothing-left.ts'
import { eventually, expectPending, rejectionOf, thrownBy } from './support/pending.ts'
import { pipePeer, skippedInPipes } from './support/pipe-peer.ts'

describeTransport({ name: 'a pipe', connect: pipePeer, skip: skippedInPipes })

describe('pipe', () => {
  test('each end hears how the other closes', async () => {
    const [ours, theirs] = pipe()
    void ours.close(3001, 'ours')
    expect(await ours.closed).toEqual({ code: 3001, reason: 'ours', wasClean: true, by: 'local', unsent: 0 })
    expect(await theirs.closed).toEqual({
      code: 3001,
      reason: 'ours',
      wasClean: true,
      by: 'remote',
      unsent: 0,
    })
  })

  test('a cut ends both by the network, and counts what was under way', async () => {
    const [ours, theirs] = pipe({}, { incomingCapacity: 1 })
    for (const text of ['read', 'unread', 'unread']) await ours.outgoing.send(text)
    await eventually('one was read', () => theirs.incoming.length === 1)
    cut(theirs)
    expect(await ours.closed).toEqual({ code: 1006, reason: '', wasClean: false, by: 'network', unsent: 2 })
    expect(await theirs.closed).toMatchObject({ code: 1006, by: 'network', unsent: 0 })
    expect(await theirs.incoming.receive()).toEqual({ value: 'read', ok: true })
    expect(await rejectionOf(theirs.incoming.receive())).toBeInstanceOf(CloseError)
  })

  test('a heartbeat that was asked for cuts an end that reads nothing, and this side knows why', async () => {
    const [ours, theirs] = pipe({ heartbeat: { intervalMs: 20, timeoutMs: 20 } }, { incomingCapacity: 1 })
    for (const text of ['read', 'unread']) await ours.outgoing.send(text)
    expect(await ours.closed).toMatchObject({ code: 1006, by: 'network' })
    expect((ours.ctx.cause as CloseError).cause).toBeInstanceOf(HeartbeatError)
    await theirs.closed
    expect((theirs.ctx.cause as CloseError).cause).toBeUndefined()
  })

  test('an end that is not read stops the other, within both limits', async () => {
    const [ours, theirs] = pipe({ highWaterMarkBytes: 10, incomingCapacity: 4 })
    const sends = Array.from({ length: 20 }, async () => ours.outgoing.send('12345'))
    await eventually('it is full', () => theirs.incoming.length === 4 && ours.outgoing.length === 2)
    await expectPending(...sends.slice(6))
    for (let i = 0; i < 20; i++) await theirs.incoming.receive()
    await Promise.all(sends)
  })

  test('half a character arrives as none, as on a wire', async () => {
    const [ours, theirs] = pipe()
    await ours.outgoing.send('x\ud800y \ud83d\ude00 z\udc00')
    expect((await theirs.incoming.receive()).value).toBe('x\ufffdy \ud83d\ude00 z\ufffd')
  })

  test('the ends have their own options, and say the protocol and the URL that they were given', async () => {
    const [ours, theirs] = pipe({ protocol: 'chat', url: 'wss://example.com/' }, { maxMessageBytes: 3 })
    expect([ours.protocol, ours.url, theirs.protocol, theirs.url]).toEqual([
      'chat',
      'wss://example.com/',
      '',
      'ws://pipe/',
    ])
    await ours.outgoing.send('four')
    expect(await theirs.closed).toMatchObject({ code: 1009, by: 'local' })
    expect(await ours.closed).toMatchObject({ code: 1009, by: 'remote' })
  })

  test('sets no timer of its own while it is open, and leaves none', async () => {
    const timers = countTimers()
    const before = timers()
    const [ours, theirs] = pipe()
    await ours.outgoing.send('hello')
    await select({ message: theirs.incoming, never: channel() })
    expect(timers()).toBe(before)
    await ours.close()
    await theirs.closed
    expect(timers()).toBe(before)
  })

  test('a cut of what is no pipe throws at once', () => {
    expect(thrownBy(() => cut({} as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => pipe({ incomingCapacity: 0 }))).toBeInstanceOf(RangeError)
  })

  test.each<[string, unknown[], string]>([
    ['options that are a number', [1], 'Cannot make a pipe: options must be an object, got 1'],
    ['options that are null', [null], 'Cannot make a pipe: options must be an object, got null'],
    ['a text for the second', [{}, 'x'], 'Cannot make a pipe: options must be an object, got "x"'],
    ['a protocol that is no text', [{ protocol: 1 }], 'Cannot use option protocol: expected a string, got 1'],
    ['a url that is no text', [{ url: null }], 'Cannot use option url: expected a string, got null'],
  ])('with %s says so at once', (_, given, text) => {
    const [options, otherOptions] = given as PipeOptions[]
    expect(thrownBy(() => pipe(options, otherOptions))).toEqual(new TypeError(text))
  })
})
