/*
 * What the driver tells a process of this suite, a server or the generator, and what that answers: one JSON object
 * a line, over the standard streams.
 */

/** One load over sockets: so many connections, each with so many messages on their way. */
export interface Echo {
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
  | { readonly command: 'listen'; readonly load: string; readonly isTls: boolean }
  | { readonly command: 'usage' }

export interface Listening {
  readonly port: number
}

/** What the process used so far. */
export interface Usage {
  readonly cpuUs: number
  /** The kernel's part of it. */
  readonly systemUs: number
  readonly rssBytes: number
}

export type GeneratorRequest =
  | { readonly command: 'connect'; readonly port: number; readonly dialect: string; readonly echo: Echo }
  /** Sends so many messages in all, and waits for as many answers. */
  | { readonly command: 'echo'; readonly messages: number }
  | { readonly command: 'disconnect' }

export interface Sent {
  readonly messages: number
  readonly wallNs: number
  readonly cpuNs: number
}

export interface Done {
  readonly done: true
}

export interface Failure {
  readonly error: string
}
