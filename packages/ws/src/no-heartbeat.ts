import type { Pings as PingsInNode, watch as watchInNode } from './heartbeat.ts'

// A browser's WebSocket has no pings, so a page has nothing to watch with, and need not load it.

export const watch: typeof watchInNode = () => undefined
/** Never made: a connection whose transport has no pings refuses to ping. */
export const Pings = undefined as unknown as typeof PingsInNode
