import { snapshot } from 'chansel/testing'

/** Operations that wait for the same. */
export interface Waits {
  /** `send`, `receive`, `select`, `sleep` … */
  readonly operation: string
  /** The name of the channel; of a select the names of its channels. */
  readonly channel: string
  readonly count: number
  /** Of the one that has waited longest. */
  readonly sinceMs: number
}

let waits: readonly Waits[] = []

/** Asks `chansel/testing` who waits in the library now: everything below is about this moment. */
export function lookAtWaits(): readonly Waits[] {
  const found = new Map<string, Waits>()
  for (const { operation, channel, sinceMs } of snapshot()) {
    const key = `${operation} ${channel}`
    const { count, sinceMs: longest } = found.get(key) ?? { count: 0, sinceMs: 0 }
    found.set(key, {
      operation,
      channel,
      count: count + 1,
      sinceMs: Math.max(sinceMs, longest),
    })
  }
  waits = [...found.values()]
  return waits
}

/** How many wait to send to, or to receive from, the channel of that name; selects count. */
export function waitersNow(operation: 'send' | 'receive', channel: string): number {
  return waits
    .filter((wait) =>
      wait.operation === 'select'
        ? // The selects of the page only receive.
          operation === 'receive' && wait.channel.split(', ').includes(channel)
        : wait.operation === operation && wait.channel === channel,
    )
    .reduce((sum, { count }) => sum + count, 0)
}
