import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type Server, createServer } from 'node:net'
import { portOf } from './connecting.ts'
import { RawEnd } from './raw-client.ts'

/** A TCP server that takes every handshake, and then says what its ends are told. */
export class RawServer implements AsyncDisposable {
  readonly #server: Server
  readonly #ends = new Set<RawEnd>()
  /** By the path that was asked for: who waits for it. */
  readonly #awaited = new Map<string, (end: RawEnd) => void>()

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => void this.#greet(new RawEnd(socket)))
    server.listen(0, '127.0.0.1')
  }

  static async start(): Promise<RawServer> {
    const server = createServer()
    const raw = new RawServer(server)
    await once(server, 'listening')
    return raw
  }

  get url(): string {
    return `ws://127.0.0.1:${portOf(this.#server)}`
  }

  async #greet(end: RawEnd): Promise<void> {
    this.#ends.add(end)
    end.socket.on('close', () => this.#ends.delete(end))
    await end.until(() => end.bytes.includes('\r\n\r\n'))
    const path = /^GET (\S+)/.exec(end.bytes.toString('latin1'))?.[1]
    this.#awaited.get(path ?? '')?.(end)
  }

  /**
   * The handshake for `path`, answered. To be called before it is dialled.
   *
   * @param fields more of the answer's head, each with its end of line
   */
  async next(fields = '', path = '/'): Promise<RawEnd> {
    const end = await new Promise<RawEnd>((resolve) => this.#awaited.set(path, resolve))
    this.#awaited.delete(path)
    const key = /^sec-websocket-key: *(\S+)/im.exec(end.bytes.toString('latin1'))?.[1]
    const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64')
    end.socket.write(`${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\n${fields}\r\n`)
    return end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const { socket } of this.#ends) socket.destroy()
    await once(this.#server, 'close')
  }
}

/** Source: RFC 6455, section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
