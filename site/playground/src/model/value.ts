import type { Part } from './part.ts'

/** A value on its way through the program. Its number is what the program sends. */
export class Value {
  readonly number: number
  /** One of the colours 1 to 6: that of the task that made it. */
  readonly hue: number
  /** Where it is; where it was last, once it is gone. */
  part: Part
  /** Which place of a channel's buffer it has; 0 is the next to be received. */
  index = 0
  /** What became of it: it was used, an overflow policy dropped it, or it was lost with a cancel, a close or a cut. */
  end: 'used' | 'dropped' | 'lost' | undefined
  /** What it came through since it was drawn, oldest first. */
  readonly trail: Part[] = []

  constructor(number: number, hue: number, part: Part) {
    this.number = number
    this.hue = hue
    this.part = part
  }

  moveTo(part: Part, index = 0, through: readonly Part[] = []): void {
    if (part !== this.part) this.trail.push(...through)
    this.part = part
    this.index = index
  }
}

/** The values of a scene, counted from 1. */
export class Values {
  /** Those to be drawn; whoever draws takes out what has ended and left the picture. */
  readonly shown = new Set<Value>()
  readonly #counts = { used: 0, dropped: 0, lost: 0 }
  #made = 0

  make(hue: number, part: Part): Value {
    const value = new Value(++this.#made, hue, part)
    this.shown.add(value)
    return value
  }

  end(value: Value, end: 'used' | 'dropped' | 'lost'): void {
    if (value.end !== undefined) this.#counts[value.end]--
    value.end = end
    this.#counts[end]++
  }

  /** It was taken for dropped, and arrived. */
  revive(value: Value): void {
    if (value.end === undefined) return
    this.#counts[value.end]--
    value.end = undefined
    this.shown.add(value)
  }

  get made(): number {
    return this.#made
  }

  count(end: 'used' | 'dropped' | 'lost'): number {
    return this.#counts[end]
  }
}
