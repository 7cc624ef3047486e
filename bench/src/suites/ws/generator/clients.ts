import { once } from 'node:events'
import type { Socket } from 'node:net'
import { quantile } from '../../../measure/statistics.ts'
import type { Sent, Traffic } from '../protocol.ts'
import { openSocket } from './client.ts'
import { dialects } from './dialects.ts'
import { clientFrame } from './frames.ts'

/**
 * Connections that send a window of messages, and the next one when all that it brings has come back.
 *
 * What comes back is compared with what has to, byte by byte, and not parsed: a generator that costs less than
 * the server under it leaves the server as what is measured.
 */
export class Clients {
  readonly #clients: readonly Client[]
  readonly #traffic: Traffic

  private constructor(clients: readonly Client[], traffic: Traffic) {
    this.#clients = clients
    this.#traffic = traffic
  }

  static async connect(port: number, dialectName: string, traffic: Traffic): Promise<Clients> {
    const dialect = dialects[dialectName]!
    const { pattern, connections, isTls } = traffic
    const frames = Array.from({ length: traffic.window }, (_, i) =>
      pattern === 'fragments'
        ? { there: clientFrame(0, Buffer.alloc(traffic.bytes, i), false), back: Buffer.alloc(0) }
        : // A broadcast sends one message, again and again.
          dialect.frames(traffic.bytes, traffic.kind, pattern === 'broadcast' ? 0 : i),
    )
    const there = frames.map((pair) => pair.there)
    const back = frames.map((pair) => pair.back)
    const window: Window = {
      there: pattern === 'broadcast' ? there.slice(0, 1) : traffic.oneByOne ? there : [Buffer.concat(there)],
      back: Buffer.concat(pattern === 'fan-in' ? back.slice(-1) : back),
    }
    const clients: Client[] = []
    const connect = async (): Promise<void> => {
      const { socket, head } = await openSocket({ port, isTls, path: dialect.path })
      await dialect.greet(socket, head)
      if (pattern === 'silence') socket.pause()
      if (pattern === 'fragments') socket.write(clientFrame(2, Buffer.alloc(0), false))
      clients.push(new Client(socket, window))
    }
    while (clients.length < connections) {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, connections - clients.length) }, connect))
    }
    return new Clients(clients, traffic)
  }

  /** Lets at least so many messages arrive in all: at the server, or, of a broadcast, at its members. */
  async send(messages: number): Promise<Pick<Sent, 'messages' | 'p50Us' | 'p99Us'>> {
    const { window, pattern } = this.#traffic
    const windows = Math.ceil(messages / (window * this.#clients.length))
    const times: number[] = []
    if (pattern === 'broadcast') {
      for (let i = 0; i < windows; i++) {
        const before = performance.now()
        const all = this.#clients.map((client) => client.expect())
        this.#clients[0]!.write()
        await Promise.all(all)
        times.push(performance.now() - before)
      }
    } else {
      const [first, ...others] = this.#clients
      await Promise.all([
        first!.exchange(windows, times),
        ...others.map((client) => client.exchange(windows)),
      ])
    }
    return {
      messages: windows * window * this.#clients.length,
      p50Us: quantile(times, 0.5) * 1_000,
      p99Us: quantile(times, 0.99) * 1_000,
    }
  }

  /** @returns how many bytes the kernel took of the first connection's */
  push(bytes: number, limitMs: number): Promise<number> {
    return this.#clients[0]!.push(bytes, limitMs)
  }

  disconnect(): void {
    for (const client of this.#clients) client.destroy()
  }
}

/** How many connect at a time. */
const AT_ONCE = 100

/** What is written for a window of messages, piece by piece, and what has to come back. */
interface Window {
  readonly there: readonly Buffer[]
  readonly back: Buffer
}

class Client {
  readonly #socket: Socket
  readonly #window: Window
  #received = 0
  /** Called when a window is back, or with what went wrong. */
  #done: (error?: Error) => void = () => {}

  constructor(socket: Socket, window: Window) {
    this.#socket = socket
    this.#window = window
    // A socket that was paused stays so.
    socket.on('data', (chunk) => this.#arrived(chunk))
    socket.on('error', (error) => this.#done(error))
    socket.on('close', () => this.#done(new Error('the server ended the connection')))
  }

  write(): void {
    for (const piece of this.#window.there) this.#socket.write(piece)
  }

  /** Resolves when a window is back. */
  expect(): Promise<void> {
    this.#received = 0
    return new Promise((resolve, reject) => {
      this.#done = (error) => (error === undefined ? resolve() : reject(error))
    })
  }

  /** Sends windows one after the other, from within the event that brings the last: no promise is between. */
  async exchange(windows: number, times?: number[]): Promise<void> {
    let left = windows
    let before = performance.now()
    await new Promise<void>((resolve, reject) => {
      this.#done = (error) => {
        if (error !== undefined) return reject(error)
        if (times !== undefined) {
          const now = performance.now()
          times.push(now - before)
          before = now
        }
        if (--left === 0) return resolve()
        this.#received = 0
        this.write()
      }
      this.#received = 0
      this.write()
    })
  }

  async push(bytes: number, limitMs: number): Promise<number> {
    const signal = AbortSignal.timeout(limitMs)
    const before = this.#socket.bytesWritten
    let written = 0
    while (written < bytes && !signal.aborted) {
      this.write()
      written = this.#socket.bytesWritten - before
      // Also ends when the time is over; a connection that has failed is noticed below.
      if (this.#socket.writableNeedDrain) await once(this.#socket, 'drain', { signal }).catch(() => {})
      if (this.#socket.destroyed) throw new Error('the server ended the connection')
    }
    return written - this.#socket.writableLength
  }

  #arrived(chunk: Buffer): void {
    const { back } = this.#window
    const expected = back.subarray(this.#received, this.#received + chunk.length)
    if (!chunk.equals(expected)) return this.#done(new Error('wrong: what came back is not what was sent'))
    this.#received += chunk.length
    if (this.#received === back.length) this.#done()
  }

  destroy(): void {
    this.#done = () => {}
    this.#socket.destroy()
  }
}
