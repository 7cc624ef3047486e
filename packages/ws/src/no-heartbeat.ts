import { UnsupportedError } from './errors.ts'

// A browser's WebSocket has no pings, so a page has nothing to watch with, and need not load it.

export function watch(): void {}
export function unwatch(): void {}
export function pingsOver(): never {
  throw new UnsupportedError('ping')
}
