// What the server sends: the whole state, each time. Nobody needs to have seen the snapshot before it.

export interface Snapshot {
  /** Counts from 1: a viewer that sees a gap has missed some. */
  readonly seq: number
  /** Epoch ms. */
  readonly at: number
  readonly machines: readonly Machine[]
  readonly audience: Audience
}

export interface Machine {
  readonly name: string
  /** Percent. */
  readonly cpu: number
  readonly requestsPerSecond: number
}

export interface Audience {
  readonly viewers: number
  /** Snapshots that slow viewers missed. */
  readonly dropped: number
  /** Viewers that were too slow. */
  readonly disconnected: number
  readonly rssBytes: number
}

/** What happens to a viewer that reads too slowly. It is also the path of the address: `/live/latest`. */
export const POLICIES = ['latest', 'all'] as const
export type Policy = (typeof POLICIES)[number]
