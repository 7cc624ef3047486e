/** What there is to see of a channel, whichever kind it is. */
interface Visible {
  readonly name: string | undefined
  readonly length: number
  readonly capacity: number
  readonly closed?: boolean
  readonly dropped?: number
}

/**
 * The `toJSON` of channels. Each has it as a property of its own: that is what makes `structuredClone` and
 * `postMessage` refuse a channel, where they would copy what they see of it and call it a channel.
 */
export function asJson(this: Visible): object {
  const { name, length, capacity, closed, dropped } = this
  return { name, length, capacity, closed, dropped }
}
