import type { Part } from '../model/part.ts'

/** How a part is drawn. */
export interface PartView {
  readonly part: Part
  readonly element: HTMLElement
  /** What values that are here lie on, by their index: those that have a higher one lie on the last. */
  readonly spots: readonly Element[]
  /** Draws what there is to see now. */
  update(): void
}
