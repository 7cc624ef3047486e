import type { Part } from './part.ts'

/** What can be seen of a channel, whichever half it is. */
export interface Visible {
  readonly name: string | undefined
  readonly length: number
  readonly capacity: number
  readonly closed?: boolean
  readonly dropped?: number
}

/** A channel as it is drawn. */
export class Tube implements Part {
  readonly id: string
  readonly label: string
  readonly channel: Visible
  /** How many places to draw. */
  readonly places: number

  /** @param places the capacity, but for a channel that counts something else than values */
  constructor(label: string, channel: Visible, places: number = channel.capacity) {
    this.id = `tube-${label.replaceAll(/\W+/g, '-')}`
    this.label = label
    this.channel = channel
    this.places = places
  }
}
