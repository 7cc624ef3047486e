// A page has nobody to tell. Bundlers drop the calls of functions that do nothing, where they are declared as such.

export function inspectable(): void {}
export function connectionOpened(): void {}
export function connectionRefused(): void {}
export function connectionClosed(): void {}
export function messageReceived(): void {}
export function messageSent(): void {}
export function sendWaits(): undefined {
  return undefined
}
export function readingPaused(): void {}
export function readingResumed(): void {}
