import type { Connection, ConnectionOptions } from '@chansel/ws'
import type { Peer, Script } from '../support/peer.ts'

/** A connection of ours, and the other end of it. */
export interface Ends {
  readonly conn: Connection
  readonly peer: Peer
}

/** What the parts of the suite are written with. */
export interface Suite {
  it(name: string, body: () => Promise<void>, timeoutMs?: number): void
  connect(script: Script, options?: ConnectionOptions): Promise<Ends>
  wireCode(code: number): number
}
