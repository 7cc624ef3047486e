import type { TransportEnd } from './port.ts'

/** A close that this side began; with a cause if it was to refuse something. */
export interface Closing {
  readonly code: number
  readonly reason: string
  readonly cause?: unknown
}

/**
 * How a WebSocket ended, where only the code and the reason of its close event are known.
 *
 * @param closing what this side began, if it did
 * @param code 1006: no close frame came
 */
export function endOf(closing: Closing | undefined, code: number, reason: string): TransportEnd {
  const wasClean = code !== 1006
  if (closing === undefined) return { code, reason, wasClean, by: wasClean ? 'remote' : 'network' }
  // What was refused is known whether or not the peer answered; else no answer is 1006.
  const known = wasClean || closing.cause !== undefined ? closing : { code, reason }
  return { ...known, wasClean, by: 'local' }
}

/**
 * The close code that a page may send for `code`: a browser lets a page send 1000 and 3000 to 4999 only. The
 * others, which this library sends for itself (1001 when a parent context ends, 1009 for a message that is
 * too big, 1011 for an error, 1013 for overflow), go out in the private range, 3000 higher.
 *
 * Source: WHATWG WebSockets Standard, `close(code, reason)`.
 */
export function pageCode(code: number): number {
  return code === 1000 || code >= 3000 ? code : code + 3000
}
