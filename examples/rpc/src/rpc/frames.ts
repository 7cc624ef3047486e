// The messages. Client and server may use different schema libraries, as they do here: the wire does not show it.

import * as v from 'valibot'
import { z } from 'zod'

/** How many values of a stream may be under way; then the server waits until the client has taken some. */
export const WINDOW = 16

const id = z.int().nonnegative()

/** Client to server. */
export const Request = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('open'),
    id,
    method: z.string(),
    input: z.unknown(),
    /** How long the client will wait. Not a point in time: clocks differ. */
    timeoutMs: z.number().nonnegative().optional(),
  }),
  /** The client wants no more of it. */
  z.object({ type: z.literal('cancel'), id }),
  /** The client has taken this many values of a stream. */
  z.object({ type: z.literal('taken'), id, count: z.int().min(1).max(WINDOW) }),
])
export type Request = z.infer<typeof Request>

/** Server to client. After a `result`, an `end` or an `error` nothing more comes with that id. */
export const Reply = v.variant('type', [
  v.object({ type: v.literal('result'), id: v.number(), value: v.optional(v.unknown()) }),
  v.object({ type: v.literal('value'), id: v.number(), value: v.optional(v.unknown()) }),
  v.object({ type: v.literal('end'), id: v.number() }),
  v.object({ type: v.literal('error'), id: v.number(), code: v.string(), message: v.string() }),
])
export type Reply = v.InferOutput<typeof Reply>
