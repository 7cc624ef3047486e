import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface Place {
  readonly port: number
  readonly isTls: boolean
  readonly path: string
}

/** An open WebSocket, and what the server sent after its answer to the handshake. */
export interface OpenSocket {
  readonly socket: Socket
  readonly head: Buffer
}

/** Connects, and sends what a web client would send. */
export async function openSocket({ port, isTls, path }: Place): Promise<OpenSocket> {
  const socket = isTls
    ? // The certificate is self-made; what is measured is the cipher.
      connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1')
  await once(socket, isTls ? 'secureConnect' : 'connect')
  socket.setNoDelay()
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  let answer = Buffer.alloc(0)
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    answer = Buffer.concat([answer, chunk])
    const end = answer.indexOf('\r\n\r\n')
    if (end < 0) continue
    const line = answer.toString('latin1', 0, answer.indexOf('\r\n'))
    if (!line.includes(' 101 ')) throw new Error(`Cannot connect: ${line}`)
    return { socket, head: answer.subarray(end + 4) }
  }
}
