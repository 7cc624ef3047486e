import { describe } from '../errors.ts'

/** @throws TypeError unless `given` is a function; `what` says what it is for */
export function checkFunction(what: string, given: unknown): void {
  if (typeof given !== 'function') throw new TypeError(`Cannot ${what}: ${describe(given)} is no function`)
}

/**
 * @param what `make a semaphore: size`, for example
 * @throws TypeError for what is no number, RangeError unless it is a whole one of at least `least`
 */
export function checkWhole(what: string, given: unknown, least: number): void {
  if (typeof given !== 'number')
    throw new TypeError(`Cannot ${what} must be a number, got ${describe(given)}`)
  if (!Number.isSafeInteger(given) || given < least) {
    throw new RangeError(`Cannot ${what} must be a whole number from ${least} on, got ${given}`)
  }
}
