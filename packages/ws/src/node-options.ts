import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { DialOptions } from './dial.ts'
import { describe, textOf } from './errors.ts'
import { checkObject, wrongOption } from './options.ts'

/** The options of a dial that only Node has a use for. */
export type NodeOptions = Pick<DialOptions, 'headers' | 'tls' | 'agent'>

/**
 * @param url what is dialled
 * @returns what `ws` is told of the request
 * @throws TypeError, RangeError for an option that cannot be used
 */
export function readNodeOptions(url: string, { headers, tls, agent }: NodeOptions): { request: object } {
  if (tls !== undefined) checkObject('use option tls: expected options of tls.connect', tls)
  if (agent !== undefined) checkAgent(url, agent)
  return {
    request: {
      ...tls,
      ...(agent === undefined ? {} : { agent }),
      ...(headers === undefined ? {} : { headers: readHeaders(headers) }),
    },
  }
}

function checkAgent(url: string, agent: object): void {
  const { addRequest } = (agent ?? {}) as { addRequest?: unknown }
  if (typeof addRequest !== 'function')
    throw wrongOption('agent', 'an http.Agent, an https.Agent or one that is like them', agent)
  // Only of one that is its own: the agent of a proxy works it out for each request, and takes both.
  const { value: protocol } = Object.getOwnPropertyDescriptor(agent, 'protocol') ?? {}
  const expected = url.startsWith('wss:') ? 'https:' : 'http:'
  if (protocol !== undefined && protocol !== expected)
    throw new RangeError(`Cannot use option agent: expected one for ${expected}, got one for ${protocol}`)
}

/** A copy, so that what was checked is what is sent. */
function readHeaders(headers: object): Record<string, string> {
  // The fields of a `Headers` are no properties: taken for a record it would have none.
  const record: object = headers instanceof Headers ? Object.fromEntries(headers) : headers
  if (!isRecord(record)) throw wrongOption('headers', 'a record of strings or a Headers', headers)
  const fields = Object.entries(record)
  for (const [name, value] of fields) checkHeader(name, value)
  return Object.fromEntries(fields) as Record<string, string>
}

/** Whether it has what it holds as properties, as no `Map` has. */
function isRecord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // By its place, for that of another realm is another one.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The text does not show the value, which may be a secret. */
function checkHeader(name: string, value: unknown): void {
  if (typeof value !== 'string') throw wrongOption(`headers[${describe(name)}]`, 'a string', value)
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch (cause) {
    throw new RangeError(`Cannot use option headers: ${textOf(cause)}`, { cause })
  }
}
