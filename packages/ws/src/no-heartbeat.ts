import type { Pings as PingsInNode } from './heartbeat.ts'

// A browser's WebSocket has no pings, so a page has nothing to watch with, and need not load it.

export function watch(): void {}
export function unwatch(): void {}
/** Never made: a connection whose transport has no pings refuses to ping. */
export const Pings = undefined as unknown as typeof PingsInNode
