// Two connections, joined.

import type { Connection } from '@chansel/ws'

/**
 * Carries messages both ways until both connections have ended; the end of one is the end of the other.
 *
 * A message is taken from one side when the other has room for it. So a slow reader stops the peer that sends, through
 * this process, which holds no more than what is in `incoming`, what is below `highWaterMarkBytes`, and one message.
 */
export async function bridge(client: Connection, backend: Connection): Promise<void> {
  await Promise.all([carry(client, backend, GOING_AWAY), carry(backend, client, BAD_GATEWAY)])
}

/** @param cut what `to` is told if `from` ended without a code */
async function carry(from: Connection, to: Connection, cut: number): Promise<void> {
  try {
    for await (const message of from.incoming) {
      // Messages for a side that has ended are still read: the end of this side comes after them.
      await to.outgoing.send(message).catch(() => {})
    }
  } catch {
    // It did not end well; `closed` says how it ended.
  }
  const { code, reason } = await from.closed
  // After the last message: a close leaves after what was sent.
  await to.close(code === CUT ? cut : code === NO_CODE ? NORMAL : code, reason)
}

// RFC 6455, section 7.4.1, and the registry that it opened. No close frame carries the codes 1005 and 1006.
const NORMAL = 1000
const GOING_AWAY = 1001
const NO_CODE = 1005
const CUT = 1006
const BAD_GATEWAY = 1014
