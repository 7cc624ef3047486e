// The page's loop: what comes, what has to be said, and the state of the connection, in one `select`.

import { channel, select, sendCase } from 'chansel'
import { json, redial, withCodec } from '@chansel/ws'
import type { Frame, Pointer } from '../protocol.ts'
import { showCursors, showState } from './view.ts'

/** One for this tab: a page that is reloaded is the same person. */
const id = (sessionStorage['id'] ??= crypto.randomUUID()) as string

/** Holds the newest position: one that nobody has taken is dropped for the next. */
const moves = channel<Pointer>(1, { name: 'moves', overflow: 'drop-oldest' })
for (const type of ['pointermove', 'pointerdown', 'pointerup'] as const) {
  addEventListener(type, ({ clientX, clientY, buttons }) => {
    moves.trySend({ x: share(clientX / innerWidth), y: share(clientY / innerHeight), isDown: buttons > 0 })
  })
}

const url = new URL(`cursors?id=${id}`, location.href)
// The outbox has room for one, and it is used only while there is a connection: old positions are of no use.
const server = withCodec(
  redial(url, { backoff: { minMs: 100, maxMs: 2_000 }, outboxCapacity: 1 }),
  json<Frame, Pointer>(),
)

let isOpen = false
let here: Pointer | undefined
let isTold = false

for (;;) {
  const event = await next()
  switch (event.case) {
    case 'frame':
      if (event.ok) showCursors(event.value.cursors, id)
      break
    case 'moved':
      here = event.value
      isTold = false
      break
    case 'sent':
      isTold = true
      break
    case 'state':
      if (!event.ok) break
      showState(event.value)
      isOpen = event.value.status === 'open'
      // A server that has restarted does not know where anybody is.
      if (isOpen) isTold = false
      break
  }
}

/** A function of its own: inside the loop, the types of what it changes would depend on themselves. */
function next() {
  return select({
    frame: server.incoming,
    state: server.state,
    moved: moves,
    sent: isOpen && !isTold && here && sendCase(server.outgoing, here),
  })
}

function share(ratio: number): number {
  return Math.min(1, Math.max(0, ratio))
}
