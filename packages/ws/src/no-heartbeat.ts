import { UnsupportedError } from './errors.ts'
import type * as inNode from './heartbeat.ts'

// A browser's WebSocket has no pings, so a page has nothing to watch with, and need not load it.

export function watch(): void {}
export function unwatch(): void {}
export const sendPing: typeof inNode.sendPing = () => Promise.reject(new UnsupportedError('ping'))
export function pingAnswered(): void {}
