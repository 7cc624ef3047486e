import type { watch as watchInNode } from './heartbeat.ts'

/** A browser's WebSocket has no pings, so a page has nothing to watch with, and need not load it. */
export const watch: typeof watchInNode = () => undefined
