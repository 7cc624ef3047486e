/*
 * What the driver tells a process of this suite, a server or the generator, and what that answers: one JSON object
 * a line, over the standard streams. The servers in Go and Bun speak the same.
 */

import type { ServerLoad } from './servers/server.ts'

/** What goes over the sockets: how many connections, and how many messages in flight on each. */
export interface Traffic {
  /**
   * `echo`: each message comes back to who sent it; `fan-in`: one of each window does; `broadcast`: the first
   * connection sends one message, and all get it, as often as the window says; `silence`: nobody sends or reads;
   * `fragments`: what would be messages are the fragments of one, which does not end.
   */
  readonly pattern: 'echo' | 'fan-in' | 'broadcast' | 'silence' | 'fragments'
  readonly connections: number
  readonly window: number
  readonly bytes: number
  readonly kind: 'text' | 'binary'
  readonly isTls: boolean
  /** A write for each message, as a client that trickles does, and not one for all of a window. */
  readonly oneByOne: boolean
}

export type ServerRequest =
  /** Listens, and does what the load asks for; a server does one load in its life. */
  | { readonly command: 'listen'; readonly load: ServerLoad; readonly isTls: boolean }
  | { readonly command: 'usage' }
  /** What the process holds after a collection. The peak is that of the time since `watch`. */
  | { readonly command: 'memory' }
  | { readonly command: 'watch' }

export type ServerAnswer = Listening | Usage | Memory | Done | Unable

export interface Listening {
  readonly port: number
}

/** The library cannot do the load. */
export interface Unable {
  readonly no: string
}

/** What the process has used so far. */
export interface Usage {
  readonly cpuUs: number
  /** The kernel's part of it. */
  readonly systemUs: number
}

export interface Memory {
  readonly rssBytes: number
  /** What the collector of the language looks after. */
  readonly heapBytes: number
  readonly peakRssBytes: number
}

export type GeneratorRequest =
  | {
      readonly command: 'connect'
      readonly port: number
      readonly dialect: string
      readonly traffic: Traffic
    }
  /** Lets so many messages arrive in all, and waits for all that has to come back. */
  | { readonly command: 'send'; readonly messages: number }
  /** Writes messages until they are so many bytes, as fast as the server takes them, or the time is up. */
  | { readonly command: 'push'; readonly bytes: number; readonly limitMs: number }
  | { readonly command: 'disconnect' }

export type GeneratorAnswer = Sent | Pushed | Done

export interface Sent {
  readonly messages: number
  readonly wallNs: number
  readonly cpuNs: number
  /** How long a window took from its first byte to its last answer; of a sample, where there are many. */
  readonly p50Us: number
  readonly p99Us: number
}

export interface Pushed {
  /** What the kernel took. */
  readonly bytes: number
}

export interface Done {
  readonly done: true
}
