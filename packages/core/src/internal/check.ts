import { describe } from '../errors.ts'

// `what` names the operation and what it was given: `make a semaphore: size`, for example.

/** @throws TypeError unless `given` is of the type */
export function checkType(
  what: string,
  given: unknown,
  type: 'function' | 'number' | 'object' | 'string',
): void {
  if (typeof given === type && given !== null) return
  const article = type === 'object' ? 'an' : 'a'
  throw new TypeError(`Cannot ${what} must be ${article} ${type}, got ${describe(given)}`)
}

/** @throws TypeError for what is not a number, RangeError unless it is a whole one of at least `least`, or infinite */
export function checkWhole(what: string, given: number, least: number, orInfinity = false): void {
  checkType(what, given, 'number')
  const isWhole = orInfinity ? given === Infinity || Number.isInteger(given) : Number.isSafeInteger(given)
  if (isWhole && given >= least) return
  const bound = `a whole number from ${least} on${orInfinity ? ' or Infinity' : ''}`
  throw new RangeError(`Cannot ${what} must be ${bound}, got ${given}`)
}

/** @throws TypeError for what is not a number, RangeError for NaN */
export function checkTime(what: string, given: number): void {
  checkType(what, given, 'number')
  if (Number.isNaN(given)) throw new RangeError(`Cannot ${what} is NaN`)
}

/** @throws TypeError for what is not a number, RangeError for NaN and what is below `least` */
export function checkLeast(what: string, given: number, least: number): void {
  checkType(what, given, 'number')
  if (!(given >= least)) throw new RangeError(`Cannot ${what} must be at least ${least}, got ${given}`)
}
