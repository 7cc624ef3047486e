import type { DialOptions } from './dial.ts'
import { readHeaders } from './headers.ts'
import { checkObject, wrongOption } from './options.ts'

/** The options of a dial that only Node can use. */
export type NodeOptions = Pick<DialOptions, 'headers' | 'tls' | 'agent'>

/**
 * @param url what is dialled
 * @returns how `ws` is to make the request
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
  // Only an agent's own property counts: that of a proxy inherits a getter, which finds out the protocol of each
  // request.
  const { value: protocol } = Object.getOwnPropertyDescriptor(agent, 'protocol') ?? {}
  const expected = url.startsWith('wss:') ? 'https:' : 'http:'
  if (protocol !== undefined && protocol !== expected)
    throw new RangeError(`Cannot use option agent: expected one for ${expected}, got one for ${protocol}`)
}
