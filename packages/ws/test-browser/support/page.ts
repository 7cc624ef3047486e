import { DialError, type DialOptions, UnsupportedError, dial, wrap } from '@chansel/ws'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import type { Ends } from '../../test/conformance/suite.ts'
import { type Script, remotePeer, scriptUrl } from '../../test/support/peer.ts'
import { expectPending, pass, rejectionOf, thrownBy } from '../../test/support/pending.ts'
import { collect } from '../../test/support/receiving.ts'
import { REFUSALS } from '../../test/support/refusals.ts'

const origin = inject('peerOrigin')
let ids = 0

/** A page dials, the peer serves. */
export async function connect(script: Script, options?: DialOptions): Promise<Ends> {
  const id = `${performance.timeOrigin} ${++ids}`
  const conn = await dial(scriptUrl(origin, script, id), options)
  const peer = remotePeer(origin.replace('ws:', 'http:'), id)
  onTestFinished(async () => {
    void conn.close()
    // Reads first: Chromium 156 crashes the page if a WebSocketStream is cut while a write waits.
    await peer.read()
    await Promise.race([peer.ended(), pass(500)])
    await peer.cut()
    await conn.closed
  })
  return { conn, peer }
}

/** A page may send 1000 and 3000 to 4999; the others go out 3000 higher. */
export function pageCode(code: number): number {
  return code === 1000 || code >= 3000 ? code : code + 3000
}

const noPings = 'a browser has no pings'
const ownRefusal = 'the browser refuses it itself, and says 1006'

export const skippedInPages: Record<string, string> = {
  'ping measures the round trip': noPings,
  'a ping that is not answered waits until it is cancelled': noPings,
  'a ping that waits fails at the end with the CloseError, and so does a later one': noPings,
  'a ping behind a message does not hold up a send that waits': noPings,
  'short messages that wait for the peer are not written over by later ones':
    'a page writes no frames itself',
  'messages that are on their way when we close still arrive': 'a page hears nothing after its own close',
  'the socket of a peer that never answers the close is destroyed': 'a page cannot destroy a socket',
  'a peer that closes and then keeps the stream open is cut after closeTimeoutMs':
    'nothing tells a page of the close before the stream has ended',
  ...Object.fromEntries(
    REFUSALS.map(([name, code]) => [
      `${name} is refused with ${code}: incoming fails after the last message`,
      ownRefusal,
    ]),
  ),
}

/** Until the end of the test, all connections are forbidden by the policy of a page: that of a frame, whose classes these are. */
async function forbidConnections(): Promise<void> {
  const frame = document.createElement('iframe')
  frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="connect-src 'none'">`
  await new Promise((resolve) => {
    frame.onload = resolve
    document.body.append(frame)
  })
  for (const name of ['WebSocket', 'WebSocketStream']) {
    const before: unknown = Reflect.get(globalThis, name)
    if (before === undefined) continue
    Reflect.set(globalThis, name, Reflect.get(frame.contentWindow!, name))
    onTestFinished(() => void Reflect.set(globalThis, name, before))
  }
  onTestFinished(() => frame.remove())
}

/** What is true only in pages. */
export function describePage(): void {
  describe('in a page', () => {
    test('bytes that are no frames are 1006 by the network', async () => {
      const { conn } = await connect({ name: 'frames', frames: [{ opcode: 3, hex: '00' }] })
      expect(await conn.closed).toMatchObject({ code: 1006, by: 'network', wasClean: false })
      expect((await collect(conn)).error).toMatchObject({ closeCode: 1006, by: 'network' })
    })

    test('ping says that there is none', async () => {
      const { conn } = await connect({ name: 'silent' })
      expect(await rejectionOf(conn.ping())).toBeInstanceOf(UnsupportedError)
      expect(conn.ctx.err).toBeUndefined()
    })

    test.each(['headers', 'tls', 'agent'])('a dial with %s says at once that there are none', (name) => {
      const call = (): unknown => dial('ws://127.0.0.1:9', { [name]: {} })
      expect(thrownBy(call)).toEqual(new UnsupportedError('use headers, tls or agent'))
    })

    test.each([
      ['a server that is not there', 'ws://127.0.0.1:9'],
      ['an answer that is no WebSocket', `${origin.replace('ws:', 'http:')}/received`],
    ])('a dial to %s rejects with a DialError', async (_, url) => {
      const error = await rejectionOf(dial(url))
      expect(error).toBeInstanceOf(DialError)
      expect(error).toMatchObject({ code: 'ERR_WS_DIAL', url: new URL(url).href.replace('http:', 'ws:') })
    })

    // Chromium tells of an error and of no close; Firefox and WebKit throw.
    test('a dial that a policy forbids rejects with a DialError, and not only when its time is over', async () => {
      await forbidConnections()
      const error = await rejectionOf(dial(origin, { handshakeTimeoutMs: Infinity }))
      expect(error).toBeInstanceOf(DialError)
      expect(error).toMatchObject({ message: `Cannot dial ${origin}/: it did not open` })
      expect((error as DialError).cause).toBeDefined()
    })

    test('a WebSocket that a policy forbids ends, if it is wrapped', async () => {
      await forbidConnections()
      let socket: WebSocket
      try {
        socket = new WebSocket(origin)
      } catch {
        return // There is nothing to wrap.
      }
      expect(await wrap(socket).closed).toMatchObject({ code: 1006, by: 'network', wasClean: false })
    })

    test('a dial that is cancelled rejects with the reason', async () => {
      const controller = new AbortController()
      const dialled = dial(scriptUrl(origin, { name: 'silent' }, 'cancelled'), {}, controller)
      await expectPending(dialled)
      controller.abort('enough')
      expect(await rejectionOf(dialled)).toBe('enough')
    })

    test('a dial whose cancel fired already does not connect', async () => {
      const controller = new AbortController()
      controller.abort('before')
      expect(await rejectionOf(dial('ws://127.0.0.1:9', {}, controller))).toBe('before')
    })

    test('the cancel of a dial does not govern the open connection', async () => {
      const controller = new AbortController()
      const id = `${performance.timeOrigin} ${++ids}`
      const conn = await dial(scriptUrl(origin, { name: 'echo' }, id), {}, controller)
      controller.abort()
      await conn.outgoing.send('still open')
      expect(await conn.incoming.receive()).toEqual({ value: 'still open', ok: true })
      await conn.close()
    })

    test('a URL that is none throws at once', () => {
      expect(thrownBy(() => dial('not a URL'))).toBeInstanceOf(TypeError)
    })
  })
}
