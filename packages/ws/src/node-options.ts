import type { DialOptions } from './dial.ts'
import { readHeaders } from './headers.ts'
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
      ...(headers === undefined ? {} : { headers: Object.fromEntries(readHeaders(headers)) }),
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
