import type * as diagnostics from './diagnostics.ts'

// A page has nobody to tell. A bundler drops the calls of functions that do nothing.

export const inspectable: typeof diagnostics.inspectable = () => {}
export const connectionOpened: typeof diagnostics.connectionOpened = () => {}
export const connectionRefused: typeof diagnostics.connectionRefused = () => {}
export const connectionClosed: typeof diagnostics.connectionClosed = () => {}
export const messageReceived: typeof diagnostics.messageReceived = () => {}
export const messageSent: typeof diagnostics.messageSent = () => {}
export const sendWaits: typeof diagnostics.sendWaits = () => undefined
export const readingPaused: typeof diagnostics.readingPaused = () => {}
export const readingResumed: typeof diagnostics.readingResumed = () => {}
