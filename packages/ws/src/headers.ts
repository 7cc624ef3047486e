import { validateHeaderName, validateHeaderValue } from 'node:http'
import { describe, textOf } from './errors.ts'
import { wrongOption } from './options.ts'

/**
 * A copy of the fields, so that what was checked is what is sent.
 *
 * @throws TypeError, RangeError for headers that cannot be sent
 */
export function readHeaders(headers: object): [name: string, value: string][] {
  // The fields of a `Headers` are not properties: taken for a record, it would have none. By its tag, for it may come
  // from another library.
  const isHeaders = Object.prototype.toString.call(headers) === '[object Headers]'
  if (!isHeaders && !isRecord(headers))
    throw wrongOption('headers', 'a record of strings or a Headers', headers)
  const fields: [string, unknown][] = isHeaders ? [...(headers as Headers)] : Object.entries(headers)
  return fields.map(([name, value]) => [name, checkedValue(name, value)])
}

/** Whether `value` has what it holds as properties, which a `Map` has not. */
function isRecord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // By its place in the chain, because each realm has an `Object.prototype` of its own.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The text does not show the value, which may be a secret. */
function checkedValue(name: string, given: unknown): string {
  // Node takes a number, too: `{ 'Retry-After': 5 }`.
  const value = typeof given === 'number' ? String(given) : given
  if (typeof value !== 'string') throw wrongOption(`headers[${describe(name)}]`, 'a string', given)
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch (cause) {
    throw new RangeError(`Cannot use option headers: ${textOf(cause)}`, { cause })
  }
  return value
}
