import { type Channel, type Context, background, channel } from 'chansel'
import type { PreparedMessage } from './transport/port.ts'

/** A message that waits for a member of a hub to have room for it. */
export class Waiting {
  readonly message: PreparedMessage
  readonly ctx: Context
  /** Told whether the member took it, where somebody waits to hear. */
  readonly taken: Channel<boolean> | undefined
  older: Waiting | undefined
  newer: Waiting | undefined

  /** @param ctx of whoever waits until the member took it, if somebody does */
  constructor(message: PreparedMessage, ctx?: Context) {
    this.message = message
    this.ctx = ctx ?? background()
    this.taken = ctx && channel(1)
  }
}

/**
 * What waits for one member, oldest first. Any message can leave at the same cost, however many there are, and
 * nothing of it is kept.
 *
 * Invariant: from `oldest` on, each leads to the next by `newer`; there are `length`, and the last is `#newest`.
 */
export class WaitingList {
  length = 0
  oldest: Waiting | undefined
  #newest: Waiting | undefined

  push(waiting: Waiting): void {
    waiting.older = this.#newest
    if (waiting.older === undefined) this.oldest = waiting
    else waiting.older.newer = waiting
    this.#newest = waiting
    this.length++
  }

  shift(): Waiting | undefined {
    const { oldest } = this
    if (oldest !== undefined) this.remove(oldest)
    return oldest
  }

  /** Does nothing for one that has left. */
  remove(waiting: Waiting): void {
    const { older, newer } = waiting
    if (older === undefined && this.oldest !== waiting) return
    if (older === undefined) this.oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    waiting.older = waiting.newer = undefined
    this.length--
  }
}
