import { describe } from '../errors.ts'

/** @throws TypeError, RangeError for what is no whole number from `least` on; `Infinity` is one if `orInfinity` */
export function checkCount(
  verb: string,
  name: string,
  count: number,
  least: number,
  orInfinity = true,
): void {
  checkNumber(verb, name, count)
  if ((Number.isInteger(count) && count >= least) || (orInfinity && count === Infinity)) return
  const bound = orInfinity ? `a whole number from ${least} on or Infinity` : `a whole number from ${least} on`
  throw new RangeError(`Cannot ${verb}: ${name} must be ${bound}, got ${count}`)
}

/** @throws TypeError, RangeError for what is no number of milliseconds from 0 on */
export function checkMs(verb: string, ms: number): void {
  checkNumber(verb, 'ms', ms)
  if (!(ms >= 0)) throw new RangeError(`Cannot ${verb}: ms must be 0 or more, got ${ms}`)
}

function checkNumber(verb: string, name: string, value: number): void {
  if (typeof value === 'number') return
  throw new TypeError(`Cannot ${verb}: ${name} must be a number, got ${describe(value)}`)
}

/** @throws TypeError for what is no function */
export function checkFunction(verb: string, name: string, f: unknown): void {
  if (typeof f !== 'function')
    throw new TypeError(`Cannot ${verb}: ${name} is no function but ${describe(f)}`)
}

/** @throws TypeError for what is no object */
export function checkOptions(verb: string, options: unknown): void {
  if (typeof options === 'object' && options !== null) return
  throw new TypeError(`Cannot ${verb}: options must be an object, got ${describe(options)}`)
}
