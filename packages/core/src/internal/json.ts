/** What there is to see of a channel, whichever kind it is. */
interface Visible {
  readonly name: string | undefined
  readonly length: number
  readonly capacity: number
  readonly closed?: boolean
  readonly dropped?: number
}

/**
 * The `toJSON` of channels. Each has it as a property of its own: a function there makes `structuredClone` and
 * `postMessage` refuse the channel, where else they would pass on a dead copy of it.
 */
export function asJson(this: Visible): object {
  const { name, length, capacity, closed, dropped } = this
  return { name, length, capacity, closed, dropped }
}
