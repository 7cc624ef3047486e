import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Traffic } from '../protocol.ts'
import { clientFrame, serverFrame } from './frames.ts'

/** How messages look on the wire, to a server that speaks plain WebSocket or a protocol of its own above it. */
export interface Dialect {
  readonly path: string
  /** What is said before the first message; `head` is what the server said right behind its handshake. */
  greet(socket: Socket, head: Buffer): Promise<void>
  /** The window's message of this index, as it is sent, and as it comes back; each is another one. */
  frames(
    bytes: number,
    kind: Traffic['kind'],
    index: number,
  ): { readonly there: Buffer; readonly back: Buffer }
}

const plain: Dialect = {
  path: '/',
  greet: async () => {},
  frames: (bytes, kind, index) => {
    const opcode = kind === 'text' ? 1 : 2
    const payload = Buffer.alloc(bytes, 'the quick brown fox jumps over the lazy dog ')
    payload.write(numbered(index))
    return { there: clientFrame(opcode, payload), back: serverFrame(opcode, payload) }
  },
}

/** The texts of Engine.IO 4 and Socket.IO 5: open, connect, connected, then an event with one argument. */
const socketIo: Dialect = {
  path: '/socket.io/?EIO=4&transport=websocket',
  greet: async (socket, head) => {
    if (head.length === 0) await once(socket, 'data')
    socket.write(clientFrame(1, Buffer.from('40')))
    await once(socket, 'data')
  },
  frames: (bytes, _, index) => {
    const payload = Buffer.from(`42["message","${numbered(index).padEnd(bytes, 'x')}"]`)
    return { there: clientFrame(1, payload), back: serverFrame(1, payload) }
  },
}

export const dialects: { readonly [name: string]: Dialect } = { plain, 'socket-io': socketIo }

/** Two characters, enough for windows of up to 1,296. */
function numbered(index: number): string {
  return index.toString(36).padStart(2, '0')
}
