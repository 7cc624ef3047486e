import type { Pings as PingsInNode, unwatch as unwatchInNode, watch as watchInNode } from './heartbeat.ts'

// A browser's WebSocket has no pings, so a page has nothing to watch with, and need not load it.

export const watch: typeof watchInNode = () => {}
export const unwatch: typeof unwatchInNode = () => {}
/** Never made: a connection whose transport has no pings refuses to ping. */
export const Pings = undefined as unknown as typeof PingsInNode
