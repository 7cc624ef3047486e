import type { Part } from '../model/part.ts'
import type { Value } from '../model/value.ts'

/** How a part is drawn. */
export interface PartView {
  readonly part: Part
  readonly element: HTMLElement
  /** Draws what there is to see now. */
  update(): void
  /** What a value lies on that is here. */
  placeOf(value: Value): Element
}
