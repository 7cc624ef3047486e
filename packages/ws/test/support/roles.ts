import { type Connection, type ConnectionOptions, dial } from '@chansel/ws'
import { type ListenOptions, listen } from '@chansel/ws/server'
import { onTestFinished } from 'vitest'
import { encodeFrame } from './frames.ts'
import { hexOf } from './hex.ts'
import { RawClient, type RawEnd, handshake } from './raw-client.ts'
import { RawServer } from './raw-server.ts'

/** A connection of ours, and the raw end that speaks with it. */
export interface RawPair {
  readonly conn: Connection
  readonly raw: RawEnd
}

/** Which end of the connections is ours. Any number may be made at once. */
export interface Role extends AsyncDisposable {
  readonly isRawMasked: boolean
  connect(): Promise<RawPair>
}

let ids = 0

/** Ours serves. */
export async function serverRole(options: Omit<ListenOptions, 'port' | 'server'> = {}): Promise<Role> {
  const listener = await listen({ port: 0, ...options })
  const awaited = new Map<string, (conn: Connection) => void>()
  const dispatch = async (): Promise<void> => {
    for await (const conn of listener.connections) awaited.get(new URL(conn.url).pathname)!(conn)
  }
  const dispatching = dispatch()
  return {
    isRawMasked: true,
    connect: async () => {
      const path = `/${++ids}`
      const accepted = new Promise<Connection>((resolve) => awaited.set(path, resolve))
      const raw = new RawClient(listener.address.port)
      raw.socket.write(handshake({}, `GET ${path} HTTP/1.1`))
      const conn = await accepted
      awaited.delete(path)
      await raw.until(() => raw.bytes.includes('\r\n\r\n'))
      return { conn, raw }
    },
    [Symbol.asyncDispose]: async () => {
      await listener.close({ graceMs: 0 })
      await dispatching
    },
  }
}

/** Ours serves, and has had a long message: from then on it unmasks such before `ws` does. */
export async function unmaskingRole(options: Omit<ListenOptions, 'port' | 'server'> = {}): Promise<Role> {
  const role = await serverRole(options)
  const connect = async (): Promise<RawPair> => {
    const pair = await role.connect()
    pair.raw.socket.write(encodeFrame({ opcode: 2, hex: '00'.repeat(256) }, true))
    await pair.conn.incoming.receive()
    return pair
  }
  return { ...role, connect }
}

/** Ours dials. */
export async function clientRole(options: ConnectionOptions = {}): Promise<Role> {
  const server = await RawServer.start()
  return {
    isRawMasked: false,
    connect: async () => {
      const path = `/${++ids}`
      const answered = server.next('', path)
      const conn = await dial(`${server.url}${path}`, options)
      return { conn, raw: await answered }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** A connection of ours and its raw end, with frames of that end's side. They end with the test. */
export interface Spoken extends RawPair {
  say(opcode: number, text?: string, more?: { fin?: boolean; wrongMask?: boolean }): Buffer
}

export async function rawPair(
  start: (options: ConnectionOptions) => Promise<Role>,
  options: ConnectionOptions = {},
): Promise<Spoken> {
  const role = await start({ closeTimeoutMs: 10_000, ...options })
  const { conn, raw } = await role.connect()
  onTestFinished(async () => {
    raw.socket.destroy()
    // While its reading is paused it may not see that.
    await conn.close()
    await role[Symbol.asyncDispose]()
  })
  return {
    conn,
    raw,
    say: (opcode, text = '', { fin = true, wrongMask = false } = {}) =>
      encodeFrame({ opcode, hex: hexOf(text), fin }, role.isRawMasked !== wrongMask),
  }
}
