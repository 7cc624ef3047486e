import type { Part } from '../model/part.ts'
import type { Value } from '../model/value.ts'
import type { PartView } from './part-view.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** Where everything is, in pixels of the stage. Asks the browser once, until it is told that something has moved. */
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

  forget(): void {
    this.#boxes.clear()
  }

  /** Where a value lies; `undefined` if what it is at is not in the picture any more. */
  placeOf(value: Value): Point | undefined {
    const view = this.#views.get(value.part)
    return view === undefined ? undefined : this.#at(view.placeOf(value), 0.5, 0.5)
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
    const stage = this.#boxOf(this.#stage)
    const { x, y, width, height } = this.#boxOf(element)
    return { x: x - stage.x + acrossX * width, y: y - stage.y + acrossY * height }
  }

  #boxOf(element: Element): DOMRect {
    const known = this.#boxes.get(element)
    if (known !== undefined) return known
    const box = element.getBoundingClientRect()
    this.#boxes.set(element, box)
    return box
  }
}
