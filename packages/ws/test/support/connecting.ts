import type { AddressInfo } from 'node:net'
import { type Connection, dial, type DialOptions, type ConnectionOptions } from '@chansel/ws'
import { listen } from '@chansel/ws/server'
import { onTestFinished } from 'vitest'
import type { Ends } from '../conformance/suite.ts'
import type { PeerEnd } from './peer-end.ts'
import { type PeerServer, connectPeer } from './peer-server.ts'
import { type Script, scriptUrl } from './peer.ts'

let ids = 0

/** Ends both sides when the test is over. */
export function endWithTest(conn: Connection, peer: PeerEnd): Ends {
  onTestFinished(async () => {
    void conn.close()
    peer.destroy()
    await conn.closed
  })
  return { conn, peer }
}

/** Ours dials, the peer serves. */
export async function dialPeer(server: PeerServer, script: Script, options?: DialOptions): Promise<Ends> {
  const id = String(++ids)
  const conn = await dial(scriptUrl(server.origin, script, id), options)
  return endWithTest(conn, await server.peer(id))
}

/** Ours serves, the peer dials. */
export async function acceptPeer(script: Script, options?: ConnectionOptions): Promise<Ends> {
  const listener = await listen({ port: 0, ...options })
  onTestFinished(() => listener.close({ graceMs: 0 }))
  const arriving = listener.connections.receive()
  const peer = await connectPeer(`ws://127.0.0.1:${listener.address.port}`, script)
  const { value } = await arriving
  return endWithTest(value!, peer)
}

/** The port that a server got. */
export function portOf(server: { address(): AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port
}
