// Where the pointers are.
//
// Invariants:
// 1. A person is here from the first pointer of a connection to its end. One that connects again takes its place.
// 2. The whole state is published, at most once every `FRAME_MS`, however many move; nothing while nobody does.

import { createHash } from 'node:crypto'
import { type Context, channel, ticker } from 'chansel'
import { type Connection, json, withCodec } from '@chansel/ws'
import { Hub } from '@chansel/ws/server'
import { type Cursor, type Frame, Pointer } from './protocol.ts'

const FRAME_MS = 33
const ROOM = 'space'
const ANIMALS = (
  'Badger Beaver Bison Curlew Dingo Dipper Egret Fennec Gecko Gopher Heron Ibex Jackdaw Kestrel Koala Lemur ' +
  'Lynx Marten Merlin Newt Osprey Otter Plover Puffin Quokka Raven Serval Stoat Tapir Vole Wombat Wren'
).split(' ')

export class Space {
  readonly #cursors = new Map<string, { conn: Connection; cursor: Cursor }>()
  /** A page that reads slowly misses frames, and then sees the newest. */
  readonly #hub = new Hub({ slow: 'drop-oldest', capacity: 2 })
  /** Rung when there is something to tell; two rings before anybody looks are one. */
  readonly #changed = channel<void>(1, { name: 'changed', overflow: 'drop-newest' })

  /** Publishes until `ctx` ends, and then rejects with its reason. */
  async run(ctx: Context): Promise<never> {
    using due = ticker(FRAME_MS)
    for (;;) {
      await this.#changed.receive(ctx)
      const frame: Frame = { cursors: [...this.#cursors.values()].map(({ cursor }) => cursor) }
      this.#hub.publish(ROOM, JSON.stringify(frame))
      await due.receive(ctx)
    }
  }

  /** One connection, to its end. */
  async attend(conn: Connection, id: string): Promise<void> {
    const who = { id, ...faceOf(id) }
    this.#hub.join(ROOM, conn)
    this.#changed.trySend()
    try {
      for await (const pointer of withCodec(conn, json(Pointer)).incoming) {
        this.#cursors.set(id, { conn, cursor: { ...who, ...pointer } })
        this.#changed.trySend()
      }
    } finally {
      if (this.#cursors.get(id)?.conn === conn) this.#cursors.delete(id)
      this.#changed.trySend()
    }
  }
}

/** The same for the same person, even after a restart, which forgets everything. */
function faceOf(id: string): { name: string; hue: number } {
  const [first, second] = createHash('sha256').update(id).digest()
  return { name: ANIMALS[first! % ANIMALS.length]!, hue: Math.round((second! * 360) / 256) }
}
