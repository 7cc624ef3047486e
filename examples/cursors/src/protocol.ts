// GET /cursors?id=...: a page says where its pointer is; the server says where all of them are. The address says who it
// is, so a new connection needs no introduction.

import * as v from 'valibot'

const Share = v.pipe(v.number(), v.minValue(0), v.maxValue(1))

/** Page to server. Fractions of the width and the height, because windows differ. */
export const Pointer = v.object({ x: Share, y: Share, isDown: v.boolean() })
export type Pointer = v.InferOutput<typeof Pointer>

/** Server to page: everybody, each time. Whoever is not in it has left, and a missed message does no harm. */
export interface Frame {
  readonly cursors: readonly Cursor[]
}

export interface Cursor extends Pointer {
  readonly id: string
  readonly name: string
  /** Degrees. */
  readonly hue: number
}
