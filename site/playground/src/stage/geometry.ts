import type { Part } from '../model/part.ts'
import type { Value } from '../model/value.ts'
import type { PartView } from './part-view.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** Where everything is in this frame, in pixels of the stage. */
export class Geometry {
  readonly #stage: Element
  readonly #views: ReadonlyMap<Part, PartView>
  readonly #boxes = new Map<Element, DOMRect>()
  /** Whether values go from top to bottom, and not from left to right. */
  isVertical = false

  constructor(stage: Element, views: ReadonlyMap<Part, PartView>) {
    this.#stage = stage
    this.#views = views
  }

  /** Asks the browser for all at once: a question after each change would cost it a layout each. */
  measure(): void {
    this.#boxes.clear()
    for (const { element, spots } of this.#views.values()) {
      for (const one of [element, ...spots]) this.#boxes.set(one, one.getBoundingClientRect())
    }
    this.#boxes.set(this.#stage, this.#stage.getBoundingClientRect())
  }

  /** Where a value lies; `undefined` if what it is at is not in the picture any more. */
  placeOf({ part, index }: Value): Point | undefined {
    const spots = this.#views.get(part)?.spots
    return spots === undefined ? undefined : this.#at(spots[Math.min(index, spots.length - 1)]!, 0.5, 0.5)
  }

  /** Where a wire comes in. */
  entry(part: Part): Point | undefined {
    return this.#side(part, 0)
  }

  /** Where a wire goes out. */
  exit(part: Part): Point | undefined {
    return this.#side(part, 1)
  }

  #side(part: Part, side: 0 | 1): Point | undefined {
    const element = this.#views.get(part)?.element
    if (element === undefined) return undefined
    return this.isVertical ? this.#at(element, 0.5, side) : this.#at(element, side, 0.5)
  }

  #at(element: Element, acrossX: number, acrossY: number): Point {
    const stage = this.#boxes.get(this.#stage)!
    const { x, y, width, height } = this.#boxes.get(element)!
    return { x: x - stage.x + acrossX * width, y: y - stage.y + acrossY * height }
  }
}
