// Any number of viewers, to try out what many of them do: each is a connection and a task.

import { type Cancel, type Group, sleep } from 'chansel'
import { map } from 'chansel/pipeline'
import { CloseError, type Connection, dial } from '@chansel/ws'
import type { Policy } from './snapshot.ts'

export interface CrowdOptions {
  readonly viewers: number
  readonly policy: Policy
  /** How long, in ms, each of them does nothing after a snapshot. */
  readonly pauseMs?: number
}

/** What the viewers of a crowd have seen so far. */
export class Crowd {
  viewers = 0
  received = 0
  missed = 0
  disconnected = 0
  /** How old the last snapshots were when they were read, in ms. */
  #ages: number[] = []

  /** Connects them, some at a time, and resolves when all are connected. They watch for as long as `g` runs. */
  async gather(url: string, { viewers, policy, pauseMs = 0 }: CrowdOptions, g: Group): Promise<void> {
    const connect = (): Promise<Connection> =>
      dial(`${url}/live/${policy}`, { parent: g.ctx, incomingCapacity: 2 }, g.ctx)
    for await (const conn of map(Array(viewers).keys(), connect, { concurrency: 32 }, g.ctx)) {
      this.viewers++
      void g.go(() => this.#view(conn, pauseMs, g.ctx))
    }
  }

  /** The age below which the given share of all snapshots since the last call is, such as 0.99. */
  takeAges(): (share: number) => number {
    const sorted = this.#ages.sort((a, b) => a - b)
    this.#ages = []
    return (share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
  }

  async #view(conn: Connection, pauseMs: number, cancel: Cancel): Promise<void> {
    let seen = 0
    try {
      for await (const message of conn.incoming) {
        const [seq, at] = headOf(message as string)
        if (seen > 0) this.missed += seq - seen - 1
        seen = seq
        this.received++
        this.#ages.push(Date.now() - at)
        if (pauseMs > 0) await sleep(pauseMs, cancel)
      }
    } catch (error) {
      if (error instanceof CloseError && error.closeCode === 1013) this.disconnected++
      else if (!cancel.signal.aborted) throw error
    } finally {
      this.viewers--
    }
  }
}

/** `seq` and `at` come first. Parsing all of it a thousand times over would measure the parser. */
function headOf(snapshot: string): [seq: number, at: number] {
  const [, seq, at] = /^{"seq":(\d+),"at":(\d+)/.exec(snapshot)!
  return [Number(seq), Number(at)]
}
