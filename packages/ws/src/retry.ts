import { CloseError, DialError } from './errors.ts'
import { checkNumber, wrongOption } from './options.ts'
import type { RedialSettings } from './redial-options.ts'

// Whether a redial tries again, and when. Two of its options are functions of the program: whatever they throw is thrown
// here, too.

/**
 * @param error of a dial, or how a connection ended
 * @returns whether trying again is of no use, or not wanted
 * @throws TypeError for a `giveUp` that answers with a promise, which would be taken for a no
 */
export function givesUpAfter(error: unknown, { giveUp }: RedialSettings): boolean {
  if (error instanceof DialError) {
    const { status = 0 } = error
    if (status >= 400 && status < 500) return true
  } else if (error instanceof CloseError && FINAL_CODES.has(error.closeCode)) return true
  const answer: unknown = giveUp?.(error)
  if (typeof answer === 'object') throw wrongOption('giveUp', 'a boolean at once', answer)
  return answer === true
}

/**
 * @param attempt the one that failed, 1 for the first in a row; 0 after a connection that lasted
 * @returns how long to wait, in ms, before the next
 * @throws TypeError, RangeError for a `random` that gives what makes no delay
 */
export function delayAfter(attempt: number, { minMs, maxMs, factor, random }: RedialSettings): number {
  const drawn = random()
  checkNumber('random', drawn, 0)
  if (drawn >= 1) throw wrongOption('random', 'less than 1', drawn, RangeError)
  const growth = Math.min(factor ** Math.max(0, attempt - 1), Number.MAX_VALUE)
  // Nothing of an infinite delay is no delay; multiplied it would be `NaN`.
  return drawn * Math.min(maxMs, minMs * growth) || 0
}

/** With these the server says that another connection would end the same way. Source: RFC 6455, section 7.4.1. */
const FINAL_CODES: ReadonlySet<number> = /* @__PURE__ */ new Set([1002, 1003, 1007, 1008, 1010])
