import type { Socket } from 'node:net'
import type { Echo } from '../protocol.ts'
import { openSocket } from './client.ts'
import { type Dialect, dialects } from './dialects.ts'

/**
 * Connections that send a window of messages, and the next one when all of it came back.
 *
 * What comes back is compared with what has to, byte by byte, and not parsed: a generator that costs less than
 * the server under it leaves the server as what is measured.
 */
export class EchoClients {
  readonly #clients: EchoClient[]

  private constructor(clients: EchoClient[]) {
    this.#clients = clients
  }

  static async connect(port: number, dialectName: string, echo: Echo): Promise<EchoClients> {
    const dialect = dialects[dialectName]!
    const clients: EchoClient[] = []
    for (let i = 0; i < echo.connections; i++) {
      const { socket, head } = await openSocket({ port, isTls: echo.isTls, path: dialect.path })
      await dialect.greet(socket, head)
      clients.push(new EchoClient(socket, dialect, echo))
    }
    return new EchoClients(clients)
  }

  /** Sends at least so many messages in all. @returns how many */
  async send(messages: number): Promise<number> {
    const counts = this.#clients.map((client) => client.send(Math.ceil(messages / this.#clients.length)))
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  }

  disconnect(): void {
    for (const client of this.#clients) client.destroy()
  }
}

class EchoClient {
  readonly #socket: Socket
  readonly #window: number
  /** What a window looks like on its way there, in the pieces that are written, and on its way back. */
  readonly #there: readonly Buffer[]
  readonly #back: Buffer
  #received = 0
  #windowsLeft = 0
  #done: (error?: Error) => void = () => {}

  constructor(socket: Socket, dialect: Dialect, { window, bytes, kind, oneByOne }: Echo) {
    const all = Array.from({ length: window }, () => dialect.frames(bytes, kind))
    const there = all.map((pair) => pair.there)
    this.#socket = socket
    this.#window = window
    this.#there = oneByOne ? there : [Buffer.concat(there)]
    this.#back = Buffer.concat(all.map((pair) => pair.back))
    socket.on('data', (chunk) => this.#arrived(chunk))
    socket.on('error', (error) => this.#done(error))
    socket.on('close', () => this.#done(new Error('the server ended the connection')))
  }

  /** @returns how many it were: whole windows */
  async send(messages: number): Promise<number> {
    const windows = Math.ceil(messages / this.#window)
    this.#windowsLeft = windows
    await new Promise<void>((resolve, reject) => {
      this.#done = (error) => (error === undefined ? resolve() : reject(error))
      this.#next()
    })
    this.#done = () => {}
    return windows * this.#window
  }

  #next(): void {
    this.#received = 0
    if (this.#windowsLeft-- === 0) this.#done()
    else for (const piece of this.#there) this.#socket.write(piece)
  }

  #arrived(chunk: Buffer): void {
    const expected = this.#back.subarray(this.#received, this.#received + chunk.length)
    if (!chunk.equals(expected)) return this.#done(new Error('wrong: what came back is not what was sent'))
    this.#received += chunk.length
    if (this.#received === this.#back.length) this.#next()
  }

  destroy(): void {
    this.#done = () => {}
    this.#socket.destroy()
  }
}
