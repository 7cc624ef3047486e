import { byteLength } from '#platform'
import { describe } from './errors.ts'

/**
 * Throws for what no close frame may carry.
 *
 * Source: RFC 6455, sections 5.5.1 (125 bytes, two of them the code) and 7.4.
 *
 * @throws TypeError, RangeError
 */
export function checkClose(code: number, reason: string): void {
  if (typeof code !== 'number')
    throw new TypeError(`Cannot close: code must be a number, got ${describe(code)}`)
  if (!isSendable(code)) {
    throw new RangeError(`Cannot close: code must be 1000 to 1003, 1007 to 1014 or 3000 to 4999, got ${code}`)
  }
  if (typeof reason !== 'string')
    throw new TypeError(`Cannot close: reason must be a string, got ${describe(reason)}`)
  const bytes = byteLength(reason)
  if (bytes > MAX_REASON_BYTES) {
    throw new RangeError(`Cannot close: reason must be at most ${MAX_REASON_BYTES} bytes, got ${bytes}`)
  }
}

const MAX_REASON_BYTES = 123

function isSendable(code: number): boolean {
  if (!Number.isInteger(code)) return false
  if (code >= 3000) return code <= 4999
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)
}

/** Whether a close of the peer is an end and not a failure: it was done, went away, or gave no code. */
export function isNormal(code: number): boolean {
  return code === 1000 || code === 1001 || code === 1005
}
