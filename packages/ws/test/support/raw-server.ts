import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type Server, type Socket, createServer } from 'node:net'
import { portOf } from './connecting.ts'
import { RawEnd } from './raw-client.ts'

/** A TCP server that takes every handshake, and then says what its ends are told. */
export class RawServer implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
    })
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

  /**
   * The next handshake, answered.
   *
   * @param fields more of the answer's head, each with its end of line
   * @param first what leaves in one piece with the answer
   */
  async next(fields = '', first: Uint8Array = new Uint8Array(0)): Promise<RawEnd> {
    const [socket] = (await once(this.#server, 'connection')) as [Socket]
    const end = new RawEnd(socket)
    await end.until(() => end.bytes.includes('\r\n\r\n'))
    const key = /^sec-websocket-key: *(\S+)/im.exec(end.bytes.toString('latin1'))?.[1]
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${fields}\r\n`
    socket.write(Buffer.concat([Buffer.from(head), first]))
    return end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }
}
