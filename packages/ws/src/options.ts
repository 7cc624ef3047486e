import { type Cancel, withCancel } from 'chansel'
import { describe } from './errors.ts'

/**
 * @param what follows "Cannot" in the text of the error: `dial: options must be an object`, for example
 * @throws TypeError for anything but an object
 */
export function checkObject(what: string, given: unknown): void {
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`Cannot ${what}, got ${describe(given)}`)
}

/** The error for an option of the wrong type; as a `RangeError`, for one that is out of range. */
export function wrongOption(
  name: string,
  expected: string,
  value: unknown,
  Kind: new (text: string) => Error = TypeError,
): Error {
  return new Kind(`Cannot use option ${name}: expected ${expected}, got ${describe(value)}`)
}

/** Options, as far as a reader of one of them is concerned. */
type Option<Name extends string, T> = { readonly [name in Name]?: T | undefined }

// Each `read…` gives the option, or `initial` where it was left out. It throws a `TypeError` for an option of another
// type, and a `RangeError` for one that is out of range.

export function readBoolean<Name extends string>(
  options: Option<Name, boolean>,
  name: Name,
  initial: boolean,
): boolean {
  const given: unknown = options[name]
  if (given === undefined) return initial
  if (typeof given === 'boolean') return given
  throw wrongOption(name, 'a boolean', given)
}

export function readNumber<Name extends string>(
  options: Option<Name, number>,
  name: Name,
  initial: number,
  least: number,
): number {
  const { [name]: given = initial } = options
  checkNumber(name, given, least)
  return given
}

export function readWhole<Name extends string, Initial extends number | undefined>(
  options: Option<Name, number>,
  name: Name,
  initial: Initial,
  most = Infinity,
): number | Initial {
  const given = options[name]
  if (given === undefined) return initial
  checkNumber(name, given, 1)
  if (given === Infinity) return most
  if (!Number.isInteger(given) || given > most) {
    const range = most === Infinity ? 'from 1 on' : `from 1 to ${most}`
    throw wrongOption(name, `a whole number ${range}`, given, RangeError)
  }
  return given
}

/** @throws TypeError for what cannot cancel anything */
export function checkCancel(name: string, cancel: Cancel): void {
  try {
    withCancel(cancel).cancel()
  } catch {
    throw wrongOption(name, 'a Context, an AbortController or { signal }', cancel)
  }
}

/** @throws TypeError for an option that is neither a function nor left out */
export function checkFunction<Options>(
  options: Options,
  name: keyof Options & string,
  expected = 'a function',
): void {
  const value = options[name]
  if (value !== undefined && typeof value !== 'function') throw wrongOption(name, expected, value)
}

/** @throws TypeError for an option that is neither a string nor left out */
export function checkString<Options>(options: Options, name: keyof Options & string): void {
  const value = options[name]
  if (value !== undefined && typeof value !== 'string') throw wrongOption(name, 'a string', value)
}

/** @throws TypeError, RangeError for anything but a number of at least `least` */
export function checkNumber(name: string, value: number, least: number): void {
  if (typeof value !== 'number') throw wrongOption(name, 'a number', value)
  if (!(value >= least)) throw wrongOption(name, `at least ${least}`, value, RangeError)
}
