// GET /cursors?id=...: a page says where its pointer is; the server says where all of them are. Who it is stands in the
// address, so a connection that is made again needs no introduction.

import * as v from 'valibot'

const Share = v.pipe(v.number(), v.minValue(0), v.maxValue(1))

/** Page to server. Shares of the width and the height: windows differ. */
export const Pointer = v.object({ x: Share, y: Share, isDown: v.boolean() })
export type Pointer = v.InferOutput<typeof Pointer>

/** Server to page: everybody, each time. Whoever is not in it has left, and one that was missed is no loss. */
export interface Frame {
  readonly cursors: readonly Cursor[]
}

export interface Cursor extends Pointer {
  readonly id: string
  readonly name: string
  /** Degrees. */
  readonly hue: number
}
