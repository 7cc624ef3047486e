// One publisher, many viewers. The publisher waits for nobody.

import type { Connection } from '@chansel/ws'
import { Hub } from '@chansel/ws/server'
import type { Audience, Machine, Policy, Snapshot } from './snapshot.ts'

const ROOM = 'viewers'

/**
 * Two rooms, for two kinds of slowness:
 *
 * `latest`: a viewer that falls behind misses snapshots, and then sees the newest. No more than two wait for it: an old
 * snapshot is worth nothing. This is for screens.
 * `all`: a viewer sees every snapshot, or is disconnected with 1013 when 64 wait for it. This is for records.
 */
export class Dashboard {
  readonly #hubs: Readonly<Record<Policy, Hub>> = {
    latest: new Hub({ slow: 'drop-oldest', capacity: 2 }),
    all: new Hub({ slow: 'disconnect', capacity: 64 }),
  }
  #seq = 0
  #newest: string | undefined

  /** One viewer, until it goes. */
  async attend(conn: Connection, policy: Policy): Promise<void> {
    // In the same step as joining, so nothing comes in between, and nothing comes twice.
    if (this.#newest !== undefined) conn.outgoing.trySend(this.#newest)
    this.#hubs[policy].join(ROOM, conn)
    const { ok } = await conn.incoming.receive()
    if (ok) await conn.close(1008, 'There is nothing to say to a dashboard')
  }

  /** Who watches, and what happened to the slow ones. */
  get audience(): Audience {
    const { latest, all } = this.#hubs
    return {
      viewers: latest.size(ROOM) + all.size(ROOM),
      dropped: latest.dropped,
      disconnected: all.disconnected,
      rssBytes: process.memoryUsage.rss(),
    }
  }

  publish(machines: readonly Machine[]): void {
    const snapshot: Snapshot = { seq: ++this.#seq, at: Date.now(), machines, audience: this.audience }
    this.#newest = JSON.stringify(snapshot)
    // Encoded once, framed once for each hub, and written to each viewer that has room for it.
    for (const hub of Object.values(this.#hubs)) hub.publish(ROOM, this.#newest)
  }
}
