import type { Server } from 'node:http'
import { setImmediate } from 'node:timers/promises'

/** A library as a server: for each load, what it does with an HTTP server that listens. */
export interface WsServer {
  readonly loads: { readonly [load in CommonLoad]: Serve } & { readonly large?: Serve }
}

export type Serve = (http: Server) => Promise<unknown> | void

/**
 * `echo` sends back what comes. `fan-in` gives the messages of all connections to one consumer, who answers each
 * connection's sixteenth. `broadcast-…` sends what anybody says to everybody, so many times in the turn. `slow` has a
 * consumer that takes ten messages a second. `flood` sends new messages of 64 KiB to whoever connects, up to 1 GiB.
 * `large` takes messages of any size and keeps nothing of them.
 */
export type ServerLoad = CommonLoad | 'large'
export type CommonLoad = 'echo' | 'fan-in' | `broadcast-${1 | 8}` | 'slow' | 'flood'

export const FAN_IN_WINDOW = 16
export const TAKE_MS = 100
const FLOOD_BYTES = 2 ** 30
const FLOOD_MESSAGE_BYTES = 64 * 1024

/** What a program does if it cannot hold its peer back: it keeps what it has no time for. */
export function keepAndTakeSlowly(): (message: unknown) => void {
  const kept: unknown[] = []
  setInterval(() => kept.shift(), TAKE_MS).unref()
  return (message) => void kept.push(message)
}

/** The messages of a flood, each with its own bytes: if one were sent many times, memory would not show it. */
export function* floodMessages(): Generator<Buffer> {
  for (let sent = 0; sent < FLOOD_BYTES; sent += FLOOD_MESSAGE_BYTES) {
    yield Buffer.alloc(FLOOD_MESSAGE_BYTES, sent % 251)
  }
}

/** Sends the flood with a function that cannot be awaited; other work of the process gets its turns. */
export async function flood(send: (message: Buffer) => void): Promise<void> {
  for (const message of floodMessages()) {
    send(message)
    await setImmediate()
  }
}
