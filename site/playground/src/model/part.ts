/** Something that is drawn, and that values can be at. */
export interface Part {
  /** Unique in its scene. */
  readonly id: string
  readonly label: string
}
