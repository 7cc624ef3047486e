import type { Connection, ConnectionOptions, Message } from '@chansel/ws'
import { cut, pipe } from '@chansel/ws/testing'
import { onTestFinished } from 'vitest'
import type { Ends } from '../conformance/suite.ts'
import { REFUSALS } from './refusals.ts'
import { type Ending, type Peer, type Script, type Wire, fromWire, toWire } from './peer.ts'
import { eventually, pass } from './pending.ts'

/** The other end of a pipe, which plays a script. */
class PipePeer implements Peer {
  readonly #conn: Connection
  readonly #kept: Message[] = []
  #messages = 0
  #inOrder = 0
  #reading = Promise.resolve()

  constructor(conn: Connection, script: Script) {
    this.#conn = conn
    if (script.name !== 'deaf') this.#reading = this.#receive(script.name === 'echo')
    if ('count' in script || script.name === 'send') void this.#say(script).catch(() => {}) // it has ended
  }

  async #receive(echoes: boolean): Promise<void> {
    try {
      for await (const message of this.#conn.incoming) {
        if (message === String(this.#messages)) this.#inOrder++
        this.#messages++
        this.#kept.push(message)
        if (echoes) await this.#conn.outgoing.send(message)
      }
    } catch {
      // It has ended.
    }
  }

  async #say(script: Script): Promise<void> {
    const { outgoing } = this.#conn
    if (script.name === 'send') for (const message of script.messages) await outgoing.send(fromWire(message))
    if (script.name === 'texts') {
      for (let i = 0; i < script.count; i++) await outgoing.send('漢'.repeat(script.size))
    }
    if (script.name === 'count') for (let i = 0; i < script.count; i++) await outgoing.send(String(i))
    if (script.name === 'flood') {
      for (let i = 0; i < script.count; i++) {
        const message = new Uint8Array(script.size)
        new DataView(message.buffer).setUint32(0, i)
        await outgoing.send(message)
      }
    }
    if ('then' in script) await this.#finish(script.then)
  }

  async #finish(ending: Ending | undefined): Promise<void> {
    if (ending === undefined || ending === 'stay') return
    if (typeof ending === 'object') return void this.#conn.close(ending.code, ending.reason)
    await this.#conn.flush()
    cut(this.#conn)
  }

  async send(...messages: Wire[]): Promise<void> {
    for (const message of messages) await this.#conn.outgoing.send(fromWire(message))
  }

  async read(): Promise<void> {
    this.#reading = this.#receive(false)
  }

  async ping(data: string): Promise<string> {
    await this.#conn.ping()
    return data
  }

  async close(code?: number, reason?: string): Promise<void> {
    void this.#conn.close(code, reason)
  }

  async cut(): Promise<void> {
    cut(this.#conn)
  }

  async received(count: number): Promise<Wire[]> {
    await this.counted(count)
    return this.#kept.slice(0, count).map(toWire)
  }

  async counted(count: number): Promise<{ messages: number; inOrder: number }> {
    let isOver = false
    void this.#reading.then(() => (isOver = true))
    await eventually(`${count} messages`, () => this.#messages >= count || isOver, 20_000)
    return { messages: this.#messages, inOrder: this.#inOrder }
  }

  async ended(): Promise<{ code: number; reason: string }> {
    const { code, reason } = await this.#conn.closed
    return { code, reason }
  }

  async bufferedAmount(): Promise<number> {
    return this.#conn.outgoing.length
  }

  async stalled(): Promise<number> {
    await pass(20)
    return this.#conn.outgoing.length
  }
}

export async function pipePeer(script: Script, options?: ConnectionOptions): Promise<Ends> {
  const url = `ws://127.0.0.1:1/${script.name}`
  const other = { incomingCapacity: script.name === 'deaf' ? 1 : 64, maxMessageBytes: Infinity }
  const [conn, peerConn] = pipe({ url, ...options }, other)
  const peer = new PipePeer(peerConn, script)
  onTestFinished(async () => {
    cut(conn)
    await conn.closed
  })
  return { conn, peer }
}

const noBytes = 'a pipe carries messages, not bytes'
const answers = 'an end of a pipe answers'

/** What of the conformance suite cannot apply to a pipe. */
export const skippedInPipes: Readonly<Record<string, string>> = {
  'a message in fragments, with a ping between them, is one message': noBytes,
  'messages and the close in one segment all count': noBytes,
  'fragments are too big together': noBytes,
  'a cut within a frame is 1006 by the network, and no part of the message is told': noBytes,
  'a fin within a frame is 1006 by the network, and no part of the message is told': noBytes,
  'a peer that closes and then keeps the stream open is cut after closeTimeoutMs': noBytes,
  'the peer closes with no code: incoming ends after the last message': 'a connection closes with a code',
  'a ping that is not answered waits until it is cancelled': answers,
  'a ping that waits fails at the end with the CloseError, and so does a later one': answers,
  'a peer that never answers the close is cut after closeTimeoutMs': answers,
  'the socket of a peer that never answers the close is destroyed': answers,
  'messages that are on their way when we close still arrive': answers,
  ...Object.fromEntries(
    REFUSALS.map(([name, code]) => [
      `${name} is refused with ${code}: incoming fails after the last message`,
      noBytes,
    ]),
  ),
}
